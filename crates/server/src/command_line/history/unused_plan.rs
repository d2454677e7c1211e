//! A routing plan that is attached to the number of a call and did not decide it.

use switchboard_domain::address::Address;
use switchboard_domain::call::CallRecord;
use switchboard_domain::organization::Scope;

use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;

/// A sentence for the story of the call, and what to do.
pub(super) struct UnusedPlan {
    pub(super) detail: String,
    pub(super) remedy: Option<String>,
}

/// The plan that decides for the number of a call today, if no plan decided the call.
pub(super) async fn of(
    installation: &Installation,
    call: &CallRecord,
) -> Result<Option<UnusedPlan>, Failure> {
    const READING: &str = "reading the routing plan of the number";
    let is_undecided = call.decision.as_ref().is_some_and(|decision| decision.rule.is_none());
    let Some(number) = call.to.as_ref().and_then(Address::phone_number).filter(|_| is_undecided)
    else {
        return Ok(None);
    };
    let configured =
        installation.store.configurations().find(&Scope::Operator, number.into()).await;
    let Some(plan) = configured.doing(READING)?.and_then(|configured| configured.plan) else {
        return Ok(None);
    };
    let plans = installation.plans();
    let plan = plans.find(&Scope::Operator, plan.id.as_str()).await.doing(READING)?;
    let checked = plans.check(&plan).await.doing(READING)?;
    let name = plan.name.as_str();
    Ok(Some(if checked.is_unreadable {
        UnusedPlan {
            detail: format!(
                "the routing plan {name:?} of the number cannot be read, so it is not used: the agent of the number answers"
            ),
            remedy: Some(format!(
                "see the mistakes of the plan with `switchboard route plan show {} --json`, and save a version without them",
                plan.id
            )),
        }
    } else {
        UnusedPlan {
            detail: format!(
                "the routing plan {name:?} decides for this number now, but did not decide this call"
            ),
            remedy: None,
        }
    }))
}
