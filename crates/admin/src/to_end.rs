//! Changes that are not left half-done.

use std::io;
use std::rc::Rc;

use crate::problem::{Problem, ProblemCode};

/// Runs a change to its end, even if its client closes the connection in the meantime. The handler itself is dropped then, at
/// whatever it waits for.
pub(crate) async fn to_end<T: 'static>(
    change: impl Future<Output = Result<T, Problem>> + 'static,
) -> Result<T, Problem> {
    let waits = Rc::new(());
    let client = Rc::downgrade(&waits);
    let change = async move {
        let changed = change.await;
        if let (Err(problem), None) = (&changed, client.upgrade()) {
            let (code, error) = (problem.code().as_str(), problem.cause());
            tracing::warn!(code, error, "change failed after its client had gone");
        }
        changed
    };
    match actix_web::rt::spawn(change).await {
        Ok(changed) => changed,
        Err(_panic) => {
            // The middleware logs it.
            Err(Problem::of(ProblemCode::Internal)
                .because(&io::Error::other("the handler panicked")))
        }
    }
}
