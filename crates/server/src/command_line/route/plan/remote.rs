//! `switchboard route plan …` through the API

use serde_json::{Value, json};
use switchboard_admin::objects::{AgentObject, PlanObject, PlanProblemObject, SavedPlanObject};
use switchboard_application_management::routing_plans::PlanError;
use switchboard_domain::agent::Label;
use switchboard_domain::identifier::PlanId;
use switchboard_domain::plan::PlanDocument;

use super::{
    Command, EMPTY, LISTING, LISTING_VERSIONS, NO_VERSIONS, Named, REMOVING, ROLLING_BACK, Remove,
    Rollback, SHOWING, Show, VersionView, impact, print_removed, rolled_back,
};
use crate::command_line::output::{Format, ListWriter};
use crate::command_line::remedies;
use crate::command_line::remote::{self, Client, Known as _, Resource, print_all};
use crate::command_line::route::document::{refused, wrong};
use crate::command_line::route::save;
use crate::failure::{Doing as _, Failure};
use crate::wiring::{Documents, plan_codec};

pub(in crate::command_line::route) async fn run(
    client: &Client,
    command: Command,
) -> Result<(), Failure> {
    match command {
        Command::Save(arguments) => save::remote::save(client, arguments).await,
        Command::List(format) => list(client, format).await,
        Command::Show(show) => self::show(client, show).await,
        Command::Versions(named) => versions(client, named).await,
        Command::Rollback(rollback) => roll_back(client, rollback).await,
        Command::Remove(chosen) => remove(client, chosen).await,
    }
}

/// The same plan with what to do about its problems on the command line.
fn shown(plan: PlanObject) -> PlanObject {
    let problem = |problem: PlanProblemObject| {
        let by_command = problem.remedy.as_deref().and_then(remedies::plan_remedy_by_command);
        let remedy = by_command.map(Into::into).or(problem.remedy);
        PlanProblemObject { at: problem.at, problem: problem.problem, remedy }
    };
    let problems = plan.problems.map(|problems| problems.into_iter().map(problem).collect());
    PlanObject { problems, ..plan }
}

/// The list of the API leaves the problems out, so each plan is read, too.
async fn list(client: &Client, format: Format) -> Result<(), Failure> {
    let plans: Vec<PlanObject> = client.all(&Resource::of(&["plans"])).await.doing(LISTING)?;
    let mut views = Vec::with_capacity(plans.len());
    for id in plans.iter().filter_map(|plan| plan.id.as_deref()) {
        let plan = client.find(&Resource::of(&["plans", id]), "plan_not_found").await;
        let plan: Option<PlanObject> = plan.doing(LISTING)?;
        // It may just have been removed.
        views.extend(plan.map(|plan| PlanObject { document: None, ..shown(plan) }));
    }
    let mut listing = ListWriter::stdout(format);
    listing.page(&views)?;
    listing.end(EMPTY)
}

async fn versions(client: &Client, named: Named) -> Result<(), Failure> {
    let found = remote::plan(client, &named.plan, LISTING_VERSIONS).await?;
    let versions = Resource::of(&["plans", &found.id, "versions"]);
    print_all::<VersionView>(client, &versions, named.format, LISTING_VERSIONS, NO_VERSIONS).await
}

/// The id of the plan with this id or name.
async fn id(client: &Client, word: &str, doing: &str) -> Result<PlanId, Failure> {
    PlanId::parse(&remote::plan(client, word, doing).await?.id).doing(doing)
}

/// The error of the use case for the code of a problem of this version of a plan.
fn version_unknown(code: &str, id: &PlanId, version: u32) -> Option<PlanError> {
    let unknown = || PlanError::VersionUnknown { id: id.clone(), version };
    (code == "plan_version_not_found").then(unknown)
}

async fn show(client: &Client, show: Show) -> Result<(), Failure> {
    let id = id(client, &show.plan, SHOWING).await?;
    let version = show.version.unwrap_or_default();
    // No plan has it, and the API takes no number like it.
    if show.version == Some(0) {
        return Err(PlanError::VersionUnknown { id, version }).doing(SHOWING);
    }
    let stored = Resource::of(&["plans", id.as_str()]);
    let stored = stored.with_given("version", show.version.map(|version| version.to_string()));
    let plan = client.get::<PlanObject>(&stored).await;
    let plan = plan.known(|code| version_unknown(code, &id, version)).doing(SHOWING)?;
    let document = match &plan.document {
        Some(Value::String(unreadable)) => unreadable.clone(),
        Some(document) => document.to_string(),
        None => String::new(),
    };
    let named = with_agent_names(client, &plan, document.into()).await?;
    if show.toml {
        let toml = Documents::toml(&named);
        let toml = toml.map_err(|problems| wrong(&problems, show.format))?;
        return show.format.print(&(), || toml.trim_end().to_owned());
    }
    show.format.print(&shown(plan), || named.into())
}

/// The document with the names of its agents. One that can no longer be read stays as it is.
async fn with_agent_names(
    client: &Client,
    plan: &PlanObject,
    document: PlanDocument,
) -> Result<PlanDocument, Failure> {
    let codec = plan_codec();
    let Ok(spec) = codec.plan(&document) else { return Ok(document) };
    let mut agents: Vec<AgentObject> =
        client.all(&Resource::of(&["agents"])).await.doing(SHOWING)?;
    agents.retain(|agent| agent.organization_id == plan.organization_id);
    let spec = spec.with_agents(|word| {
        let agent = named(&agents, word.as_str())?;
        let is_unique = named(&agents, &agent.name).is_some_and(|other| other.id == agent.id);
        Label::parse(&agent.name).ok().filter(|_| is_unique)
    });
    Ok(codec.encode(&spec).unwrap_or(document))
}

/// The agent that a plan names by this word: by its id or external id, or else by a name that no other agent has.
fn named<'a>(agents: &'a [AgentObject], word: &str) -> Option<&'a AgentObject> {
    let is_id =
        |agent: &&AgentObject| agent.id == word || agent.external_id.as_deref() == Some(word);
    if let Some(agent) = agents.iter().find(is_id) {
        return Some(agent);
    }
    let mut named = agents.iter().filter(|agent| agent.name == word);
    let first = named.next();
    if named.next().is_none() { first } else { None }
}

async fn roll_back(client: &Client, rollback: Rollback) -> Result<(), Failure> {
    let author = rollback.author.given()?;
    let Rollback { plan, version, format, .. } = rollback;
    let id = id(client, &plan, ROLLING_BACK).await?;
    if version == 0 {
        return Err(PlanError::VersionUnknown { id, version }).doing(ROLLING_BACK);
    }
    let mut body = json!({ "restore": version });
    if let Some(author) = author {
        body["author"] = json!(author.as_str());
    }
    let versions = Resource::of(&["plans", id.as_str(), "versions"]);
    let saved = client.post::<SavedPlanObject>(&versions, &body).await;
    let known = |code: &str| version_unknown(code, &id, version);
    let saved = saved.map_err(refused(format, ROLLING_BACK, known))?;
    let view = save::remote::printed(saved.plan);
    format.print(&view, || rolled_back(&view, version))
}

async fn remove(client: &Client, chosen: Remove) -> Result<(), Failure> {
    let id = id(client, &chosen.plan, REMOVING).await?;
    let stored = Resource::of(&["plans", id.as_str()]);
    let plan: PlanObject = client.get(&stored).await.doing(REMOVING)?;
    let is_attached = plan.attached.as_ref().is_some_and(|places| !places.is_empty());
    // An attached plan is refused below.
    if !is_attached || chosen.confirmation.is_dry_run() {
        let impact = impact(&plan.name, id.as_str(), plan.version);
        if !chosen.confirmation.allows(&[impact], chosen.format)? {
            return Ok(());
        }
    }
    client.delete(&stored).await.doing(REMOVING)?;
    print_removed(&plan.name, id.as_str(), chosen.format)
}
