//! `switchboard subscription …` through the API

use serde_json::{Map, Value, json};
use switchboard_admin::objects::SubscriptionObject;
use switchboard_application_delivery::SubscriptionError;
use switchboard_domain::event::EventTypes;
use switchboard_domain::identifier::SubscriptionId;
use switchboard_domain::web_address::WebUrl;

use super::{
    ADDING, Add, CHANGING, Command, EMPTY, LISTING, List, NOTHING, Named, REMOVING, ROTATING,
    Remove, SHOWING, Set, id, impact, with_secret,
};
use crate::command_line::input::{parse, parse_given};
use crate::command_line::remote::{Client, Resource, print_all, selected};
use crate::command_line::view::Sheet as _;
use crate::failure::{Doing as _, Failure};

pub(in crate::command_line) async fn run(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(add) => self::add(client, add).await,
        Command::List(List { format }) => {
            let list = Resource::of(&["subscriptions"]);
            print_all::<SubscriptionObject>(client, &list, format, LISTING, EMPTY).await
        }
        Command::Show(named) => show(client, named).await,
        Command::Set(set) => self::set(client, set).await,
        Command::RotateSecret(named) => rotate_secret(client, named).await,
        Command::Remove(remove) => self::remove(client, remove).await,
    }
}

/// A subscription that exists.
async fn found(
    client: &Client,
    id: &SubscriptionId,
    doing: &str,
) -> Result<SubscriptionObject, Failure> {
    let stored = Resource::of(&["subscriptions", id.as_str()]);
    let found = client.find(&stored, "subscription_not_found").await.doing(doing)?;
    found.ok_or_else(|| SubscriptionError::Unknown { id: id.clone() }).doing(doing)
}

async fn add(client: &Client, add: Add) -> Result<(), Failure> {
    let url = parse("--url", &add.url, WebUrl::parse)?;
    let types = parse("--types", &add.types, EventTypes::parse)?;
    let client = &selected(client, add.organization.as_deref()).await?;
    let body = json!({ "url": url.as_str(), "types": types.patterns() });
    let list = Resource::of(&["subscriptions"]);
    let view: SubscriptionObject = client.post(&list, &body).await.doing(ADDING)?;
    add.format.print(&view, || secret_lines(&format!("added subscription {}", view.id), &view))
}

/// What was done, and the secret that the answer shows only now.
fn secret_lines(done: &str, view: &SubscriptionObject) -> String {
    with_secret(done, view.secret.as_deref().unwrap_or_default())
}

async fn show(client: &Client, named: Named) -> Result<(), Failure> {
    let view = found(client, &id(&named.id)?, SHOWING).await?;
    named.format.print(&view, || view.sheet())
}

async fn set(client: &Client, set: Set) -> Result<(), Failure> {
    let id = id(&set.id)?;
    let url = parse_given("--url", set.url.as_deref(), WebUrl::parse)?;
    let types = parse_given("--types", set.types.as_deref(), EventTypes::parse)?;
    let mut change = Map::new();
    change.extend(url.map(|url| ("url".to_owned(), Value::from(url.as_str()))));
    change.extend(types.map(|types| ("types".to_owned(), json!(types.patterns()))));
    if set.enable || set.disable {
        change.insert("enabled".to_owned(), Value::from(set.enable));
    }
    if change.is_empty() {
        return Err(Failure::usage(NOTHING));
    }
    found(client, &id, CHANGING).await?;
    let stored = Resource::of(&["subscriptions", id.as_str()]);
    let changed: SubscriptionObject = client.patch(&stored, &change).await.doing(CHANGING)?;
    set.format.print(&changed, || format!("changed subscription {id}"))
}

async fn rotate_secret(client: &Client, named: Named) -> Result<(), Failure> {
    let id = id(&named.id)?;
    found(client, &id, ROTATING).await?;
    let secret = Resource::of(&["subscriptions", id.as_str(), "secret", "rotate"]);
    let view: SubscriptionObject = client.post(&secret, &json!({})).await.doing(ROTATING)?;
    named
        .format
        .print(&view, || secret_lines(&format!("rotated the secret of subscription {id}"), &view))
}

async fn remove(client: &Client, remove: Remove) -> Result<(), Failure> {
    let id = id(&remove.id)?;
    let found = found(client, &id, REMOVING).await?;
    let impact = impact(&id, &found.types.join(","));
    if !remove.confirmation.allows(&[impact], remove.format)? {
        return Ok(());
    }
    client.delete(&Resource::of(&["subscriptions", id.as_str()])).await.doing(REMOVING)?;
    let removed = json!({ "removed": id.as_str() });
    remove.format.print(&removed, || format!("removed subscription {id}"))
}
