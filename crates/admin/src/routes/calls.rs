//! `/api/v1/calls`

use actix_web::web::{Data, Json};
use switchboard_domain::call::CallRecord;
use switchboard_domain::history::Records;
use switchboard_domain::sid::CallSid;

use super::history_params::{CallParams, HistoryParams};
use crate::caller::{Caller, Read};
use crate::cursor::CursorScope;
use crate::list::{List, read_newest};
use crate::objects::CallObject;
use crate::parameters::RecordParams;
use crate::problem::{Problem, ProblemCode};
use crate::responses::{ItemProblems, ListProblems};
use crate::state::AdminState;

/// List calls, newest first
#[utoipa::path(
    get, path = "/api/v1/calls", tag = "Calls", operation_id = "list_calls",
    params(CallParams),
    responses((status = 200, description = "A page of the list.", body = List<CallObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<CallObject>>, Problem> {
    let params: HistoryParams = caller.query()?;
    let filter = params.filter(Records::Calls, state.keys.clock.now())?;
    let phone_numbers = params.phone_numbers()?;
    let cursors = CursorScope::new("calls", &params.digest());
    let page = params.page().newest(&cursors, |key| CallSid::parse(key).ok())?;
    let read = async |page| state.store.newest_calls(&caller.scope, &filter, &page).await;
    let place = |call: &CallRecord| (call.first_seen_at, call.call.to_string());
    let (calls, next) = read_newest(page, place, &cursors, read).await?;
    let mut reading = state.reading(&caller.scope, phone_numbers);
    let mut data = Vec::with_capacity(calls.len());
    for call in &calls {
        let story = reading.call(call, &[]).await?;
        data.push(CallObject::of(&story, phone_numbers, state.wording.as_ref()));
    }
    Ok(Json(List::new(data, next)))
}

/// Show a call, and what happened
#[utoipa::path(
    get, path = "/api/v1/calls/{sid}", tag = "Calls", operation_id = "show_call",
    params(("sid" = String, Path, description = "The `CallSid`."), RecordParams),
    responses((status = 200, description = "The call.", body = CallObject), ItemProblems),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<CallObject>, Problem> {
    let missing = || Problem::of(ProblemCode::CallNotFound);
    let phone_numbers = caller.query::<RecordParams>()?.phone_numbers()?;
    let sid = caller.path().await.and_then(|text| CallSid::parse(&text).ok());
    let sid = sid.ok_or_else(missing)?;
    let call = state.store.call_by_sid(&caller.scope, sid).await?.ok_or_else(missing)?;
    let timeline = state.store.timeline().of_call(&caller.scope, call.account, sid).await?;
    let mut reading = state.reading(&caller.scope, phone_numbers);
    let story = reading.whole_call(&call, &timeline, &state.explaining, &state.plans).await?;
    Ok(Json(CallObject::of(&story, phone_numbers, state.wording.as_ref())))
}
