//! A replay of recorded calls and messages through a routing plan, as JSON.

use serde::Serialize;
use switchboard_application_management::routing_plans::{Before, Replayed, ReplayedChange};
use switchboard_domain::plan::Plan;
use utoipa::ToSchema;

use super::{DestinationObject, RuleObject, instant};

/// How many calls and messages were replayed.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = ReplayCounts)]
pub struct ReplayCountsObject {
    /// The replayed calls.
    pub calls: u64,
    /// The replayed messages.
    pub messages: u64,
    /// Those that the plan decides differently.
    pub changed: u64,
    /// Decisions that are left to a decision service.
    pub left_to_service: u64,
    /// Calls without a recorded location or attestation.
    pub without_facts: u64,
}

impl ReplayCountsObject {
    /// Renders counts.
    pub const fn of(counts: &Replayed) -> Self {
        let Replayed { calls, messages, changed, left_to_service, without_facts, .. } = *counts;
        Self { calls, messages, changed, left_to_service, without_facts }
    }
}

/// The recorded decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ReplayBefore)]
pub enum ReplayBeforeObject {
    /// The destination is known.
    #[schema(title = "KnownBefore")]
    Known(DestinationObject),
    /// A plan performed an action, but its version is no longer stored.
    #[schema(title = "UnknownBefore")]
    Unknown {
        /// `action`.
        kind: &'static str,
        /// The kind of the action, if it was recorded.
        #[schema(required)]
        action: Option<&'static str>,
    },
}

impl ReplayBeforeObject {
    /// Renders a recorded decision. The name is that of its agent.
    pub fn of(before: &Before, agent_name: Option<String>) -> Self {
        match before {
            Before::Agent(id) => {
                let name = agent_name.unwrap_or_else(|| format!("{id} (removed)"));
                Self::Known(DestinationObject::Agent { id: id.to_string(), name })
            }
            Before::Action(action) => Self::Known(DestinationObject::of_action(action)),
            Before::UnknownAction(kind) => Self::Unknown { kind: "action", action: *kind },
            Before::Nobody => Self::Known(DestinationObject::Nobody),
        }
    }
}

/// A call or message that the plan decides differently.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ReplayChange)]
pub struct ReplayChangeObject {
    /// The time of the recorded decision.
    #[schema(format = DateTime)]
    pub at: String,
    /// The channel.
    pub channel: &'static str,
    /// The SID at Twilio.
    pub sid: String,
    /// The caller or sender.
    pub from: String,
    /// The number.
    pub to: String,
    /// The recorded decision.
    pub before: ReplayBeforeObject,
    /// The destination that the plan chooses.
    pub after: DestinationObject,
    /// The rule that decides; `null` for `otherwise`.
    #[schema(required)]
    pub rule: Option<RuleObject>,
}

impl ReplayChangeObject {
    /// Renders a change by a plan. `from` is the caller as it is shown.
    pub fn of(
        change: &ReplayedChange,
        plan: &Plan,
        from: String,
        before: ReplayBeforeObject,
    ) -> Self {
        let name = |rule| plan.rule_name(rule).map(ToOwned::to_owned);
        Self {
            at: instant(change.at),
            channel: change.channel.as_str(),
            sid: change.event.to_string(),
            from,
            to: change.to.as_str().to_owned(),
            before,
            after: DestinationObject::of(&change.after),
            rule: change.rule.map(|rule| RuleObject::of(rule, name(rule))),
        }
    }
}

/// The result of a replay.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Replay)]
pub struct ReplayObject {
    /// The counts of all that was replayed.
    #[serde(flatten)]
    pub counts: ReplayCountsObject,
    /// Whether the period has more records than are replayed at once: only the newest ones were.
    pub incomplete: bool,
    /// The newest changes: calls, then messages.
    pub changes: Vec<ReplayChangeObject>,
}
