//! A delivery, as it is printed.

use serde::Serialize;
use switchboard_domain::delivery::{
    Attempt, AttemptOutcome, Delivery, DeliveryItem, DeliveryState, EventItem, Outgoing, QueueOwner,
};
use switchboard_domain::identifier::ConversationId;
use switchboard_domain::web_address::WebUrl;

use super::party::{AgentRefView, address};
use super::{instant, or_none, sheet};
use crate::command_line::output::View;
use crate::command_line::remedies;

/// The most characters of a text in a table.
const SHOWN: usize = 40;
const TWILIO: &str = "twilio";

/// A delivery.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct DeliveryView {
    id: String,
    kind: &'static str,
    target: Option<String>,
    state: &'static str,
    attempts: Vec<AttemptView>,
    next_attempt_at: Option<String>,
    /// The outcome of the last attempt, if it failed.
    reason: Option<&'static str>,
    organization: String,
    account_sid: String,
    message_sid: Option<String>,
    agent: Option<AgentRefView>,
    conversation: Option<String>,
    outgoing: Option<OutgoingView>,
    subscription: Option<String>,
    event: Option<EventRefView>,
    created_at: String,
    #[serde(skip)]
    advice: String,
}

/// An attempt.
#[derive(Debug, Serialize)]
struct AttemptView {
    at: String,
    milliseconds: u32,
    outcome: &'static str,
    code: Option<u32>,
    explanation: String,
}

/// A message to a contact.
#[derive(Debug, Serialize)]
struct OutgoingView {
    from: String,
    to: String,
    body: String,
    media: Vec<String>,
    state: &'static str,
    sid: Option<String>,
}

/// An event that is delivered.
#[derive(Debug, Serialize)]
struct EventRefView {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl EventRefView {
    fn of(item: &EventItem) -> Self {
        Self { id: item.event.to_string(), kind: item.kind.as_str() }
    }
}

impl OutgoingView {
    fn of(outgoing: &Outgoing, reveal: bool) -> Self {
        let media = outgoing.content.media.iter().map(|url| url.as_str().to_owned());
        Self {
            from: address(&outgoing.from, reveal),
            to: address(&outgoing.to, reveal),
            body: outgoing.content.body.as_str().to_owned(),
            media: media.collect(),
            state: outgoing.progress.state.as_str(),
            sid: outgoing.progress.sid.map(|sid| sid.to_string()),
        }
    }
}

impl DeliveryView {
    /// `endpoint` is the URL of the endpoint of the agent or subscription.
    pub(in crate::command_line) fn of(
        delivery: &Delivery,
        agent: Option<AgentRefView>,
        endpoint: Option<&WebUrl>,
        reveal: bool,
    ) -> Self {
        let id = agent.as_ref().map(AgentRefView::id);
        let (target, outgoing, event) = match &delivery.item {
            DeliveryItem::Received(_) => (endpoint.map(origin), None, None),
            DeliveryItem::Outgoing(outgoing) => (Some(TWILIO.to_owned()), Some(outgoing), None),
            DeliveryItem::Event(item) => (endpoint.map(origin), None, Some(item)),
        };
        let subscription = match &delivery.owner {
            QueueOwner::Conversation(_) => None,
            QueueOwner::Subscription(id) => Some(id.to_string()),
        };
        let explained = |made: &Attempt| match &subscription {
            Some(subscription) => remedies::event_attempt(made, subscription),
            None => remedies::delivery_attempt(made, id),
        };
        let attempt = |made: &Attempt| AttemptView {
            at: instant(made.at),
            milliseconds: made.milliseconds,
            outcome: made.outcome.as_str(),
            code: made.code,
            explanation: explained(made).meaning,
        };
        let is_reason = |outcome: AttemptOutcome| {
            outcome.is_failure() || outcome == AttemptOutcome::WindowClosed
        };
        let last = delivery.attempts.last().filter(|made| is_reason(made.outcome));
        let last = last.filter(|_| delivery.state != DeliveryState::Delivered);
        let advice = last.and_then(|made| explained(made).remedy);
        Self {
            id: delivery.id.to_string(),
            kind: delivery.item.kind(),
            target,
            state: delivery.state.as_str(),
            attempts: delivery.attempts.iter().map(attempt).collect(),
            next_attempt_at: delivery.next_attempt_at.map(instant),
            reason: last.map(|made| made.outcome.as_str()),
            organization: delivery.organization.to_string(),
            account_sid: delivery.account.to_string(),
            message_sid: delivery.item.message().map(|sid| sid.to_string()),
            outgoing: outgoing.map(|outgoing| OutgoingView::of(outgoing, reveal)),
            conversation: delivery.conversation().map(ConversationId::to_string),
            event: event.map(EventRefView::of),
            created_at: instant(delivery.created_at),
            advice: advice.unwrap_or_else(|| "nothing".to_owned()),
            agent,
            subscription,
        }
    }

    /// The state and the attempts, below the message.
    pub(super) fn summary(&self) -> String {
        let next = self.next_attempt_at.as_ref().map(|at| format!(", next attempt {at}"));
        let reason = self.reason.map(|reason| format!(", {reason}"));
        let mut text = format!(
            "\ndelivery  {}  {}{}{}",
            self.id,
            self.state,
            reason.unwrap_or_default(),
            next.unwrap_or_default()
        );
        text.extend(self.attempt_lines());
        text
    }

    fn attempt_lines(&self) -> impl Iterator<Item = String> {
        self.attempts.iter().enumerate().map(|(number, made)| {
            let AttemptView { at, milliseconds, explanation, .. } = made;
            format!("\nattempt {}  {at}  {milliseconds} ms  {explanation}", number + 1)
        })
    }

    /// The whole story, for people.
    pub(in crate::command_line) fn sheet(&self) -> String {
        let agent = self.agent.as_ref().map(ToString::to_string);
        let outgoing = self.outgoing.as_ref();
        let media = outgoing.map(|outgoing| outgoing.media.join(" "));
        let media = media.filter(|media| !media.is_empty());
        let event = self.event.as_ref().map(|event| format!("{} ({})", event.id, event.kind));
        let mut text = sheet(&[
            ("delivery", &self.id),
            ("kind", self.kind),
            ("target", or_none(self.target.as_deref())),
            ("state", self.state),
            ("next attempt", or_none(self.next_attempt_at.as_deref())),
            ("created", &self.created_at),
            ("message", or_none(self.message_sid.as_deref())),
            ("account", &self.account_sid),
            ("agent", or_none(agent.as_deref())),
            ("conversation", or_none(self.conversation.as_deref())),
            ("subscription", or_none(self.subscription.as_deref())),
            ("event", or_none(event.as_deref())),
            ("from", or_none(outgoing.map(|outgoing| outgoing.from.as_str()))),
            ("to", or_none(outgoing.map(|outgoing| outgoing.to.as_str()))),
            ("text", or_none(outgoing.map(|outgoing| outgoing.body.as_str()))),
            ("media", or_none(media.as_deref())),
            ("at Twilio", or_none(outgoing.map(|outgoing| outgoing.state))),
            ("sent as", or_none(outgoing.and_then(|outgoing| outgoing.sid.as_deref()))),
            ("what to do", &self.advice),
        ]);
        text.extend(self.attempt_lines());
        text
    }
}

/// The URL without its path, which can contain a secret.
fn origin(url: &WebUrl) -> String {
    let url = url.as_str();
    let start = url.find("://").map_or(0, |scheme| scheme + 3);
    let end = url.get(start..).and_then(|rest| rest.find(['/', '?', '#']));
    let end = end.map_or(url.len(), |end| start + end);
    let (scheme, host) = (url.get(..start), url.get(start..end).unwrap_or_default());
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{}{host}", scheme.unwrap_or_default())
}

impl View for DeliveryView {
    const COLUMNS: &'static [&'static str] =
        &["CREATED", "ID", "KIND", "AGENT", "STATE", "ATTEMPTS", "NEXT ATTEMPT", "REASON", "TEXT"];

    const KEY: usize = 1;

    fn cells(&self) -> Vec<String> {
        let agent = self.agent.as_ref().map(AgentRefView::short);
        let body = self.outgoing.iter().flat_map(|outgoing| outgoing.body.chars());
        let kind = self.event.iter().flat_map(|event| event.kind.chars());
        vec![
            self.created_at.clone(),
            self.id.clone(),
            self.kind.to_owned(),
            or_none(agent).to_owned(),
            self.state.to_owned(),
            self.attempts.len().to_string(),
            or_none(self.next_attempt_at.as_deref()).to_owned(),
            or_none(self.reason).to_owned(),
            body.chain(kind).take(SHOWN).collect(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::web_address::WebUrl;

    use super::origin;

    #[test]
    fn a_target_is_shown_without_its_path() {
        let url = WebUrl::parse("https://agents.example.com:8443/hooks/secret?key=1").unwrap();
        assert_eq!(origin(&url), "https://agents.example.com:8443");
    }
}
