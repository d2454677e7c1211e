//! `/api/v1/conversations`

use actix_web::web::{Data, Json};
use serde::Deserialize;
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::identifier::{AgentId, ConversationId};
use switchboard_domain::ports::{Conversation, ConversationFilter};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;
use utoipa::IntoParams;

use crate::caller::{Caller, Read};
use crate::cursor::CursorScope;
use crate::list::{List, PageParams, parse_limit, read_newest};
use crate::objects::{ConversationObject, ConversationStory};
use crate::parameters::{parsed, period, revealed};
use crate::party::Party;
use crate::problem::{Problem, ProblemCode};
use crate::responses::{ItemProblems, ListProblems};
use crate::state::AdminState;

/// What selects conversations.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ConversationParams {
    /// Only conversations that began at or after this time: an RFC 3339 time, a day such as `2026-11-28` (UTC), or an age such
    /// as `24h` or `7d`.
    since: Option<String>,
    /// Only conversations that began before this time.
    until: Option<String>,
    /// Only conversations with this contact, on any channel.
    contact: Option<String>,
    /// Only conversations with this number or sender.
    sender: Option<String>,
    /// Only conversations with deliveries of this agent.
    agent_id: Option<String>,
    /// Only conversations with deliveries of this account.
    account_sid: Option<String>,
    /// Whether phone numbers of contacts are shown in full. Otherwise, they are masked except for their last two digits.
    #[param(value_type = Option<bool>, default = false)]
    reveal: Option<String>,
    /// The maximum number of entries.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

impl ConversationParams {
    fn filter(&self, now: Timestamp) -> Result<ConversationFilter, Problem> {
        let side = |name, text: &Option<String>| {
            let party = parsed(name, text.as_deref(), Party::parse)?;
            Ok::<_, Problem>(party.map(|party| ConversationKey::side(&party.address)))
        };
        Ok(ConversationFilter {
            period: period(self.since.as_deref(), self.until.as_deref(), now)?,
            sender: side("sender", &self.sender)?,
            contact: side("contact", &self.contact)?,
            agent: parsed("agent_id", self.agent_id.as_deref(), AgentId::parse)?,
            account: parsed("account_sid", self.account_sid.as_deref(), AccountSid::parse)?,
        })
    }

    fn digest(&self) -> String {
        format!("{:?}", Self { limit: None, cursor: None, reveal: None, ..self.clone() })
    }
}

/// List conversations, newest first
#[utoipa::path(
    get, path = "/api/v1/conversations", tag = "Conversations", operation_id = "list_conversations",
    params(ConversationParams),
    responses((status = 200, description = "A page of the list.", body = List<ConversationObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<ConversationObject>>, Problem> {
    let params: ConversationParams = caller.query()?;
    let now = state.keys.clock.now();
    let filter = params.filter(now)?;
    let phone_numbers = revealed(params.reveal.as_deref())?;
    let cursors = CursorScope::new("conversations", &params.digest());
    let ConversationParams { limit, cursor, .. } = params;
    let page =
        PageParams { limit, cursor }.newest(&cursors, |key| ConversationId::parse(key).ok())?;
    let read = async |page| {
        let conversations = state.store.conversations();
        conversations.newest(&caller.scope, &filter, &page).await
    };
    let place = |one: &Conversation| (one.created_at, one.id.to_string());
    let (conversations, next) = read_newest(page, place, &cursors, read).await?;
    let object = |one: &Conversation| ConversationObject::of(one, now, phone_numbers);
    Ok(Json(List::new(conversations.iter().map(object).collect(), next)))
}

/// How much of a conversation is shown.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ThreadParams {
    /// The maximum number of messages and calls; the last ones are shown.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// Whether phone numbers of contacts are shown in full. Otherwise, they are masked except for their last two digits.
    #[param(value_type = Option<bool>, default = false)]
    reveal: Option<String>,
}

/// Show the last messages and calls of a conversation, in both directions
#[utoipa::path(
    get, path = "/api/v1/conversations/{id}", tag = "Conversations", operation_id = "show_conversation",
    params(("id" = String, Path, description = "The id of the conversation, `cnv_…`."), ThreadParams),
    responses((status = 200, description = "The conversation.", body = ConversationStory), ItemProblems),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<ConversationStory>, Problem> {
    let missing = || Problem::of(ProblemCode::ConversationNotFound);
    let params: ThreadParams = caller.query()?;
    let limit = parse_limit(params.limit.as_deref())?;
    let phone_numbers = revealed(params.reveal.as_deref())?;
    let id = caller.path().await.and_then(|text| ConversationId::parse(&text).ok());
    let id = id.ok_or_else(missing)?;
    let found = state.store.conversations().find(&caller.scope, &id).await?;
    let conversation = found.ok_or_else(missing)?;
    let now = state.keys.clock.now();
    let mut reading = state.reading(&caller.scope, phone_numbers);
    Ok(Json(reading.conversation(&conversation, now, limit).await?))
}
