//! Puts calls and messages from outside through, and keeps what came of them.

use std::sync::Arc;

use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

use super::order::{CallOrder, MessageOrder};
use crate::company::{
    Call, CallStatus, Company, Direction, Instructions, LiveCall, Message, MessageStatus, Reached,
    Sid, Target, Unreachable, WebhookMethod,
};
use crate::phone::{
    self, CallControl, CallReport, Entry, Exchange, InboundCall, InboundMessage, MessageReport,
    Method, Signer, Webhook,
};

/// Where what comes from outside meets the company's configuration.
pub struct Switchroom {
    company: Arc<Company>,
    exchange: Arc<Exchange>,
}

impl Switchroom {
    /// Over a company, through an exchange.
    pub fn new(company: Arc<Company>, exchange: Arc<Exchange>) -> Self {
        Self { company, exchange }
    }

    /// Puts a call through to whoever its number is configured for, until it is over. The call is among the
    /// account's calls from its beginning on.
    pub async fn call(
        &self,
        order: CallOrder,
        watch: &(dyn Fn(&Entry) + Sync),
    ) -> Result<CallReport, Unreachable> {
        let number = PhoneNumber::parse(&order.to).map_err(|_no_number| Unreachable::Unknown)?;
        let reached = self.company.reach_by_call(number)?;
        let sid = self.call_begins(&reached, &order);
        let (from, to) = (order.from.clone(), order.to.clone());
        let mut call = InboundCall::new(signer(&reached), from, to, webhook(&reached.webhook));
        order.shape(&mut call);
        call.sid = Some(sid.to_string());
        call.fallback = reached.fallback.as_ref().map(webhook);
        call.status_callback = reached.status_callback.as_ref().map(webhook);
        call.application_sid = reached.application.map(|sid| sid.to_string());
        let hand = call.control();
        let mut going = Going::begin(&self.company, &reached, sid, hand);
        let report = self.exchange.call(call, watch).await;
        going.ends_as = ended(report.status);
        Ok(report)
    }

    /// Delivers a message to whoever its number or sender is configured for. The message and what was sent in
    /// answer are among the account's messages.
    pub async fn message(
        &self,
        order: MessageOrder,
        watch: &(dyn Fn(&Entry) + Sync),
    ) -> Result<MessageReport, Unreachable> {
        let reached = self.company.reach_by_message(&order.to)?;
        let sid = self.message_came(&reached, &order);
        let mut message = InboundMessage::new(
            signer(&reached),
            &order.from,
            &order.to,
            &order.body,
            webhook(&reached.webhook),
        );
        order.shape(&mut message);
        message.sid = Some(sid.to_string());
        message.service_sid = reached.service.map(|sid| sid.to_string());
        message.fallback = reached.fallback.as_ref().map(webhook);
        message.status_callback = reached.status_callback.as_ref().map(webhook);
        let report = self.exchange.message(message, watch).await;
        for reply in &report.replies {
            self.reply_went(&reached, reply);
        }
        Ok(report)
    }

    fn call_begins(&self, reached: &Reached, order: &CallOrder) -> Sid {
        let now = self.company.now();
        let mut books = self.company.books();
        let sid = books.mint.sid(*b"CA");
        if let Some(account) = books.accounts.get_mut(reached.account) {
            account.calls.put(Call {
                sid,
                from: order.from.clone(),
                to: order.to.clone(),
                number: Some(reached.sender),
                direction: Direction::Inbound,
                status: CallStatus::InProgress,
                instructions: Instructions::Fetched(reached.webhook.clone()),
                status_callback: target_url(reached),
                created: now,
                started: Some(now),
                ended: None,
                updated: now,
            });
        }
        sid
    }

    fn message_came(&self, reached: &Reached, order: &MessageOrder) -> Sid {
        let prefix = if order.media.is_empty() { *b"SM" } else { *b"MM" };
        let sid = self.company.books().mint.sid(prefix);
        let media = order.media.iter().map(|(url, _)| url.clone()).collect();
        self.keep(reached, sid, Direction::Inbound, (&order.from, &order.to), &order.body, media);
        sid
    }

    fn reply_went(&self, reached: &Reached, reply: &phone::Reply) {
        let Some(sid) = Sid::parse(reply.sid.get(..2).unwrap_or_default(), &reply.sid) else {
            return;
        };
        let ends = (&reply.from[..], &reply.to[..]);
        let media = reply.media.clone();
        self.keep(reached, sid, Direction::OutboundReply, ends, &reply.body, media);
    }

    fn keep(
        &self,
        reached: &Reached,
        sid: Sid,
        direction: Direction,
        (from, to): (&str, &str),
        body: &str,
        media: Vec<String>,
    ) {
        let now = self.company.now();
        let mut books = self.company.books();
        let Some(account) = books.accounts.get_mut(reached.account) else { return };
        account.messages.put(Message {
            sid,
            from: from.to_owned(),
            to: to.to_owned(),
            body: body.to_owned(),
            media,
            service: reached.service,
            direction,
            status: match direction {
                Direction::Inbound => MessageStatus::Received,
                Direction::OutboundApi | Direction::OutboundReply => MessageStatus::Delivered,
            },
            error_code: None,
            status_callback: target_url(reached),
            created: now,
            sent: Some(now),
            updated: now,
        });
    }
}

/// A call that is going on. Whatever ends it, it is over afterwards.
struct Going<'a> {
    company: &'a Company,
    account: AccountSid,
    call: Sid,
    ends_as: CallStatus,
}

impl<'a> Going<'a> {
    fn begin(company: &'a Company, reached: &Reached, call: Sid, hand: CallControl) -> Self {
        company.books().live.begin(call, Box::new(hand));
        // Whoever goes away before the exchange is done has hung up.
        Self { company, account: reached.account, call, ends_as: CallStatus::Completed }
    }
}

impl Drop for Going<'_> {
    fn drop(&mut self) {
        self.company.books().live.end(self.call);
        self.company.advance_call(self.account, self.call, self.ends_as);
    }
}

impl LiveCall for CallControl {
    fn hang_up(&self) {
        Self::hang_up(self);
    }

    fn follow(&self, target: Target) {
        Self::follow(self, webhook(&target));
    }

    fn follow_twiml(&self, twiml: String) {
        Self::follow_twiml(self, twiml);
    }
}

fn signer(reached: &Reached) -> Signer {
    Signer { account: reached.account, token: reached.token.clone() }
}

fn webhook((url, method): &Target) -> Webhook {
    let method = match method {
        WebhookMethod::Get => Method::Get,
        WebhookMethod::Post => Method::Post,
    };
    Webhook { url: url.clone(), method }
}

fn target_url(reached: &Reached) -> String {
    reached.status_callback.as_ref().map(|(url, _)| url.clone()).unwrap_or_default()
}

/// How the company remembers the end of a call. What has not ended when the exchange is done with it has failed.
fn ended(status: phone::CallStatus) -> CallStatus {
    match status {
        phone::CallStatus::Completed => CallStatus::Completed,
        phone::CallStatus::Busy => CallStatus::Busy,
        phone::CallStatus::NoAnswer => CallStatus::NoAnswer,
        phone::CallStatus::Canceled => CallStatus::Canceled,
        phone::CallStatus::Failed
        | phone::CallStatus::Initiated
        | phone::CallStatus::Ringing
        | phone::CallStatus::InProgress => CallStatus::Failed,
    }
}
