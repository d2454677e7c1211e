//! A message, from its delivery to the last status of what is sent in answer.

use std::fmt;

use switchboard_domain::phone_number::Masked;
use url::Url;

use super::delivery::{Channel, Courier, Fault, FaultOrder, Faults};
use super::fields::{Fields, MessageFacts, delivery_fields, message_fields, push};
use super::network::Network;
use super::sids::Sids;
use super::transcript::{Alert, Event, Purpose, Recorder, Transcript};
use super::twiml::{MessageVerb, Target, read_messages};
use super::webhook::{Signer, Webhook};

/// A message that leads from document to document longer than this goes in circles.
const MOST_DOCUMENTS: usize = 100;

/// A message that comes in. `Debug` shows neither its text nor whole numbers.
#[derive(Clone)]
pub struct InboundMessage {
    /// Its SID; a new one if it is left out.
    pub sid: Option<String>,
    /// The account that owns the number: its token signs.
    pub signer: Signer,
    /// Who writes, as Twilio writes it: `+14155550199`, `whatsapp:+14155550199`.
    pub from: String,
    /// The number that is written to, in the same form.
    pub to: String,
    /// What is written.
    pub body: String,
    /// URLs and content types of what comes with it.
    pub media: Vec<(String, String)>,
    /// The Messaging Service, if the number is in one.
    pub service_sid: Option<String>,
    /// What is asked: the number's SMS URL, or what stands in for it.
    pub webhook: Webhook,
    /// What is asked where another URL fails.
    pub fallback: Option<Webhook>,
    /// Where the states of answers go whose `<Message>` does not say where.
    pub status_callback: Option<Webhook>,
    /// What only this kind of message carries: `ButtonPayload`, `OptOutType`.
    pub special_fields: Vec<(String, String)>,
    /// What goes wrong on the way.
    pub faults: Vec<FaultOrder>,
}

impl InboundMessage {
    /// A plain message.
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

/// A message that was sent in answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its SID.
    pub sid: String,
    /// Who gets it.
    pub to: String,
    /// Who sends it.
    pub from: String,
    /// What it says.
    pub body: String,
    /// URLs of what comes with it.
    pub media: Vec<String>,
}

/// What came of a message.
#[derive(Clone, Debug)]
pub struct MessageReport {
    /// Its SID.
    pub sid: String,
    /// What was sent in answer, in order.
    pub replies: Vec<Reply>,
    /// What happened.
    pub transcript: Transcript,
}

struct Exchange<'a> {
    order: &'a InboundMessage,
    sids: &'a Sids,
    recorder: &'a Recorder<'a>,
    courier: Courier<'a>,
    fields: Fields,
    replies: Vec<Reply>,
}

/// A document that is to be asked for.
struct Fetch {
    purpose: Purpose,
    webhook: Webhook,
    fields: Fields,
}

pub(super) async fn run(
    network: &Network,
    sids: &Sids,
    recorder: &Recorder<'_>,
    order: &InboundMessage,
) -> (String, Vec<Reply>) {
    let prefix = if order.media.is_empty() { "SM" } else { "MM" };
    let sid = order.sid.clone().unwrap_or_else(|| sids.next(prefix));
    let facts = MessageFacts {
        sid: sid.clone(),
        account: order.signer.account,
        from: order.from.clone(),
        to: order.to.clone(),
        body: order.body.clone(),
        media: order.media.clone(),
        service: order.service_sid.clone(),
        special: order.special_fields.clone(),
    };
    let faults = Faults::new(order.faults.clone());
    let mut exchange = Exchange {
        order,
        sids,
        recorder,
        courier: Courier::new(network, sids, recorder, &order.signer, Channel::Messages, faults),
        fields: message_fields(&facts),
        replies: Vec::new(),
    };
    let webhook = order.webhook.clone();
    let mut next = Some(Fetch { purpose: Purpose::Incoming, webhook, fields: Vec::new() });
    for _ in 0..MOST_DOCUMENTS {
        let Some(fetch) = next.take() else { break };
        next = exchange.answered(fetch).await;
    }
    (sid, exchange.replies)
}

impl Exchange<'_> {
    /// Asks for a document and follows it; gives the one that it leads to.
    async fn answered(&mut self, fetch: Fetch) -> Option<Fetch> {
        let is_fallback = fetch.purpose == Purpose::Fallback;
        let alert = match self.ask(&fetch).await {
            Ok((verbs, base)) => return self.follow(verbs, &base).await,
            Err(alert) => alert,
        };
        self.recorder.note(Event::Alert(alert.clone()));
        let webhook = self.order.fallback.clone().filter(|_| !is_fallback)?;
        let mut fields = Vec::new();
        push(&mut fields, "ErrorCode", alert.code.to_string());
        push(&mut fields, "ErrorUrl", fetch.webhook.url);
        Some(Fetch { purpose: Purpose::Fallback, webhook, fields })
    }

    async fn ask(&self, fetch: &Fetch) -> Result<(Vec<MessageVerb>, Url), Alert> {
        let mut fields = self.fields.clone();
        fields.extend(fetch.fields.iter().cloned());
        let answer = self.courier.deliver(fetch.purpose, &fetch.webhook, &fields).await?;
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
                        to: to.unwrap_or_else(|| self.order.from.clone()),
                        from: from.unwrap_or_else(|| self.order.to.clone()),
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

    /// Sends an answer, and tells how it gets on. Gives its SID, unless there is nothing to send.
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
        let account = self.order.signer.account;
        if let Some(webhook) = status.or_else(|| self.order.status_callback.clone()) {
            let mut told = ["sent", "delivered"]
                .map(|status| (status, self.courier.due_fault(Purpose::Status)));
            if told[0].1 == Some(Fault::Reordered) {
                told.reverse();
            }
            for (status, fault) in told {
                let fields = delivery_fields(account, &reply.sid, &reply.from, &reply.to, status);
                let told =
                    self.courier.deliver_with(fault, Purpose::Status, &webhook, &fields).await;
                if let Err(alert) = told {
                    self.recorder.note(Event::Alert(alert));
                }
            }
        }
        let sid = reply.sid.clone();
        self.replies.push(reply);
        Some(sid)
    }
}
