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

/// The words and remedies of the command line, which the API uses, too. The remedies of plans name paths of the API, which alone
/// reads them here.
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
        remedies::plan_problem_by_api(&problem.kind)
    }

    fn blocker(&self, blocker: &Blocker) -> String {
        webhooks::explained(blocker)
    }

    fn configuration_error(&self, error: &ConfigurationError) -> String {
        remedies::sentence(error)
    }
}

#[cfg(test)]
mod tests {
    use switchboard_admin::Wording as _;
    use switchboard_domain::agent::Label;
    use switchboard_domain::plan::{PlanProblem, Pointer, ProblemKind};

    use super::{CommandLineWording, document};

    #[test]
    fn remedies_of_plans_name_commands_on_the_command_line_and_paths_in_the_api() {
        let name = Label::parse("x").unwrap();
        for kind in [
            ProblemKind::AgentUnknown { word: name.clone() },
            ProblemKind::CalendarUnknown { name: name.clone() },
            ProblemKind::ListUnknown { name: name.clone() },
            ProblemKind::HoursUnreadable { word: name, what: "has no days".to_owned() },
        ] {
            let problem = PlanProblem { at: Pointer::root(), kind };
            assert!(document::line(&problem).contains("`switchboard "), "{problem}");
            let remedy = CommandLineWording.plan_remedy(&problem).unwrap();
            assert!(!remedy.contains("switchboard"), "{remedy}");
        }
        let too_many = ProblemKind::TooMany { most: 1, what: "bytes" };
        let too_many = PlanProblem { at: Pointer::root(), kind: too_many };
        assert_eq!(CommandLineWording.plan_remedy(&too_many), None);
        let line = document::line(&too_many);
        assert_eq!(line, "the document: has more than 1 bytes; split the document");
    }
}
