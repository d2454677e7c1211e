//! `/api/v1/agents`: what changes agents

use std::collections::BTreeMap;
use std::convert::Infallible;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use switchboard_application_delivery::{
    AgentConfiguration, ChatKeyError, ConfigureError, ConfiguredAgent, ExpectedState,
};
use switchboard_application_management::ManageError;
use switchboard_domain::agent::Agent;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use utoipa::ToSchema;

use super::agents::whole;
use crate::agent_fields::AgentFields;
use crate::body;
use crate::caller::{Caller, Configure};
use crate::list::NoParams;
use crate::objects::{AgentObject, TargetObject, TemplateObject};
use crate::precondition::{EntityTag, IfMatch, Precondition, located, tagged};
use crate::problem::{Problem, ProblemCode};
use crate::responses::{BodyProblems, EditProblems, RemovalProblems};
use crate::state::AdminState;
use crate::to_end::to_end;
use crate::versioned::Versioned;

/// The fields of an agent. A field that is left out has no value in a new agent, and keeps its value in a changed one; `null`
/// clears it.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgentBody {
    /// The name, which need not be unique. A new agent needs one.
    name: Option<String>,
    /// The id by which the platform itself knows it; unique in the organization.
    external_id: Option<String>,
    /// The prompt.
    prompt: Option<String>,
    /// The voice.
    voice: Option<String>,
    /// The model.
    model: Option<String>,
    /// The language, for example `en-US`.
    language: Option<String>,
    /// Parameters for the voice server. Of a changed agent, those that are not named stay, and `null` removes one.
    #[schema(required = false)]
    parameters: BTreeMap<String, Option<String>>,
    /// Attributes of ConversationRelay, and of its languages as `language.es-ES.voice`; changed like parameters.
    #[schema(required = false)]
    relay_attributes: BTreeMap<String, Option<String>>,
    /// How a call reaches it; replaced as a whole.
    voice_target: Option<TargetObject>,
    /// How a message reaches it; replaced as a whole. A `chat_model` also takes its `key`, which is never shown; without it, the
    /// key that is stored for the same URL stays.
    message_target: Option<TargetObject>,
    /// The template for messages outside of WhatsApp's window.
    whatsapp_template: Option<TemplateObject>,
    /// Whether it answers.
    #[schema(default = true)]
    enabled: Option<bool>,
}

/// Add an agent
///
/// It belongs to the organization of the key, or to the one that an operator key selects, or else to the default one. The
/// secret of its webhook or handler is shown only in this answer.
#[utoipa::path(
    post, path = "/api/v1/agents", tag = "Agents", operation_id = "add_agent",
    request_body = AgentBody,
    responses(
        (status = 201, description = "The agent.", body = AgentObject,
         headers(("ETag" = String, description = "The tag of the agent, for `If-Match`."))),
        BodyProblems,
    ),
)]
pub(crate) async fn add(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let fields = AgentFields::read_new(body::read(&request, payload).await?)?;
    let author = caller.author();
    let organization = caller.organization();
    let key = fields.chat_key.clone();
    // Without mistakes, the name was given.
    let new = fields.new_agent(organization);
    let new = new.ok_or_else(|| Problem::mistakes(Vec::new()))?;
    to_end(async move {
        let configured = state.configuring.add(&author, new, key.as_ref(), &state.secrets).await?;
        let answer = rendered(StatusCode::CREATED, &state, &author, &configured).await?;
        located(answer, &format!("/api/v1/agents/{}", configured.agent.id))
    })
    .await
}

/// Change an agent
///
/// Fields that others change at the same time keep their changes; with `If-Match`, the request is refused then. A secret is shown
/// only if it was created because the agent has its first webhook or handler. Another target is used at once, even if the one
/// before answered 410.
#[utoipa::path(
    patch, path = "/api/v1/agents/{id}", tag = "Agents", operation_id = "change_agent",
    params(("id" = String, Path, description = "The id of the agent, `agt_…`."), IfMatch),
    request_body = AgentBody,
    responses(
        (status = 200, description = "The agent.", body = AgentObject,
         headers(("ETag" = String, description = "The tag of the changed agent, for `If-Match`."))),
        EditProblems,
    ),
)]
pub(crate) async fn change(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let precondition = Precondition::of(&caller)?;
    let id = id(&caller).await?;
    let AgentFields { change, chat_key } = AgentFields::read(body::read(&request, payload).await?)?;
    let change = AgentConfiguration { agent: change, chat_key, ..AgentConfiguration::default() };
    let author = caller.author();
    to_end(async move {
        let edited = Edited { state: &state, scope: &author, id: &id };
        let (read, expected) = match edited.seen(&precondition).await? {
            Some(seen) => (seen, ExpectedState::AsRead),
            None => (edited.read().await?, ExpectedState::Any),
        };
        let configuring = &state.configuring;
        let changed = configuring.change(&author, read, expected, change, &state.secrets).await;
        let configured = edited.finished(&precondition, changed).await?;
        rendered(StatusCode::OK, &state, &author, &configured).await
    })
    .await
}

/// Remove an agent that answers no number and that no routing plan names
#[utoipa::path(
    delete, path = "/api/v1/agents/{id}", tag = "Agents", operation_id = "remove_agent",
    params(("id" = String, Path, description = "The id of the agent, `agt_…`."), IfMatch),
    responses((status = 204, description = "The agent is removed."), RemovalProblems),
)]
pub(crate) async fn remove(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let precondition = Precondition::of(&caller)?;
    let (id, author) = (id(&caller).await?, caller.author());
    let edited = Edited { state: &state, scope: &author, id: &id };
    let removed = match edited.seen(&precondition).await? {
        Some(before) => state.agents.remove_as_read(&author, &before).await,
        None => state.agents.remove(&author, id.as_str()).await.map(drop),
    };
    edited.finished(&precondition, removed.map_err(ConfigureError::Agent)).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn id(caller: &Caller<Configure>) -> Result<AgentId, Problem> {
    let id = caller.path().await.and_then(|text| AgentId::parse(&text).ok());
    id.ok_or_else(|| Problem::of(ProblemCode::AgentNotFound))
}

async fn found(state: &AdminState, scope: &Scope, id: &AgentId) -> Result<Agent, Problem> {
    let found = state.store.agents().find(scope, id).await?;
    found.ok_or_else(|| Problem::of(ProblemCode::AgentNotFound))
}

struct Edited<'a> {
    state: &'a AdminState,
    scope: &'a Scope,
    id: &'a AgentId,
}

impl Versioned for Edited<'_> {
    type Stored = Agent;
    type Error = ConfigureError<Infallible>;

    async fn read(&self) -> Result<Agent, Problem> {
        found(self.state, self.scope, self.id).await
    }

    async fn shown(&self, stored: &Agent) -> Result<impl Serialize, Problem> {
        whole(self.state, self.scope, stored).await
    }

    fn is_outrun(error: &ConfigureError<Infallible>) -> bool {
        matches!(
            error,
            ConfigureError::Agent(ManageError::AgentChanged { .. })
                | ConfigureError::ChatKey(ChatKeyError::Elsewhere)
        )
    }
}

/// Renders an agent that was added or changed.
async fn rendered(
    status: StatusCode,
    state: &AdminState,
    scope: &Scope,
    configured: &ConfiguredAgent,
) -> Result<HttpResponse, Problem> {
    let object = whole(state, scope, &configured.agent).await?;
    let tag = EntityTag::of(&object)?;
    Ok(tagged(status, &object.with_secret(configured.secret.as_ref()), &tag))
}
