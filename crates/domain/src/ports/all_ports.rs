//! All ports of a store in one trait.

use super::{
    AccountStore, AgentSecretStore, AgentStore, ApiKeyStore, AuditStore, CallHistory, CallStore,
    CallTimelineStore, CatalogueStore, ChangeStore, ChatModelStore, CheckFindingStore,
    ConfigurationStore, ConnectLinkStore, ConsentStore, ContactLinkStore, ConversationStore,
    DeadDeliveryStore, DeliveryContextStore, DeliveryHistory, DeliveryQueue, ErasureStore,
    EventOutbox, EventStore, GoneTargetStore, IdempotencyStore, ImportStore, JobQueue, JobStore,
    LeaseStore, LiveCallStore, MessageHistory, MessageStore, NumberStore, OrganizationStore,
    OutgoingStore, PlanPlaceStore, PlanStore, PublicUrlStore, RejectionHistory, RejectionStore,
    RetentionStore, RouteStore, SealedSecretStore, StoreProbe, SubscriptionSecretStore,
    SubscriptionStore, VerificationStore,
};

macro_rules! store {
    ($($port:ident)+) => {
        /// All ports of a store in one trait. `Arc<dyn Store>` coerces to the `Arc` of each port,
        /// for example `Arc<dyn AccountStore>`.
        pub trait Store: $($port +)+ {}

        impl<T: $($port +)+> Store for T {}
    };
}

store! {
    AccountStore AgentSecretStore AgentStore ApiKeyStore AuditStore CallHistory CallStore CallTimelineStore CatalogueStore
    ChangeStore ChatModelStore CheckFindingStore ConfigurationStore ConnectLinkStore ConsentStore ContactLinkStore ConversationStore
    DeadDeliveryStore DeliveryContextStore DeliveryHistory
    DeliveryQueue
    ErasureStore EventOutbox EventStore GoneTargetStore
    IdempotencyStore ImportStore JobQueue JobStore
    LeaseStore LiveCallStore MessageHistory MessageStore NumberStore OrganizationStore OutgoingStore PlanPlaceStore PlanStore
    PublicUrlStore RejectionHistory RejectionStore RetentionStore RouteStore SealedSecretStore StoreProbe
    SubscriptionSecretStore SubscriptionStore VerificationStore
}

/// Several ports have methods with the same name, such as `find`, so each port has an accessor. The
/// methods of [`LiveCallStore`] and of the histories are called directly.
impl dyn Store + '_ {
    /// The port that stores accounts.
    pub fn accounts(&self) -> &dyn AccountStore {
        self
    }

    /// The port that stores agents.
    pub fn agents(&self) -> &dyn AgentStore {
        self
    }

    /// The port that stores the secrets of agents' endpoints.
    pub fn agent_secrets(&self) -> &dyn AgentSecretStore {
        self
    }

    /// The port that stores API keys.
    pub fn api_keys(&self) -> &dyn ApiKeyStore {
        self
    }

    /// The port that reads the audit log.
    pub fn audit(&self) -> &dyn AuditStore {
        self
    }

    /// The port that stores call records.
    pub fn calls(&self) -> &dyn CallStore {
        self
    }

    /// The port that stores what happened during calls.
    pub fn timeline(&self) -> &dyn CallTimelineStore {
        self
    }

    /// The port that stores calendars, number lists, and the limits of agents.
    pub fn catalogue(&self) -> &dyn CatalogueStore {
        self
    }

    /// The port that reads the change log.
    pub fn changes(&self) -> &dyn ChangeStore {
        self
    }

    /// The port that stores the keys of chat models, and what they used.
    pub fn chat_models(&self) -> &dyn ChatModelStore {
        self
    }

    /// The port that stores what checks find.
    pub fn check_findings(&self) -> &dyn CheckFindingStore {
        self
    }

    /// The port that stores the numbers' configurations at the carrier.
    pub fn configurations(&self) -> &dyn ConfigurationStore {
        self
    }

    /// The port that stores the links by which accounts are connected.
    pub fn connect_links(&self) -> &dyn ConnectLinkStore {
        self
    }

    /// The port that stores the consent of contacts.
    pub fn consents(&self) -> &dyn ConsentStore {
        self
    }

    /// The port that stores the numbers of contacts who are also known by a user id.
    pub fn contact_links(&self) -> &dyn ContactLinkStore {
        self
    }

    /// The port that stores conversations.
    pub fn conversations(&self) -> &dyn ConversationStore {
        self
    }

    /// The port that replays dead deliveries.
    pub fn dead_deliveries(&self) -> &dyn DeadDeliveryStore {
        self
    }

    /// The port that looks up deliveries.
    pub fn deliveries(&self) -> &dyn DeliveryHistory {
        self
    }

    /// The port that hands deliveries to workers.
    pub fn delivery_queue(&self) -> &dyn DeliveryQueue {
        self
    }

    /// The port that reads what decides about deliveries.
    pub fn delivery_contexts(&self) -> &dyn DeliveryContextStore {
        self
    }

    /// The port that erases contacts.
    pub fn erasure(&self) -> &dyn ErasureStore {
        self
    }

    /// The port that distributes events to subscriptions.
    pub fn event_outbox(&self) -> &dyn EventOutbox {
        self
    }

    /// The port that reads events.
    pub fn events(&self) -> &dyn EventStore {
        self
    }

    /// The port that remembers which message targets answered 410.
    pub fn gone_targets(&self) -> &dyn GoneTargetStore {
        self
    }

    /// The port that stores the idempotency keys of requests.
    pub fn idempotency(&self) -> &dyn IdempotencyStore {
        self
    }

    /// The port that imports accounts, agents and numbers in one transaction.
    pub fn imports(&self) -> &dyn ImportStore {
        self
    }

    /// The port that hands jobs to servers.
    pub fn job_queue(&self) -> &dyn JobQueue {
        self
    }

    /// The port that stores jobs.
    pub fn jobs(&self) -> &dyn JobStore {
        self
    }

    /// The port that grants leases to one process at a time.
    pub fn leases(&self) -> &dyn LeaseStore {
        self
    }

    /// The port that stores messages.
    pub fn messages(&self) -> &dyn MessageStore {
        self
    }

    /// The port that stores numbers and their assignments.
    pub fn numbers(&self) -> &dyn NumberStore {
        self
    }

    /// The port that stores organizations.
    pub fn organizations(&self) -> &dyn OrganizationStore {
        self
    }

    /// The port that stores messages to contacts.
    pub fn outgoing(&self) -> &dyn OutgoingStore {
        self
    }

    /// The port that stores what routing plans are attached to.
    pub fn plan_places(&self) -> &dyn PlanPlaceStore {
        self
    }

    /// The port that stores routing plans.
    pub fn plans(&self) -> &dyn PlanStore {
        self
    }

    /// The port that checks whether the store answers.
    pub fn probe(&self) -> &dyn StoreProbe {
        self
    }

    /// The port that stores the public URL of the installation.
    pub fn public_url(&self) -> &dyn PublicUrlStore {
        self
    }

    /// The port that stores refused requests.
    pub fn rejections(&self) -> &dyn RejectionStore {
        self
    }

    /// The port that deletes old records.
    pub fn retention(&self) -> &dyn RetentionStore {
        self
    }

    /// The port that finds the route of a number.
    pub fn routes(&self) -> &dyn RouteStore {
        self
    }

    /// The port that reads and replaces sealed secrets.
    pub fn sealed_secrets(&self) -> &dyn SealedSecretStore {
        self
    }

    /// The port that stores the secrets of subscriptions.
    pub fn subscription_secrets(&self) -> &dyn SubscriptionSecretStore {
        self
    }

    /// The port that stores subscriptions to events.
    pub fn subscriptions(&self) -> &dyn SubscriptionStore {
        self
    }

    /// The port that reads when a token last verified a request.
    pub fn verifications(&self) -> &dyn VerificationStore {
        self
    }
}
