//! `/api/v1/messages`

use actix_web::web::{Data, Json};
use switchboard_domain::history::Records;
use switchboard_domain::message::MessageRecord;
use switchboard_domain::sid::MessageSid;

use super::history_params::MessageParams;
use crate::caller::{Caller, Read};
use crate::cursor::CursorScope;
use crate::list::{List, read_newest};
use crate::objects::{MessageObject, MessageStory};
use crate::parameters::RecordParams;
use crate::problem::{Problem, ProblemCode};
use crate::responses::{ItemProblems, ListProblems};
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
    let params = MessageParams::of(caller.query()?)?;
    let params = params.params();
    let filter = params.filter(Records::Messages, state.keys.clock.now())?;
    let cursors = CursorScope::new("messages", &params.digest());
    let page = params.page().newest(&cursors, |key| MessageSid::parse(key).ok())?;
    let reveal = params.reveal()?;
    let read = async |page| state.store.newest_messages(&caller.scope, &filter, &page).await;
    let place = |message: &MessageRecord| (message.first_seen_at, message.message.to_string());
    let (messages, next) = read_newest(page, place, &cursors, read).await?;
    let read = state.reading(&caller.scope, reveal).messages(messages).await?;
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
    let reveal = caller.query::<RecordParams>()?.reveal()?;
    let sid = caller.path().await.and_then(|text| MessageSid::parse(&text).ok());
    let found = state.store.message_by_sid(&caller.scope, sid.ok_or_else(missing)?).await?;
    let message = found.ok_or_else(missing)?;
    let (story, _) = state.reading(&caller.scope, reveal).message_story(&message).await?;
    Ok(Json(story))
}
