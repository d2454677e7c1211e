//! `/api/v1/numbers`: what adds and removes numbers

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use switchboard_application_management::NewNumber;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::SavedConfiguration;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;
use utoipa::{IntoParams, ToSchema};

use super::numbers::{found, phone_number};
use crate::body;
use crate::caller::{Caller, Configure};
use crate::list::NoParams;
use crate::objects::NumberObject;
use crate::parameters::flag;
use crate::problem::{Problem, ProblemCode};
use crate::responses::{CarrierBodyProblems, ChangeProblems};
use crate::state::AdminState;

/// A new number.
#[derive(Serialize, ToSchema)]
pub(crate) struct NumberBody {
    /// The number with its country code.
    phone_number: String,
    /// The account that owns it.
    account_sid: String,
}

/// Add a phone number of an account
///
/// It belongs to the organization of the account. Nothing is changed at Twilio until it is assigned. A key of an organization
/// adds only numbers that the account owns at Twilio.
#[utoipa::path(
    post, path = "/api/v1/numbers", tag = "Numbers", operation_id = "add_number",
    request_body = NumberBody,
    responses((status = 201, description = "The number.", body = NumberObject), CarrierBodyProblems),
)]
pub(crate) async fn add(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let mut fields = body::read(&request, payload).await?;
    let number = fields.required("phone_number", PhoneNumber::parse_typed);
    let account = fields.required("account_sid", AccountSid::parse);
    fields.end()?;
    // Without mistakes, both are there.
    let (Some(number), Some(account)) = (number, account) else {
        return Err(Problem::mistakes(Vec::new()));
    };
    let sender = Sender::from(number);
    let location = format!("/api/v1/numbers/{}", sender.as_str());
    added(&caller, &state, NewNumber { sender, account }, &location).await
}

/// Adds a number or a sender, which has this path then.
pub(super) async fn added(
    caller: &Caller<Configure>,
    state: &AdminState,
    new: NewNumber,
    location: &str,
) -> Result<HttpResponse, Problem> {
    let NewNumber { sender, account } = new;
    let author = caller.author();
    if state.store.accounts().find(&author, account).await?.is_none() {
        return Err(Problem::field(ProblemCode::AccountNotFound, "account_sid", &"does not exist"));
    }
    // Otherwise, an organization could take the number of another one, or find out whether it has the number.
    if !caller.is_operator {
        state.assigning.must_own(&author, account, sender).await?;
    }
    state.assigning.numbers.add(&author, new).await?;
    let object = found(state, &author, sender).await?;
    Ok(HttpResponse::Created().insert_header((LOCATION, location)).json(object))
}

/// What happens to the configuration that a number had before.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RemoveParams {
    /// Whether the saved configuration of the number is discarded. At Twilio, its webhooks keep pointing to this server.
    #[param(value_type = Option<bool>, default = false)]
    discard_configuration: Option<String>,
}

/// Remove a phone number, even if it is assigned
///
/// Its calls and messages are refused then. A number that is configured at Twilio is unassigned first.
#[utoipa::path(
    delete, path = "/api/v1/numbers/{phone_number}", tag = "Numbers", operation_id = "remove_number",
    params(
        ("phone_number" = String, Path, description = "The number with its country code, `+14155550100`."),
        RemoveParams,
    ),
    responses((status = 204, description = "The number is removed."), ChangeProblems),
)]
pub(crate) async fn remove(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    let sender = phone_number(&caller).await;
    removed(&caller, &state, sender).await
}

/// Removes the number or the sender of the path.
pub(super) async fn removed(
    caller: &Caller<Configure>,
    state: &AdminState,
    sender: Result<Sender, Problem>,
) -> Result<HttpResponse, Problem> {
    let params: RemoveParams = caller.query()?;
    let discards = flag("discard_configuration", params.discard_configuration.as_deref())?;
    let saved_configuration =
        if discards { SavedConfiguration::Discard } else { SavedConfiguration::Refuse };
    state.assigning.numbers.remove(&caller.author(), sender?, saved_configuration).await?;
    Ok(HttpResponse::NoContent().finish())
}
