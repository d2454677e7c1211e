//! `switchboard agent …`

use clap::{Args, Subcommand};
use switchboard_application::manage::{AddAgent, ChangeAgent, FindAgent, RemoveAgent};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::Page;

use super::agent_fields::{Change, Fields, Without};
use super::open::Installation;
use super::output::{Format, ListWriter};
use super::view::AgentView;
use crate::failure::Failure;
use crate::settings::Settings;

/// Agents come with their prompts, so a page of them is small.
const PAGE: u32 = 100;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add an agent: what answers a call or a message
    Add(Add),
    /// List agents
    #[command(after_help = "Examples:\n  switchboard agent list\n  switchboard agent list --json")]
    List(Format),
    /// Show an agent with its prompt
    Show(Named),
    /// Change an agent
    Set(Set),
    /// Remove an agent that answers no numbers
    Remove(Named),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard agent add --name Sales --external-id sales --prompt-file p.txt --voice alloy --model gpt-4o \
    --stream-url wss://voice.example.com/stream\n  \
    switchboard agent add --name Hours --reply 'We are open from 9 to 5.'\n  \
    switchboard agent add --name Reception --dial +14155550123")]
pub(super) struct Add {
    /// What people call it
    #[arg(long)]
    name: String,
    #[command(flatten)]
    fields: Fields,
    /// Keep it from answering for now
    #[arg(long)]
    disable: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard agent set Sales --model gpt-4o-mini\n  \
    switchboard agent set sales --disable\n  \
    switchboard agent set Sales --dial +14155550123 --no-prompt")]
pub(super) struct Set {
    /// The agent's id, external id or name
    agent: String,
    /// What people call it
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    without: Without,
    /// Let it answer
    #[arg(long, conflicts_with = "disable")]
    enable: bool,
    /// Keep it from answering
    #[arg(long)]
    disable: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard agent show Sales\n  switchboard agent remove sales"
)]
pub(super) struct Named {
    /// The agent's id, external id or name
    agent: String,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(add) => self::add(settings, add).await,
        Command::List(format) => list(settings, format).await,
        Command::Show(named) => show(settings, named).await,
        Command::Set(set) => self::set(settings, set).await,
        Command::Remove(named) => remove(settings, named).await,
    }
}

async fn add(settings: Settings, add: Add) -> Result<(), Failure> {
    let new = add.fields.new_agent(&add.name, add.disable)?;
    let Installation { stores, ambient, .. } = Installation::open(settings).await?;
    let adding =
        AddAgent { agents: stores.agents, identifiers: ambient.identifiers, clock: ambient.clock };
    let agent = adding.add(&Scope::Operator, new).await?;
    let view = AgentView::of(&agent);
    Ok(add
        .format
        .print(&view, || format!("added agent {} ({})", agent.profile.name.as_str(), agent.id))?)
}

async fn list(settings: Settings, format: Format) -> Result<(), Failure> {
    let stores = Installation::open(settings).await?.stores;
    let mut listing = ListWriter::stdout(format);
    let mut page = Page::first(PAGE);
    loop {
        let agents = stores.agents.list(&Scope::Operator, &page).await?;
        listing.page(&agents.iter().map(AgentView::of).collect::<Vec<_>>())?;
        match agents.last() {
            Some(last) => page = Page::behind(last.id.clone(), PAGE),
            None => return Ok(listing.end("no agents yet; add one with `switchboard agent add`")?),
        }
    }
}

async fn show(settings: Settings, named: Named) -> Result<(), Failure> {
    let agents = Installation::open(settings).await?.stores.agents;
    let agent = FindAgent { agents }.find(&Scope::Operator, &named.agent).await?;
    let view = AgentView::whole(&agent);
    Ok(named.format.print(&view, || view.sheet())?)
}

async fn set(settings: Settings, set: Set) -> Result<(), Failure> {
    let change = Change {
        name: set.name,
        fields: set.fields,
        without: set.without,
        enable: set.enable,
        disable: set.disable,
    };
    let change = change.parse()?;
    let agents = Installation::open(settings).await?.stores.agents;
    let agent = ChangeAgent { agents }.change(&Scope::Operator, &set.agent, change).await?;
    let view = AgentView::of(&agent);
    Ok(set
        .format
        .print(&view, || format!("changed agent {} ({})", agent.profile.name.as_str(), agent.id))?)
}

async fn remove(settings: Settings, named: Named) -> Result<(), Failure> {
    let agents = Installation::open(settings).await?.stores.agents;
    let id = RemoveAgent { agents }.remove(&Scope::Operator, &named.agent).await?;
    let removed = serde_json::json!({ "removed": id.as_str() });
    Ok(named.format.print(&removed, || format!("removed agent {id}"))?)
}
