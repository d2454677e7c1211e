//! The signals that end the server.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

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

/// Both signals, from now on: one that comes before somebody waits for it is not lost, nor does it end the process.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes them over from the system, which would end the process at once.
    pub(crate) fn take() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next of them.
    pub(crate) async fn next(&mut self) -> Leave {
        tokio::select! {
            _ = self.terminate.recv() => Leave::Terminate,
            _ = self.interrupt.recv() => Leave::Interrupt,
        }
    }

    /// Ends the process at once if another signal comes while it is leaving: who insists does not want to wait.
    pub(crate) async fn end_at_next(mut self) {
        self.next().await;
        std::process::exit(1);
    }
}
