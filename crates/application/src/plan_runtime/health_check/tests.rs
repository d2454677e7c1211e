use std::sync::Arc;

use switchboard_domain::agent::{Label, VoiceTarget};
use switchboard_domain::call::CallKey;
use switchboard_domain::identifier::{AgentId, OrganizationId, PlanId};
use switchboard_domain::ports::{
    MockLiveCallStore, MockPlanStore, MockVoiceProbe, SavedPlan, StoreError,
};
use switchboard_domain::sid::{AccountSid, CallSid};
use switchboard_domain::time::Timestamp;

use super::{HealthCheck, truncated};
use crate::plan_runtime::agent_load::{AgentLoadLimits, AgentLoadTracker};

const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

fn organization() -> OrganizationId {
    OrganizationId::new(NOW, [1; 10])
}

fn agent() -> AgentId {
    AgentId::new(NOW, [2; 10])
}

/// A health check whose store lists these plans, and one live call of the agent that can be read so many times.
fn health_check(
    tracker: &Arc<AgentLoadTracker>,
    plans: Result<Vec<SavedPlan>, StoreError>,
    reads: usize,
) -> HealthCheck {
    let mut store = MockLiveCallStore::new();
    let call: CallKey = (
        AccountSid::parse("AC00000000000000000000000000000001").unwrap(),
        CallSid::parse("CA00000000000000000000000000000001").unwrap(),
    );
    store.expect_live_calls().times(reads).returning(move |_, _| Ok(vec![(call, agent())]));
    let mut saved = MockPlanStore::new();
    let mut plans = Some(plans);
    saved.expect_list().returning(move |_, _| plans.take().unwrap());
    let (store, saved, probe) = (Arc::new(store), Arc::new(saved), Arc::new(MockVoiceProbe::new()));
    HealthCheck::new(Arc::clone(tracker), store, saved, probe, Arc::new(NOW))
}

fn plan() -> SavedPlan {
    SavedPlan {
        id: PlanId::new(NOW, [3; 10]),
        organization: organization(),
        name: Label::parse("Main").unwrap(),
        version: 1,
        document: "{}".into(),
        author: Label::parse("Test").unwrap(),
        saved_at: NOW,
    }
}

/// How many calls the agent has when a plan first names it.
fn calls(tracker: &AgentLoadTracker) -> u32 {
    let target = None::<&VoiceTarget>;
    let server = tracker.track(&organization(), &agent(), target, None);
    server.agent_load(AccountSid::parse("AC00000000000000000000000000000001").unwrap(), NOW).calls
}

#[tokio::test]
async fn live_calls_are_not_read_while_there_is_no_plan() {
    let tracker = Arc::new(AgentLoadTracker::new(AgentLoadLimits::default()));
    health_check(&tracker, Ok(vec![]), 0).count_calls().await;
    assert_eq!(calls(&tracker), 0);
}

#[tokio::test]
async fn the_calls_of_other_processes_count_before_a_plan_is_first_used() {
    let unknown = StoreError::timed_out("plan.list");
    for plans in [Ok(vec![plan()]), Err(unknown)] {
        let tracker = Arc::new(AgentLoadTracker::new(AgentLoadLimits::default()));
        health_check(&tracker, plans, 1).count_calls().await;
        assert_eq!(calls(&tracker), 1);
    }
}

#[tokio::test]
async fn the_calls_of_a_removed_plan_are_forgotten() {
    let tracker = Arc::new(AgentLoadTracker::new(AgentLoadLimits::default()));
    health_check(&tracker, Ok(vec![plan()]), 1).count_calls().await;
    health_check(&tracker, Ok(vec![]), 0).count_calls().await;
    assert_eq!(calls(&tracker), 0);
}

#[test]
fn an_organization_with_less_than_its_share_is_complete() {
    let id = |n| OrganizationId::new(NOW, [n; 10]);
    let counts = [(id(1), 30), (id(2), 29), (id(3), 28), (id(4), 1)];
    assert_eq!(truncated(counts.into()), [id(1), id(2)].into());
}
