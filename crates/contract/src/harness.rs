//! What an adapter gives to be held to the laws.

use std::sync::Arc;

use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::ports::Store;

use crate::Fixture;

/// An adapter under test: one store, with whatever must live as long as it.
pub trait Harness: Sized {
    /// A store that nobody else uses and that holds nothing but the default organization. It MUST panic
    /// where that cannot be had: a law that was not tried must not look as if it held.
    fn fresh() -> impl Future<Output = Self>;

    /// The store.
    fn store(&self) -> Arc<dyn Store>;

    /// Adds an organization, for which there is no port.
    fn organization(&self, id: &OrganizationId, name: &str) -> impl Future<Output = ()>;
}

/// Checks one law on a fresh store.
pub async fn check<H: Harness>(law: impl AsyncFnOnce(&Fixture)) {
    let harness = H::fresh().await;
    let fixture = Fixture::of(&harness).await;
    law(&fixture).await;
}
