//! `switchboard key …` through the API

use serde_json::json;
use switchboard_admin::objects::{ApiKeyObject, instant};
use switchboard_admin::when;
use switchboard_domain::agent::Label;
use switchboard_domain::api_key::KeyScopes;
use switchboard_domain::ports::Clock as _;
use switchboard_domain::source_networks::SourceNetworks;

use super::{ADDING, Add, Command, EMPTY, KEY, LISTING, List, REVOKING, Revoke, added, impact};
use crate::ambient::SystemClock;
use crate::command_line::input::{looking_up, parse, parse_given};
use crate::command_line::remote::{Client, Resource, api_key, print_all, selected};
use crate::failure::{Doing as _, Failure};

pub(in crate::command_line) async fn run(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(add) => self::add(client, add).await,
        Command::List(List { format }) => {
            print_all::<ApiKeyObject>(client, &Resource::of(&["keys"]), format, LISTING, EMPTY)
                .await
        }
        Command::Revoke(revoke) => self::revoke(client, revoke).await,
    }
}

/// Adds a key, in the organization of the key that adds it if no other one is named.
async fn add(client: &Client, add: Add) -> Result<(), Failure> {
    let name = parse("--name", &add.name, Label::parse)?;
    parse("--scopes", &add.scopes, KeyScopes::parse)?;
    parse_given("--networks", add.networks.as_deref(), SourceNetworks::parse_limited)?;
    let now = SystemClock.now();
    let expires_at =
        parse_given("--expires", add.expires.as_deref(), |text| when::ahead(text, now))?;
    let client = &selected(client, add.organization.as_deref()).await?;
    let mut body = json!({ "name": name.as_str(), "scopes": words(&add.scopes) });
    if let Some(networks) = &add.networks {
        body["networks"] = json!(words(networks));
    }
    if let Some(at) = expires_at {
        body["expires_at"] = json!(instant(at));
    }
    let view: ApiKeyObject = client.post(&Resource::of(&["keys"]), &body).await.doing(ADDING)?;
    add.format.print(&view, || added(&view))
}

/// The words between commas.
fn words(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect()
}

async fn revoke(client: &Client, revoke: Revoke) -> Result<(), Failure> {
    let word = super::word(&revoke.key)?;
    let id = api_key(client, word, &looking_up(KEY)).await?;
    if !revoke.confirmation.allows(&[impact(&id)], revoke.format)? {
        return Ok(());
    }
    let key = Resource::of(&["keys", id.as_str()]);
    let view: ApiKeyObject = client.end(&key).await.doing(REVOKING)?;
    revoke.format.print(&view, || format!("revoked API key {id} ({})", view.name))
}
