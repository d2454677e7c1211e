//! `switchboard key …`

pub(super) mod remote;

use clap::{Args, Subcommand};
use switchboard_admin::objects::ApiKeyObject;
use switchboard_admin::when;
use switchboard_application_management::{IdOrName, NewApiKey};
use switchboard_domain::agent::Label;
use switchboard_domain::api_key::KeyScopes;
use switchboard_domain::identifier::ApiKeyId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::Page;
use switchboard_domain::source_networks::SourceNetworks;

use super::confirmation::Confirmation;
use super::input::{given_organization, id_or_name, looking_up, parse, parse_given};
use super::output::{Format, ListWriter};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const PAGE: u32 = 1_000;
const ADDING: &str = "adding the API key";
const LISTING: &str = "listing API keys";
const REVOKING: &str = "revoking the API key";
/// What is printed for an empty list.
const EMPTY: &str = "no API keys yet; add one with `switchboard key add`";
/// The argument that names a key.
const KEY: &str = "the API key";
/// What the secrets of keys begin with.
const SECRET_PREFIX: &str = "sbk_";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add an API key, and print its secret once
    Add(Add),
    /// List API keys, also revoked and expired ones
    #[command(visible_alias = "ls")]
    List(List),
    /// Revoke an API key, which is refused at once
    Revoke(Revoke),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard key add --name ci --scopes read,route --expires 90d\n  \
    switchboard key add --name console --scopes read --organization org_00000000000000000000000000 --networks 10.0.0.0/8 --json")]
pub(super) struct Add {
    /// What the key is for
    #[arg(long)]
    name: String,
    /// What it may do, separated by commas: read, route, configure, admin. A scope includes no other
    #[arg(long)]
    scopes: String,
    /// The organization whose objects it reads and changes, by its id or name. Without it, the key is an operator key for all organizations
    #[arg(long)]
    organization: Option<String>,
    /// When it expires: a duration such as 90d or 12h, a day such as 2027-01-31 (UTC), or an RFC 3339 time
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    /// The networks from which it is accepted, in CIDR notation, separated by commas
    #[arg(long, value_name = "CIDR,…")]
    networks: Option<String>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard key list\n  switchboard key list --json")]
pub(super) struct List {
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard key revoke ci --yes\n  \
    switchboard key revoke key_01kb7y8m6q0123456789abcdef --yes")]
pub(super) struct Revoke {
    /// The key's id, or the name of a key that is not revoked; not the secret
    key: String,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(add) => self::add(settings, add).await,
        Command::List(options) => list(settings, options).await,
        Command::Revoke(revoke) => self::revoke(settings, revoke).await,
    }
}

async fn add(settings: Settings, add: Add) -> Result<(), Failure> {
    let name = parse("--name", &add.name, Label::parse)?;
    let scopes = parse("--scopes", &add.scopes, KeyScopes::parse)?;
    let networks =
        parse_given("--networks", add.networks.as_deref(), SourceNetworks::parse_limited)?;
    let installation = Installation::open(settings).await?;
    let organization = add.organization.as_deref();
    let organization = given_organization(&installation, "--organization", organization).await?;
    let now = installation.ambient.clock.now();
    let expires_at =
        parse_given("--expires", add.expires.as_deref(), |text| when::ahead(text, now))?;
    let networks = networks.unwrap_or_default();
    let new = NewApiKey { organization, name, scopes, networks, expires_at };
    let added = installation.api_keys().add(&installation.author(), new).await;
    let (key, secret) = added.doing(ADDING)?;
    let view = ApiKeyObject::of(&key, now).with_secret(&secret);
    add.format.print(&view, || self::added(&view))
}

/// What is said about a key that was added, with its secret.
fn added(key: &ApiKeyObject) -> String {
    let reach = match &key.organization {
        Some(organization) => format!("organization {organization}"),
        None => "all organizations".to_owned(),
    };
    let secret = key.secret.as_deref().unwrap_or_default();
    format!(
        "added API key {} for {reach}\nsecret: {secret}\nstore it now: it is not shown again",
        key.id
    )
}

/// The key that `revoke` names.
fn word(text: &str) -> Result<IdOrName<ApiKeyId>, Failure> {
    // The error must not show it.
    if text.trim().starts_with(SECRET_PREFIX) {
        return Err(Failure::argument(KEY, "is given by its secret; use its id or its name"));
    }
    id_or_name(KEY, text, "key_", ApiKeyId::parse)
}

/// What is lost by revoking a key.
fn impact(id: &ApiKeyId) -> String {
    format!("programs that use the API key {id} are refused at once")
}

async fn list(settings: Settings, options: List) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let keys = installation.api_keys();
    let now = installation.ambient.clock.now();
    let mut listing = ListWriter::stdout(options.format);
    let mut page = Page::first(PAGE);
    loop {
        let listed = keys.list(&Scope::Operator, &page).await.doing(LISTING)?;
        let views: Vec<_> = listed.iter().map(|key| ApiKeyObject::of(key, now)).collect();
        listing.page(&views)?;
        match listed.last() {
            Some(last) => page = Page::behind(last.id.clone(), PAGE),
            None => return listing.end(EMPTY),
        }
    }
}

async fn revoke(settings: Settings, revoke: Revoke) -> Result<(), Failure> {
    let word = word(&revoke.key)?;
    let installation = Installation::open(settings).await?;
    let id = word.api_key(installation.store.api_keys(), &Scope::Operator).await;
    let id = id.doing(looking_up(KEY))?;
    if !revoke.confirmation.allows(&[impact(&id)], revoke.format)? {
        return Ok(());
    }
    let revoked = installation.api_keys().revoke(&installation.author(), &id).await;
    let key = revoked.doing(REVOKING)?;
    let view = ApiKeyObject::of(&key, installation.ambient.clock.now());
    revoke.format.print(&view, || format!("revoked API key {id} ({})", key.name.as_str()))
}
