use super::{
    AccountStore, AgentStore, CallHistory, CallStore, CatalogueStore, ChangeStore,
    ConfigurationStore, ErasureStore, ImportStore, LeaseStore, LiveCallStore, MessageHistory,
    MessageStore, NumberStore, PlanPlaceStore, PlanStore, PublicUrlStore, RejectionHistory,
    RejectionStore, RetentionStore, RouteStore, StoreProbe, VerificationStore,
};

macro_rules! store {
    ($($port:ident)+) => {
        /// A database: all store ports in one. `Arc<dyn Store>` coerces to the `Arc` of each port, for example
        /// `Arc<dyn AccountStore>`.
        pub trait Store: $($port +)+ {}

        impl<T: $($port +)+> Store for T {}
    };
}

store! {
    AccountStore AgentStore CallHistory CallStore CatalogueStore ChangeStore ConfigurationStore ErasureStore ImportStore
    LeaseStore LiveCallStore MessageHistory MessageStore NumberStore PlanPlaceStore PlanStore PublicUrlStore RejectionHistory RejectionStore RetentionStore RouteStore StoreProbe
    VerificationStore
}

/// Several ports have methods of the same name, such as `find`, so each port is called by its own function. The methods
/// of [`LiveCallStore`] and of the histories are called directly.
impl dyn Store + '_ {
    /// Accounts.
    pub fn accounts(&self) -> &dyn AccountStore {
        self
    }

    /// Agents.
    pub fn agents(&self) -> &dyn AgentStore {
        self
    }

    /// Calls.
    pub fn calls(&self) -> &dyn CallStore {
        self
    }

    /// Calendars, lists of numbers, and limits of agents.
    pub fn catalogue(&self) -> &dyn CatalogueStore {
        self
    }

    /// The change log.
    pub fn changes(&self) -> &dyn ChangeStore {
        self
    }

    /// The numbers' configurations at the carrier.
    pub fn configurations(&self) -> &dyn ConfigurationStore {
        self
    }

    /// Erasure of contacts.
    pub fn erasure(&self) -> &dyn ErasureStore {
        self
    }

    /// Imports.
    pub fn imports(&self) -> &dyn ImportStore {
        self
    }

    /// Leases.
    pub fn leases(&self) -> &dyn LeaseStore {
        self
    }

    /// Messages.
    pub fn messages(&self) -> &dyn MessageStore {
        self
    }

    /// Numbers.
    pub fn numbers(&self) -> &dyn NumberStore {
        self
    }

    /// Where routing plans are attached.
    pub fn plan_places(&self) -> &dyn PlanPlaceStore {
        self
    }

    /// Routing plans.
    pub fn plans(&self) -> &dyn PlanStore {
        self
    }

    /// Whether the database answers.
    pub fn probe(&self) -> &dyn StoreProbe {
        self
    }

    /// The public URL of the installation.
    pub fn public_url(&self) -> &dyn PublicUrlStore {
        self
    }

    /// Rejections.
    pub fn rejections(&self) -> &dyn RejectionStore {
        self
    }

    /// Deletion of old records.
    pub fn retention(&self) -> &dyn RetentionStore {
        self
    }

    /// Routes.
    pub fn routes(&self) -> &dyn RouteStore {
        self
    }

    /// By which tokens requests were verified.
    pub fn verifications(&self) -> &dyn VerificationStore {
        self
    }
}
