//! Numbers whose webhook configuration at Twilio differs from the desired one, and what a check, a fix and a restoration did, as
//! JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use switchboard_application_carrier::configuration::{CheckSummary, FixSummary, Fixed, Mismatch};
use switchboard_domain::check_finding::{DriftingNumber, FoundBlocker, FoundChange};
use switchboard_domain::configuration::{Blocker, DriftReason};
use switchboard_domain::sender::Sender;
use utoipa::ToSchema;

use super::{ChangeObject, RestoredObject, instant};
use crate::wording::Wording;

/// A difference that writing fields does not remove.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DriftBlocker)]
pub struct BlockerObject {
    /// Its kind.
    pub reason: String,
    /// What it is, and what to do.
    pub detail: String,
}

impl BlockerObject {
    /// Renders what a check found.
    fn found(found: &FoundBlocker, wording: &dyn Wording) -> Self {
        let FoundBlocker { reason, detail } = found;
        let worded = DriftReason::parse(reason)
            .map(|reason| wording.blocker(&Blocker { reason, detail: detail.clone() }));
        Self { reason: reason.clone(), detail: worded.unwrap_or_else(|| detail.clone()) }
    }
}

/// A number that drifts, as the last check of it found.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = DriftingNumber)]
pub struct DriftingObject {
    /// The number or sender.
    pub phone_number: String,
    /// The account that owns it.
    pub account_sid: String,
    /// The agent that answers it.
    #[schema(required)]
    pub agent_id: Option<String>,
    /// The organization that owns it.
    pub organization_id: String,
    /// When a check first found that it drifts.
    #[schema(format = DateTime)]
    pub since: String,
    /// What a fix writes at Twilio.
    pub changes: Vec<ChangeObject>,
    /// What a fix does not remove.
    pub blockers: Vec<BlockerObject>,
}

impl DriftingObject {
    /// Renders a number that drifts.
    pub fn of(drifting: &DriftingNumber, wording: &dyn Wording) -> Self {
        let number = &drifting.number;
        let change = |change: &FoundChange| ChangeObject {
            field: change.field.clone(),
            from: change.from.clone(),
            to: change.to.clone(),
            reason: change.reason.clone(),
        };
        let blockers = drifting.drift.blockers.iter();
        Self {
            phone_number: number.sender.as_str().to_owned(),
            account_sid: number.account.to_string(),
            agent_id: number.assignment.as_ref().map(|assignment| assignment.agent.to_string()),
            organization_id: number.organization.to_string(),
            since: instant(drifting.since),
            changes: drifting.drift.changes.iter().map(change).collect(),
            blockers: blockers.map(|found| BlockerObject::found(found, wording)).collect(),
        }
    }
}

/// What a check found. `GET /api/v1/drift` lists the numbers.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = DriftCheckResult)]
pub struct CheckedObject {
    /// Checked accounts.
    pub accounts: usize,
    /// Checked numbers: those that an agent or a routing plan answers, and those with a saved previous configuration.
    pub checked: usize,
    /// How many of them drift.
    pub drifting: usize,
}

impl CheckedObject {
    /// Renders the totals of a check.
    pub const fn of(summary: &CheckSummary) -> Self {
        let CheckSummary { accounts, numbers, drifting } = *summary;
        Self { accounts, checked: numbers, drifting }
    }
}

/// A field that was changed at Twilio after its plan was made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FieldMismatch)]
pub struct MismatchObject {
    /// The name of the field.
    pub field: String,
    /// The value that the plan starts from.
    pub planned_from: String,
    /// The value that the plan writes.
    pub planned_to: String,
    /// Its value now; `null` if the field is gone.
    #[schema(required)]
    pub now: Option<String>,
}

impl MismatchObject {
    fn of(mismatch: &Mismatch) -> Self {
        Self {
            field: mismatch.field.to_string(),
            planned_from: mismatch.planned_from.clone(),
            planned_to: mismatch.planned_to.clone(),
            now: mismatch.now.clone(),
        }
    }
}

/// The result of a fix for one number.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FixedNumber)]
pub struct FixedObject {
    /// The number or sender.
    pub phone_number: String,
    /// `written`; `left` if it needs a decision; `changed_meanwhile` if it was changed at Twilio after the plan was made;
    /// `failed`.
    pub outcome: Cow<'static, str>,
    /// What was written.
    pub changes: Vec<ChangeObject>,
    /// What was changed since the plan was made.
    pub mismatches: Vec<MismatchObject>,
    /// The kinds of the differences that are left.
    pub reasons: Vec<Cow<'static, str>>,
    /// What is left or failed, and what to do.
    #[schema(required)]
    pub error: Option<String>,
}

impl FixedObject {
    /// Renders a result; `None` for a number that needed no change.
    pub fn of(fixed: &Fixed, wording: &dyn Wording) -> Option<Self> {
        let object = |number: &Sender, outcome: &'static str| Self {
            phone_number: number.as_str().to_owned(),
            outcome: outcome.into(),
            changes: Vec::new(),
            mismatches: Vec::new(),
            reasons: Vec::new(),
            error: None,
        };
        Some(match fixed {
            Fixed::Written { changes, blockers, .. }
                if changes.is_empty() && blockers.is_empty() =>
            {
                return None;
            }
            Fixed::Written { number, changes, blockers } => Self {
                changes: changes.iter().map(ChangeObject::of).collect(),
                reasons: blockers.iter().map(|blocker| blocker.reason.as_str().into()).collect(),
                error: blockers.first().map(|blocker| wording.blocker(blocker)),
                ..object(number, "written")
            },
            Fixed::Left { number, drift } => Self {
                reasons: drift.reasons().into_iter().map(|one| one.as_str().into()).collect(),
                error: drift.blockers.first().map(|blocker| wording.blocker(blocker)),
                ..object(number, "left")
            },
            Fixed::Changed { number, mismatches } => Self {
                mismatches: mismatches.iter().map(MismatchObject::of).collect(),
                ..object(number, "changed_meanwhile")
            },
            Fixed::Failed { number, error } => {
                Self { error: Some(wording.configuration_error(error)), ..object(number, "failed") }
            }
        })
    }
}

/// What a fix did.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = DriftFixResult)]
pub struct FixResultObject {
    /// Checked numbers.
    pub checked: usize,
    /// Numbers with at least one written field.
    pub changed: usize,
    /// Written fields.
    pub fields: usize,
    /// Numbers that still drift.
    pub left: usize,
    /// The numbers that drifted. A job keeps the first 1,000.
    pub numbers: Vec<FixedObject>,
}

impl FixResultObject {
    /// Renders the totals of a fix, and its results.
    pub const fn of(summary: &FixSummary, results: Vec<FixedObject>) -> Self {
        let FixSummary { numbers, changed, fields, left } = *summary;
        Self { checked: numbers, changed, fields, left, numbers: results }
    }
}

/// What a restoration did.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = DriftRestoreResult)]
pub struct RestoreResultObject {
    /// Numbers whose previous configuration is at Twilio again, or that need none.
    pub restored: usize,
    /// Numbers whose configuration was not restored.
    pub left: usize,
    /// The numbers. A job keeps the first 1,000.
    pub numbers: Vec<RestoredObject>,
}
