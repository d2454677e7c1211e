//! What an adapter gives to be held to the laws.

use crate::prelude::*;
use std::pin::Pin;

/// Opens a second store over the data of a harness.
pub type Reopen = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Arc<dyn Store>>>>>;

/// An adapter under test: one store, with whatever must live as long as it.
pub trait Harness: Sized {
    /// A store that nobody else uses and that holds nothing but the default organization. It MUST panic
    /// where that cannot be had: a law that was not tried must not look as if it held.
    fn fresh() -> impl Future<Output = Self>;

    /// The store.
    fn store(&self) -> Arc<dyn Store>;

    /// How to open the same data again, or `None` if the store is not durable.
    fn reopen(&self) -> Option<Reopen>;

    /// Adds an organization, for which there is no port.
    fn organization(&self, id: &OrganizationId, name: &str) -> impl Future<Output = ()>;
}
