//! Unassigning and removing numbers and senders, and what is lost by it.

use clap::Args;
use switchboard_admin::objects::{DecidingPlanObject, NumberObject, UnassignedObject};
use switchboard_application_management::ManageError;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{SavedConfiguration, StoreError};
use switchboard_domain::sender::Sender;

use crate::carrier_use_cases::CarrierUseCases;
use crate::command_line::confirmation::Confirmation;
use crate::command_line::output::Format;
use crate::command_line::view::{agent_of, plan_text};
use crate::command_line::webhooks::{Force, restored_lines};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

pub(super) const UNASSIGNING: &str = "unassigning the number or sender";
pub(super) const REMOVING: &str = "removing the number or sender";

/// How to remove a number or sender.
#[derive(Debug, Args)]
pub(in crate::command_line) struct RemoveOptions {
    /// Also discard the saved configuration; at Twilio, its webhooks keep pointing to this server
    #[arg(long)]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) confirmation: Confirmation,
    #[command(flatten)]
    pub(super) format: Format,
}

/// How to unassign a number or sender.
#[derive(Debug, Args)]
pub(in crate::command_line) struct UnassignOptions {
    #[command(flatten)]
    pub(super) force: Force,
    #[command(flatten)]
    pub(super) confirmation: Confirmation,
    #[command(flatten)]
    pub(super) format: Format,
}

impl RemoveOptions {
    /// What happens to the saved configuration.
    pub(super) const fn saved_configuration(&self) -> SavedConfiguration {
        if self.force { SavedConfiguration::Discard } else { SavedConfiguration::Refuse }
    }
}

pub(in crate::command_line) async fn unassign(
    settings: Settings,
    sender: Sender,
    options: UnassignOptions,
) -> Result<(), Failure> {
    let UnassignOptions { force, confirmation, format } = options;
    let installation = Installation::open(settings).await?;
    let impact = impact(&installation, sender).await.doing(UNASSIGNING)?;
    if !impact.allows_unassigning(sender.kind().noun(), confirmation, format)? {
        return Ok(());
    }
    let releasing = CarrierUseCases::of(&installation).await?.release(&installation);
    let foreign = force.foreign();
    let released = releasing.release(&installation.author(), sender, foreign).await;
    let released = released.doing(UNASSIGNING)?;
    print_unassigned(&UnassignedObject::of(sender, &released, impact.plan), sender, format)
}

/// Prints what was unassigned. A number that stays assigned is a failure.
pub(super) fn print_unassigned(
    view: &UnassignedObject,
    sender: Sender,
    format: Format,
) -> Result<(), Failure> {
    let is_done = view.carrier.is_done();
    format.print(view, || {
        let carrier = restored_lines(&view.carrier);
        let here = match &view.agent_id {
            _ if !is_done => return carrier,
            Some(agent) => format!("unassigned {} from agent {agent}", sender.as_str()),
            None => format!("{} was not assigned to an agent", sender.as_str()),
        };
        format!("{here}\n{carrier}")
    })?;
    if is_done { Ok(()) } else { Err(Failure::Reported) }
}

pub(in crate::command_line) async fn remove(
    settings: Settings,
    sender: Sender,
    options: RemoveOptions,
) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let impact = impact(&installation, sender).await.doing(REMOVING)?;
    if !impact.allows_removing(sender, &options)? {
        return Ok(());
    }
    let numbers = installation.numbers();
    let removed =
        numbers.remove(&installation.author(), sender, options.saved_configuration()).await;
    removed.doing(REMOVING)?;
    print_removed(sender, options.format)
}

pub(super) fn print_removed(sender: Sender, format: Format) -> Result<(), Failure> {
    let removed = serde_json::json!({ "removed": sender.as_str() });
    format.print(&removed, || format!("removed {} {}", sender.kind().noun(), sender.as_str()))
}

fn traffic(sender: Sender) -> &'static str {
    if sender.as_number().is_some() { "its calls and messages" } else { "its messages" }
}

/// What a number or sender has to lose.
pub(super) struct Impact {
    agent: Option<String>,
    plan: Option<DecidingPlanObject>,
    is_adopted: bool,
}

impl Impact {
    pub(super) fn of(view: NumberObject) -> Self {
        let agent = view.agent_id.is_some().then(|| agent_of(&view));
        Self { agent, plan: view.plan, is_adopted: view.previous_configuration_saved }
    }

    /// Whether the number or sender may be unassigned. Nobody is asked if nothing ends.
    pub(super) fn allows_unassigning(
        &self,
        noun: &str,
        confirmation: Confirmation,
        format: Format,
    ) -> Result<bool, Failure> {
        let Some(answering) = self.answering(noun) else {
            if !confirmation.is_dry_run() {
                return Ok(true);
            }
            let nothing = format!("the {noun} is not assigned, and nothing is changed");
            return confirmation.allows(&[nothing], format);
        };
        let restored = if self.plan.is_some() {
            "its configuration at Twilio stays, because the plan needs it".to_owned()
        } else {
            "its previous configuration is restored at Twilio".to_owned()
        };
        confirmation.allows(&[answering, restored], format)
    }

    /// Whether the number or sender may be removed.
    pub(super) fn allows_removing(
        &self,
        sender: Sender,
        options: &RemoveOptions,
    ) -> Result<bool, Failure> {
        let noun = sender.kind().noun();
        let mut lines: Vec<String> = self.answering(noun).into_iter().collect();
        if let (None, Some(plan)) = (&self.agent, &self.plan) {
            lines.push(format!("{} no longer decides for the {noun}", plan_text(plan)));
        }
        lines.push(format!("the {noun} is deleted here; {} are then refused", traffic(sender)));
        if self.is_adopted && options.force {
            lines.push("its saved configuration is discarded, and its webhooks at Twilio keep pointing to this server".to_owned());
        }
        options.confirmation.allows(&lines, options.format)
    }

    /// What ends when it is unassigned, if anything does.
    fn answering(&self, noun: &str) -> Option<String> {
        match (&self.agent, &self.plan) {
            (Some(agent), Some(plan)) => Some(format!(
                "agent {agent} no longer answers the {noun}; {} decides for it",
                plan_text(plan)
            )),
            (Some(agent), None) => Some(format!("agent {agent} no longer answers the {noun}")),
            (None, None) if self.is_adopted => {
                Some(format!("the {noun} no longer reaches this server"))
            }
            (None, _) => None,
        }
    }
}

async fn impact(installation: &Installation, number: Sender) -> Result<Impact, ManageError> {
    let store = installation.store.as_ref();
    let failed = |source| ManageError::Store { doing: "finding the number", source };
    let found = match store.configurations().find(&Scope::Operator, number).await {
        // A row that cannot be read can be removed.
        Err(StoreError::Corrupt { .. }) => {
            return Ok(Impact { agent: None, plan: None, is_adopted: true });
        }
        found => found.map_err(failed)?,
    };
    let configured = found.ok_or(ManageError::NumberUnknown { number })?;
    let answerer = installation.answerers().of(&configured).await.map_err(failed)?;
    Ok(Impact::of(NumberObject::of(&configured, &answerer)))
}
