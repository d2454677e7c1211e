//! `switchboard route plan …`

pub(super) mod remote;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use switchboard_admin::objects::{PlanObject, PlanPlaceObject};
use switchboard_application::UnreadablePlan;
use switchboard_domain::counted::counted;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::Page;

use super::document::{failed, problems, wrong};
use super::save::{Author, Save, save};
use crate::command_line::confirmation::Confirmation;
use crate::command_line::output::{Format, ListWriter, View};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;
use crate::wiring::Documents;

/// Plans are read with their documents, so a page is small.
const PAGE: u32 = 100;
/// How many of the places of a plan a table names.
const MAX_PLACES: usize = 3;
const LISTING: &str = "listing routing plans";
/// What is printed for an empty list.
const EMPTY: &str = "no plans yet; save one with `switchboard route plan save`";
const NO_VERSIONS: &str = "no versions";
const LISTING_VERSIONS: &str = "listing the versions of the routing plan";
const SHOWING: &str = "showing the routing plan";
const ROLLING_BACK: &str = "rolling back the routing plan";
const REMOVING: &str = "removing the routing plan";

#[derive(Debug, Subcommand)]
pub(in crate::command_line) enum Command {
    /// Save a new plan, or the next version of a plan
    Save(Save),
    /// List plans
    #[command(
        after_help = "Examples:\n  switchboard route plan list\n  switchboard route plan list --json"
    )]
    #[command(visible_alias = "ls")]
    List(Format),
    /// Show a plan's document
    Show(Show),
    /// List all versions of a plan, oldest first
    Versions(Named),
    /// Save an old version's document as a new version
    Rollback(Rollback),
    /// Remove a plan with all its versions; it must not be attached
    #[command(visible_alias = "rm")]
    Remove(Remove),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route plan show 'Front desk' > plan.json\n  \
    switchboard route plan show 'Front desk' --toml > plan.toml\n  \
    switchboard route plan show 'Front desk' --version 2 --json")]
pub(in crate::command_line) struct Show {
    /// The plan's id or name
    plan: String,
    /// The version; by default the newest
    #[arg(long, value_name = "N")]
    version: Option<u32>,
    /// Print TOML, for editing
    #[arg(long, conflicts_with = "json")]
    toml: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  switchboard route plan versions 'Front desk'")]
pub(in crate::command_line) struct Named {
    /// The plan's id or name
    plan: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route plan remove 'Front desk' --dry-run\n  \
    switchboard route plan remove 'Front desk' --yes")]
pub(in crate::command_line) struct Remove {
    /// The plan's id or name
    plan: String,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  switchboard route plan rollback 'Front desk' --version 3")]
pub(in crate::command_line) struct Rollback {
    /// The plan's id or name
    plan: String,
    /// The version to restore
    #[arg(long, value_name = "N")]
    version: u32,
    #[command(flatten)]
    author: Author,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Save(arguments) => save(settings, arguments).await,
        Command::List(format) => list(settings, format).await,
        Command::Show(show) => self::show(settings, show).await,
        Command::Versions(named) => versions(settings, named).await,
        Command::Rollback(rollback) => roll_back(settings, rollback).await,
        Command::Remove(chosen) => remove(settings, chosen).await,
    }
}

async fn list(settings: Settings, format: Format) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let (store, saved) = (&installation.store, installation.plans());
    let mut listing = ListWriter::stdout(format);
    let mut page = Page::first(PAGE);
    loop {
        let plans = store.plans().list(&Scope::Operator, &page).await.doing(LISTING)?;
        let mut views = Vec::with_capacity(plans.len());
        for plan in &plans {
            let places =
                store.plan_places().places(&Scope::Operator, &plan.id).await.doing(LISTING)?;
            let mistakes = saved.check(plan).await.doing(LISTING)?.problems;
            views.push(PlanObject::of(plan).with_state(&places, problems(&mistakes)));
        }
        listing.page(&views)?;
        match plans.last() {
            Some(last) => page = Page::behind(last.id.clone(), PAGE),
            None => return listing.end(EMPTY),
        }
    }
}

async fn show(settings: Settings, show: Show) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let history = installation.plans();
    let newest = history.find(&Scope::Operator, &show.plan).await.doing(SHOWING)?;
    let plan = match show.version {
        Some(version) => {
            history.version(&Scope::Operator, &newest.id, version).await.doing(SHOWING)?
        }
        None => newest,
    };
    // People read and edit names; programs get the ids that are stored. A document that can no longer be read is shown
    // as it is stored.
    let sources = installation.plan_sources();
    let named = match sources.with_agent_names(&plan.organization, &plan.document).await {
        Ok(named) => named,
        Err(UnreadablePlan::Wrong { .. }) => plan.document.clone(),
        Err(error) => return Err(error).doing(SHOWING),
    };
    if show.toml {
        let toml = Documents::toml(&named);
        let toml = toml.map_err(|problems| wrong(&problems, show.format))?;
        return show.format.print(&(), || toml.trim_end().to_owned());
    }
    let places =
        installation.store.plan_places().places(&Scope::Operator, &plan.id).await.doing(SHOWING)?;
    let mistakes = history.check(&plan).await.doing(SHOWING)?.problems;
    let view = PlanObject::of(&plan)
        .with_state(&places, problems(&mistakes))
        .with_document(&plan.document);
    show.format.print(&view, || named.into())
}

async fn versions(settings: Settings, named: Named) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let id = installation.plans().find(&Scope::Operator, &named.plan).await;
    let id = id.doing(LISTING_VERSIONS)?.id;
    let mut listing = ListWriter::stdout(named.format);
    let mut page = Page::first(PAGE);
    loop {
        let versions = installation.store.plans().versions(&Scope::Operator, &id, &page).await;
        let versions = versions.doing(LISTING_VERSIONS)?;
        listing.page(
            &versions.iter().map(|plan| VersionView(PlanObject::of(plan))).collect::<Vec<_>>(),
        )?;
        match versions.last() {
            Some(last) => page = Page::behind(last.version, PAGE),
            None => return listing.end(NO_VERSIONS),
        }
    }
}

async fn roll_back(settings: Settings, rollback: Rollback) -> Result<(), Failure> {
    let author = rollback.author.parse()?;
    let installation = Installation::open(settings).await?;
    let Rollback { plan, version, format, .. } = rollback;
    let saved =
        installation.plans().roll_back(&installation.author(), &plan, version, author).await;
    let saved = saved.map_err(failed(format, ROLLING_BACK))?.version;
    let view = PlanObject::of(&saved);
    format.print(&view, || rolled_back(&view, version))
}

fn rolled_back(plan: &PlanObject, to: u32) -> String {
    let PlanObject { id, name, version, .. } = plan;
    let id = id.as_deref().unwrap_or_default();
    format!("plan {name} ({id}) now has the document of version {to}, as version {version}")
}

async fn remove(settings: Settings, chosen: Remove) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let plans = installation.plans();
    if !chosen.confirmation.is_given() {
        let plan = plans.find(&Scope::Operator, &chosen.plan).await.doing(REMOVING)?;
        let places = installation.store.plan_places().places(&Scope::Operator, &plan.id).await;
        // An attached plan is refused below.
        if places.doing(REMOVING)?.is_empty() || chosen.confirmation.is_dry_run() {
            let impact = impact(plan.name.as_str(), plan.id.as_str(), plan.version);
            if !chosen.confirmation.allows(&[impact], chosen.format)? {
                return Ok(());
            }
        }
    }
    let plan = plans.remove(&installation.author(), &chosen.plan).await.doing(REMOVING)?;
    print_removed(plan.name.as_str(), plan.id.as_str(), chosen.format)
}

/// What is lost with a plan.
fn impact(name: &str, id: &str, version: u32) -> String {
    format!("plan {name} ({id}) is deleted with {}", counted(version as usize, "version"))
}

fn print_removed(name: &str, id: &str, format: Format) -> Result<(), Failure> {
    let removed = serde_json::json!({ "removed": id });
    format.print(&removed, || format!("removed plan {name} ({id})"))
}

impl View for PlanObject {
    const COLUMNS: &'static [&'static str] =
        &["ID", "NAME", "VERSION", "STATE", "ATTACHED TO", "SAVED", "BY"];

    fn cells(&self) -> Vec<String> {
        let named = |place: &PlanPlaceObject| match (&place.number, &place.account) {
            (Some(number), _) => format!("number {number}"),
            (None, Some(account)) => format!("account {account}"),
            (None, None) => format!("organization {}", self.organization_id),
        };
        let places = self.attached.as_deref().unwrap_or_default();
        let shown: Vec<_> = places.iter().take(MAX_PLACES).map(named).collect();
        let attached = match places.len().saturating_sub(MAX_PLACES) {
            _ if places.is_empty() => "nothing".to_owned(),
            0 => shown.join(", "),
            more => format!("{} and {more} more", shown.join(", ")),
        };
        let state = match self.problems.as_ref().map_or(0, Vec::len) {
            0 => "valid".to_owned(),
            count => counted(count, "mistake"),
        };
        vec![
            self.id.clone().unwrap_or_default(),
            self.name.clone(),
            self.version.to_string(),
            state,
            attached,
            self.saved_at.clone(),
            self.author.clone(),
        ]
    }
}

/// A version in a list of versions.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct VersionView(PlanObject);

impl View for VersionView {
    const COLUMNS: &'static [&'static str] = &["VERSION", "NAME", "SAVED", "BY"];

    fn cells(&self) -> Vec<String> {
        let PlanObject { version, name, saved_at, author, .. } = &self.0;
        vec![version.to_string(), name.clone(), saved_at.clone(), author.clone()]
    }
}
