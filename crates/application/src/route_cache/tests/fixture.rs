//! Stores that count reads, and that change and fail on request.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use switchboard_domain::agent::{Label, Profile};
use switchboard_domain::number::Channels;
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::{MockCatalogueStore, MockPlanStore, MockRouteStore};
use switchboard_domain::routing::{Assigned, Route, Routed};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::signature::PublicUrl;
use switchboard_plan_document::PlanDocuments;

use super::super::*;
use crate::plan_runtime::AgentLoadLimits;

/// A clock that changes only when it is set.
#[derive(Default)]
pub(super) struct ManualClock(pub(super) AtomicI64);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

pub(super) fn cache_of(store: impl RouteStore + 'static, limits: RouteCacheLimits) -> RouteCache {
    // No number of these tests has a plan.
    let plans = PlanSources {
        plans: Arc::new(MockPlanStore::new()),
        catalogue: Arc::new(MockCatalogueStore::new()),
        codec: Arc::new(PlanDocuments),
    };
    RouteCache::new(RouteCacheParts {
        store: Arc::new(store),
        plans,
        agent_load: Arc::new(AgentLoadTracker::new(AgentLoadLimits::default())),
        clock: Arc::new(ManualClock::default()),
        deadlines: Deadlines::default(),
        limits,
        voice_server: None,
        addresses: VoiceAddresses::below(&PublicUrl::parse("https://voice.example.com").unwrap()),
    })
}

pub(super) fn cache(store: impl RouteStore + 'static) -> RouteCache {
    cache_of(store, RouteCacheLimits::default())
}

pub(super) fn number(index: u32) -> Sender {
    Sender::parse(&format!("+1415{index:07}")).unwrap()
}

pub(super) fn agent(index: u8) -> AgentId {
    AgentId::new(Timestamp::from_seconds(1), [index; 10])
}

/// A route to an agent with this name.
pub(super) fn route(sender: Sender, index: u8, name: &str) -> Route {
    let profile = Profile {
        voice_target: Some(VoiceTarget::Dial(number(9).as_number().unwrap())),
        ..Profile::named(Label::parse(name).unwrap())
    };
    Route {
        sender,
        organization: default_organization(),
        account: AccountSid::parse("AC00000000000000000000000000000000").unwrap(),
        plan: None,
        assigned: Some(Assigned {
            agent: agent(index),
            profile: Arc::new(profile),
            channels: Channels::VOICE_AND_SMS,
        }),
    }
}

pub(super) fn away() -> StoreError {
    StoreError::Unavailable { operation: "test", source: None }
}

/// The name of the agent that answers the route.
pub(super) fn name(known: Option<&Arc<KnownRoute>>) -> Option<String> {
    let own_agent = |known: &Arc<KnownRoute>| {
        let routed = Routed::for_explanation(Some(&known.route));
        routed.own_agent().unwrap().profile.name.as_str().to_owned()
    };
    known.map(own_agent)
}

/// A store with settable routes and faults, which counts its reads.
#[derive(Clone, Default)]
pub(super) struct StubRouteStore(pub(super) Arc<StubState>);

#[derive(Default)]
pub(super) struct StubState {
    pub(super) routes: Mutex<std::collections::HashMap<Sender, Route>>,
    pub(super) away: AtomicBool,
    pub(super) broken: AtomicBool,
    pub(super) asked: AtomicUsize,
}

impl StubRouteStore {
    pub(super) fn of(routes: impl IntoIterator<Item = Route>) -> Self {
        let store = Self::default();
        routes.into_iter().for_each(|route| store.set(route));
        store
    }

    pub(super) fn set(&self, route: Route) {
        self.0.routes.lock().unwrap().insert(route.sender, route);
    }

    pub(super) fn remove(&self, number: Sender) {
        self.0.routes.lock().unwrap().remove(&number);
    }

    pub(super) fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl RouteStore for StubRouteStore {
    async fn route(&self, number: Sender) -> Result<Option<Route>, StoreError> {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        // Yields, so that concurrent lookups are really concurrent.
        tokio::task::yield_now().await;
        if self.0.away.load(Ordering::SeqCst) {
            return Err(away());
        }
        if self.0.broken.load(Ordering::SeqCst) {
            return Err(StoreError::Failed { operation: "test", source: "it broke".into() });
        }
        Ok(self.0.routes.lock().unwrap().get(&number).cloned())
    }
}

/// A cache over a store that calls `during` while it reads for the first time.
pub(super) fn with_change_during_read(
    routes: [Option<Route>; 2],
    during: impl Fn(&RouteCache) + Send + 'static,
) -> Arc<RouteCache> {
    let cell = Arc::new(OnceLock::<Arc<RouteCache>>::new());
    let mut store = MockRouteStore::new();
    let inside = Arc::clone(&cell);
    let mut routes = routes.into_iter();
    let mut changed = false;
    store.expect_route().times(2).returning(move |_| {
        let read = routes.next().unwrap();
        if !std::mem::replace(&mut changed, true) {
            during(inside.get().unwrap());
        }
        Ok(read)
    });
    Arc::clone(cell.get_or_init(|| Arc::new(cache(store))))
}
