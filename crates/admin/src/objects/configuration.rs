//! The webhook configuration of a number at Twilio as JSON: what was written, restored, or differs.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use switchboard_application_carrier::configuration::{CarrierOutcome, Released, Restored};
use switchboard_domain::configuration::{Conflict, Drift, FieldChange};
use switchboard_domain::sender::Sender;
use utoipa::ToSchema;

use super::{DecidingPlanObject, NumberObject};
use crate::refused::configuration_code;
use crate::wording::Wording;

/// A field that was written at Twilio, or is to be written there.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FieldChange)]
pub struct ChangeObject {
    /// The name of the field, for example `voice_url`.
    pub field: String,
    /// Its value before.
    pub from: String,
    /// Its new value.
    pub to: String,
    /// Why it is written.
    pub reason: String,
}

impl ChangeObject {
    /// Renders a change.
    pub fn of(change: &FieldChange) -> Self {
        Self {
            field: change.field.to_string(),
            from: change.from.clone(),
            to: change.to.clone(),
            reason: change.reason.as_str().to_owned(),
        }
    }
}

/// A field that somebody else changed after this server wrote it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FieldConflict)]
pub struct ConflictObject {
    /// The name of the field.
    pub field: String,
    /// Its value before this server wrote it.
    pub before: String,
    /// The value that this server wrote.
    pub ours: String,
    /// Its value now.
    pub now: String,
}

impl ConflictObject {
    /// Renders a conflict.
    pub fn of(conflict: &Conflict) -> Self {
        Self {
            field: conflict.field.to_string(),
            before: conflict.before.clone(),
            ours: conflict.ours.clone(),
            now: conflict.now.clone(),
        }
    }
}

/// The result of an assignment at Twilio.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AssignmentAtTwilio)]
pub struct AtCarrierObject {
    /// `configured`; `not_asked` if it was configured already; `drifting` if it still differs, and a person must decide what to
    /// do; `unfinished` if a request to Twilio failed: repeat the assignment; `planned` if nothing was changed, because `dry_run`
    /// was given.
    pub outcome: Cow<'static, str>,
    /// If it is unfinished, the code of what failed.
    #[schema(required)]
    pub code: Option<Cow<'static, str>>,
    /// The names of the fields that were written, or would be.
    pub changed: Vec<String>,
    /// Their values before and after.
    pub changes: Vec<ChangeObject>,
    /// The kinds of the differences.
    pub reasons: Vec<Cow<'static, str>>,
    /// What they are, or what failed, and what to do.
    pub details: Vec<String>,
}

impl AtCarrierObject {
    const fn empty(outcome: &'static str) -> Self {
        Self {
            outcome: Cow::Borrowed(outcome),
            code: None,
            changed: Vec::new(),
            changes: Vec::new(),
            reasons: Vec::new(),
            details: Vec::new(),
        }
    }

    fn planned(drift: &Drift, wording: &dyn Wording) -> Self {
        let changes = &drift.changes;
        Self {
            changed: changes.iter().map(|change| change.field.to_string()).collect(),
            changes: changes.iter().map(ChangeObject::of).collect(),
            reasons: reasons(drift),
            details: drift.blockers.iter().map(|one| wording.blocker(one)).collect(),
            ..Self::empty("planned")
        }
    }

    fn of(outcome: &CarrierOutcome, wording: &dyn Wording) -> Self {
        let object = Self::empty;
        match outcome {
            CarrierOutcome::NotAsked => object("not_asked"),
            CarrierOutcome::Configured(changes) => Self {
                changed: changes.iter().map(|change| change.field.to_string()).collect(),
                changes: changes.iter().map(ChangeObject::of).collect(),
                ..object("configured")
            },
            CarrierOutcome::Drifting(drift) => Self {
                reasons: reasons(drift),
                details: drift.blockers.iter().map(|one| wording.blocker(one)).collect(),
                ..object("drifting")
            },
            CarrierOutcome::Unfinished(error) => Self {
                code: Some(configuration_code(error).as_str().into()),
                details: vec![wording.configuration_error(error)],
                ..object("unfinished")
            },
        }
    }
}

/// The kinds of the differences.
fn reasons(drift: &Drift) -> Vec<Cow<'static, str>> {
    drift.reasons().into_iter().map(|reason| reason.as_str().into()).collect()
}

/// A number that was assigned to an agent, and the result at Twilio.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AssignedNumber)]
pub struct AssignedObject {
    /// The number.
    #[serde(flatten)]
    pub number: NumberObject,
    /// The result at Twilio. The assignment is valid, whatever the result is.
    pub carrier: AtCarrierObject,
}

impl AssignedObject {
    /// Renders an assigned number.
    pub fn of(number: NumberObject, outcome: &CarrierOutcome, wording: &dyn Wording) -> Self {
        Self { number, carrier: AtCarrierObject::of(outcome, wording) }
    }

    /// Renders a number that is as it was, and what assigning it would change at Twilio.
    pub fn planned(number: NumberObject, drift: &Drift, wording: &dyn Wording) -> Self {
        Self { number, carrier: AtCarrierObject::planned(drift, wording) }
    }
}

/// The result of restoring the previous configuration of a number at Twilio.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RestoredConfiguration)]
pub struct RestoredObject {
    /// The number.
    pub phone_number: String,
    /// `restored`; `nothing` if nothing was saved; `kept` if a routing plan needs the configuration; `gone` if the account no
    /// longer owns the number; `conflicts` or `failed` if nothing was changed.
    pub outcome: Cow<'static, str>,
    /// What was written.
    pub changes: Vec<ChangeObject>,
    /// What somebody else changed.
    pub conflicts: Vec<ConflictObject>,
    /// What failed.
    #[schema(required)]
    pub error: Option<String>,
}

impl RestoredObject {
    /// Renders a restoration.
    pub fn of(number: Sender, restored: &Restored) -> Self {
        let object = |outcome: &'static str| Self {
            phone_number: number.as_str().to_owned(),
            outcome: outcome.into(),
            changes: Vec::new(),
            conflicts: Vec::new(),
            error: None,
        };
        match restored {
            Restored::Nothing => object("nothing"),
            Restored::Gone => object("gone"),
            Restored::Kept(_) => object("kept"),
            Restored::Written(changes) => Self {
                changes: changes.iter().map(ChangeObject::of).collect(),
                ..object("restored")
            },
            Restored::Conflicts(conflicts) => Self {
                conflicts: conflicts.iter().map(ConflictObject::of).collect(),
                ..object("conflicts")
            },
        }
    }

    /// A restoration that failed.
    pub fn failed(number: Sender, error: String) -> Self {
        Self {
            outcome: "failed".into(),
            error: Some(error),
            ..Self::of(number, &Restored::Nothing)
        }
    }

    /// Whether the number has no saved configuration any more, or needs none.
    pub const fn is_done(&self) -> bool {
        self.conflicts.is_empty() && self.error.is_none()
    }
}

/// A number that was unassigned, and the result at Twilio.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = UnassignedNumber)]
pub struct UnassignedObject {
    /// The number; `null` if it stays assigned.
    #[schema(required)]
    pub unassigned: Option<String>,
    /// The agent that it was assigned to.
    #[schema(required)]
    pub agent_id: Option<String>,
    /// The result at Twilio.
    pub carrier: RestoredObject,
    /// The routing plan that decides for the number.
    #[schema(required)]
    pub plan: Option<DecidingPlanObject>,
}

impl UnassignedObject {
    /// Renders a released number, and the plan that decides for it.
    pub fn of(number: Sender, released: &Released, plan: Option<DecidingPlanObject>) -> Self {
        let carrier = RestoredObject::of(number, &released.restored);
        Self {
            unassigned: carrier.is_done().then(|| number.as_str().to_owned()),
            agent_id: released.before.as_ref().map(|assignment| assignment.agent.to_string()),
            carrier,
            plan,
        }
    }
}
