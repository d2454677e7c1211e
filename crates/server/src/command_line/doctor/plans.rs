//! The check of routing plans: a plan that cannot be read is not used, and a rule with mistakes is skipped.

use std::sync::Arc;

use switchboard_application_management::routing_plans::{PlanError, Plans};
use switchboard_domain::causes::Causes;
use switchboard_domain::counted::counted;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Page, SavedPlan, Store, StoreError};

use super::check::Check;
use crate::ambient::Ambient;
use crate::plan_use_cases::plans_of;

const NAME: &str = "routing plans";
const PAGE: u32 = 100;

/// One check for each plan with mistakes, or one for all plans. An attached plan with mistakes is a failure.
pub(super) async fn check(store: &Arc<dyn Store>) -> Vec<Check> {
    let plans = plans_of(store, &Ambient::system());
    let mut checks = Vec::new();
    let mut count = 0_usize;
    let mut page = Page::first(PAGE);
    loop {
        let read = match store.plans().list(&Scope::Operator, &page).await {
            Ok(read) => read,
            Err(error) => return vec![super::unanswered(NAME, &error)],
        };
        let Some(last) = read.last() else { break };
        page = Page::behind(last.id.clone(), PAGE);
        count += read.len();
        for plan in &read {
            match broken(store, &plans, plan).await {
                Ok(check) => checks.extend(check),
                Err(error) => return vec![unread(&error)],
            }
        }
    }
    if checks.is_empty() {
        checks.push(Check::ok(NAME, format!("{}, without mistakes", counted(count, "plan"))));
    }
    checks
}

async fn broken(
    store: &Arc<dyn Store>,
    plans: &Plans,
    plan: &SavedPlan,
) -> Result<Option<Check>, PlanError> {
    let checked = plans.check(plan).await?;
    let name = plan.name.as_str();
    let Some(first) = checked.problems.first() else {
        return Ok(checked.names_agents.then(|| by_name(plan)));
    };
    let effect =
        if checked.is_unreadable { "is not used" } else { "skips the rules that have them" };
    let detail = format!(
        "plan {name:?} has {} and {effect}; the first: {first}",
        counted(checked.problems.len(), "mistake")
    );
    let remedy = format!(
        "see all of them with `switchboard route plan show {} --json`, then save a version without them",
        plan.id
    );
    let failed = |source: StoreError| PlanError::Store { doing: "reading attachments", source };
    let places = store.plan_places().places(&Scope::Operator, &plan.id).await.map_err(failed)?;
    Ok(Some(if places.is_empty() {
        Check::warn(NAME, detail, remedy)
    } else {
        Check::fail(NAME, detail, remedy)
    }))
}

/// A plan of an earlier release.
fn by_name(plan: &SavedPlan) -> Check {
    let (name, id, version) = (plan.name.as_str(), &plan.id, plan.version);
    Check::warn(
        NAME,
        format!("plan {name:?} names agents by name, so renaming an agent changes it"),
        format!(
            "`switchboard route plan rollback {id} --version {version}` saves it with their ids"
        ),
    )
}

fn unread(error: &PlanError) -> Check {
    Check::fail(NAME, Causes(error).to_string(), "check the log of the database")
}
