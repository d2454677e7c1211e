//! The stores of an app, and a gate in front of them that can be shut.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use async_trait::async_trait;
use switchboard_domain::account::Account;
use switchboard_domain::agent::{Agent, Label};
use switchboard_domain::call::CallRecord;
use switchboard_domain::identifier::{AgentId, OrganizationId, PlanId, RejectionId};
use switchboard_domain::message::{MessageRecord, ReceivedMessage};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{CatalogueNames, DateRange};
use switchboard_domain::ports::{
    AccountStore, AgentLimits, AgentStore, CallStore, CatalogueStore, ChangeStore, Changes,
    ImportStore, Kept, LiveCallStore, Materials, MessageStore, NumberStore, Page, PlanPlaceStore,
    PlanStore, RejectionStore, RouteStore, SavedPlan, StoreError,
};
use switchboard_domain::rejection::Rejection;
use switchboard_domain::routing::Route;
use switchboard_domain::sid::{AccountSid, CallSid, MessageSid};
use switchboard_domain::status::MessageProgress;
use switchboard_domain::time::Timestamp;
use switchboard_store_memory::MemoryStore;

/// Every store that the use cases need.
#[derive(Clone)]
pub(crate) struct Stores {
    pub(crate) accounts: Arc<dyn AccountStore>,
    pub(crate) agents: Arc<dyn AgentStore>,
    pub(crate) numbers: Arc<dyn NumberStore>,
    pub(crate) routes: Arc<dyn RouteStore>,
    pub(crate) calls: Arc<dyn CallStore>,
    pub(crate) messages: Arc<dyn MessageStore>,
    pub(crate) rejections: Arc<dyn RejectionStore>,
    pub(crate) changes: Arc<dyn ChangeStore>,
    pub(crate) imports: Arc<dyn ImportStore>,
    pub(crate) plans: Arc<dyn PlanStore>,
    pub(crate) places: Arc<dyn PlanPlaceStore>,
    pub(crate) catalogue: Arc<dyn CatalogueStore>,
    pub(crate) live_calls: Arc<dyn LiveCallStore>,
}

impl Stores {
    /// Empty stores in memory.
    pub(crate) fn empty() -> Self {
        let store = Arc::new(MemoryStore::new());
        Self {
            accounts: Arc::clone(&store) as _,
            agents: Arc::clone(&store) as _,
            numbers: Arc::clone(&store) as _,
            routes: Arc::clone(&store) as _,
            calls: Arc::clone(&store) as _,
            messages: Arc::clone(&store) as _,
            rejections: Arc::clone(&store) as _,
            changes: Arc::clone(&store) as _,
            imports: Arc::clone(&store) as _,
            plans: Arc::clone(&store) as _,
            places: Arc::clone(&store) as _,
            catalogue: Arc::clone(&store) as _,
            live_calls: store,
        }
    }

    /// The same stores behind `gate`; what only the operator changes stays in front of it.
    pub(crate) fn behind(&self, gate: &Arc<Gate>) -> Self {
        Self {
            accounts: Arc::new(Gated { gate: Arc::clone(gate), store: Arc::clone(&self.accounts) }),
            agents: Arc::new(Gated { gate: Arc::clone(gate), store: Arc::clone(&self.agents) }),
            numbers: Arc::clone(&self.numbers),
            imports: Arc::clone(&self.imports),
            plans: Arc::new(Gated { gate: Arc::clone(gate), store: Arc::clone(&self.plans) }),
            places: Arc::clone(&self.places),
            catalogue: Arc::new(Gated {
                gate: Arc::clone(gate),
                store: Arc::clone(&self.catalogue),
            }),
            live_calls: Arc::new(Gated {
                gate: Arc::clone(gate),
                store: Arc::clone(&self.live_calls),
            }),
            routes: Arc::new(Gated { gate: Arc::clone(gate), store: Arc::clone(&self.routes) }),
            calls: Arc::new(Gated { gate: Arc::clone(gate), store: Arc::clone(&self.calls) }),
            messages: Arc::new(Gated { gate: Arc::clone(gate), store: Arc::clone(&self.messages) }),
            rejections: Arc::new(Gated {
                gate: Arc::clone(gate),
                store: Arc::clone(&self.rejections),
            }),
            changes: Arc::new(Gated { gate: Arc::clone(gate), store: Arc::clone(&self.changes) }),
        }
    }
}

/// Lets calls of stores pass, or not, and counts them.
#[derive(Default)]
pub(crate) struct Gate {
    state: AtomicU8,
    asked: AtomicUsize,
}

const OPEN: u8 = 0;
const AWAY: u8 = 1;
const HANGING: u8 = 2;
const BROKEN: u8 = 3;

impl Gate {
    /// The stores answer.
    pub(crate) fn open(&self) {
        self.state.store(OPEN, Ordering::SeqCst);
    }

    /// The stores cannot be reached.
    pub(crate) fn away(&self) {
        self.state.store(AWAY, Ordering::SeqCst);
    }

    /// The stores take every call and never answer.
    pub(crate) fn hanging(&self) {
        self.state.store(HANGING, Ordering::SeqCst);
    }

    /// The stores fail in a way that trying again does not help.
    pub(crate) fn broken(&self) {
        self.state.store(BROKEN, Ordering::SeqCst);
    }

    /// How often a store was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    async fn pass(&self) -> Result<(), StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match self.state.load(Ordering::SeqCst) {
            OPEN => Ok(()),
            AWAY => Err(StoreError::Unavailable { operation: "test", source: None }),
            HANGING => std::future::pending().await,
            _ => Err(StoreError::Failed { operation: "test", source: "it broke".into() }),
        }
    }
}

struct Gated<S: ?Sized> {
    gate: Arc<Gate>,
    store: Arc<S>,
}

#[async_trait]
impl AccountStore for Gated<dyn AccountStore> {
    async fn add(&self, scope: &Scope, account: &Account) -> Result<(), StoreError> {
        self.gate.pass().await?;
        self.store.add(scope, account).await
    }

    async fn find(&self, scope: &Scope, sid: AccountSid) -> Result<Option<Account>, StoreError> {
        self.gate.pass().await?;
        self.store.find(scope, sid).await
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<AccountSid>,
    ) -> Result<Vec<Account>, StoreError> {
        self.gate.pass().await?;
        self.store.list(scope, page).await
    }

    async fn change(&self, scope: &Scope, account: &Account) -> Result<(), StoreError> {
        self.gate.pass().await?;
        self.store.change(scope, account).await
    }

    async fn remove(&self, scope: &Scope, sid: AccountSid) -> Result<(), StoreError> {
        self.gate.pass().await?;
        self.store.remove(scope, sid).await
    }
}

#[async_trait]
impl AgentStore for Gated<dyn AgentStore> {
    async fn add(&self, scope: &Scope, agent: &Agent) -> Result<(), StoreError> {
        self.gate.pass().await?;
        self.store.add(scope, agent).await
    }

    async fn find(&self, scope: &Scope, id: &AgentId) -> Result<Option<Agent>, StoreError> {
        self.gate.pass().await?;
        self.store.find(scope, id).await
    }

    async fn named(&self, scope: &Scope, word: &Label) -> Result<Vec<Agent>, StoreError> {
        self.gate.pass().await?;
        self.store.named(scope, word).await
    }

    async fn list(&self, scope: &Scope, page: &Page<AgentId>) -> Result<Vec<Agent>, StoreError> {
        self.gate.pass().await?;
        self.store.list(scope, page).await
    }

    async fn change(&self, scope: &Scope, agent: &Agent) -> Result<(), StoreError> {
        self.gate.pass().await?;
        self.store.change(scope, agent).await
    }

    async fn remove(&self, scope: &Scope, id: &AgentId) -> Result<(), StoreError> {
        self.gate.pass().await?;
        self.store.remove(scope, id).await
    }
}

#[async_trait]
impl RouteStore for Gated<dyn RouteStore> {
    async fn route(&self, phone_number: PhoneNumber) -> Result<Option<Route>, StoreError> {
        self.gate.pass().await?;
        self.store.route(phone_number).await
    }
}

#[async_trait]
impl CallStore for Gated<dyn CallStore> {
    async fn record(&self, records: &[CallRecord]) -> Result<(), StoreError> {
        self.gate.pass().await?;
        self.store.record(records).await
    }

    async fn find(
        &self,
        scope: &Scope,
        account: AccountSid,
        call: CallSid,
    ) -> Result<Option<CallRecord>, StoreError> {
        self.gate.pass().await?;
        self.store.find(scope, account, call).await
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<(AccountSid, CallSid)>,
    ) -> Result<Vec<CallRecord>, StoreError> {
        self.gate.pass().await?;
        self.store.list(scope, page).await
    }
}

#[async_trait]
impl MessageStore for Gated<dyn MessageStore> {
    async fn keep(&self, message: &ReceivedMessage) -> Result<Kept, StoreError> {
        self.gate.pass().await?;
        self.store.keep(message).await
    }

    async fn progress(&self, progress: &MessageProgress) -> Result<(), StoreError> {
        self.gate.pass().await?;
        self.store.progress(progress).await
    }

    async fn find(
        &self,
        scope: &Scope,
        account: AccountSid,
        message: MessageSid,
    ) -> Result<Option<MessageRecord>, StoreError> {
        self.gate.pass().await?;
        self.store.find(scope, account, message).await
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<(AccountSid, MessageSid)>,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        self.gate.pass().await?;
        self.store.list(scope, page).await
    }
}

#[async_trait]
impl RejectionStore for Gated<dyn RejectionStore> {
    async fn record(&self, rejections: &[Rejection]) -> Result<(), StoreError> {
        self.gate.pass().await?;
        self.store.record(rejections).await
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<RejectionId>,
    ) -> Result<Vec<Rejection>, StoreError> {
        self.gate.pass().await?;
        self.store.list(scope, page).await
    }
}

#[async_trait]
impl PlanStore for Gated<dyn PlanStore> {
    async fn save(&self, scope: &Scope, plan: &SavedPlan) -> Result<(), StoreError> {
        self.gate.pass().await?;
        self.store.save(scope, plan).await
    }

    async fn find(&self, scope: &Scope, word: &Label) -> Result<Option<SavedPlan>, StoreError> {
        self.gate.pass().await?;
        self.store.find(scope, word).await
    }

    async fn list(&self, scope: &Scope, page: &Page<PlanId>) -> Result<Vec<SavedPlan>, StoreError> {
        self.gate.pass().await?;
        self.store.list(scope, page).await
    }

    async fn versions(
        &self,
        scope: &Scope,
        id: &PlanId,
        page: &Page<u32>,
    ) -> Result<Vec<SavedPlan>, StoreError> {
        self.gate.pass().await?;
        self.store.versions(scope, id, page).await
    }

    async fn remove(&self, scope: &Scope, id: &PlanId) -> Result<(), StoreError> {
        self.gate.pass().await?;
        self.store.remove(scope, id).await
    }
}

#[async_trait]
impl CatalogueStore for Gated<dyn CatalogueStore> {
    async fn set_calendar(
        &self,
        scope: &Scope,
        organization: &OrganizationId,
        name: &Label,
        days: Option<Vec<DateRange>>,
    ) -> Result<(), StoreError> {
        self.gate.pass().await?;
        self.store.set_calendar(scope, organization, name, days).await
    }

    async fn set_list(
        &self,
        scope: &Scope,
        organization: &OrganizationId,
        name: &Label,
        numbers: Option<Vec<PhoneNumber>>,
    ) -> Result<(), StoreError> {
        self.gate.pass().await?;
        self.store.set_list(scope, organization, name, numbers).await
    }

    async fn set_limits(
        &self,
        scope: &Scope,
        agent: &AgentId,
        limits: &AgentLimits,
    ) -> Result<(), StoreError> {
        self.gate.pass().await?;
        self.store.set_limits(scope, agent, limits).await
    }

    async fn names(
        &self,
        scope: &Scope,
        organization: &OrganizationId,
    ) -> Result<CatalogueNames, StoreError> {
        self.gate.pass().await?;
        self.store.names(scope, organization).await
    }

    async fn materials(
        &self,
        organization: &OrganizationId,
        names: &CatalogueNames,
    ) -> Result<Materials, StoreError> {
        self.gate.pass().await?;
        self.store.materials(organization, names).await
    }
}

#[async_trait]
impl LiveCallStore for Gated<dyn LiveCallStore> {
    async fn live_calls(
        &self,
        after: Timestamp,
        most: u32,
    ) -> Result<Vec<(CallSid, AgentId)>, StoreError> {
        self.gate.pass().await?;
        self.store.live_calls(after, most).await
    }
}

#[async_trait]
impl ChangeStore for Gated<dyn ChangeStore> {
    async fn version(&self) -> Result<u64, StoreError> {
        self.gate.pass().await?;
        self.store.version().await
    }

    async fn since(&self, version: u64) -> Result<Changes, StoreError> {
        self.gate.pass().await?;
        self.store.since(version).await
    }
}
