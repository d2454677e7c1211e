//! `switchboard organization …` through the API

use serde_json::json;
use switchboard_admin::objects::OrganizationObject;
use switchboard_application_management::OrganizationError;
use switchboard_domain::agent::Label;
use switchboard_domain::identifier::OrganizationId;

use super::{
    ADDING, Add, Command, EMPTY, LISTING, List, NAME, Named, REMOVING, RENAMING, Remove, SHOWING,
    Set, added, impact,
};
use crate::command_line::input::{id_or_name, looking_up, parse};
use crate::command_line::remote::{Client, Resource, organization, print_all};
use crate::command_line::view::Sheet as _;
use crate::failure::{Doing as _, Failure};

/// The code of the problem of an organization that does not exist.
const MISSING: &str = "organization_not_found";

pub(in crate::command_line) async fn run(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(add) => self::add(client, add).await,
        Command::List(List { format }) => {
            let list = Resource::of(&["organizations"]);
            print_all::<OrganizationObject>(client, &list, format, LISTING, EMPTY).await
        }
        Command::Show(named) => show(client, named).await,
        Command::Set(set) => self::set(client, set).await,
        Command::Remove(remove) => self::remove(client, remove).await,
    }
}

async fn id(client: &Client, text: &str) -> Result<OrganizationId, Failure> {
    let word = id_or_name(NAME, text, "org_", OrganizationId::parse)?;
    organization(client, word, &looking_up(NAME)).await
}

/// An organization that exists.
async fn found(
    client: &Client,
    id: &OrganizationId,
    doing: &str,
) -> Result<OrganizationObject, Failure> {
    let stored = Resource::of(&["organizations", id.as_str()]);
    let found = client.find(&stored, MISSING).await.doing(doing)?;
    found.ok_or_else(|| OrganizationError::Unknown { id: id.clone() }).doing(doing)
}

async fn add(client: &Client, add: Add) -> Result<(), Failure> {
    let name = parse("--name", &add.name, Label::parse)?;
    let list = Resource::of(&["organizations"]);
    let view: OrganizationObject =
        client.post(&list, &json!({ "name": name.as_str() })).await.doing(ADDING)?;
    add.format.print(&view, || added(&view))
}

async fn show(client: &Client, named: Named) -> Result<(), Failure> {
    let id = id(client, &named.organization).await?;
    let view = found(client, &id, SHOWING).await?;
    named.format.print(&view, || view.sheet())
}

async fn set(client: &Client, set: Set) -> Result<(), Failure> {
    let name = parse("--name", &set.name, Label::parse)?;
    let id = id(client, &set.organization).await?;
    found(client, &id, RENAMING).await?;
    let stored = Resource::of(&["organizations", id.as_str()]);
    let renamed: OrganizationObject =
        client.patch(&stored, &json!({ "name": name.as_str() })).await.doing(RENAMING)?;
    set.format.print(&renamed, || format!("renamed organization {id} to {}", renamed.name))
}

async fn remove(client: &Client, remove: Remove) -> Result<(), Failure> {
    let id = id(client, &remove.organization).await?;
    let found = found(client, &id, REMOVING).await?;
    if !remove.confirmation.allows(&[impact(&found)], remove.format)? {
        return Ok(());
    }
    client.delete(&Resource::of(&["organizations", id.as_str()])).await.doing(REMOVING)?;
    let removed = json!({ "removed": id.as_str() });
    remove.format.print(&removed, || format!("removed organization {id}"))
}
