//! `switchboard organization …`

pub(super) mod remote;

use clap::{Args, Subcommand};
use switchboard_admin::objects::OrganizationObject;
use switchboard_domain::agent::Label;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::Page;

use super::confirmation::Confirmation;
use super::input::{organization, parse};
use super::output::{Format, ListWriter};
use super::view::Sheet as _;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const PAGE: u32 = 1_000;
const ADDING: &str = "adding the organization";
const LISTING: &str = "listing organizations";
const SHOWING: &str = "showing the organization";
const RENAMING: &str = "renaming the organization";
const REMOVING: &str = "removing the organization";
/// What is printed for an empty list.
const EMPTY: &str = "no organizations";
/// The argument that names an organization.
const NAME: &str = "the organization";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add an organization
    Add(Add),
    /// List organizations
    #[command(visible_alias = "ls")]
    List(List),
    /// Show an organization
    Show(Named),
    /// Rename an organization
    Set(Set),
    /// Remove an organization that owns nothing but revoked API keys
    #[command(visible_alias = "rm")]
    Remove(Remove),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  switchboard organization add --name 'Acme Ltd' --json")]
pub(super) struct Add {
    /// The name, which need not be unique
    #[arg(long)]
    name: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard organization list\n  switchboard organization list --json"
)]
pub(super) struct List {
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard organization show 'Acme Ltd'\n  \
    switchboard organization show org_00000000000000000000000000")]
pub(super) struct Named {
    /// The organization's id or name
    organization: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  switchboard organization set org_01kb7y8m6q0123456789abcdef --name 'Acme Ltd'"
)]
pub(super) struct Set {
    /// The organization's id or name
    organization: String,
    /// The new name
    #[arg(long)]
    name: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  switchboard organization remove org_01kb7y8m6q0123456789abcdef --yes"
)]
pub(super) struct Remove {
    /// The organization's id or name
    organization: String,
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
        Command::Remove(remove) => self::remove(settings, remove).await,
    }
}

async fn id(installation: &Installation, text: &str) -> Result<OrganizationId, Failure> {
    organization(installation, NAME, text).await
}

async fn add(settings: Settings, add: Add) -> Result<(), Failure> {
    let name = parse("--name", &add.name, Label::parse)?;
    let installation = Installation::open(settings).await?;
    let added = installation.organizations().add(&installation.author(), name).await;
    let view = OrganizationObject::of(&added.doing(ADDING)?);
    add.format.print(&view, || self::added(&view))
}

/// What is said about an organization that was added.
fn added(OrganizationObject { id, name, .. }: &OrganizationObject) -> String {
    format!(
        "added organization {name} ({id})\nadd a key for it with `switchboard key add --organization {id}`"
    )
}

/// What is lost by removing an organization.
fn impact(OrganizationObject { id, name, .. }: &OrganizationObject) -> String {
    format!(
        "organization {name} ({id}) is deleted with its revoked API keys; what was recorded about it stays until it is pruned"
    )
}

async fn list(settings: Settings, options: List) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let organizations = installation.store.organizations();
    let mut listing = ListWriter::stdout(options.format);
    let mut page = Page::first(PAGE);
    loop {
        let listed = organizations.list(&Scope::Operator, &page).await;
        let listed = listed.doing(LISTING)?;
        listing.page(&listed.iter().map(OrganizationObject::of).collect::<Vec<_>>())?;
        match listed.last() {
            Some(last) => page = Page::behind(last.id.clone(), PAGE),
            None => return listing.end(EMPTY),
        }
    }
}

async fn show(settings: Settings, named: Named) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let id = id(&installation, &named.organization).await?;
    let found = installation.organizations().find(&Scope::Operator, &id).await;
    let view = OrganizationObject::of(&found.doing(SHOWING)?);
    named.format.print(&view, || view.sheet())
}

async fn set(settings: Settings, set: Set) -> Result<(), Failure> {
    let name = parse("--name", &set.name, Label::parse)?;
    let installation = Installation::open(settings).await?;
    let id = id(&installation, &set.organization).await?;
    let renamed =
        installation.organizations().rename(&installation.author(), &id, None, name).await;
    let renamed = renamed.doing(RENAMING)?;
    set.format.print(&OrganizationObject::of(&renamed), || {
        format!("renamed organization {id} to {}", renamed.name.as_str())
    })
}

async fn remove(settings: Settings, remove: Remove) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let id = id(&installation, &remove.organization).await?;
    let organizations = installation.organizations();
    let found = organizations.find(&Scope::Operator, &id).await.doing(REMOVING)?;
    let impact = impact(&OrganizationObject::of(&found));
    if !remove.confirmation.allows(&[impact], remove.format)? {
        return Ok(());
    }
    organizations.remove(&installation.author(), &id, None).await.doing(REMOVING)?;
    let removed = serde_json::json!({ "removed": id.as_str() });
    remove.format.print(&removed, || format!("removed organization {id}"))
}
