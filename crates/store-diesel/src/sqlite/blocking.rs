//! Runs the statements of a connection on the thread of their caller.

use std::error::Error;

use diesel_async::sync_connection_wrapper::SpawnBlocking;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};

/// The thread of the caller, which is one for blocking work: a session moves all statements of a job there at once, because
/// moving each costs more than running it.
pub(crate) struct SameThread;

impl SpawnBlocking for SameThread {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync>>>
    where
        R: Send + 'static,
    {
        ready(Ok(task())).boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}
