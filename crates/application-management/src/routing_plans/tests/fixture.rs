//! Fixtures: a store with accounts, agents and numbers, and plans to save.

use crate::fixtures::{add_account, add_agent, add_number, clock, label};
use crate::routing_plans::{Draft, NewVersion, PlanError, Plans, Prepared, ReplayPlan};
use crate::test_prelude::*;

/// A plan that routes everything to one agent.
pub(super) fn all_to(agent: &str) -> String {
    format!(r#"{{"name":"Front desk","otherwise":{{"agents":["{agent}"]}}}}"#)
}

/// Accounts 1 and 2, agents `day` and `night`.
pub(super) async fn store() -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::new());
    for account in ['1', '2'] {
        add_account(&store, account).await;
    }
    add_agent(&store, 1, "day", None).await;
    add_agent(&store, 2, "night", None).await;
    for (number, account) in
        [("+14155550100", '1'), ("+14155550101", '1'), ("+14155550102", '1'), ("+14155550103", '2')]
    {
        add_number(&store, number, account).await;
    }
    store
}

pub(super) fn sources(store: &Arc<MemoryStore>) -> PlanSources {
    PlanSources { plans: store.clone(), catalogue: store.clone(), codec: Arc::new(PlanDocuments) }
}

pub(super) fn plans(store: &Arc<MemoryStore>) -> Plans {
    Plans { sources: sources(store), places: store.clone(), identifiers: clock(), clock: clock() }
}

pub(super) fn replaying(store: &Arc<MemoryStore>) -> ReplayPlan {
    ReplayPlan {
        calls: store.clone(),
        messages: store.clone(),
        numbers: store.clone(),
        plans: store.clone(),
        codec: Arc::new(PlanDocuments),
        places: store.clone(),
        has_voice_server: true,
    }
}

pub(super) fn new(document: &str, plan: Option<&str>) -> NewVersion {
    NewVersion {
        organization: default_organization(),
        document: document.into(),
        plan: plan.map(ToOwned::to_owned),
        name: None,
        author: label("somebody"),
    }
}

/// Saves a version.
pub(super) async fn save(plans: &Plans, new: NewVersion) -> Result<Prepared, PlanError> {
    let prepared = plans.prepare(&operator(), new).await?;
    plans.save(&operator(), &prepared.version).await?;
    Ok(prepared)
}

pub(super) async fn attach(store: &Arc<MemoryStore>, plan: &PlanId, place: PlanPlace) {
    plans(store).attach(&operator(), plan.as_str(), |_plan| place).await.unwrap();
}

pub(super) async fn draft(store: &Arc<MemoryStore>, document: &str) -> Draft {
    Draft::of(&sources(store), &default_organization(), "draft", &document.into()).await.unwrap()
}
