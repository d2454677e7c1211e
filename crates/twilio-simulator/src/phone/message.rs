//! Runs an incoming message, from its delivery to the final status of its replies.

use std::fmt;

use switchboard_domain::phone_number::Masked;
use url::Url;

use super::delivery::{Channel, Fault, InjectedFault, PendingFaults, WebhookClient};
use super::fields::{Fields, MessageFacts, delivery_fields, message_fields, push};
use super::sids::Sids;
use super::transcript::{Alert, Event, Purpose, Recorder, Transcript};
use super::transport::Transport;
use super::twiml::{MessageVerb, Target, read_messages};
use super::webhook::{Signer, Webhook};

/// The maximum number of documents per message, which ends redirect loops.
const MAX_DOCUMENTS: usize = 100;

/// An incoming message. `Debug` shows neither the text nor full phone numbers.
#[derive(Clone)]
pub struct InboundMessage {
    /// The message's SID. Generated if `None`.
    pub sid: Option<String>,
    /// The account that owns the number; its token signs the webhooks.
    pub signer: Signer,
    /// The sender in Twilio's format: `+14155550199`, `whatsapp:+14155550199`.
    pub from: String,
    /// The recipient in the same format.
    pub to: String,
    /// The text of the `Body` field.
    pub body: String,
    /// The URLs and content types of its media.
    pub media: Vec<(String, String)>,
    /// The Messaging Service that contains the number, if any.
    pub service_sid: Option<String>,
    /// Called first.
    pub webhook: Webhook,
    /// Called if another URL fails.
    pub fallback: Option<Webhook>,
    /// Called when the status of a reply changes, unless its `<Message>` names another URL.
    pub status_callback: Option<Webhook>,
    /// Additional parameters, such as `ButtonPayload` and `OptOutType`.
    pub special_fields: Vec<(String, String)>,
    /// Faults injected into the webhook requests.
    pub faults: Vec<InjectedFault>,
}

impl InboundMessage {
    /// A text message without media or callbacks.
    pub fn new(
        signer: Signer,
        from: impl Into<String>,
        to: impl Into<String>,
        body: impl Into<String>,
        webhook: Webhook,
    ) -> Self {
        Self {
            sid: None,
            signer,
            from: from.into(),
            to: to.into(),
            body: body.into(),
            media: Vec::new(),
            service_sid: None,
            webhook,
            fallback: None,
            status_callback: None,
            special_fields: Vec::new(),
            faults: Vec::new(),
        }
    }
}

impl fmt::Debug for InboundMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (Masked::new(&self.from), Masked::new(&self.to));
        write!(f, "InboundMessage({:?} from {from} to {to})", self.sid)
    }
}

/// A reply to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The reply's SID.
    pub sid: String,
    /// The recipient.
    pub to: String,
    /// The number or sender that sent it, as Twilio spells it.
    pub from: String,
    /// The text that the phone shows.
    pub body: String,
    /// The URLs of its media.
    pub media: Vec<String>,
}

/// The result of a message.
#[derive(Clone, Debug)]
pub struct MessageReport {
    /// The message's SID.
    pub sid: String,
    /// The replies, in order.
    pub replies: Vec<Reply>,
    /// The transcript.
    pub transcript: Transcript,
}

struct MessageExecution<'a> {
    message: &'a InboundMessage,
    sids: &'a Sids,
    recorder: &'a Recorder<'a>,
    client: WebhookClient<'a>,
    fields: Fields,
    replies: Vec<Reply>,
}

/// A request for a TwiML document.
struct Fetch {
    purpose: Purpose,
    webhook: Webhook,
    fields: Fields,
}

pub(super) async fn run(
    transport: &Transport,
    sids: &Sids,
    recorder: &Recorder<'_>,
    message: &InboundMessage,
) -> (String, Vec<Reply>) {
    let prefix = if message.media.is_empty() { "SM" } else { "MM" };
    let sid = message.sid.clone().unwrap_or_else(|| sids.next(prefix));
    let facts = MessageFacts {
        sid: sid.clone(),
        account: message.signer.account,
        from: message.from.clone(),
        to: message.to.clone(),
        body: message.body.clone(),
        media: message.media.clone(),
        service: message.service_sid.clone(),
        special: message.special_fields.clone(),
    };
    let faults = PendingFaults::new(message.faults.clone());
    let mut execution = MessageExecution {
        message,
        sids,
        recorder,
        client: WebhookClient::new(
            transport,
            sids,
            recorder,
            &message.signer,
            Channel::Messages,
            faults,
        ),
        fields: message_fields(&facts),
        replies: Vec::new(),
    };
    let webhook = message.webhook.clone();
    let mut next = Some(Fetch { purpose: Purpose::Incoming, webhook, fields: Vec::new() });
    for _ in 0..MAX_DOCUMENTS {
        let Some(fetch) = next.take() else { break };
        next = execution.answered(fetch).await;
    }
    (sid, execution.replies)
}

impl MessageExecution<'_> {
    /// Requests a document and executes it. Returns the next request, if any.
    async fn answered(&mut self, fetch: Fetch) -> Option<Fetch> {
        let is_fallback = fetch.purpose == Purpose::Fallback;
        let alert = match self.ask(&fetch).await {
            Ok((verbs, base)) => return self.follow(verbs, &base).await,
            Err(alert) => alert,
        };
        self.recorder.note(Event::Alert(alert.clone()));
        let webhook = self.message.fallback.clone().filter(|_| !is_fallback)?;
        let mut fields = Vec::new();
        push(&mut fields, "ErrorCode", alert.code.to_string());
        push(&mut fields, "ErrorUrl", fetch.webhook.url);
        Some(Fetch { purpose: Purpose::Fallback, webhook, fields })
    }

    async fn ask(&self, fetch: &Fetch) -> Result<(Vec<MessageVerb>, Url), Alert> {
        let mut fields = self.fields.clone();
        fields.extend(fetch.fields.iter().cloned());
        let answer = self.client.deliver(fetch.purpose, &fetch.webhook, &fields).await?;
        let read = read_messages(&answer)?;
        self.recorder.note(Event::Twiml { text: read.text });
        for warning in read.warnings {
            self.recorder.note(Event::Alert(warning));
        }
        Ok((read.verbs, answer.url))
    }

    async fn follow(&mut self, verbs: Vec<MessageVerb>, base: &Url) -> Option<Fetch> {
        let resolved = |target: &Target| Webhook {
            url: base.join(&target.url).map_or_else(|_not_a_url| target.url.clone(), String::from),
            method: target.method,
        };
        for verb in verbs {
            match verb {
                MessageVerb::Redirect(target) => {
                    let webhook = resolved(&target);
                    let fields = Vec::new();
                    return Some(Fetch { purpose: Purpose::Redirect, webhook, fields });
                }
                MessageVerb::Message { to, from, body, media, status, action } => {
                    let reply = Reply {
                        sid: self.sids.next(if media.is_empty() { "SM" } else { "MM" }),
                        to: to.unwrap_or_else(|| self.message.from.clone()),
                        from: from.unwrap_or_else(|| self.message.to.clone()),
                        body,
                        media,
                    };
                    let status = status.as_ref().map(resolved);
                    let sid = self.send(reply, status).await;
                    if let (Some(sid), Some(action)) = (sid, &action) {
                        let mut fields = Vec::new();
                        push(&mut fields, "MessageSid", sid);
                        push(&mut fields, "MessageStatus", "queued");
                        let webhook = resolved(action);
                        return Some(Fetch { purpose: Purpose::Action, webhook, fields });
                    }
                }
            }
        }
        None
    }

    /// Sends a reply and its status callbacks. Returns its SID, or `None` if the reply is empty.
    async fn send(&mut self, reply: Reply, status: Option<Webhook>) -> Option<String> {
        if reply.body.is_empty() && reply.media.is_empty() {
            self.recorder.note(Event::Alert(Alert::error(14_103, "the message has no body")));
            return None;
        }
        self.recorder.note(Event::Reply {
            sid: reply.sid.clone(),
            to: reply.to.clone(),
            from: reply.from.clone(),
            body: reply.body.clone(),
            media: reply.media.clone(),
        });
        let account = self.message.signer.account;
        if let Some(webhook) = status.or_else(|| self.message.status_callback.clone()) {
            let mut result = ["sent", "delivered"]
                .map(|status| (status, self.client.due_fault(Purpose::Status)));
            if result[0].1 == Some(Fault::Reordered) {
                result.reverse();
            }
            for (status, fault) in result {
                let fields = delivery_fields(account, &reply.sid, &reply.from, &reply.to, status);
                let result =
                    self.client.deliver_with(fault, Purpose::Status, &webhook, &fields).await;
                if let Err(alert) = result {
                    self.recorder.note(Event::Alert(alert));
                }
            }
        }
        let sid = reply.sid.clone();
        self.replies.push(reply);
        Some(sid)
    }
}
