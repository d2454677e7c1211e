//! A conversation as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use switchboard_domain::call::CallRecord;
use switchboard_domain::delivery::{Delivery, Outgoing};
use switchboard_domain::message::{Direction, MessageRecord};
use switchboard_domain::ports::Conversation;
use switchboard_domain::thread::ThreadEntry;
use switchboard_domain::time::Timestamp;
use utoipa::ToSchema;

use super::message::{ErrorObject, MediaObject, channel, media};
use super::party::{AgentRefObject, side};
use super::{NumberDisplay, instant};
use crate::wording::Wording;

/// All messages between one contact and one number or sender.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Conversation)]
pub struct ConversationObject {
    /// Its id.
    pub id: String,
    /// The organization that it belongs to.
    pub organization: String,
    /// Our number or sender.
    pub sender: String,
    /// The other side.
    pub contact: String,
    /// When it began.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Until when the conversation is stopped, because two programs answered each other.
    #[schema(required, format = DateTime)]
    pub stopped_until: Option<String>,
}

impl ConversationObject {
    /// Renders a conversation.
    pub fn of(conversation: &Conversation, now: Timestamp, phone_numbers: NumberDisplay) -> Self {
        let stopped_until = conversation.stopped_until.filter(|until| *until > now);
        Self {
            id: conversation.id.to_string(),
            organization: conversation.organization.to_string(),
            sender: side(conversation.key.sender(), phone_numbers),
            contact: side(conversation.key.contact(), phone_numbers),
            created_at: instant(conversation.created_at),
            stopped_until: stopped_until.map(instant),
        }
    }
}

/// A conversation with its messages and calls.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ConversationStory)]
pub struct ConversationStory {
    /// The conversation.
    #[serde(flatten)]
    pub conversation: ConversationObject,
    /// Its last messages and calls, oldest first.
    pub turns: Vec<TurnObject>,
}

/// A message or call of a conversation.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Turn)]
pub struct TurnObject {
    /// Its place in the conversation. Of two messages at the same time, the contact's comes first.
    #[serde(skip, default = "no_place")]
    #[schema(ignore)]
    pub place: (Timestamp, Option<String>),
    /// `inbound` or `outbound`.
    pub direction: Cow<'static, str>,
    /// Its SID at Twilio, if it is known.
    #[schema(required)]
    pub sid: Option<String>,
    /// The channel; `voice` for a call.
    pub channel: Cow<'static, str>,
    /// Its text; `null` for a call.
    #[schema(required)]
    pub body: Option<String>,
    /// Its files.
    pub media: Vec<MediaObject>,
    /// The agent.
    #[schema(required)]
    pub agent: Option<AgentRefObject>,
    /// Its status at Twilio, if it is known; of a call, its outcome.
    #[schema(required)]
    pub status: Option<Cow<'static, str>>,
    /// Twilio's error.
    #[schema(required)]
    pub error: Option<ErrorObject>,
    /// The delivery to the agent, or the one that sent it; `null` for a call.
    #[schema(required)]
    pub delivery: Option<String>,
    /// The state of the delivery.
    #[schema(required)]
    pub state: Option<Cow<'static, str>>,
    /// When it was received or accepted, or the call began.
    #[schema(format = DateTime)]
    pub at: String,
}

/// The place of a turn that is read from JSON, where the order of the turns tells it.
const fn no_place() -> (Timestamp, Option<String>) {
    (Timestamp::from_seconds(0), None)
}

impl TurnObject {
    /// Renders a message of the contact, with its delivery to the agent.
    pub fn received(
        message: &MessageRecord,
        delivery: Option<&Delivery>,
        agent: Option<AgentRefObject>,
        wording: &dyn Wording,
    ) -> Self {
        Self {
            place: (message.first_seen_at, None),
            direction: Direction::Inbound.as_str().into(),
            sid: Some(message.message.to_string()),
            channel: channel(message.from.as_ref(), message.to.as_ref()).as_str().into(),
            body: message.body.as_ref().map(|body| body.as_str().to_owned()),
            media: media(message),
            agent,
            status: Some(message.status.as_str().into()),
            error: message.error_code.map(|code| ErrorObject::of(code, wording)),
            delivery: delivery.map(|delivery| delivery.id.to_string()),
            state: delivery.map(|delivery| delivery.state.as_str().into()),
            at: instant(message.first_seen_at),
        }
    }

    /// Renders a call.
    pub fn called(call: &CallRecord, agent: Option<AgentRefObject>, wording: &dyn Wording) -> Self {
        let entry = ThreadEntry::Called(call);
        let error = call.disconnection.and_then(|end| end.error_code);
        Self {
            place: (call.first_seen_at, None),
            direction: entry.direction().as_str().into(),
            sid: Some(call.call.to_string()),
            channel: entry.channel().as_str().into(),
            body: None,
            media: Vec::new(),
            agent,
            status: Some(call.outcome().as_str().into()),
            error: error.map(|code| ErrorObject::of(code, wording)),
            delivery: None,
            state: None,
            at: instant(call.first_seen_at),
        }
    }

    /// Renders a message to the contact, with what Twilio reported about it.
    pub fn sent(
        delivery: &Delivery,
        outgoing: &Outgoing,
        reported: Option<&MessageRecord>,
        agent: Option<AgentRefObject>,
        wording: &dyn Wording,
    ) -> Self {
        let error = reported.and_then(|reported| reported.error_code);
        // Without a status, the reason is that of the last attempt to send it.
        let refused = delivery.attempts.last().filter(|made| made.outcome.is_failure());
        let error = error.or(refused.and_then(|made| made.code));
        Self {
            place: (delivery.created_at, Some(delivery.id.to_string())),
            direction: Direction::Outbound.as_str().into(),
            sid: outgoing.progress.sid.map(|sid| sid.to_string()),
            channel: channel(Some(&outgoing.from), Some(&outgoing.to)).as_str().into(),
            body: Some(outgoing.content.body.as_str().to_owned()),
            media: MediaObject::of_outgoing(&outgoing.content),
            agent,
            status: reported.map(|reported| reported.status.as_str().into()),
            error: error.map(|code| ErrorObject::of(code, wording)),
            delivery: Some(delivery.id.to_string()),
            state: Some(delivery.state.as_str().into()),
            at: instant(delivery.created_at),
        }
    }
}
