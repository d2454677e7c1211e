//! The rule of a routing plan in a row of calls or messages.

use switchboard_domain::call::RuleRef;
use switchboard_domain::identifier::PlanId;
use switchboard_domain::ports::StoreError;

use crate::decode::Row;

/// A whole number, such as a duration or a position.
pub(super) fn number(
    at: Row<'_>,
    column: &'static str,
    value: Option<i64>,
) -> Result<Option<u32>, StoreError> {
    at.read(column, value.map(u32::try_from).transpose())
}

/// The rule of a plan that decided, if one did.
pub(super) fn rule(
    at: Row<'_>,
    plan: Option<&str>,
    version: Option<i64>,
    rule: Option<i64>,
) -> Result<Option<RuleRef>, StoreError> {
    let Some(plan) = at.optional("plan_id", plan, PlanId::parse)? else {
        return Ok(None);
    };
    let version = at.filled("plan_version", number(at, "plan_version", version)?)?;
    Ok(Some(RuleRef { plan, version, rule: number(at, "plan_rule", rule)? }))
}
