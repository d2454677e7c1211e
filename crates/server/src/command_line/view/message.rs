//! A message, as it is printed.

use std::fmt;

use serde::Serialize;
use switchboard_domain::address::{Address, Channel};
use switchboard_domain::delivery::{Delivery, DeliveryItem, DeliveryState, OutgoingContent};
use switchboard_domain::form::Form;
use switchboard_domain::message::{Direction, MessageRecord};

use super::party::{AgentRefView, PlanRefView, RuleRefView, address};
use super::{instant, or_none, sheet};
use crate::command_line::output::View;
use crate::command_line::remedies::{self, twilio_error};

/// The most characters of a text in a table.
const SHOWN: usize = 40;

/// A message.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct MessageView {
    sid: String,
    account_sid: String,
    organization: String,
    sender: Option<String>,
    contact: Option<String>,
    direction: &'static str,
    channel: &'static str,
    from: Option<String>,
    to: Option<String>,
    body: Option<String>,
    media: Vec<MediaView>,
    agent: Option<AgentRefView>,
    plan: Option<PlanRefView>,
    rule: Option<RuleRefView>,
    reason: Option<&'static str>,
    status: &'static str,
    error: Option<ErrorView>,
    conversation: Option<String>,
    delivery: Option<String>,
    received_at: String,
    #[serde(skip)]
    advice: String,
}

/// A file of a message.
#[derive(Debug, Serialize)]
pub(super) struct MediaView {
    pub(super) url: String,
    content_type: Option<String>,
}

impl MediaView {
    pub(super) fn of_outgoing(content: &OutgoingContent) -> Vec<Self> {
        let media = content.media.iter();
        media.map(|url| Self { url: url.as_str().to_owned(), content_type: None }).collect()
    }
}

/// Twilio's error.
#[derive(Debug, Serialize)]
pub(super) struct ErrorView {
    code: u32,
    meaning: &'static str,
}

impl ErrorView {
    pub(super) const fn of(code: u32) -> Self {
        Self { code, meaning: twilio_error(code).meaning }
    }
}

impl fmt::Display for ErrorView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.code, self.meaning)
    }
}

impl MessageView {
    pub(in crate::command_line) fn of(
        message: &MessageRecord,
        agent: Option<AgentRefView>,
        plan: Option<PlanRefView>,
        delivery: Option<&Delivery>,
        reveal: bool,
    ) -> Self {
        let shown = |side: Option<&Address>| side.map(|side| address(side, reveal));
        let (from, to) = (message.from.as_ref(), message.to.as_ref());
        let (sender, contact) = match message.direction {
            Direction::Inbound => (to, from),
            Direction::Outbound => (from, to),
        };
        let advice = message
            .reason
            .and_then(remedies::decision)
            .or(message.error_code.map(|code| twilio_error(code).remedy));
        let content = match delivery.map(|delivery| &delivery.item) {
            Some(DeliveryItem::Outgoing(outgoing)) => Some(&outgoing.content),
            Some(DeliveryItem::Received(_) | DeliveryItem::Event(_)) | None => None,
        };
        let dead = delivery.filter(|delivery| delivery.state == DeliveryState::Dead);
        let dead = dead.and_then(|delivery| delivery.attempts.last());
        let id = agent.as_ref().map(AgentRefView::id);
        let advice = dead
            .and_then(|made| remedies::delivery_attempt(made, id).remedy)
            .or(advice.map(str::to_owned));
        Self {
            sid: message.message.to_string(),
            account_sid: message.account.to_string(),
            organization: message.organization.to_string(),
            sender: shown(sender),
            contact: shown(contact),
            direction: message.direction.as_str(),
            channel: channel(from, to).as_str(),
            from: shown(from),
            to: shown(to),
            body: content
                .map(|content| &content.body)
                .or(message.body.as_ref())
                .map(|body| body.as_str().to_owned()),
            media: content.map_or_else(|| media(message), MediaView::of_outgoing),
            agent,
            plan,
            rule: message.rule.as_ref().map(RuleRefView::of),
            reason: message.reason.map(switchboard_domain::routing::Reason::as_str),
            status: message.status.as_str(),
            error: message.error_code.map(ErrorView::of),
            conversation: delivery
                .and_then(Delivery::conversation)
                .map(switchboard_domain::identifier::ConversationId::to_string),
            delivery: delivery.map(|delivery| delivery.id.to_string()),
            received_at: instant(message.first_seen_at),
            advice: advice.unwrap_or_else(|| "nothing".to_owned()),
        }
    }

    /// The message with its delivery, as text.
    pub(in crate::command_line) fn sheet(&self) -> String {
        let agent = self.agent.as_ref().map(ToString::to_string);
        let plan = match (&self.plan, &self.rule) {
            (Some(plan), Some(rule)) => Some(format!("{plan}: {rule}")),
            _ => None,
        };
        let error = self.error.as_ref().map(ToString::to_string);
        let why = self.reason.and_then(switchboard_domain::routing::Reason::parse);
        let why = why.map(switchboard_domain::routing::Reason::explanation);
        let media: Vec<_> = self.media.iter().map(|media| media.url.as_str()).collect();
        let media = media.join(" ");
        sheet(&[
            ("message", &self.sid),
            ("direction", self.direction),
            ("channel", self.channel),
            ("from", or_none(self.from.as_deref())),
            ("to", or_none(self.to.as_deref())),
            ("account", &self.account_sid),
            ("received", &self.received_at),
            ("status", self.status),
            ("error", or_none(error.as_deref())),
            ("agent", or_none(agent.as_deref())),
            ("plan", or_none(plan.as_deref())),
            ("reason", or_none(why)),
            ("media", if media.is_empty() { super::NONE } else { &media }),
            ("text", or_none(self.body.as_deref())),
            ("conversation", or_none(self.conversation.as_deref())),
            ("what to do", &self.advice),
        ])
    }
}

/// The channel of a message. Either address may determine it.
pub(super) fn channel(from: Option<&Address>, to: Option<&Address>) -> Channel {
    let by = |side: Option<&Address>| side.map(Address::message_channel);
    let other = by(to).filter(|channel| *channel != Channel::Sms);
    other.or(by(from)).unwrap_or(Channel::Sms)
}

/// The files of a message, which are in the parameters as they were received.
pub(super) fn media(message: &MessageRecord) -> Vec<MediaView> {
    let Some(parameters) = &message.parameters else { return Vec::new() };
    let Ok(form) = Form::parse(parameters.as_str().as_bytes()) else { return Vec::new() };
    let value = |name: &str| {
        form.fields().find(|(field, _)| *field == name).map(|(_, value)| value.to_owned())
    };
    (0_u16..)
        .map_while(|index| {
            let url = value(&format!("MediaUrl{index}"))?;
            Some(MediaView { url, content_type: value(&format!("MediaContentType{index}")) })
        })
        .collect()
}

impl View for MessageView {
    const COLUMNS: &'static [&'static str] =
        &["RECEIVED", "SID", "DIRECTION", "FROM", "TO", "AGENT", "STATUS", "REASON", "TEXT"];

    const KEY: usize = 1;

    fn cells(&self) -> Vec<String> {
        let agent = self.agent.as_ref().map(AgentRefView::short);
        let text: String = self.body.iter().flat_map(|body| body.chars()).take(SHOWN).collect();
        vec![
            self.received_at.clone(),
            self.sid.clone(),
            self.direction.to_owned(),
            or_none(self.from.as_deref()).to_owned(),
            or_none(self.to.as_deref()).to_owned(),
            or_none(agent).to_owned(),
            self.status.to_owned(),
            or_none(self.reason).to_owned(),
            text,
        ]
    }
}
