//! `/api/v1/drift`: numbers whose webhook configuration at Twilio differs from the desired one

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use switchboard_application_carrier::configuration::Selection;
use switchboard_domain::check_finding::{DriftFilter, DriftingNumber};
use switchboard_domain::configuration::DriftReason;
use switchboard_domain::job::JobKind;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;
use utoipa::IntoParams;

use super::jobs::shown;
use crate::body;
use crate::caller::{Caller, Configure, Read};
use crate::cursor::CursorScope;
use crate::drift_request::{DriftCheckBody, DriftFixBody, DriftRequest, DriftRestoreBody, Numbers};
use crate::list::{List, NoParams, PageParams, read_page};
use crate::objects::{DriftingObject, JobObject};
use crate::parameters::{parsed, word};
use crate::precondition::located;
use crate::problem::{Problem, ProblemCode};
use crate::responses::{BodyProblems, ListProblems};
use crate::state::AdminState;

/// What selects numbers that drift.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DriftParams {
    /// Only numbers of this account.
    account_sid: Option<String>,
    /// Only numbers with a difference of this kind, for example `wrong_url`.
    reason: Option<String>,
    /// The maximum number of entries.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// List the numbers that drift, in the order of their text
///
/// The list is what the last check of each number found; it asks Twilio nothing. `POST /api/v1/drift/check` checks them now.
#[utoipa::path(
    get, path = "/api/v1/drift", tag = "Drift", operation_id = "list_drift",
    params(DriftParams),
    responses((status = 200, description = "A page of the list.", body = List<DriftingObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<DriftingObject>>, Problem> {
    let params: DriftParams = caller.query()?;
    let reasons = DriftReason::ALL.map(DriftReason::as_str);
    let reason = word("reason", params.reason.as_deref(), DriftReason::parse, reasons)?;
    let filter = DriftFilter {
        account: parsed("account_sid", params.account_sid.as_deref(), AccountSid::parse)?,
        reason: reason.map(DriftReason::as_str),
    };
    let cursors = CursorScope::new("drift", &format!("{filter:?}"));
    let DriftParams { limit, cursor, .. } = params;
    let page = PageParams { limit, cursor }.page(&cursors, |key| Sender::parse(key).ok())?;
    let store = state.store.check_findings();
    let read = async |page| store.drifting(&caller.scope, &filter, &page).await;
    let key = |one: &DriftingNumber| one.number.sender.as_str().to_owned();
    let (drifting, next) = read_page(page, key, &cursors, read).await?;
    let wording = state.wording.as_ref();
    Ok(Json(List::new(drifting.iter().map(|one| DriftingObject::of(one, wording)).collect(), next)))
}

/// Start a check of numbers at Twilio
///
/// The check changes nothing at Twilio. It is a job; when it has ended, `GET /api/v1/drift` lists what it found.
#[utoipa::path(
    post, path = "/api/v1/drift/check", tag = "Drift", operation_id = "check_drift",
    request_body = DriftCheckBody,
    responses((status = 202, description = "The job.", body = JobObject), BodyProblems),
)]
pub(crate) async fn check(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let wanted = DriftRequest::check(body::read(&request, payload).await?)?;
    start(&caller, &state, JobKind::DriftCheck, &wanted).await
}

/// Start to write the desired configuration of numbers to Twilio
///
/// The numbers are checked first, and what `GET /api/v1/drift` shows as `changes` is written, whatever the repair policy of a number
/// is. The previous configuration is saved.
#[utoipa::path(
    post, path = "/api/v1/drift/fix", tag = "Drift", operation_id = "fix_drift",
    request_body = DriftFixBody,
    responses((status = 202, description = "The job.", body = JobObject), BodyProblems),
)]
pub(crate) async fn fix(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let wanted = DriftRequest::fix(body::read(&request, payload).await?)?;
    start(&caller, &state, JobKind::DriftFix, &wanted).await
}

/// Start to restore the configuration that numbers had before this server first wrote it
///
/// They stay assigned, but their calls and messages no longer reach this server.
#[utoipa::path(
    post, path = "/api/v1/drift/restore", tag = "Drift", operation_id = "restore_drift",
    request_body = DriftRestoreBody,
    responses((status = 202, description = "The job.", body = JobObject), BodyProblems),
)]
pub(crate) async fn restore(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let wanted = DriftRequest::restore(body::read(&request, payload).await?)?;
    start(&caller, &state, JobKind::DriftRestore, &wanted).await
}

/// Starts a job, after its numbers and its account were found.
async fn start(
    caller: &Caller<Configure>,
    state: &AdminState,
    kind: JobKind,
    wanted: &DriftRequest,
) -> Result<HttpResponse, Problem> {
    match wanted.numbers() {
        Some(Numbers::Chosen(chosen)) => {
            for (index, number) in chosen.iter().enumerate() {
                if state.store.configurations().find(&caller.scope, *number).await?.is_none() {
                    let field = format!("numbers/{index}");
                    let code = ProblemCode::NumberNotFound;
                    return Err(Problem::field(code, &field, &"does not exist"));
                }
            }
        }
        Some(Numbers::Selected(Selection::Account(account))) => {
            if state.store.accounts().find(&caller.scope, account).await?.is_none() {
                let code = ProblemCode::AccountNotFound;
                return Err(Problem::field(code, "account_sid", &"does not exist"));
            }
        }
        Some(Numbers::Selected(Selection::All | Selection::Number(_))) | None => {}
    }
    // What is missing is reported even if the URLs of the server are wrong.
    if kind == JobKind::DriftFix {
        state.own_urls.may_be_written().await?;
    }
    let request = serde_json::to_string(wanted);
    let request = request.map_err(|error| Problem::of(ProblemCode::Internal).because(&error))?;
    let job = state.jobs.start(&caller.author(), kind, request).await?;
    let answer = HttpResponse::build(StatusCode::ACCEPTED).json(shown(&job, caller));
    located(answer, &format!("/api/v1/jobs/{}", job.id))
}
