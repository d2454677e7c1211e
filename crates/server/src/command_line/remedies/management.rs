//! Remedies for errors of accounts, agents, numbers, routing plans and CSV imports.

use switchboard_application_management::routing_plans::PlanError;
use switchboard_application_management::{ImportError, ManageError, Problems};
use switchboard_domain::ports::{Entity, RowKey};
use switchboard_domain::sender::Sender;

use super::storage::ENCRYPTION_KEYS;

pub(super) const TRY_AGAIN: &str = "run the command again";

/// The names that may have been meant, and where all names are.
pub(super) fn meant(near: &[String], list: &str) -> String {
    let quoted: Vec<_> = near.iter().map(|name| format!("{name:?}")).collect();
    match quoted.as_slice() {
        [] => list.to_owned(),
        names => format!("did you mean {}? {list}", names.join(" or ")),
    }
}

/// The command that manages a number or another sender.
pub(in crate::command_line) fn command_of(sender: &Sender) -> &'static str {
    if sender.as_number().is_some() { "number" } else { "sender" }
}

pub(super) fn manage(error: &ManageError) -> Option<String> {
    Some(match error {
        ManageError::AccountUnknown { sid } => {
            format!("add it with `switchboard account add {sid} --name NAME --token-file FILE`")
        }
        ManageError::AccountKnown { sid } => {
            format!("change it with `switchboard account set {sid}`")
        }
        ManageError::AccountInUse { sid } => format!(
            "list them with `switchboard number list --account {sid}` and remove them with `switchboard number remove`"
        ),
        ManageError::OwnParent { .. } => {
            "set --parent to the account that owns it, or leave --parent out".to_owned()
        }
        ManageError::AgentUnknown { near, .. } => {
            meant(near, "list agents with `switchboard agent list`")
        }
        ManageError::AccountNameUnknown { near, .. } => {
            meant(near, "list accounts with `switchboard account list`")
        }
        ManageError::AccountAmbiguous { .. } => "use the SID of one of them".to_owned(),
        ManageError::AgentAmbiguous { .. } => "use the id of one of them".to_owned(),
        ManageError::ExternalIdTaken { .. } => {
            "choose another --external-id, or change that agent with `switchboard agent set`"
                .to_owned()
        }
        ManageError::AgentInUse { id } => format!(
            "list them with `switchboard number list --agent {id}` and `switchboard sender list --agent {id}`, and unassign them with `switchboard number unassign` or `switchboard sender unassign`"
        ),
        ManageError::AgentNamed { plan, .. } => format!(
            "save a version without it first, with `switchboard route plan save --plan '{}'`",
            plan.as_str()
        ),
        ManageError::AccountChanged { .. } | ManageError::AgentChanged { .. } => {
            TRY_AGAIN.to_owned()
        }
        ManageError::NumberUnknown { number } => match number.as_number() {
            Some(_) => "add it with `switchboard number add NUMBER --account AC…`".to_owned(),
            None => "add it with `switchboard sender add SENDER --account AC…`".to_owned(),
        },
        ManageError::NumberKnown { number } => {
            format!("assign it to an agent with `switchboard {} assign`", command_of(number))
        }
        ManageError::NumberTakenOver { number } => format!(
            "restore it first with `switchboard {} unassign`, or discard its saved configuration with --force",
            command_of(number)
        ),
        ManageError::TokenNotDecrypted { .. } => ENCRYPTION_KEYS.to_owned(),
        ManageError::OtherOrganization { .. }
        | ManageError::TokenNotEncrypted { .. }
        | ManageError::Parameter(_)
        | ManageError::Relay(_)
        | ManageError::Store { .. } => return None,
    })
}

pub(super) fn plan(error: &PlanError) -> Option<String> {
    Some(match error {
        PlanError::Unknown { near, .. } => {
            meant(near, "list routing plans with `switchboard route plan list`")
        }
        PlanError::VersionUnknown { id, .. } => {
            format!("list its versions with `switchboard route plan versions {id}`")
        }
        PlanError::NoName => "set a name with --name or in the document".to_owned(),
        PlanError::NameTaken { name } => format!(
            "save this document as its next version with --plan '{}', or choose another name with --name",
            name.as_str()
        ),
        PlanError::Outrun { id, .. } => {
            format!("compare with `switchboard route plan show {id}`, then save again")
        }
        PlanError::InUse { .. } => "detach it with `switchboard route detach`".to_owned(),
        PlanError::MaterialUnknown { entity, near, .. } => match entity {
            Entity::Calendar => {
                meant(near, "list calendars with `switchboard route calendar list`")
            }
            Entity::List => meant(near, "list them with `switchboard route list list`"),
            Entity::Organization
            | Entity::Account
            | Entity::Agent
            | Entity::Number
            | Entity::Plan
            | Entity::Delivery
            | Entity::Subscription
            | Entity::ApiKey
            | Entity::Job
            | Entity::Configuration => return None,
        },
        PlanError::MaterialInUse { .. } => {
            "save a version without it first, with `switchboard route plan save --plan`".to_owned()
        }
        PlanError::Manage(error) => return manage(error),
        PlanError::Wrong { .. }
        | PlanError::OtherOrganization
        | PlanError::MaterialChanged { .. }
        | PlanError::Store { .. } => return None,
    })
}

/// Whether the mistakes are those of a database: its rows have keys instead of lines.
fn is_legacy(problems: &Problems) -> bool {
    problems.shown().iter().any(|problem| matches!(problem.row, Some(RowKey::Key(_))))
}

pub(super) fn import(error: &ImportError) -> Option<String> {
    match error {
        ImportError::Mistakes(problems) if is_legacy(problems) => Some(
            "correct the values there; a main account is named with --account AC… or with TWILIO_ACCOUNT_SID and \
             TWILIO_AUTH_TOKEN, and an account with a wrong token is added first with `switchboard account add`"
                .to_owned(),
        ),
        ImportError::Mistakes(_) => Some("correct the files and import them again".to_owned()),
        ImportError::MainAccountUnknown { sid } => Some(format!(
            "add it with `switchboard account add {sid} --name NAME --token-file FILE`"
        )),
        ImportError::Removed => Some(TRY_AGAIN.to_owned()),
        ImportError::Seal(error) => manage(error),
        ImportError::Legacy(_) | ImportError::OtherOrganization | ImportError::Store { .. } => {
            None
        }
    }
}
