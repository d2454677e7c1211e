//! `switchboard subscription …`

pub(super) mod remote;

use clap::{Args, Subcommand};
use switchboard_admin::objects::SubscriptionObject;
use switchboard_application_delivery::SubscriptionChange;
use switchboard_domain::event::EventTypes;
use switchboard_domain::identifier::SubscriptionId;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::ports::Page;
use switchboard_domain::web_address::WebUrl;

use super::address_hint::hint_address;
use super::confirmation::Confirmation;
use super::input::{given_organization, parse, parse_given};
use super::output::{Format, ListWriter};
use super::view::Sheet as _;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

/// How many subscriptions are read at a time.
const PAGE: u32 = 500;

const ADDING: &str = "adding the subscription";
const LISTING: &str = "listing subscriptions";
const SHOWING: &str = "showing the subscription";
const CHANGING: &str = "changing the subscription";
const ROTATING: &str = "creating the secret of the subscription";
const REMOVING: &str = "removing the subscription";
/// What is printed for an empty list.
const EMPTY: &str = "no subscriptions yet; add one with `switchboard subscription add`";
/// What is said about a change of nothing.
const NOTHING: &str =
    "nothing to change; name at least one of --url, --types, --enable and --disable";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Subscribe an endpoint to events
    Add(Add),
    /// List subscriptions
    #[command(visible_alias = "ls")]
    List(List),
    /// Show a subscription
    Show(Named),
    /// Change a subscription, enable or disable it
    Set(Set),
    /// Create a new secret for a subscription; the previous one also signs for another 24 hours
    RotateSecret(Named),
    /// Remove a subscription; its open deliveries are canceled
    #[command(visible_alias = "rm")]
    Remove(Remove),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard subscription add --url https://example.com/events\n  \
    switchboard subscription add --url https://example.com/events --types call.*,message.failed --json")]
pub(super) struct Add {
    /// The endpoint, which gets a POST with JSON for each event
    #[arg(long)]
    url: String,
    /// The types of events: names and groups, separated by commas, for example call.*,message.failed
    #[arg(long, default_value = "*")]
    types: String,
    /// The organization whose events are delivered, by its id or name
    #[arg(long)]
    organization: Option<String>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard subscription list\n  switchboard subscription list --json"
)]
pub(super) struct List {
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  switchboard subscription show sub_01kb7y8m6q0123456789abcdef")]
pub(super) struct Named {
    /// The id of the subscription
    #[arg(value_name = "sub_…")]
    id: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard subscription set sub_01kb7y8m6q0123456789abcdef --types call.*\n  \
    switchboard subscription set sub_01kb7y8m6q0123456789abcdef --url https://example.com/events --enable\n  \
    switchboard subscription set sub_01kb7y8m6q0123456789abcdef --disable")]
pub(super) struct Set {
    /// The id of the subscription
    #[arg(value_name = "sub_…")]
    id: String,
    /// The endpoint, which gets a POST with JSON for each event
    #[arg(long)]
    url: Option<String>,
    /// The types of events: names and groups, separated by commas, for example call.*,message.failed
    #[arg(long)]
    types: Option<String>,
    /// Deliver events again
    #[arg(long, conflicts_with = "disable")]
    enable: bool,
    /// Deliver no events
    #[arg(long)]
    disable: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  switchboard subscription remove sub_01kb7y8m6q0123456789abcdef --yes"
)]
pub(super) struct Remove {
    /// The id of the subscription
    #[arg(value_name = "sub_…")]
    id: String,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(add) => self::add(settings, add).await,
        Command::List(options) => list(settings, options).await,
        Command::Show(named) => show(settings, named).await,
        Command::Set(set) => self::set(settings, set).await,
        Command::RotateSecret(named) => rotate_secret(settings, named).await,
        Command::Remove(remove) => self::remove(settings, remove).await,
    }
}

fn id(text: &str) -> Result<SubscriptionId, Failure> {
    parse("the subscription", text.trim(), SubscriptionId::parse)
}

async fn add(settings: Settings, add: Add) -> Result<(), Failure> {
    let url = parse("--url", &add.url, WebUrl::parse)?;
    let types = parse("--types", &add.types, EventTypes::parse)?;
    let installation = Installation::open(settings).await?;
    let organization = add.organization.as_deref();
    let organization = given_organization(&installation, "--organization", organization).await?;
    let organization = organization.unwrap_or_else(default_organization);
    let subscriptions = installation.subscriptions().await?;
    let added = subscriptions.add(&installation.author(), organization, url, types).await;
    let (subscription, secret) = added.doing(ADDING)?;
    let view = SubscriptionObject::of(&subscription).with_secret(&secret);
    add.format.print(&view, || {
        with_secret(&format!("added subscription {}", subscription.id), secret.expose())
    })?;
    hint_address(&installation.settings, &subscription.url, "events")
}

/// A message for people, followed by a secret that is printed only once.
fn with_secret(done: &str, secret: &str) -> String {
    format!("{done}\nsecret: {secret}\nstore it now: it verifies the events and is not shown again")
}

/// What is lost by removing a subscription to these types.
fn impact(id: &SubscriptionId, types: &str) -> String {
    format!(
        "subscription {id} to {types} is deleted with its secrets, and its open deliveries are canceled"
    )
}

async fn list(settings: Settings, options: List) -> Result<(), Failure> {
    let store = Installation::open(settings).await?.store;
    let mut listing = ListWriter::stdout(options.format);
    let mut page = Page::first(PAGE);
    loop {
        let listed = store.subscriptions().list(&Scope::Operator, &page).await;
        let listed = listed.doing(LISTING)?;
        listing.page(&listed.iter().map(SubscriptionObject::of).collect::<Vec<_>>())?;
        let Some(last) = listed.last() else {
            return listing.end(EMPTY);
        };
        page = Page::behind(last.id.clone(), PAGE);
    }
}

async fn show(settings: Settings, named: Named) -> Result<(), Failure> {
    let id = id(&named.id)?;
    let installation = Installation::open(settings).await?;
    let subscriptions = installation.subscriptions().await?;
    let found = subscriptions.find(&Scope::Operator, &id).await;
    let view = SubscriptionObject::of(&found.doing(SHOWING)?);
    named.format.print(&view, || view.sheet())
}

async fn set(settings: Settings, set: Set) -> Result<(), Failure> {
    let id = id(&set.id)?;
    let change = SubscriptionChange {
        url: parse_given("--url", set.url.as_deref(), WebUrl::parse)?,
        types: parse_given("--types", set.types.as_deref(), EventTypes::parse)?,
        enabled: (set.enable || set.disable).then_some(set.enable),
    };
    if change == SubscriptionChange::default() {
        return Err(Failure::usage(NOTHING));
    }
    let is_moved = change.url.is_some();
    let installation = Installation::open(settings).await?;
    let subscriptions = installation.subscriptions().await?;
    let changed =
        subscriptions.change(&installation.author(), &id, change).await.doing(CHANGING)?;
    set.format.print(&SubscriptionObject::of(&changed), || format!("changed subscription {id}"))?;
    if is_moved { hint_address(&installation.settings, &changed.url, "events") } else { Ok(()) }
}

async fn rotate_secret(settings: Settings, named: Named) -> Result<(), Failure> {
    let id = id(&named.id)?;
    let installation = Installation::open(settings).await?;
    let subscriptions = installation.subscriptions().await?;
    let found = subscriptions.find(&Scope::Operator, &id).await.doing(ROTATING)?;
    let secret = subscriptions.rotate_secret(&installation.author(), &id).await.doing(ROTATING)?;
    let view = SubscriptionObject::of(&found).with_secret(&secret);
    named.format.print(&view, || {
        with_secret(&format!("rotated the secret of subscription {id}"), secret.expose())
    })
}

async fn remove(settings: Settings, remove: Remove) -> Result<(), Failure> {
    let id = id(&remove.id)?;
    let installation = Installation::open(settings).await?;
    let subscriptions = installation.subscriptions().await?;
    let found = subscriptions.find(&Scope::Operator, &id).await.doing(REMOVING)?;
    let impact = impact(&id, &found.types.to_string());
    if !remove.confirmation.allows(&[impact], remove.format)? {
        return Ok(());
    }
    subscriptions.remove(&installation.author(), &id).await.doing(REMOVING)?;
    let removed = serde_json::json!({ "removed": id.as_str() });
    remove.format.print(&removed, || format!("removed subscription {id}"))
}
