//! What the sessions of both databases have in common.

use std::error::Error;

use deadpool::managed::PoolError;
use switchboard_domain::ports::StoreError;
use tokio::task::JoinError;

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
