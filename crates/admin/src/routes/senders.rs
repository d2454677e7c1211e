//! `/api/v1/senders`: numbers are one kind of sender, so the others have the same use cases

use actix_web::web::{Data, Json, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use switchboard_application_management::NewNumber;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;
use utoipa::ToSchema;

use super::assignments::{AssignParams, AssignmentBody, UnassignParams, assigned, unassigned};
use super::number_changes::{RemoveParams, added, removed};
use super::numbers::{Listed, NumberParams, found, listed};
use crate::body;
use crate::caller::{Caller, Configure, Needs, Read};
use crate::list::{List, NoParams};
use crate::objects::{AssignedObject, NumberObject, UnassignedObject};
use crate::problem::{Problem, ProblemCode};
use crate::responses::{
    CarrierBodyProblems, CarrierChangeProblems, ChangeProblems, ItemProblems, ListProblems,
};
use crate::state::AdminState;

/// A new sender.
#[derive(Serialize, ToSchema)]
pub(crate) struct SenderBody {
    /// The sender as Twilio writes it, as in the objects: `whatsapp:+1…`, `rcs:…`, `messenger:…` or a short code.
    phone_number: String,
    /// The account that owns it.
    account_sid: String,
}

/// A sender that is no phone number.
fn parsed(text: &str) -> Result<Sender, String> {
    let sender = Sender::parse_typed(text).map_err(|error| error.to_string())?;
    if sender.as_number().is_some() {
        return Err("is a phone number, which is added to the numbers".to_owned());
    }
    Ok(sender)
}

/// The sender of the path.
pub(super) async fn sender<N: Needs>(caller: &Caller<N>) -> Result<Sender, Problem> {
    let sender = caller.path().await.and_then(|text| Sender::parse(&text).ok());
    let sender = sender.filter(|sender| sender.as_number().is_none());
    sender.ok_or_else(|| Problem::of(ProblemCode::NumberNotFound))
}

/// List the senders that are no phone numbers, in the order of their addresses
///
/// They are shown as numbers are, with their addresses in `phone_number`.
#[utoipa::path(
    get, path = "/api/v1/senders", tag = "Senders", operation_id = "list_senders",
    params(NumberParams),
    responses((status = 200, description = "A page of the list.", body = List<NumberObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<NumberObject>>, Problem> {
    listed(&caller, &state, Listed::Senders).await
}

/// Show a sender, and who answers it
#[utoipa::path(
    get, path = "/api/v1/senders/{sender}", tag = "Senders", operation_id = "show_sender",
    params(("sender" = String, Path, description = "The sender, for example `rcs:acme_agent`.")),
    responses((status = 200, description = "The sender.", body = NumberObject), ItemProblems),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<NumberObject>, Problem> {
    caller.query::<NoParams>()?;
    let sender = sender(&caller).await?;
    Ok(Json(found(&state, &caller.scope, sender).await?))
}

/// Add a sender of an account
///
/// It belongs to the organization of the account. A key of an organization adds only senders that the account owns at Twilio,
/// so an operator key adds Messenger pages, which Twilio does not list.
#[utoipa::path(
    post, path = "/api/v1/senders", tag = "Senders", operation_id = "add_sender",
    request_body(content = SenderBody, example = json!({"phone_number": "rcs:acme_agent", "account_sid": "AC0123456789abcdef0123456789abcdef"})),
    responses((status = 201, description = "The sender.", body = NumberObject), CarrierBodyProblems),
)]
pub(crate) async fn add(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let mut fields = body::read(&request, payload).await?;
    let sender = fields.required("phone_number", parsed);
    let account = fields.required("account_sid", AccountSid::parse);
    fields.end()?;
    // Without mistakes, both are there.
    let (Some(sender), Some(account)) = (sender, account) else {
        return Err(Problem::mistakes(Vec::new()));
    };
    let location = format!("/api/v1/senders/{}", sender.as_str());
    added(&caller, &state, NewNumber { sender, account }, &location).await
}

/// Remove a sender, even if it is assigned
///
/// Its messages are refused then. A sender that is configured at Twilio is unassigned first.
#[utoipa::path(
    delete, path = "/api/v1/senders/{sender}", tag = "Senders", operation_id = "remove_sender",
    params(
        ("sender" = String, Path, description = "The sender, for example `rcs:acme_agent`."),
        RemoveParams,
    ),
    responses((status = 204, description = "The sender is removed."), ChangeProblems),
)]
pub(crate) async fn remove(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    let sender = sender(&caller).await;
    removed(&caller, &state, sender).await
}

/// Assign a sender to an agent, and configure it at Twilio
///
/// As for a phone number. The channel is clear from the kind of the sender.
#[utoipa::path(
    put, path = "/api/v1/senders/{sender}/assignment", tag = "Senders", operation_id = "assign_sender",
    params(
        ("sender" = String, Path, description = "The sender, for example `rcs:acme_agent`."),
        AssignParams,
    ),
    request_body = AssignmentBody,
    responses((status = 200, description = "The sender, and the result at Twilio.", body = AssignedObject), CarrierBodyProblems),
)]
pub(crate) async fn assign(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<Json<AssignedObject>, Problem> {
    let sender = sender(&caller).await;
    assigned(&caller, &request, payload, state, sender).await
}

/// Unassign a sender from its agent, and restore its previous configuration at Twilio
///
/// As for a phone number.
#[utoipa::path(
    delete, path = "/api/v1/senders/{sender}/assignment", tag = "Senders", operation_id = "unassign_sender",
    params(
        ("sender" = String, Path, description = "The sender, for example `rcs:acme_agent`."),
        UnassignParams,
    ),
    responses((status = 200, description = "What was unassigned, and the result at Twilio.", body = UnassignedObject), CarrierChangeProblems),
)]
pub(crate) async fn unassign(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<Json<UnassignedObject>, Problem> {
    let sender = sender(&caller).await;
    unassigned(&caller, state, sender).await
}
