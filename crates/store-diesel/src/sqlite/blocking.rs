//! Runs the statements of a connection on threads for blocking work.

use std::error::Error;

use diesel_async::sync_connection_wrapper::SpawnBlocking;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

/// The threads of tokio. Each statement is boxed, because tokio's task code would otherwise be compiled for every query.
pub(crate) struct BlockingThreads;

impl SpawnBlocking for BlockingThreads {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync>>>
    where
        R: Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let task: Box<dyn FnOnce() + Send> = Box::new(move || {
            // A caller that stopped waiting does not need the result.
            let _unwanted = sender.send(task());
        });
        let run = spawn_blocking(task);
        async move {
            run.await?;
            Ok(receiver.await?)
        }
        .boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}
