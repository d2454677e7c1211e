//! Changes that are not left half-done.

use crate::problem::{Problem, ProblemCode};

/// Runs a change to its end, even if its client closes the connection in the meantime. The handler itself is dropped then, at
/// whatever it waits for.
pub(crate) async fn to_end<T: 'static>(
    change: impl Future<Output = Result<T, Problem>> + 'static,
) -> Result<T, Problem> {
    match actix_web::rt::spawn(change).await {
        Ok(changed) => changed,
        Err(_panic) => {
            tracing::error!(endpoint = "api", "API handler panicked");
            Err(Problem::of(ProblemCode::Internal))
        }
    }
}
