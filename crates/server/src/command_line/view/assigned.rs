//! A number that was assigned to an agent, here and at Twilio.

use serde::Serialize;
use switchboard_admin::objects::NumberObject;
use switchboard_application_carrier::configuration::CarrierOutcome;
use switchboard_domain::agent::Agent;
use switchboard_domain::configuration::{Drift, DriftReason};
use switchboard_domain::counted::counted;
use switchboard_domain::sender::Sender;

use super::agent_of;
use crate::command_line::remedies;
use crate::command_line::webhooks::{ChangeView, explained};

/// What an assignment would change at Twilio.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct PreviewView {
    dry_run: bool,
    phone_number: String,
    agent_id: String,
    changes: Vec<ChangeView>,
    /// What would still differ, and what to do about it.
    details: Vec<String>,
}

impl PreviewView {
    pub(in crate::command_line) fn of(number: Sender, agent: &Agent, drift: &Drift) -> Self {
        Self {
            dry_run: true,
            phone_number: number.as_str().to_owned(),
            agent_id: agent.id.to_string(),
            changes: drift.changes.iter().map(ChangeView::of).collect(),
            details: drift.blockers.iter().map(explained).collect(),
        }
    }

    /// For people.
    pub(in crate::command_line) fn lines(&self) -> String {
        let (number, agent) = (&self.phone_number, &self.agent_id);
        let mut lines = vec![match self.changes.len() {
            0 => format!("{number} would be assigned to agent {agent}; no change at Twilio"),
            fields => format!(
                "{number} would be assigned to agent {agent}; {} would change at Twilio:",
                counted(fields, "field")
            ),
        }];
        lines.extend(ChangeView::lines(&self.changes));
        lines.extend(self.details.iter().map(|detail| format!("    ! {detail}")));
        lines.join("\n")
    }
}

/// The number, and the result at Twilio.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct AssignedView {
    #[serde(flatten)]
    number: NumberObject,
    carrier: CarrierView,
}

#[derive(Debug, Serialize)]
struct CarrierView {
    outcome: &'static str,
    /// The fields that were written.
    changed: Vec<String>,
    /// Their values before and after.
    changes: Vec<ChangeView>,
    /// The differences.
    reasons: Vec<&'static str>,
    /// Descriptions, and what to do.
    details: Vec<String>,
}

impl AssignedView {
    pub(in crate::command_line) fn of(number: NumberObject, carrier: &CarrierOutcome) -> Self {
        let view = |outcome| CarrierView {
            outcome,
            changed: Vec::new(),
            changes: Vec::new(),
            reasons: Vec::new(),
            details: Vec::new(),
        };
        let carrier = match carrier {
            CarrierOutcome::NotAsked => view("not_asked"),
            CarrierOutcome::Configured(changes) => CarrierView {
                changed: changes.iter().map(|change| change.field.to_string()).collect(),
                changes: changes.iter().map(ChangeView::of).collect(),
                ..view("configured")
            },
            CarrierOutcome::Drifting(drift) => CarrierView {
                reasons: drift.reasons().into_iter().map(DriftReason::as_str).collect(),
                details: drift.blockers.iter().map(explained).collect(),
                ..view("drifting")
            },
            CarrierOutcome::Unfinished(error) => {
                CarrierView { details: vec![remedies::sentence(error)], ..view("unfinished") }
            }
        };
        Self { number, carrier }
    }

    /// For people.
    pub(in crate::command_line) fn lines(&self) -> String {
        let mut lines =
            vec![format!("assigned {} to {}", self.number.phone_number, agent_of(&self.number))];
        lines.push(match self.carrier.outcome {
            "not_asked" => "it was already configured at Twilio".to_owned(),
            "configured" if self.carrier.changed.is_empty() => {
                "its configuration at Twilio is correct".to_owned()
            }
            "configured" => format!("changed at Twilio: {}", self.carrier.changed.join(", ")),
            "drifting" => format!(
                "but its configuration at Twilio differs ({}):",
                self.carrier.reasons.join(", ")
            ),
            _ => {
                "but it could not be configured at Twilio; finish with `switchboard webhooks fix`:"
                    .to_owned()
            }
        });
        lines.extend(ChangeView::lines(&self.carrier.changes));
        lines.extend(self.carrier.details.iter().map(|detail| format!("  {detail}")));
        lines.join("\n")
    }
}
