//! What recorded codes and outcomes mean, and what to do about them.

use switchboard_application_carrier::configuration::ConfigurationError;
use switchboard_domain::configuration::Blocker;
use switchboard_domain::delivery::Attempt;
use switchboard_domain::identifier::SubscriptionId;
use switchboard_domain::plan::PlanProblem;
use switchboard_domain::rejection::{Refusal, Rejection};
use switchboard_domain::routing::Reason;

/// Puts codes and outcomes into words. This crate names no commands and settings; whoever shows the objects does.
pub trait Wording: Send + Sync {
    /// What a refusal means.
    fn refusal(&self, refusal: Refusal) -> &'static str;

    /// What to do about a rejection.
    fn rejection_remedy(&self, rejection: &Rejection) -> String;

    /// What an error code of Twilio means.
    fn twilio_error(&self, code: u32) -> &'static str;

    /// What an attempt of a delivery means: of an event to this subscription, or of a message.
    fn attempt(&self, made: &Attempt, subscription: Option<&SubscriptionId>) -> String;

    /// What the reason of a decision means, and what to do about it.
    fn decision(&self, reason: Reason) -> String;

    /// A mistake in a routing plan, and what to do about it.
    fn plan_problem(&self, problem: &PlanProblem) -> String;

    /// What to do about a mistake in a routing plan with the API, if the mistake does not say it.
    fn plan_remedy(&self, problem: &PlanProblem) -> Option<&'static str>;

    /// What keeps a configuration at Twilio from being right, and what to do about it.
    fn blocker(&self, blocker: &Blocker) -> String;

    /// Why a configuration could not be written, with its causes, and what to do about it.
    fn configuration_error(&self, error: &ConfigurationError) -> String;
}
