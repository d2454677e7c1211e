//! `switchboard agent …`

pub(super) mod remote;
mod request;

use std::collections::HashMap;

use clap::{Args, Subcommand};
use switchboard_admin::objects::{AgentObject, LimitsObject};
use switchboard_application_delivery::{
    AgentConfiguration, ConfigureError, ConfiguredAgent, ExpectedState, SecretSource as _,
};
use switchboard_application_management::routing_plans::LimitChange;
use switchboard_application_management::{AgentChange, Edit, ManageError, NewAgent};
use switchboard_domain::agent::{Agent, AgentState, MessageTarget, VoiceTarget};
use switchboard_domain::counted::counted;
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{NumberFilter, Page};
use switchboard_domain::secret::Secret;

use super::address_hint::hint_address;
use super::agent_fields::{Change, Fields, Without};
use super::agent_limits::Limits;
use super::confirmation::Confirmation;
use super::input::refuse_two_standard_inputs;
use super::output::{Format, ListWriter};
use super::route::document::failed;
use super::view::Sheet as _;
use super::voice_health::{self, VoiceHealth};
use crate::failure::{Doing as _, Failure, note};
use crate::installation::Installation;
use crate::settings::Settings;

/// Agents are read with their prompts, so a page is small.
const PAGE: u32 = 100;
const ADDING: &str = "adding the agent";
const LISTING: &str = "listing agents";
const SHOWING: &str = "showing the agent";
const CHANGING: &str = "changing the agent";
const REMOVING: &str = "removing the agent";
/// What is printed for an empty list.
const EMPTY: &str = "no agents yet; add one with `switchboard agent add`";
const CREATING_SECRET: &str = "creating the secret of the webhook";
const FINDING_NAMESAKES: &str = "looking up agents of this name";

const NO_CHAT_MODEL: &str =
    "--chat-key-file: the agent has no chat model; give it one with --chat-model and --chat-url";
const NOTHING: &str = "nothing to change; name at least one of the options that --help lists";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add an agent that answers calls and messages
    Add(Box<Add>),
    /// List agents
    #[command(visible_alias = "ls")]
    List(List),
    /// Show an agent with its prompt
    Show(Named),
    /// Change an agent
    Set(Box<Set>),
    /// Create a new secret for an agent's endpoint or handler; the previous one also signs JSON deliveries for another 24 hours
    RotateSecret(Named),
    /// Remove an agent; it must not be assigned to a number
    #[command(visible_alias = "rm")]
    Remove(Remove),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard agent list\n  \
    switchboard agent list --health\n  \
    switchboard agent list --json")]
pub(super) struct List {
    /// Check from this machine whether the agents' voice servers answer
    #[arg(long)]
    health: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard agent add --name Sales --external-id sales --prompt-file p.txt --voice alloy --model gpt-4o \
    --stream-url wss://voice.example.com/stream --parameter tier=gold\n  \
    switchboard agent add --name Hours --reply 'We are open from 9 to 5.'\n  \
    switchboard agent add --name Reception --dial +14155550123\n  \
    switchboard agent add --name Support --message-webhook https://agents.example.com/messages\n  \
    switchboard agent add --name Studio --message-twilio https://agents.example.com/sms\n  \
    switchboard agent add --name Menu --voice-twilio https://agents.example.com/voice\n  \
    switchboard agent add --name Chat --prompt-file p.txt --chat-model gpt-4o-mini --chat-url https://api.openai.com/v1 \
    --chat-key-file key.txt")]
pub(super) struct Add {
    /// The agent's name
    #[arg(long)]
    name: String,
    #[command(flatten)]
    fields: Fields,
    /// Add the agent as disabled
    #[arg(long)]
    disable: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard agent set Sales --model gpt-4o-mini\n  \
    switchboard agent set sales --parameter tier=silver --no-parameter region\n  \
    switchboard agent set sales --disable\n  \
    switchboard agent set sales --enable-target\n  \
    switchboard agent set sales --capacity 5 --hours-file hours.json\n  \
    switchboard agent set Sales --dial +14155550123 --no-prompt")]
pub(super) struct Set {
    /// The agent's id, external id or name
    agent: String,
    /// The agent's name
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    without: Without,
    #[command(flatten)]
    limits: Limits,
    /// Enable the agent
    #[arg(long, conflicts_with = "disable")]
    enable: bool,
    /// Disable the agent
    #[arg(long)]
    disable: bool,
    /// Deliver messages to the endpoint again that answered 410
    #[arg(long)]
    enable_target: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard agent show Sales\n  switchboard agent show sales --json"
)]
pub(super) struct Named {
    /// The agent's id, external id or name
    agent: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard agent remove sales --dry-run\n  switchboard agent remove sales --yes"
)]
pub(super) struct Remove {
    /// The agent's id, external id or name
    agent: String,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(add) => self::add(settings, *add).await,
        Command::List(options) => list(settings, options).await,
        Command::Show(named) => show(settings, named).await,
        Command::Set(set) => self::set(settings, *set).await,
        Command::RotateSecret(named) => rotate_secret(settings, named).await,
        Command::Remove(named) => remove(settings, named).await,
    }
}

impl Add {
    /// Parses the options: the agent, and the key of its chat model.
    fn parse(&self) -> Result<(NewAgent, Option<Secret>), Failure> {
        refuse_two_standard_inputs(&[self.fields.file(), self.fields.chat.file()])?;
        let state = if self.disable { AgentState::Disabled } else { AgentState::Enabled };
        let new = self.fields.new_agent(&self.name, state)?;
        let key = self.fields.chat.key()?;
        if key.is_some() && new.profile.message_target.is_none() {
            return Err(Failure::usage("--chat-key-file requires --chat-model and --chat-url"));
        }
        Ok((new, key))
    }
}

async fn add(settings: Settings, add: Add) -> Result<(), Failure> {
    let (new, key) = add.parse()?;
    let installation = Installation::open(settings).await?;
    let configuring = installation.configuring();
    let configured =
        configuring.add(&installation.author(), new, key.as_ref(), &installation).await;
    let ConfiguredAgent { agent, secret } =
        configured.map_err(|error| refused(ADDING, add.format, error))?;
    let view = AgentObject::of(&agent).with_secret(secret.as_ref());
    let name = agent.profile.name.as_str();
    add.format.print(&view, || {
        with_secret(format!("added agent {name} ({})", agent.id), secret.as_ref())
    })?;
    hint_same_name(&installation, &agent).await?;
    hint_no_target(&installation.settings, &agent)?;
    hint_addresses(&installation.settings, &agent)
}

/// Says that commands cannot find the agent by its name alone.
async fn hint_same_name(installation: &Installation, agent: &Agent) -> Result<(), Failure> {
    let (name, scope) = (&agent.profile.name, Scope::Organization(agent.organization.clone()));
    let named = installation.store.agents().named(&scope, name).await;
    let named = named.doing(FINDING_NAMESAKES)?;
    let is_other = |other: &&Agent| other.id != agent.id && other.profile.name == *name;
    note_namesakes(named.iter().filter(is_other).count(), agent.id.as_str())
}

/// Says that an agent is not the only one with its name.
fn note_namesakes(others: usize, id: &str) -> Result<(), Failure> {
    if others == 0 {
        return Ok(());
    }
    let others = counted(others, "other agent");
    note("hint", &format!("{others} with this name; in commands, use the id {id}"))
}

/// Says that the agent has nothing to answer with.
fn hint_no_target(settings: &Settings, agent: &Agent) -> Result<(), Failure> {
    let profile = &agent.profile;
    let has_voice = profile.voice_target.is_some() || settings.voice_server.is_some();
    if has_voice || profile.message_target.is_some() {
        return Ok(());
    }
    note(
        "hint",
        "the agent answers neither calls nor messages yet; give it a target with `switchboard agent set`, for example --stream-url or --reply, or set VOICE_SERVER_URL",
    )
}

/// Prints hints about the addresses of the endpoint and the handler of the agent.
fn hint_addresses(settings: &Settings, agent: &Agent) -> Result<(), Failure> {
    let profile = &agent.profile;
    let endpoint = profile.message_target.as_ref().and_then(MessageTarget::endpoint);
    let handler = profile.voice_target.as_ref().and_then(VoiceTarget::handler);
    for (url, what) in [(endpoint, "messages"), (handler, "calls")] {
        url.map_or(Ok(()), |url| hint_address(settings, url, what))?;
    }
    Ok(())
}

/// Why an agent was not added or changed.
fn refused(doing: &'static str, format: Format, error: ConfigureError<Failure>) -> Failure {
    match error {
        ConfigureError::Agent(error) => Failure::of(doing, error),
        ConfigureError::Limits(error) => failed(format, doing)(error),
        ConfigureError::NoChatModel => Failure::usage(NO_CHAT_MODEL),
        ConfigureError::Target(error) => Failure::of(doing, error),
        ConfigureError::Keys(failure) => failure,
        ConfigureError::ChatKey(error) => Failure::of("storing the key of the chat model", error),
        ConfigureError::Secret(error) => Failure::of(CREATING_SECRET, error),
    }
}

async fn rotate_secret(settings: Settings, named: Named) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let agent = installation.agents().find(&Scope::Operator, &named.agent).await;
    let agent = agent.doing(CREATING_SECRET)?;
    let secrets = installation.secrets().await?.webhooks;
    let secret = secrets.create(&installation.author(), &agent).await.doing(CREATING_SECRET)?;
    let view = AgentObject::of(&agent).with_secret(Some(&secret));
    let name = agent.profile.name.as_str();
    named.format.print(&view, || {
        with_secret(format!("rotated the secret of agent {name} ({})", agent.id), Some(&secret))
    })
}

/// A message for people, followed by a secret that is printed only once.
fn with_secret(done: String, secret: Option<&Secret>) -> String {
    match secret {
        None => done,
        Some(secret) => format!(
            "{done}\nwebhook secret: {}\nstore it now: it verifies the requests of the server and is not shown again",
            secret.expose()
        ),
    }
}

/// The health of the agents' voice servers.
async fn voice_health<'a>(
    installation: &Installation,
    agents: impl IntoIterator<Item = &'a Agent>,
) -> Result<HashMap<AgentId, VoiceHealth>, Failure> {
    let mut organizations: HashMap<&OrganizationId, Vec<&AgentId>> = HashMap::new();
    for agent in agents {
        organizations.entry(&agent.organization).or_default().push(&agent.id);
    }
    let settings = &installation.settings;
    let mut health = HashMap::new();
    for (organization, agents) in organizations {
        let catalogue = installation.store.catalogue();
        health.extend(voice_health::check(catalogue, settings, organization, agents).await?);
    }
    Ok(health)
}

async fn list(settings: Settings, options: List) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let store = &installation.store;
    let mut listing = ListWriter::stdout(options.format);
    let mut page = Page::first(PAGE);
    loop {
        let agents = store.agents().list(&Scope::Operator, &page).await.doing(LISTING)?;
        let health = if options.health {
            voice_health(&installation, &agents).await?
        } else {
            HashMap::new()
        };
        let view = |agent: &Agent| {
            AgentObject::of(agent).with_health(health.get(&agent.id).map(|health| health.as_str()))
        };
        listing.page(&agents.iter().map(view).collect::<Vec<_>>())?;
        match agents.last() {
            Some(last) => page = Page::behind(last.id.clone(), PAGE),
            None => return listing.end(EMPTY),
        }
    }
}

async fn show(settings: Settings, named: Named) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let agents = installation.agents();
    let agent = agents.find(&Scope::Operator, &named.agent).await.doing(SHOWING)?;
    let limits = installation.limits().limits(&agent).await.doing(SHOWING)?;
    let health = voice_health(&installation, [&agent]).await?;
    let gone = installation.store.gone_targets().gone_since(&Scope::Operator, &agent.id).await;
    let view =
        AgentObject::whole(&agent, LimitsObject::of(&limits)).with_gone(gone.doing(SHOWING)?);
    let view = view.with_health(health.get(&agent.id).map(|health| health.as_str()));
    named.format.print(&view, || view.sheet())
}

impl Set {
    /// Parses the options. Those of a chat model need the stored one, so they are returned with the others.
    fn parse(self) -> Result<(Fields, AgentConfiguration), Failure> {
        let files = [self.fields.file(), self.limits.file(), self.fields.chat.file()];
        refuse_two_standard_inputs(&files)?;
        let (key, has_chat_option) = (self.fields.chat.key()?, self.fields.has_chat_option());
        let change = Change {
            name: self.name,
            fields: self.fields,
            without: self.without,
            enable: self.enable,
            disable: self.disable,
        };
        let edited = AgentConfiguration {
            agent: change.parse()?,
            limits: self.limits.parse(self.format)?,
            chat_key: key,
            enable_target: self.enable_target,
        };
        let is_unchanged =
            edited.agent == AgentChange::default() && edited.limits == LimitChange::default();
        if is_unchanged && !has_chat_option && !edited.enable_target {
            return Err(Failure::usage(NOTHING));
        }
        Ok((change.fields, edited))
    }
}

async fn set(settings: Settings, set: Set) -> Result<(), Failure> {
    let (agent, format) = (set.agent.clone(), set.format);
    let (fields, mut edited) = set.parse()?;
    let installation = Installation::open(settings).await?;
    let configuring = installation.configuring();
    let read = configuring.agents.find(&Scope::Operator, &agent).await.doing(CHANGING)?;
    let stored = read.profile.message_target.as_ref().and_then(MessageTarget::chat_model);
    if let Some(target) = fields.chat_target(stored)? {
        edited.agent.message_target = Edit::Set(target);
    }
    let is_retargeting = edited.is_retargeting();
    let configured = configuring
        .change(&installation.author(), read, ExpectedState::Any, edited, &installation)
        .await;
    let ConfiguredAgent { agent, secret } =
        configured.map_err(|error| refused(CHANGING, format, error))?;
    let view = AgentObject::of(&agent).with_secret(secret.as_ref());
    let name = agent.profile.name.as_str();
    format.print(&view, || {
        with_secret(format!("changed agent {name} ({})", agent.id), secret.as_ref())
    })?;
    if is_retargeting { hint_addresses(&installation.settings, &agent) } else { Ok(()) }
}

async fn remove(settings: Settings, named: Remove) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let agents = installation.agents();
    let agent = agents.find(&Scope::Operator, &named.agent).await.doing(REMOVING)?;
    agents.refuse_named(&Scope::Operator, &agent).await.doing(REMOVING)?;
    let impact = impact(agent.profile.name.as_str(), &agent.id, agent.prompt.as_str());
    let of_agent = NumberFilter { agent: Some(agent.id.clone()), ..NumberFilter::default() };
    let numbers = installation.store.numbers();
    let numbers =
        numbers.list(&Scope::Operator, &of_agent, &Page::first(1)).await.doing(REMOVING)?;
    if !numbers.is_empty() {
        return Err(ManageError::AgentInUse { id: agent.id }).doing(REMOVING);
    }
    if !named.confirmation.allows(&[impact], named.format)? {
        return Ok(());
    }
    let id = agents.remove(&installation.author(), agent.id.as_str()).await;
    let id = id.doing(REMOVING)?;
    print_removed(&id, named.format)
}

/// What is lost with an agent.
fn impact(name: &str, id: &AgentId, prompt: &str) -> String {
    let characters = counted(prompt.chars().count(), "character");
    format!("agent {name} ({id}) is deleted with its prompt of {characters}")
}

fn print_removed(id: &AgentId, format: Format) -> Result<(), Failure> {
    let removed = serde_json::json!({ "removed": id.as_str() });
    format.print(&removed, || format!("removed agent {id}"))
}
