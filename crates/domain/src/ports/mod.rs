//! The ports: what the use cases require from adapters, as traits.
//!
//! Each trait states what an adapter MUST do. The crate `switchboard-contract` tests these
//! requirements on every adapter. Absence is `Ok(None)` or an empty list; an error means a failure.
//! A list leaves out a stored row that cannot be read, and the adapter logs and counts the row.
//!
//! A port with one adapter, such as a codec or a client of agents' endpoints, has no laws: the tests of its adapter check
//! what it MUST do.

mod accounts;
mod agent_secrets;
mod agents;
mod all_ports;
mod ambient;
mod api_keys;
mod archive;
mod audit;
mod call_timeline;
mod calls;
pub mod carrier;
mod catalogue;
mod changes;
mod chat;
mod check_findings;
mod configurations;
mod connect_links;
mod consents;
mod contact_links;
mod conversations;
mod dead_deliveries;
mod delivery_contexts;
mod delivery_history;
mod delivery_queue;
mod endpoint;
mod erasure;
mod error;
mod events;
mod expected;
mod history;
mod idempotency;
mod import_rows;
mod imports;
mod jobs;
mod leases;
mod legacy;
mod live_calls;
mod messages;
mod numbers;
mod organizations;
mod outgoing;
mod outside;
mod page;
mod plan_codec;
mod plans;
mod probe;
mod public_url;
mod rejections;
mod retention;
mod routes;
mod sealed_secrets;
mod subscriptions;
mod verifications;
mod voice_handler;

pub use accounts::AccountStore;
pub use agent_secrets::{AgentSecret, AgentSecretStore, MAX_SIGNING_SECRETS};
pub use agents::{AgentStore, GoneTargetStore};
pub use all_ports::Store;
pub use ambient::{Clock, Identifiers, Randomness};
pub use api_keys::ApiKeyStore;
pub use archive::{ArchiveRow, ArchiveStore, ArchivedValue, RestoreError, Restoring};
pub use audit::AuditStore;
pub use call_timeline::CallTimelineStore;
pub use calls::CallStore;
pub use catalogue::{AgentLimits, CatalogueAgent, CatalogueStore, Materials};
pub use changes::{Change, ChangeNotice, ChangeStore, ChangeVersion, Changes};
pub use chat::{ChatAnswer, ChatClient, ChatModelStore, ChatRequest, Reservation};
pub use check_findings::CheckFindingStore;
pub use configurations::{ConfigurationStore, ConfiguredNumber, DecidingPlan, Observation};
pub use connect_links::ConnectLinkStore;
pub use consents::{ConsentFilter, ConsentPlace, ConsentStore};
pub use contact_links::ContactLinkStore;
pub use conversations::{Conversation, ConversationFilter, ConversationPlace, ConversationStore};
pub use dead_deliveries::DeadDeliveryStore;
pub use delivery_contexts::{AgentContext, DeliveryContext, DeliveryContextStore};
pub use delivery_history::{DeliveryFilter, DeliveryHistory, DeliveryPlace};
pub use delivery_queue::{DeliveryQueue, Recorded};
pub use endpoint::{
    EndpointError, EndpointMessage, EventEndpoint, Media, MessageEndpoint, ReplyCodec,
};
pub use erasure::ErasureStore;
pub use error::{Entity, Retry, StoreError};
pub use events::{EventFilter, EventPlace, EventStore};
pub use expected::Expected;
pub use history::{CallHistory, MessageHistory, RejectionHistory};
pub use idempotency::{BegunRequest, IdempotencyStore, KeptAnswer};
pub use import_rows::{
    AccountRow, AgentColumns, AgentRow, ImportRow, ImportRows, ImportTable, NumberRow, RowKey,
};
pub use imports::{Import, ImportCounts, ImportStore, ImportedNumber};
pub use jobs::{JobFilter, JobHold, JobQueue, JobStore};
pub use leases::{Acquisition, LeaseHolder, LeaseName, LeaseStore};
pub use legacy::LegacySystem;
pub use live_calls::LiveCallStore;
pub use messages::{Insertion, MessageStore};
pub use numbers::{NumberFilter, NumberStore, SavedConfiguration};
pub use organizations::OrganizationStore;
pub use outgoing::{OfferOutcome, OutgoingStore};
pub use outside::{Candidate, DecisionService, OutsideError, Question, Reachability, VoiceProbe};
pub use page::Page;
pub use plan_codec::{MaterialCodec, PlanCodec};
pub use plans::{PlanPlace, PlanPlaceStore, PlanStore, SavedPlan};
pub use probe::StoreProbe;
pub use public_url::PublicUrlStore;
pub use rejections::RejectionStore;
pub use retention::RetentionStore;
pub use routes::RouteStore;
pub use sealed_secrets::{SealedColumn, SealedRow, SealedSecretStore, StoredSecret, chat_key_row};
pub use subscriptions::{
    EventOutbox, SubscriptionSecret, SubscriptionSecretStore, SubscriptionStore,
};
pub use verifications::VerificationStore;
pub use voice_handler::{HandlerError, HandlerMethod, HandlerRequest, VoiceHandler};

#[cfg(feature = "mock")]
pub use {
    accounts::MockAccountStore,
    agent_secrets::MockAgentSecretStore,
    agents::{MockAgentStore, MockGoneTargetStore},
    api_keys::MockApiKeyStore,
    archive::MockArchiveStore,
    audit::MockAuditStore,
    call_timeline::MockCallTimelineStore,
    calls::MockCallStore,
    catalogue::MockCatalogueStore,
    changes::MockChangeStore,
    chat::{MockChatClient, MockChatModelStore},
    configurations::MockConfigurationStore,
    connect_links::MockConnectLinkStore,
    consents::MockConsentStore,
    contact_links::MockContactLinkStore,
    conversations::MockConversationStore,
    dead_deliveries::MockDeadDeliveryStore,
    delivery_history::MockDeliveryHistory,
    delivery_queue::MockDeliveryQueue,
    endpoint::{MockEventEndpoint, MockMessageEndpoint, MockReplyCodec},
    erasure::MockErasureStore,
    events::MockEventStore,
    history::{MockCallHistory, MockMessageHistory, MockRejectionHistory},
    idempotency::MockIdempotencyStore,
    imports::MockImportStore,
    jobs::{MockJobQueue, MockJobStore},
    leases::MockLeaseStore,
    legacy::MockLegacySystem,
    live_calls::MockLiveCallStore,
    messages::MockMessageStore,
    numbers::MockNumberStore,
    organizations::MockOrganizationStore,
    outgoing::MockOutgoingStore,
    outside::{MockDecisionService, MockVoiceProbe},
    plans::{MockPlanPlaceStore, MockPlanStore},
    probe::MockStoreProbe,
    public_url::MockPublicUrlStore,
    rejections::MockRejectionStore,
    retention::MockRetentionStore,
    routes::MockRouteStore,
    subscriptions::{MockEventOutbox, MockSubscriptionSecretStore, MockSubscriptionStore},
    verifications::MockVerificationStore,
    voice_handler::MockVoiceHandler,
};
