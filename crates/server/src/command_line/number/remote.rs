//! `switchboard number …` through the API, and what it shares with `switchboard sender …`

use switchboard_admin::objects::NumberObject;
use switchboard_application_management::ManageError;
use switchboard_domain::sender::Sender;

use super::{Command, LISTING, List, Listed, Named, SHOWING};
use crate::command_line::output::Format;
use crate::command_line::remote::{Client, RemoteNames, Resource, print_all, unsupported};
use crate::command_line::view::Sheet as _;
use crate::failure::{Doing as _, Failure};

pub(in crate::command_line) async fn run(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(options) => list(client, Listed::Numbers, options).await,
        Command::Show(Named { number, format }) => {
            show(client, super::number(&number)?, format).await
        }
        Command::Add(_) | Command::Assign(_) | Command::Unassign(_) | Command::Remove(_) => {
            Err(unsupported())
        }
    }
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

pub(in crate::command_line) async fn show(
    client: &Client,
    sender: Sender,
    format: Format,
) -> Result<(), Failure> {
    let list = if sender.as_number().is_some() { "numbers" } else { "senders" };
    let stored = Resource::of(&[list, sender.as_str()]);
    let found = client.find::<NumberObject>(&stored, "number_not_found").await.doing(SHOWING)?;
    let view = found.ok_or(ManageError::NumberUnknown { number: sender }).doing(SHOWING)?;
    format.print(&view, || view.sheet())
}
