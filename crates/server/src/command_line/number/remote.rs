//! `switchboard number …` through the API, and what it shares with `switchboard sender …`

use serde_json::json;
use switchboard_admin::objects::{AssignedObject, NumberObject, UnassignedObject};
use switchboard_application_carrier::configuration::ForeignChanges;
use switchboard_application_management::ManageError;
use switchboard_domain::address::Channel;
use switchboard_domain::configuration::OverridePolicy;
use switchboard_domain::ports::SavedConfiguration;
use switchboard_domain::sender::Sender;

use super::removal::{Impact, REMOVING, UNASSIGNING, print_removed, print_unassigned};
use super::{
    ADDING, ASSIGNING, Add, Assign, AssignOptions, Command, LISTING, List, Listed, Named, Remove,
    RemoveOptions, SHOWING, Unassign, UnassignOptions,
};
use crate::command_line::input::account;
use crate::command_line::output::Format;
use crate::command_line::remote::{
    self, Client, Known as _, RemoteNames, Resource, account_sid, print_all,
};
use crate::command_line::view::{PreviewView, Sheet as _, assigned_lines};
use crate::failure::{Doing as _, Failure};

pub(in crate::command_line) async fn run(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(options) => list(client, Listed::Numbers, options).await,
        Command::Show(Named { number, format }) => {
            show(client, super::number(&number)?, format).await
        }
        Command::Add(Add { number, account, format }) => {
            add(client, super::number(&number)?, &account, format).await
        }
        Command::Assign(Assign { number, channels, options }) => {
            assign(client, super::number(&number)?, Some(channels), options).await
        }
        Command::Unassign(Unassign { number, options }) => {
            unassign(client, super::number(&number)?, options).await
        }
        Command::Remove(Remove { number, options }) => {
            remove(client, super::number(&number)?, options).await
        }
    }
}

/// The numbers, or the other senders.
fn all(sender: &Sender) -> &'static str {
    if sender.as_number().is_some() { "numbers" } else { "senders" }
}

pub(in crate::command_line) async fn list(
    client: &Client,
    listed: Listed,
    arguments: List,
) -> Result<(), Failure> {
    let mut named = RemoteNames::new(client);
    let account = named.account(arguments.account.as_ref()).await?;
    let agent = named.agent(arguments.agent.as_ref()).await?;
    named.of_one_organization()?;
    let hint = if account.is_some() || agent.is_some() { listed.no_match() } else { listed.none() };
    let list = match listed {
        Listed::Numbers => Resource::of(&["numbers"]),
        Listed::Senders => Resource::of(&["senders"]),
    };
    let list = list.with_given("account_sid", account).with_given("agent_id", agent);
    print_all::<NumberObject>(client, &list, arguments.format, LISTING, &hint).await
}

/// A number or sender that exists.
async fn found(client: &Client, sender: Sender, doing: &str) -> Result<NumberObject, Failure> {
    let stored = Resource::of(&[all(&sender), sender.as_str()]);
    let found = client.find(&stored, "number_not_found").await.doing(doing)?;
    found.ok_or(ManageError::NumberUnknown { number: sender }).doing(doing)
}

pub(in crate::command_line) async fn show(
    client: &Client,
    sender: Sender,
    format: Format,
) -> Result<(), Failure> {
    let view = found(client, sender, SHOWING).await?;
    format.print(&view, || view.sheet())
}

pub(in crate::command_line) async fn add(
    client: &Client,
    sender: Sender,
    account: &str,
    format: Format,
) -> Result<(), Failure> {
    let word = self::account("--account", account)?;
    let sid = account_sid(client, &word, "finding the account").await?;
    let body = json!({ "phone_number": sender.as_str(), "account_sid": sid.as_str() });
    let added = client.post::<NumberObject>(&Resource::of(&[all(&sender)]), &body).await;
    let added = added.known(|code| match code {
        "account_not_found" => Some(ManageError::AccountUnknown { sid }),
        "number_exists" => Some(ManageError::NumberKnown { number: sender }),
        _ => None,
    });
    let view = added.doing(ADDING)?;
    format.print(&view, || super::added(&view, sender))
}

/// Assigns a number or sender. Without channels, the agent answers those that the kind of sender has.
pub(in crate::command_line) async fn assign(
    client: &Client,
    sender: Sender,
    channels: Option<String>,
    options: AssignOptions,
) -> Result<(), Failure> {
    let AssignOptions { agent, take_over, dry_run, repair, format } = options;
    let channels = super::assigned_channels(channels.as_deref(), &sender)?;
    let repair = super::repair_policy(repair.as_deref())?;
    // The first of several errors is the same as without the API.
    found(client, sender, ASSIGNING).await?;
    let agent = remote::agent(client, &agent, ASSIGNING).await?.id;
    let mut body = json!({
        "agent_id": agent,
        "channels": channels.iter().map(Channel::as_str).collect::<Vec<_>>(),
        "take_over": take_over.overrides() == OverridePolicy::TakeOver,
    });
    if let Some(policy) = repair {
        body["repair_policy"] = json!(policy.as_str());
    }
    let assignment = Resource::of(&[all(&sender), sender.as_str(), "assignment"]);
    if dry_run {
        let planned = client.put(&assignment.with("dry_run", "true"), &body).await;
        let view = PreviewView::planned(agent, planned.doing(ASSIGNING)?);
        return format.print(&view, || view.lines());
    }
    let view: AssignedObject = client.put(&assignment, &body).await.doing(ASSIGNING)?;
    format.print(&view, || assigned_lines(&view))
}

pub(in crate::command_line) async fn unassign(
    client: &Client,
    sender: Sender,
    options: UnassignOptions,
) -> Result<(), Failure> {
    let UnassignOptions { force, confirmation, format } = options;
    let impact = Impact::of(found(client, sender, UNASSIGNING).await?);
    if !impact.allows_unassigning(sender.kind().noun(), confirmation, format)? {
        return Ok(());
    }
    let assignment = Resource::of(&[all(&sender), sender.as_str(), "assignment"]);
    let overwrite = (force.foreign() == ForeignChanges::Overwrite).then_some("true");
    let assignment = assignment.with_given("overwrite", overwrite);
    let view: UnassignedObject = client.end(&assignment).await.doing(UNASSIGNING)?;
    print_unassigned(&view, sender, format)
}

pub(in crate::command_line) async fn remove(
    client: &Client,
    sender: Sender,
    options: RemoveOptions,
) -> Result<(), Failure> {
    let impact = Impact::of(found(client, sender, REMOVING).await?);
    if !impact.allows_removing(sender, &options)? {
        return Ok(());
    }
    let discard = options.saved_configuration() == SavedConfiguration::Discard;
    let stored = Resource::of(&[all(&sender), sender.as_str()]);
    let stored = stored.with_given("discard_configuration", discard.then_some("true"));
    let removed = client.delete(&stored).await.known(|code| {
        (code == "number_configured").then_some(ManageError::NumberTakenOver { number: sender })
    });
    removed.doing(REMOVING)?;
    print_removed(sender, options.format)
}
