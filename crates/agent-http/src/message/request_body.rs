//! The body of a delivery.

use serde::Serialize;
use switchboard_domain::address::{Address, Channel};
use switchboard_domain::agent::Label;
use switchboard_domain::message::{Body, MessageRecord};
use switchboard_domain::ports::EndpointMessage;
use switchboard_domain::thread::ThreadEntry;
use switchboard_domain::time::Timestamp;

#[derive(Serialize)]
struct RequestBody<'m> {
    r#type: &'static str,
    timestamp: String,
    data: Data<'m>,
}

#[derive(Serialize)]
struct Data<'m> {
    message_sid: &'m str,
    account_sid: &'m str,
    organization: &'m str,
    channel: &'static str,
    from: Option<String>,
    to: Option<String>,
    body: &'m str,
    media: Vec<MediaBody<'m>>,
    agent: AgentBody<'m>,
    conversation: ConversationBody<'m>,
    reply_url: &'m str,
    reply_token: &'m str,
    received_at: String,
}

#[derive(Serialize)]
struct MediaBody<'m> {
    url: &'m str,
    content_type: &'m str,
}

#[derive(Serialize)]
struct AgentBody<'m> {
    id: &'m str,
    external_id: Option<&'m str>,
    name: &'m str,
    prompt: &'m str,
}

#[derive(Serialize)]
struct ConversationBody<'m> {
    id: &'m str,
    turns: Vec<TurnBody<'m>>,
}

#[derive(Serialize)]
struct TurnBody<'m> {
    at: String,
    direction: &'static str,
    channel: &'static str,
    body: &'m str,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<CallBody<'m>>,
}

#[derive(Serialize)]
struct CallBody<'m> {
    sid: &'m str,
    outcome: &'static str,
    duration_seconds: Option<u32>,
}

/// Serializes a delivery as JSON. The same bytes are signed and sent.
pub(super) fn serialize(delivered: &EndpointMessage) -> Result<Vec<u8>, serde_json::Error> {
    let (message, agent) = (&delivered.message, &delivered.agent);
    serde_json::to_vec(&RequestBody {
        r#type: "message.received",
        timestamp: instant(delivered.at),
        data: Data {
            message_sid: message.message.as_str(),
            account_sid: message.account.as_str(),
            organization: message.organization.as_str(),
            channel: channel(message).as_str(),
            from: message.from.as_ref().map(Address::to_text),
            to: message.to.as_ref().map(Address::to_text),
            body: message.body.as_ref().map(Body::as_str).unwrap_or_default(),
            media: delivered
                .media
                .iter()
                .map(|media| MediaBody {
                    url: media.url.as_str(),
                    content_type: &media.content_type,
                })
                .collect(),
            agent: AgentBody {
                id: agent.id.as_str(),
                external_id: agent.profile.external_id.as_ref().map(Label::as_str),
                name: agent.profile.name.as_str(),
                prompt: agent.prompt.as_str(),
            },
            conversation: ConversationBody {
                id: delivered.conversation.as_str(),
                turns: delivered.thread.latest().into_iter().map(turn).collect(),
            },
            reply_url: delivered.reply_url.as_str(),
            reply_token: delivered.reply_token.expose(),
            received_at: instant(message.first_seen_at),
        },
    })
}

fn turn(entry: ThreadEntry<'_>) -> TurnBody<'_> {
    let call = match entry {
        ThreadEntry::Called(call) => Some(CallBody {
            sid: call.call.as_str(),
            outcome: call.outcome().as_str(),
            duration_seconds: call.progress.and_then(|progress| progress.duration_seconds),
        }),
        ThreadEntry::Received(_) | ThreadEntry::Sent(..) => None,
    };
    TurnBody {
        at: instant(entry.at()),
        direction: entry.direction().as_str(),
        channel: entry.channel().as_str(),
        body: entry.text(),
        call,
    }
}

fn channel(message: &MessageRecord) -> Channel {
    let of = |address: &Option<Address>| address.as_ref().map(Address::message_channel);
    let channels = [of(&message.to), of(&message.from)].into_iter().flatten();
    channels.reduce(|to, from| if to == Channel::Sms { from } else { to }).unwrap_or(Channel::Sms)
}

/// Formats an instant as RFC 3339 with milliseconds.
fn instant(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default().to_string()
}
