//! What the sessions of both databases have in common.

use std::error::Error;
use std::sync::{Mutex, PoisonError};

use deadpool::managed::PoolError;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use switchboard_domain::ports::StoreError;
use tokio::task::JoinError;

use crate::failure::Failure;

/// Declares methods of a store that do work on a connection: each one is `run` with other arguments.
macro_rules! session_methods {
    ($Store:ident { $($(#[$about:meta])+ $visibility:vis $name:ident: $($argument:expr),+;)+ }) => {
        impl $Store {
            $(
                $(#[$about])+
                $visibility async fn $name<A, T, W>(
                    &self,
                    operation: &'static str,
                    wanted: A,
                    work: W,
                ) -> Result<T, StoreError>
                where
                    A: Send + Sync + 'static,
                    T: Send + 'static,
                    W: for<'c> Fn(&'c mut Conn, &'c A) -> BoxFuture<'c, Result<T, Failure>>
                        + Send
                        + Sync
                        + 'static,
                {
                    self.run($($argument,)+ operation, wanted, work).await
                }
            )+
        }
    };
}

/// Work on a connection of type `C`. It hides the types of the arguments and of the result, so that sessions, with their
/// tasks and retries, are compiled once instead of once for each query.
pub(crate) trait Work<C>: Send + Sync {
    fn attempt<'c>(&'c self, conn: &'c mut C) -> BoxFuture<'c, Result<(), Failure>>;
}

/// A query with its arguments and, once it succeeded, its result.
pub(crate) struct Job<A, T, W> {
    wanted: A,
    work: W,
    result: Mutex<Option<T>>,
}

impl<A, T, W> Job<A, T, W> {
    pub(crate) const fn new(wanted: A, work: W) -> Self {
        Self { wanted, work, result: Mutex::new(None) }
    }

    /// The result of the last attempt that succeeded.
    pub(crate) fn result(&self, operation: &'static str) -> Result<T, StoreError> {
        let result = self.result.lock().unwrap_or_else(PoisonError::into_inner).take();
        result.ok_or(StoreError::Unavailable { operation, source: None })
    }
}

impl<C, A, T, W> Work<C> for Job<A, T, W>
where
    C: Send,
    A: Send + Sync,
    T: Send,
    W: for<'c> Fn(&'c mut C, &'c A) -> BoxFuture<'c, Result<T, Failure>> + Send + Sync,
{
    fn attempt<'c>(&'c self, conn: &'c mut C) -> BoxFuture<'c, Result<(), Failure>> {
        let done = (self.work)(conn, &self.wanted);
        let kept = done.map(|done| {
            let value = done?;
            *self.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
            Ok(())
        });
        kept.boxed()
    }
}

/// The error of a pool. It repeats the text of its cause, so only the cause is passed on.
pub(crate) fn not_connected(
    operation: &'static str,
    error: PoolError<impl Error + Send + Sync + 'static>,
) -> StoreError {
    let source: Box<dyn Error + Send + Sync> = match error {
        PoolError::Backend(error) => Box::new(error),
        other => Box::new(other),
    };
    StoreError::Unavailable { operation, source: Some(source) }
}

/// The result of a task: a canceled one is unavailable, because the runtime shuts down; a panic is a failure.
pub(crate) fn joined<T>(
    operation: &'static str,
    done: Result<Result<T, StoreError>, JoinError>,
) -> Result<T, StoreError> {
    done.unwrap_or_else(|error| {
        Err(if error.is_cancelled() {
            StoreError::Unavailable { operation, source: Some(Box::new(error)) }
        } else {
            StoreError::Failed { operation, source: Box::new(error) }
        })
    })
}
