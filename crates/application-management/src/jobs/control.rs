//! The progress of a job that is executed, and whether it has to stop.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

use switchboard_domain::job::JobProgress;
use tokio::sync::Notify;

/// The progress of a job that is executed, and whether it has to stop.
#[derive(Debug, Default)]
pub struct JobControl {
    progress: Mutex<JobProgress>,
    is_stopped: AtomicBool,
    stopping: Notify,
}

impl JobControl {
    /// The job has this many parts.
    pub fn begin(&self, parts: usize) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.total = Some(u32::try_from(parts).unwrap_or(u32::MAX));
    }

    /// Another part is done.
    pub fn advance(&self) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.done = progress.done.saturating_add(1);
    }

    /// The parts that are done.
    pub fn progress(&self) -> JobProgress {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// No other part must begin.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Release);
        self.stopping.notify_waiters();
    }

    /// Whether no other part must begin, because the job is canceled or the server shuts down.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Acquire)
    }

    /// Returns when no other part must begin.
    pub async fn stopped(&self) {
        let mut stopping = std::pin::pin!(self.stopping.notified());
        // Registered before the flag is read, so that a stop in between is not missed.
        stopping.as_mut().enable();
        if !self.is_stopped() {
            stopping.await;
        }
    }
}
