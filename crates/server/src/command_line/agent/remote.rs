//! `switchboard agent …` through the API

use serde_json::json;
use switchboard_admin::objects::{AgentObject, NumberObject, PlanObject, TargetObject};
use switchboard_application_management::routing_plans::LimitChange;
use switchboard_application_management::{Edit, ManageError};
use switchboard_domain::agent::{Label, MessageTarget};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::secret::Secret;
use switchboard_domain::web_address::WebUrl;

use super::{
    ADDING, Add, CHANGING, CREATING_SECRET, Command, EMPTY, FINDING_NAMESAKES, LISTING, List,
    NO_CHAT_MODEL, Named, REMOVING, Remove, SHOWING, Set, impact, note_namesakes, print_removed,
    request, with_secret,
};
use crate::command_line::address_hint::hint_clear_text;
use crate::command_line::remote::{self, Client, Known as _, Resource, print_all};
use crate::command_line::view::Sheet as _;
use crate::failure::{Doing as _, Failure};

pub(in crate::command_line) async fn run(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(add) => self::add(client, *add).await,
        Command::List(options) => list(client, options).await,
        Command::Show(named) => show(client, named).await,
        Command::Set(set) => self::set(client, *set).await,
        Command::RotateSecret(named) => rotate_secret(client, named).await,
        Command::Remove(named) => remove(client, named).await,
    }
}

async fn list(client: &Client, options: List) -> Result<(), Failure> {
    if options.health {
        return Err(Failure::usage(
            "--health checks the voice servers with the settings of the server, so it works only on its machine, without --url",
        ));
    }
    let list = Resource::of(&["agents"]);
    print_all::<AgentObject>(client, &list, options.format, LISTING, EMPTY).await
}

/// An agent that exists, with its prompt.
async fn found(client: &Client, word: &str, doing: &str) -> Result<AgentObject, Failure> {
    let found = remote::agent(client, word, doing).await?;
    client.get(&Resource::of(&["agents", &found.id])).await.doing(doing)
}

/// Shows an agent without the health of its voice server, which only the machine of the server can check.
async fn show(client: &Client, named: Named) -> Result<(), Failure> {
    let view = found(client, &named.agent, SHOWING).await?;
    named.format.print(&view, || view.sheet())
}

/// An agent as it is printed after a change: without its prompt and its limits.
fn printed(agent: AgentObject) -> AgentObject {
    AgentObject { prompt: None, limits: None, message_target_disabled_at: None, ..agent }
}

/// The secret that the answer shows only now.
fn secret(agent: &AgentObject) -> Option<Secret> {
    agent.webhook_secret.clone().map(Secret::new)
}

/// The error of the use case for the code of a problem of an agent with this external id.
fn taken(code: &str, external_id: &Edit<Label>) -> Option<ManageError> {
    match external_id {
        Edit::Set(id) if code == "external_id_taken" => {
            Some(ManageError::ExternalIdTaken { external_id: id.clone() })
        }
        Edit::Set(_) | Edit::Keep | Edit::Clear => None,
    }
}

async fn add(client: &Client, add: Add) -> Result<(), Failure> {
    let (new, key) = add.parse()?;
    let new = request::of_new(new);
    let body = request::body(&new, key.as_ref());
    let added = client.post::<AgentObject>(&Resource::of(&["agents"]), &body).await;
    let added = added.known(|code| taken(code, &new.external_id)).doing(ADDING)?;
    let view = printed(added);
    add.format.print(&view, || {
        with_secret(format!("added agent {} ({})", view.name, view.id), secret(&view).as_ref())
    })?;
    hint_same_name(client, &view).await?;
    hint_clear_texts(&view)
}

/// Says that commands cannot find the agent by its name alone.
async fn hint_same_name(client: &Client, agent: &AgentObject) -> Result<(), Failure> {
    let all: Vec<AgentObject> =
        client.all(&Resource::of(&["agents"])).await.doing(FINDING_NAMESAKES)?;
    let is_other = |other: &&AgentObject| {
        other.id != agent.id
            && other.name == agent.name
            && other.organization_id == agent.organization_id
    };
    note_namesakes(all.iter().filter(is_other).count(), &agent.id)
}

/// Prints hints about the addresses of the endpoint and the handler of an agent. Which networks the server calls is part of its
/// settings.
fn hint_clear_texts(agent: &AgentObject) -> Result<(), Failure> {
    for (target, what) in [(&agent.message_target, "messages"), (&agent.voice_target, "calls")] {
        let url = target.as_ref().and_then(url);
        url.map_or(Ok(()), |url| hint_clear_text(&url, what))?;
    }
    Ok(())
}

/// The URL to which the server sends requests.
fn url(target: &TargetObject) -> Option<WebUrl> {
    match target {
        TargetObject::Webhook { url }
        | TargetObject::Twilio { url }
        | TargetObject::ChatModel { url, .. } => WebUrl::parse(url).ok(),
        TargetObject::Stream { .. }
        | TargetObject::ConversationRelay { .. }
        | TargetObject::Redirect { .. }
        | TargetObject::Dial { .. }
        | TargetObject::Reply { .. } => None,
    }
}

async fn set(client: &Client, set: Set) -> Result<(), Failure> {
    let (agent, format) = (set.agent.clone(), set.format);
    let (fields, edited) = set.parse()?;
    if edited.limits != LimitChange::default() || edited.enable_target {
        return Err(Failure::usage(
            "the capacity, the hours, the health check and --enable-target are no part of the API; run the command \
             on the machine of the server, without --url",
        ));
    }
    let (mut change, key) = (edited.agent, edited.chat_key);
    let stored = found(client, &agent, CHANGING).await?;
    let chat = request::chat_model(&stored);
    if let Some(target) = fields.chat_target(chat.as_ref())? {
        change.message_target = Edit::Set(target);
    }
    let is_retargeting = !change.message_target.is_keep() || !change.voice_target.is_keep();
    // The API reads a key only with its chat model.
    if key.is_some() && change.message_target.is_keep() {
        let chat = chat.ok_or_else(|| Failure::usage(NO_CHAT_MODEL))?;
        change.message_target = Edit::Set(MessageTarget::ChatModel(chat));
    }
    request::settle(&mut change, &stored).doing(CHANGING)?;
    let body = request::body(&change, key.as_ref());
    let changed = client.patch::<AgentObject>(&Resource::of(&["agents", &stored.id]), &body).await;
    let changed = changed.known(|code| taken(code, &change.external_id)).doing(CHANGING)?;
    let view = printed(changed);
    format.print(&view, || {
        with_secret(format!("changed agent {} ({})", view.name, view.id), secret(&view).as_ref())
    })?;
    if is_retargeting { hint_clear_texts(&view) } else { Ok(()) }
}

async fn rotate_secret(client: &Client, named: Named) -> Result<(), Failure> {
    let found = remote::agent(client, &named.agent, CREATING_SECRET).await?;
    let rotate = Resource::of(&["agents", &found.id, "secret", "rotate"]);
    let rotated: AgentObject = client.post(&rotate, &json!({})).await.doing(CREATING_SECRET)?;
    let view = printed(rotated);
    named.format.print(&view, || {
        let done = format!("rotated the secret of agent {} ({})", view.name, view.id);
        with_secret(done, secret(&view).as_ref())
    })
}

async fn remove(client: &Client, named: Remove) -> Result<(), Failure> {
    let agent = found(client, &named.agent, REMOVING).await?;
    let id = AgentId::parse(&agent.id).doing(REMOVING)?;
    if let Some(plan) = naming(client, &agent).await? {
        return Err(ManageError::AgentNamed { id, plan }).doing(REMOVING);
    }
    if answers(client, &id).await? {
        return Err(ManageError::AgentInUse { id }).doing(REMOVING);
    }
    let impact = impact(&agent.name, &id, agent.prompt.as_deref().unwrap_or_default());
    if !named.confirmation.allows(&[impact], named.format)? {
        return Ok(());
    }
    client.delete(&Resource::of(&["agents", id.as_str()])).await.doing(REMOVING)?;
    print_removed(&id, named.format)
}

/// Whether an agent is assigned to a number or another sender.
async fn answers(client: &Client, id: &AgentId) -> Result<bool, Failure> {
    for list in ["numbers", "senders"] {
        let list = Resource::of(&[list]).with("agent_id", id.as_str());
        if !client.first::<NumberObject>(&list, 1).await.doing(REMOVING)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The name of a routing plan that names an agent. Saved plans name agents by their ids.
async fn naming(client: &Client, agent: &AgentObject) -> Result<Option<Label>, Failure> {
    let plans: Vec<PlanObject> = client.all(&Resource::of(&["plans"])).await.doing(REMOVING)?;
    let of_organization = plans.iter().filter(|plan| plan.organization_id == agent.organization_id);
    for id in of_organization.filter_map(|plan| plan.id.as_deref()) {
        let plan = client.find(&Resource::of(&["plans", id]), "plan_not_found").await;
        let plan: Option<PlanObject> = plan.doing(REMOVING)?;
        // It may just have been removed.
        let Some(plan) = plan else { continue };
        let document = plan.document.map(|document| document.to_string()).unwrap_or_default();
        if document.contains(&format!("\"{}\"", agent.id)) {
            return Label::parse(&plan.name).doing(REMOVING).map(Some);
        }
    }
    Ok(None)
}
