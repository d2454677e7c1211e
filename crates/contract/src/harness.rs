//! What an adapter provides to run the laws.

use crate::prelude::*;
use std::pin::Pin;

/// Opens a second store over the data of a harness.
pub type Reopen = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Arc<dyn Store>>>>>;

/// An adapter under test: a store, and everything that must live as long as it.
pub trait Harness: Sized {
    /// Creates a store that no other law uses and that contains only the default organization. MUST
    /// panic if the store cannot be created, so that a law that did not run does not pass.
    fn fresh() -> impl Future<Output = Self>;

    /// The store under test.
    fn store(&self) -> Arc<dyn Store>;

    /// Returns a function that opens the same data again; `None` if the store is not durable.
    fn reopen(&self) -> Option<Reopen>;
}
