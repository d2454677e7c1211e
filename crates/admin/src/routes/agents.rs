//! `/api/v1/agents`

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use switchboard_application_management::routing_plans::limits_of;
use switchboard_domain::agent::Agent;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;

use crate::caller::{Caller, Read};
use crate::cursor::CursorScope;
use crate::list::{List, NoParams, PageParams, read_page};
use crate::objects::{AgentObject, LimitsObject};
use crate::precondition::{EntityTag, tagged};
use crate::problem::{Problem, ProblemCode};
use crate::responses::{ItemProblems, ListProblems};
use crate::state::AdminState;

/// List agents, ordered by id, which is by their age
///
/// Prompts and limits are left out.
#[utoipa::path(
    get, path = "/api/v1/agents", tag = "Agents", operation_id = "list_agents",
    params(PageParams),
    responses((status = 200, description = "A page of the list.", body = List<AgentObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<AgentObject>>, Problem> {
    let cursors = CursorScope::new("agents", "");
    let params: PageParams = caller.query()?;
    let page = params.page(&cursors, |key| AgentId::parse(key).ok())?;
    let read = async |page| state.store.agents().list(&caller.scope, &page).await;
    let (agents, next) = read_page(page, |one| one.id.to_string(), &cursors, read).await?;
    Ok(Json(List::new(agents.iter().map(AgentObject::of).collect(), next)))
}

/// Show an agent
///
/// With its prompt and its limits.
#[utoipa::path(
    get, path = "/api/v1/agents/{id}", tag = "Agents", operation_id = "show_agent",
    params(("id" = String, Path, description = "The id of the agent, `agt_…`.")),
    responses(
        (status = 200, description = "The agent.", body = AgentObject,
         headers(("ETag" = String, description = "The tag of the agent as it is shown, for `If-Match`."))),
        ItemProblems,
    ),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    let missing = || Problem::of(ProblemCode::AgentNotFound);
    caller.query::<NoParams>()?;
    let id = caller.path().await.and_then(|text| AgentId::parse(&text).ok());
    let id = id.ok_or_else(missing)?;
    let agent = state.store.agents().find(&caller.scope, &id).await?.ok_or_else(missing)?;
    let object = whole(&state, &caller.scope, &agent).await?;
    Ok(tagged(StatusCode::OK, &object, &EntityTag::of(&object)?))
}

/// An agent with its prompt and its limits.
pub(super) async fn whole(
    state: &AdminState,
    scope: &Scope,
    agent: &Agent,
) -> Result<AgentObject, Problem> {
    let gone_since = state.store.gone_targets().gone_since(scope, &agent.id).await?;
    let limits = limits_of(state.store.catalogue(), agent).await?;
    Ok(AgentObject::whole(agent, LimitsObject::of(&limits)).with_gone(gone_since))
}
