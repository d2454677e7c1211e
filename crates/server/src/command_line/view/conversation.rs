//! A conversation, as it is printed.

use serde::Serialize;
use switchboard_domain::delivery::{Delivery, Outgoing};
use switchboard_domain::message::{Direction, MessageRecord};
use switchboard_domain::ports::Conversation;
use switchboard_domain::time::Timestamp;

use super::message::{ErrorView, MediaView, channel, media};
use super::party::{AgentRefView, side};
use super::{instant, or_none, sheet};
use crate::command_line::output::View;

/// A conversation.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct ConversationView {
    id: String,
    organization: String,
    sender: String,
    contact: String,
    created_at: String,
    /// Until when the conversation is stopped, because two programs answered each other.
    stopped_until: Option<String>,
}

impl ConversationView {
    pub(in crate::command_line) fn of(
        conversation: &Conversation,
        now: Timestamp,
        reveal: bool,
    ) -> Self {
        let stopped_until = conversation.stopped_until.filter(|until| *until > now);
        Self {
            id: conversation.id.to_string(),
            organization: conversation.organization.to_string(),
            sender: side(conversation.key.sender(), reveal),
            contact: side(conversation.key.contact(), reveal),
            created_at: instant(conversation.created_at),
            stopped_until: stopped_until.map(instant),
        }
    }
}

impl View for ConversationView {
    const COLUMNS: &'static [&'static str] = &["BEGAN", "ID", "SENDER", "CONTACT"];

    const KEY: usize = 1;

    fn cells(&self) -> Vec<String> {
        [&self.created_at, &self.id, &self.sender, &self.contact].map(Clone::clone).into()
    }
}

/// A conversation with its messages.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct ConversationStory {
    #[serde(flatten)]
    pub(in crate::command_line) conversation: ConversationView,
    /// Oldest first.
    pub(in crate::command_line) messages: Vec<TurnView>,
}

impl ConversationStory {
    /// The thread, for people.
    pub(in crate::command_line) fn sheet(&self) -> String {
        let ConversationView { id, organization, sender, contact, created_at, stopped_until } =
            &self.conversation;
        let stopped = stopped_until
            .as_ref()
            .map(|until| format!("until {until}, because two programs answered each other"));
        let mut text = sheet(&[
            ("conversation", id),
            ("sender", sender),
            ("contact", contact),
            ("began", created_at),
            ("organization", organization),
            ("stopped", or_none(stopped.as_deref())),
        ]);
        if self.messages.is_empty() {
            text.push_str("\n\nno messages are recorded");
            return text;
        }
        text.push('\n');
        text.extend(self.messages.iter().map(TurnView::lines));
        text
    }
}

/// A message of a conversation.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct TurnView {
    #[serde(skip)]
    place: (Timestamp, Option<String>),
    direction: &'static str,
    /// Its SID at Twilio, if it is known.
    sid: Option<String>,
    channel: &'static str,
    body: Option<String>,
    media: Vec<MediaView>,
    agent: Option<AgentRefView>,
    /// Its status at Twilio, if it is known.
    status: Option<&'static str>,
    error: Option<ErrorView>,
    delivery: Option<String>,
    /// The state of the delivery.
    state: Option<&'static str>,
    at: String,
}

impl TurnView {
    /// A message of the contact, with its delivery to the agent.
    pub(in crate::command_line) fn received(
        message: &MessageRecord,
        delivery: Option<&Delivery>,
        agent: Option<AgentRefView>,
    ) -> Self {
        Self {
            place: (message.first_seen_at, None),
            direction: Direction::Inbound.as_str(),
            sid: Some(message.message.to_string()),
            channel: channel(message.from.as_ref(), message.to.as_ref()).as_str(),
            body: message.body.as_ref().map(|body| body.as_str().to_owned()),
            media: media(message),
            agent,
            status: Some(message.status.as_str()),
            error: message.error_code.map(ErrorView::of),
            delivery: delivery.map(|delivery| delivery.id.to_string()),
            state: delivery.map(|delivery| delivery.state.as_str()),
            at: instant(message.first_seen_at),
        }
    }

    /// A message to the contact, with what Twilio reported about it.
    pub(in crate::command_line) fn sent(
        delivery: &Delivery,
        outgoing: &Outgoing,
        reported: Option<&MessageRecord>,
        agent: Option<AgentRefView>,
    ) -> Self {
        let error = reported.and_then(|reported| reported.error_code);
        // Without a status, the reason is that of the last attempt to send it.
        let refused = delivery.attempts.last().filter(|made| made.outcome.is_failure());
        let error = error.or(refused.and_then(|made| made.code));
        Self {
            place: (delivery.created_at, Some(delivery.id.to_string())),
            direction: Direction::Outbound.as_str(),
            sid: outgoing.progress.sid.map(|sid| sid.to_string()),
            channel: channel(Some(&outgoing.from), Some(&outgoing.to)).as_str(),
            body: Some(outgoing.content.body.as_str().to_owned()),
            media: MediaView::of_outgoing(&outgoing.content),
            agent,
            status: reported.map(|reported| reported.status.as_str()),
            error: error.map(ErrorView::of),
            delivery: Some(delivery.id.to_string()),
            state: Some(delivery.state.as_str()),
            at: instant(delivery.created_at),
        }
    }

    /// The place in the conversation. Of two messages at the same time, the contact's comes first.
    pub(in crate::command_line) fn place(&self) -> (Timestamp, Option<String>) {
        self.place.clone()
    }

    fn lines(&self) -> String {
        let Self { at, channel, .. } = self;
        let arrow = if self.direction == Direction::Inbound.as_str() { "contact" } else { "we" };
        let agent = self.agent.as_ref().map(|agent| format!(", {}", agent.short()));
        let state = match (self.status, self.state) {
            (Some(status), Some(state)) if arrow == "contact" => {
                format!("{status}, delivery {state}")
            }
            (Some(status), _) => status.to_owned(),
            (None, Some(state)) => format!("delivery {state}"),
            (None, None) => String::new(),
        };
        let error = self.error.as_ref().map(|error| format!(", {error}"));
        let body = self.body.as_deref().filter(|body| !body.is_empty());
        let body = body.map(|body| format!("\n  {}", body.replace('\n', "\n  ")));
        let media: Vec<_> = self.media.iter().map(|media| format!("\n  {}", media.url)).collect();
        let id = or_none(self.sid.as_deref().or(self.delivery.as_deref()));
        format!(
            "\n{at}  {arrow}{}  {channel}  {state}{}  {id}{}{}\n",
            agent.unwrap_or_default(),
            error.unwrap_or_default(),
            body.unwrap_or_default(),
            media.concat(),
        )
    }
}
