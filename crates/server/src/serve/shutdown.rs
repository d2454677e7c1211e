//! The signals that end the server.

use std::time::Duration;

/// Why the server is to leave.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leave {
    /// `SIGTERM`: an orchestrator wants it gone.
    Terminate,
    /// `SIGINT`: a person pressed Ctrl-C.
    Interrupt,
}

impl Leave {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
        }
    }

    /// How long the server stays open after it says that it leaves, so that balancers see it.
    pub(crate) const fn notice(self) -> Duration {
        match self {
            Self::Terminate => Duration::from_secs(1),
            Self::Interrupt => Duration::ZERO,
        }
    }
}

/// Waits for the first of them.
pub(crate) async fn signal() -> std::io::Result<Leave> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminate.recv() => Leave::Terminate,
        _ = interrupt.recv() => Leave::Interrupt,
    })
}

/// Ends the process at once if another signal comes while it is leaving: who insists does not want to wait.
pub(crate) async fn end_at_second_signal() {
    if signal().await.is_ok() {
        std::process::exit(1);
    }
}
