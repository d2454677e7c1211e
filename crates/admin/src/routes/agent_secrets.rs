//! `/api/v1/agents/{id}/secret`

use actix_web::web::{Data, Json};
use switchboard_domain::identifier::AgentId;

use super::agents::whole;
use crate::caller::{Caller, Configure};
use crate::list::NoParams;
use crate::objects::AgentObject;
use crate::problem::{Problem, ProblemCode};
use crate::responses::ChangeProblems;
use crate::state::AdminState;

/// Create a new secret for the webhooks and handlers of an agent
///
/// It is shown only in this answer. The previous one also signs for another 24 hours.
#[utoipa::path(
    post, path = "/api/v1/agents/{id}/secret/rotate", tag = "Agents", operation_id = "rotate_agent_secret",
    params(("id" = String, Path, description = "The id of the agent, `agt_…`.")),
    responses((status = 200, description = "The agent, with its new secret.", body = AgentObject), ChangeProblems),
)]
pub(crate) async fn rotate(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<Json<AgentObject>, Problem> {
    caller.query::<NoParams>()?;
    let missing = || Problem::of(ProblemCode::AgentNotFound);
    let id = caller.path().await.and_then(|text| AgentId::parse(&text).ok()).ok_or_else(missing)?;
    let author = caller.author();
    let agent = state.store.agents().find(&author, &id).await?.ok_or_else(missing)?;
    let secret = state.secrets.webhooks.create(&author, &agent).await?;
    Ok(Json(whole(&state, &author, &agent).await?.with_secret(Some(&secret))))
}
