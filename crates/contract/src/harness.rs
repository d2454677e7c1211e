//! What an adapter gives to be held to the laws.

use std::sync::Arc;

use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::ports::{
    AccountStore, AgentStore, CallStore, CatalogueStore, ChangeStore, ConfigurationStore,
    ImportStore, LeaseStore, LiveCallStore, MessageStore, NumberStore, PlanPlaceStore, PlanStore,
    RejectionStore, RouteStore, StoreProbe, VerificationStore,
};

use crate::World;

/// An adapter under test: one store, with whatever must live as long as it.
pub trait Harness: Sized {
    /// A store that nobody else uses and that holds nothing but the default organization. It MUST panic
    /// where that cannot be had: a law that was not tried must not look as if it held.
    fn fresh() -> impl Future<Output = Self>;

    /// The store, as the ports that it implements.
    fn stores(&self) -> Stores;

    /// Adds an organization, for which there is no port.
    fn organization(&self, id: &OrganizationId, name: &str) -> impl Future<Output = ()>;
}

/// All ports of one store.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its type")]
pub struct Stores {
    pub accounts: Arc<dyn AccountStore>,
    pub agents: Arc<dyn AgentStore>,
    pub numbers: Arc<dyn NumberStore>,
    pub routes: Arc<dyn RouteStore>,
    pub calls: Arc<dyn CallStore>,
    pub messages: Arc<dyn MessageStore>,
    pub rejections: Arc<dyn RejectionStore>,
    pub changes: Arc<dyn ChangeStore>,
    pub imports: Arc<dyn ImportStore>,
    pub probe: Arc<dyn StoreProbe>,
    pub configurations: Arc<dyn ConfigurationStore>,
    pub leases: Arc<dyn LeaseStore>,
    pub verifications: Arc<dyn VerificationStore>,
    pub plans: Arc<dyn PlanStore>,
    pub plan_places: Arc<dyn PlanPlaceStore>,
    pub catalogue: Arc<dyn CatalogueStore>,
    pub live_calls: Arc<dyn LiveCallStore>,
}

impl Stores {
    /// The ports of a store that implements all of them.
    pub fn of<S>(store: &Arc<S>) -> Self
    where
        S: AccountStore
            + AgentStore
            + NumberStore
            + RouteStore
            + CallStore
            + MessageStore
            + RejectionStore
            + ChangeStore
            + ImportStore
            + StoreProbe
            + ConfigurationStore
            + LeaseStore
            + VerificationStore
            + PlanStore
            + PlanPlaceStore
            + CatalogueStore
            + LiveCallStore
            + 'static,
    {
        Self {
            accounts: Arc::clone(store) as _,
            agents: Arc::clone(store) as _,
            numbers: Arc::clone(store) as _,
            routes: Arc::clone(store) as _,
            calls: Arc::clone(store) as _,
            messages: Arc::clone(store) as _,
            rejections: Arc::clone(store) as _,
            changes: Arc::clone(store) as _,
            imports: Arc::clone(store) as _,
            probe: Arc::clone(store) as _,
            configurations: Arc::clone(store) as _,
            leases: Arc::clone(store) as _,
            verifications: Arc::clone(store) as _,
            plans: Arc::clone(store) as _,
            plan_places: Arc::clone(store) as _,
            catalogue: Arc::clone(store) as _,
            live_calls: Arc::clone(store) as _,
        }
    }
}

/// Tries one law on a fresh store.
pub async fn uphold<H: Harness>(law: impl AsyncFnOnce(&World)) {
    let harness = H::fresh().await;
    let world = World::of(&harness).await;
    law(&world).await;
}
