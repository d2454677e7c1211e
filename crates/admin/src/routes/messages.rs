//! `/api/v1/messages`

use std::convert::Infallible;

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use switchboard_application_delivery::NewMessage;
use switchboard_domain::delivery::{IdempotencyKey, OutgoingContent};
use switchboard_domain::history::Records;
use switchboard_domain::message::MessageRecord;
use switchboard_domain::sid::MessageSid;
use switchboard_domain::web_address::WebUrl;
use utoipa::ToSchema;

use super::history_params::{HistoryParams, MessageParams};
use crate::body;
use crate::caller::{Caller, Read, Route};
use crate::cursor::CursorScope;
use crate::list::{List, read_newest};
use crate::objects::{MessageObject, MessageStory, SentMessageObject};
use crate::parameters::RecordParams;
use crate::party::Party;
use crate::problem::{Problem, ProblemCode};
use crate::repeatable::IDEMPOTENCY_KEY;
use crate::responses::{BodyProblems, ItemProblems, ListProblems};
use crate::state::AdminState;

/// List messages, newest first
#[utoipa::path(
    get, path = "/api/v1/messages", tag = "Messages", operation_id = "list_messages",
    params(MessageParams),
    responses((status = 200, description = "A page of the list.", body = List<MessageObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<MessageObject>>, Problem> {
    let params: HistoryParams = caller.query()?;
    let filter = params.filter(Records::Messages, state.keys.clock.now())?;
    let cursors = CursorScope::new("messages", &params.digest());
    let page = params.page().newest(&cursors, |key| MessageSid::parse(key).ok())?;
    let phone_numbers = params.phone_numbers()?;
    let read = async |page| state.store.newest_messages(&caller.scope, &filter, &page).await;
    let place = |message: &MessageRecord| (message.first_seen_at, message.message.to_string());
    let (messages, next) = read_newest(page, place, &cursors, read).await?;
    let read = state.reading(&caller.scope, phone_numbers).messages(messages).await?;
    Ok(Json(List::new(read.into_iter().map(|(_, object)| object).collect(), next)))
}

/// Show a message, what became of it, and the replies to it
#[utoipa::path(
    get, path = "/api/v1/messages/{sid}", tag = "Messages", operation_id = "show_message",
    params(("sid" = String, Path, description = "The `MessageSid`."), RecordParams),
    responses((status = 200, description = "The message.", body = MessageStory), ItemProblems),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<MessageStory>, Problem> {
    let missing = || Problem::of(ProblemCode::MessageNotFound);
    let phone_numbers = caller.query::<RecordParams>()?.phone_numbers()?;
    let sid = caller.path().await.and_then(|text| MessageSid::parse(&text).ok());
    let found = state.store.message_by_sid(&caller.scope, sid.ok_or_else(missing)?).await?;
    let message = found.ok_or_else(missing)?;
    let (story, _) = state.reading(&caller.scope, phone_numbers).message_story(&message).await?;
    Ok(Json(story))
}

/// A message to a contact.
#[derive(Serialize, ToSchema)]
pub(crate) struct SendBody {
    /// One of the numbers, with a prefix such as `whatsapp:` for another channel.
    from: String,
    /// The contact, on the same channel.
    to: String,
    /// The text, at most 1,600 characters. It may be left out if there are media.
    body: Option<String>,
    /// The URLs of at most 10 files.
    #[schema(required = false)]
    media: Vec<String>,
}

/// Send a message from one of the numbers
///
/// The message is stored, and sent at Twilio by a worker: `GET /api/v1/deliveries/{id}` shows its state. A request with the
/// same `Idempotency-Key` and the same message is answered again and sends nothing; with another message it is refused.
#[utoipa::path(
    post, path = "/api/v1/messages", tag = "Messages", operation_id = "send_message",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 200 printable ASCII characters."),
        RecordParams,
    ),
    request_body = SendBody,
    responses((status = 202, description = "The message is accepted.", body = SentMessageObject), BodyProblems),
)]
pub(crate) async fn send(
    caller: Caller<Route>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    let phone_numbers = caller.query::<RecordParams>()?.phone_numbers()?;
    let invalid = || Problem::of(ProblemCode::IdempotencyKeyInvalid);
    let key = caller.header(&IDEMPOTENCY_KEY).map_err(|()| invalid())?;
    let key = key.map(IdempotencyKey::parse).transpose().map_err(|_invalid| invalid())?;
    let mut fields = body::read(&request, payload).await?;
    let from = fields.required("from", Party::parse);
    let to = fields.required("to", Party::parse);
    let text = fields.text("body", |text| Ok::<_, Infallible>(text.to_owned()));
    let media = fields.texts("media", |url| WebUrl::parse(url.trim()));
    let content = OutgoingContent::of_message(&text.unwrap_or_default(), media);
    let content = content.map_err(|error| fields.wrong("body", "invalid", &error)).ok();
    fields.end()?;
    // Without mistakes, all of them were given.
    let (Some(from), Some(to), Some(content)) = (from, to, content) else {
        return Err(Problem::mistakes(Vec::new()));
    };
    let message = NewMessage { from: from.address, to: to.address, content, key };
    let accepted = state.sending.send(&caller.scope, &message).await?;
    let wording = state.wording.as_ref();
    let object = SentMessageObject::of(&message, &accepted, phone_numbers, wording);
    let location = format!("/api/v1/deliveries/{}", accepted.delivery.id);
    Ok(HttpResponse::Accepted().insert_header((LOCATION, location)).json(object))
}
