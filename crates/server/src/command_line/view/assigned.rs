//! A number that was assigned to an agent, here and at Twilio.

use serde::Serialize;
use switchboard_admin::objects::{AssignedObject, ChangeObject};
use switchboard_domain::agent::Agent;
use switchboard_domain::configuration::Drift;
use switchboard_domain::counted::counted;
use switchboard_domain::sender::Sender;

use super::agent_of;
use crate::command_line::webhooks::{change_lines, explained};

/// What an assignment would change at Twilio.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct PreviewView {
    dry_run: bool,
    phone_number: String,
    agent_id: String,
    changes: Vec<ChangeObject>,
    /// What would still differ, and what to do about it.
    details: Vec<String>,
}

impl PreviewView {
    pub(in crate::command_line) fn of(number: Sender, agent: &Agent, drift: &Drift) -> Self {
        Self {
            dry_run: true,
            phone_number: number.as_str().to_owned(),
            agent_id: agent.id.to_string(),
            changes: drift.changes.iter().map(ChangeObject::of).collect(),
            details: drift.blockers.iter().map(explained).collect(),
        }
    }

    /// The same from what the API plans.
    pub(in crate::command_line) fn planned(agent_id: String, planned: AssignedObject) -> Self {
        let AssignedObject { number, carrier } = planned;
        Self {
            dry_run: true,
            phone_number: number.phone_number,
            agent_id,
            changes: carrier.changes,
            details: carrier.details,
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
        lines.extend(change_lines(&self.changes));
        lines.extend(self.details.iter().map(|detail| format!("    ! {detail}")));
        lines.join("\n")
    }
}

/// The number and the result at Twilio, for people.
pub(in crate::command_line) fn assigned_lines(assigned: &AssignedObject) -> String {
    let AssignedObject { number, carrier } = assigned;
    let mut lines = vec![format!("assigned {} to {}", number.phone_number, agent_of(number))];
    lines.push(match &*carrier.outcome {
        "not_asked" => "it was already configured at Twilio".to_owned(),
        "configured" if carrier.changed.is_empty() => {
            "its configuration at Twilio is correct".to_owned()
        }
        "configured" => format!("changed at Twilio: {}", carrier.changed.join(", ")),
        "drifting" => {
            format!("but its configuration at Twilio differs ({}):", carrier.reasons.join(", "))
        }
        _ => "but it could not be configured at Twilio; finish with `switchboard webhooks fix`:"
            .to_owned(),
    });
    lines.extend(change_lines(&carrier.changes));
    lines.extend(carrier.details.iter().map(|detail| format!("  {detail}")));
    lines.join("\n")
}
