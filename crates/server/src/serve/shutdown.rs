//! The signals that stop the server.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signal that stops the server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StopSignal {
    /// `SIGTERM`, which orchestrators send.
    Terminate,
    /// `SIGINT`: Ctrl-C.
    Interrupt,
}

impl StopSignal {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
        }
    }

    /// How long the server stays open after it reports itself unready, so that load balancers notice.
    pub(crate) const fn notice(self) -> Duration {
        match self {
            Self::Terminate => Duration::from_secs(1),
            Self::Interrupt => Duration::ZERO,
        }
    }
}

/// Both signals. A signal that arrives before it is awaited is not lost and does not end the
/// process.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Installs handlers, which replace the default behavior of ending the process.
    pub(crate) fn take() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) -> StopSignal {
        tokio::select! {
            _ = self.terminate.recv() => StopSignal::Terminate,
            _ = self.interrupt.recv() => StopSignal::Interrupt,
        }
    }

    /// Ends the process immediately if another signal arrives during the shutdown.
    pub(crate) async fn end_at_next(mut self) {
        self.next().await;
        std::process::exit(1);
    }
}
