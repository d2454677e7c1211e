//! The words of this command line for recorded codes and outcomes.

use switchboard_admin::Wording;
use switchboard_application_carrier::configuration::ConfigurationError;
use switchboard_domain::configuration::Blocker;
use switchboard_domain::delivery::Attempt;
use switchboard_domain::identifier::SubscriptionId;
use switchboard_domain::plan::PlanProblem;
use switchboard_domain::rejection::{Refusal, Rejection};
use switchboard_domain::routing::Reason;

use super::remedies;
use super::route::document;
use super::view::explained;
use super::webhooks;

/// The words and remedies of the command line, which the API uses, too.
pub(super) struct CommandLineWording;

impl Wording for CommandLineWording {
    fn refusal(&self, refusal: Refusal) -> &'static str {
        remedies::refusal_meaning(refusal)
    }

    fn rejection_remedy(&self, rejection: &Rejection) -> String {
        remedies::refusal(rejection)
    }

    fn twilio_error(&self, code: u32) -> &'static str {
        remedies::twilio_error(code).meaning
    }

    fn attempt(&self, made: &Attempt, subscription: Option<&SubscriptionId>) -> String {
        match subscription {
            Some(subscription) => remedies::event_attempt(made, subscription.as_str()).meaning,
            None => remedies::delivery_attempt(made, None).meaning,
        }
    }

    fn decision(&self, reason: Reason) -> String {
        explained(reason)
    }

    fn plan_problem(&self, problem: &PlanProblem) -> String {
        document::line(problem)
    }

    fn plan_remedy(&self, problem: &PlanProblem) -> Option<&'static str> {
        remedies::plan_problem(&problem.kind)
    }

    fn blocker(&self, blocker: &Blocker) -> String {
        webhooks::explained(blocker)
    }

    fn configuration_error(&self, error: &ConfigurationError) -> String {
        remedies::sentence(error)
    }
}
