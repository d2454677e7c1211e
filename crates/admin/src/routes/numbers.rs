//! `/api/v1/numbers`

use std::sync::Arc;

use actix_web::web::{Data, Json};
use serde::Deserialize;
use switchboard_application_management::Answerers;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::NumberFilter;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;
use utoipa::IntoParams;

use crate::caller::{Caller, Needs, Read};
use crate::cursor::CursorScope;
use crate::list::{List, NoParams, PageParams, read_page};
use crate::objects::NumberObject;
use crate::problem::{Problem, ProblemCode};
use crate::responses::{ItemProblems, ListProblems};
use crate::state::AdminState;

/// What selects numbers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NumberParams {
    /// Only numbers of this account.
    account_sid: Option<String>,
    /// Only numbers that are assigned to this agent.
    agent_id: Option<String>,
    /// The maximum number of entries.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// What a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    /// Phone numbers.
    Numbers,
    /// Senders that are no phone numbers.
    Senders,
}

impl Listed {
    const fn name(self) -> &'static str {
        match self {
            Self::Numbers => "numbers",
            Self::Senders => "senders",
        }
    }
}

impl NumberParams {
    fn filter(&self, listed: Listed) -> Result<NumberFilter, Problem> {
        let account = self.account_sid.as_deref().map(AccountSid::parse).transpose();
        let agent = self.agent_id.as_deref().map(AgentId::parse).transpose();
        Ok(NumberFilter {
            account: account
                .map_err(|_wrong| Problem::parameter("account_sid", "is not an account SID"))?,
            agent: agent
                .map_err(|_wrong| Problem::parameter("agent_id", "is not the id of an agent"))?,
            is_phone: Some(listed == Listed::Numbers),
        })
    }
}

/// List phone numbers, in the order of their digits
#[utoipa::path(
    get, path = "/api/v1/numbers", tag = "Numbers", operation_id = "list_numbers",
    params(NumberParams),
    responses((status = 200, description = "A page of the list.", body = List<NumberObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<NumberObject>>, Problem> {
    listed(&caller, &state, Listed::Numbers).await
}

/// A page of numbers or of senders.
pub(super) async fn listed(
    caller: &Caller<Read>,
    state: &AdminState,
    listed: Listed,
) -> Result<Json<List<NumberObject>>, Problem> {
    let params: NumberParams = caller.query()?;
    let filter = params.filter(listed)?;
    let cursors = CursorScope::new(listed.name(), &format!("{filter:?}"));
    let NumberParams { limit, cursor, .. } = params;
    let page = PageParams { limit, cursor }.page(&cursors, |key| Sender::parse(key).ok())?;
    let read = async |page| {
        let configurations = state.store.configurations();
        configurations.list(&caller.scope, &filter, &page).await
    };
    let (numbers, next) =
        read_page(page, |one| one.number.sender.as_str().to_owned(), &cursors, read).await?;
    let mut answerers = Answerers::new(Arc::clone(&state.store), caller.scope.clone());
    let mut data = Vec::with_capacity(numbers.len());
    for number in &numbers {
        data.push(NumberObject::of(number, &answerers.of(number).await?));
    }
    Ok(Json(List::new(data, next)))
}

/// Show a phone number, and who answers it
#[utoipa::path(
    get, path = "/api/v1/numbers/{phone_number}", tag = "Numbers", operation_id = "show_number",
    params(("phone_number" = String, Path, description = "The number with its country code, `+14155550100`.")),
    responses((status = 200, description = "The number.", body = NumberObject), ItemProblems),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<NumberObject>, Problem> {
    caller.query::<NoParams>()?;
    let sender = phone_number(&caller).await?;
    Ok(Json(found(&state, &caller.scope, sender).await?))
}

/// The phone number of the path.
pub(super) async fn phone_number<N: Needs>(caller: &Caller<N>) -> Result<Sender, Problem> {
    let sender = caller.path().await.and_then(|text| Sender::parse(&text).ok());
    let sender = sender.filter(|sender| sender.as_number().is_some());
    sender.ok_or_else(|| Problem::of(ProblemCode::NumberNotFound))
}

/// A stored number, and who answers it.
pub(super) async fn found(
    state: &AdminState,
    scope: &Scope,
    sender: Sender,
) -> Result<NumberObject, Problem> {
    let found = state.store.configurations().find(scope, sender).await?;
    let found = found.ok_or_else(|| Problem::of(ProblemCode::NumberNotFound))?;
    let mut answerers = Answerers::new(Arc::clone(&state.store), scope.clone());
    Ok(NumberObject::of(&found, &answerers.of(&found).await?))
}
