//! `/api/v1/accounts/{sid}/validation`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload};
use serde::Serialize;
use switchboard_application_management::AccountChange;
use switchboard_domain::account_validation::AccountValidation;
use utoipa::ToSchema;

use super::accounts::{found, sid};
use crate::body;
use crate::caller::{Caller, Configure, Read};
use crate::list::NoParams;
use crate::objects::ValidationObject;
use crate::problem::{Problem, ProblemCode};
use crate::responses::{BodyProblems, ItemProblems};
use crate::state::AdminState;

/// How strictly the signatures of an account's webhooks are checked.
#[derive(Serialize, ToSchema)]
pub(crate) struct ValidationBody {
    /// `enforced`, `report`, or `null` as the installation says.
    #[schema(required)]
    validation: Option<String>,
    /// Whether signatures are enforced although requests that Twilio sent would be refused.
    #[schema(default = false)]
    force: Option<bool>,
}

/// Show how strictly an account's signatures are checked, and what enforcing them refuses
///
/// The requests of the last 24 hours that did not verify are counted by reason and near miss. While validation only reports, they
/// were answered. Those whose signature is right for another URL or another token of ours, or for a number of another account, are
/// genuine.
#[utoipa::path(
    get, path = "/api/v1/accounts/{sid}/validation", tag = "Accounts", operation_id = "show_account_validation",
    params(("sid" = String, Path, description = "The `AccountSid`.")),
    responses((status = 200, description = "The setting and the counts.", body = ValidationObject), ItemProblems),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<ValidationObject>, Problem> {
    caller.query::<NoParams>()?;
    let account = found(&state, &caller.scope, sid(&caller).await?).await?;
    let unverified = state.enforcement.unverified(&caller.scope, account.sid).await?;
    Ok(Json(ValidationObject::of(account.validation, &unverified)))
}

/// Set how strictly an account's signatures are checked
///
/// A change that enforces signatures is refused, unless `force` is true, while requests of the last 24 hours that Twilio sent would be
/// refused, or if requests did not verify and none did.
#[utoipa::path(
    put, path = "/api/v1/accounts/{sid}/validation", tag = "Accounts", operation_id = "set_account_validation",
    params(("sid" = String, Path, description = "The `AccountSid`.")),
    request_body = ValidationBody,
    responses((status = 200, description = "The setting and the counts.", body = ValidationObject), BodyProblems),
)]
pub(crate) async fn set(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<Json<ValidationObject>, Problem> {
    caller.query::<NoParams>()?;
    let (sid, author) = (sid(&caller).await?, caller.author());
    let mut fields = body::read(&request, payload).await?;
    if !fields.has("validation") {
        fields.wrong("validation", "required", &"is missing; use enforced, report or null");
    }
    let validation = fields.edited_text("validation", |text| {
        AccountValidation::parse(text).ok_or("is not a validation; use enforced, report or null")
    });
    let force = fields.flag("force").unwrap_or(false);
    fields.end()?;
    let account = found(&state, &author, sid).await?;
    let unverified = state.enforcement.unverified(&author, sid).await?;
    let begins =
        state.enforcement.begins(account.validation, validation.clone().apply(account.validation));
    if let Some(loss) = unverified.loss().filter(|_| begins && !force) {
        let what = format!("{}; see GET of this path", loss.sentence());
        return Err(Problem::field(ProblemCode::GenuineTraffic, "validation", &what));
    }
    let change = AccountChange { validation, ..AccountChange::default() };
    let changed = state.accounts.change(&author, sid, change).await?;
    Ok(Json(ValidationObject::of(changed.validation, &unverified)))
}
