//! The objects of the API as JSON. The command line prints the same ones.

mod account;
mod agent;
mod agent_limits;
mod api_key;
mod attached_plan;
mod audit_entry;
mod call;
mod configuration;
mod connect_link;
mod conversation;
mod decided;
mod delivery;
mod destination;
mod drift;
mod event;
mod explanation;
mod job;
mod material;
mod message;
mod message_story;
mod number;
mod number_display;
mod organization;
mod party;
mod plan;
mod rejection;
mod replay;
mod sent_message;
mod subscription;
mod target;
mod validation;
mod verified_account;
mod week;

use switchboard_domain::time::Timestamp;

pub use account::AccountObject;
pub use agent::{AgentObject, TemplateObject};
pub use agent_limits::LimitsObject;
pub use api_key::ApiKeyObject;
pub use attached_plan::{AnsweredBeforeObject, AttachedPlanObject, PlanPlaceObject};
pub use audit_entry::{AuditActorObject, AuditEntryObject, AuditReader, AuditedObject};
pub use call::{
    CallAttemptObject, CallObject, CallStory, TimelineObject, UnusedPlan, by_rule, failures,
    has_agent, skipped_agents,
};
pub use configuration::{
    AssignedObject, AtCarrierObject, ChangeObject, ConflictObject, RestoredObject, UnassignedObject,
};
pub use connect_link::ConnectLinkObject;
pub use conversation::{ConversationObject, ConversationStory, TurnObject};
pub use decided::{DecidedObject, NextObject, RuleObject, SkippedObject, VerdictObject};
pub use delivery::{DeliveryAttemptObject, DeliveryObject, EventRefObject, OutgoingObject};
pub use destination::DestinationObject;
pub use drift::{
    BlockerObject, CheckedObject, DriftingObject, FixResultObject, FixedObject, MismatchObject,
    RestoreResultObject,
};
pub use event::EventObject;
pub use explanation::{DownAgentObject, ExplanationObject, RANDOM, RecordedDecisionObject};
pub use job::{JobErrorObject, JobObject, JobProgressObject};
pub use material::{CalendarDayObject, CalendarObject, NumberListObject};
pub use message::{ErrorObject, MediaObject, MessageObject};
pub use message_story::{MessageStory, ReplyObject};
pub use number::{ChannelsObject, DecidingPlanObject, NumberObject};
pub use number_display::NumberDisplay;
pub use organization::OrganizationObject;
pub use party::{AgentRefObject, PlanRefObject, RuleRefObject, address, side};
pub use plan::{PlanImpactObject, PlanObject, PlanProblemObject, SavedPlanObject};
pub use rejection::RejectionObject;
pub use replay::{ReplayBeforeObject, ReplayChangeObject, ReplayCountsObject, ReplayObject};
pub use sent_message::{SentMessageObject, segments};
pub use subscription::SubscriptionObject;
pub use target::TargetObject;
pub use validation::{UnverifiedRequestsObject, ValidationObject};
pub use verified_account::VerifiedAccountObject;
pub use week::{
    HalfHourObject, HalfHourOutcomeObject, SplitObject, SplitPartObject, WeekDayObject,
    WeekDestinationObject, WeekObject,
};

/// An instant as RFC 3339 writes it, to the second.
pub fn instant(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.seconds())
        .map_or_else(|_beyond| "-".to_owned(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use switchboard_domain::time::Timestamp;

    use super::instant;

    #[test]
    fn an_instant_is_shown_to_the_second() {
        assert_eq!(instant(Timestamp::from_seconds(1_795_000_000)), "2026-11-18T11:06:40Z");
        assert_eq!(instant(Timestamp::from_micros(i64::MAX)), "-");
    }
}
