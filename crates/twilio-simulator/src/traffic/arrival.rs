//! Messages that reach scripted phones, and what the phones answer.

use switchboard_domain::sid::AccountSid;

use super::dispatcher::Dispatcher;
use super::request::MessageRequest;
use crate::phone::{Signer, Webhook, delivery_fields};
use crate::simulator::{Direction, Message, MessageStatus, Sid, WINDOW_SECONDS};

/// Twilio's error for a text outside of `WhatsApp`'s window.
const WINDOW_CLOSED: u32 = 63_016;

impl Dispatcher {
    /// Delivers a sent message to a scripted phone: reports its statuses, and lets the phone answer.
    pub(crate) async fn arrive(&self, account: AccountSid, sid: Sid) {
        let Some(message) = self.simulator.message(account, sid) else { return };
        if !self.is_window_open(account, &message) {
            let closed = (MessageStatus::Undelivered, Some(WINDOW_CLOSED));
            self.report(account, sid, closed).await;
            return;
        }
        for status in [MessageStatus::Sent, MessageStatus::Delivered] {
            self.report(account, sid, (status, None)).await;
        }
        let answer = {
            let mut state = self.simulator.state();
            state.phones.get_mut(&message.to).and_then(|phone| phone.answers.pop_front())
        };
        let Some(body) = answer else { return };
        let (from, to) = (message.to, message.from);
        let request = MessageRequest { from, to, body, ..MessageRequest::default() };
        // Without a webhook, the answer reaches nobody, as at Twilio.
        let _unreached = self.message(request, &|_entry| {}).await;
    }

    /// Whether `WhatsApp` accepts the message: as a template, or within 24 hours after the contact wrote. Other channels accept
    /// all.
    fn is_window_open(&self, account: AccountSid, message: &Message) -> bool {
        if !message.from.starts_with("whatsapp:") || !message.template.0.is_empty() {
            return true;
        }
        let since = message.created.plus_seconds(-WINDOW_SECONDS);
        let opens = |earlier: &Message| {
            earlier.direction == Direction::Inbound
                && earlier.from == message.to
                && earlier.to == message.from
                && earlier.created > since
        };
        self.simulator.messages(account).iter().any(opens)
    }

    async fn report(
        &self,
        account: AccountSid,
        sid: Sid,
        (status, error_code): (MessageStatus, Option<u32>),
    ) {
        let advanced = self.simulator.advance_message(account, sid, status, error_code);
        let (Some(message), Some(token)) = (advanced, self.simulator.signing_token(account)) else {
            return;
        };
        if message.status_callback.is_empty() {
            return;
        }
        let status = match status {
            MessageStatus::Sent => "sent",
            MessageStatus::Delivered => "delivered",
            _ => "undelivered",
        };
        let mut fields = delivery_fields(account, sid.as_str(), &message.from, &message.to, status);
        if let Some(code) = error_code {
            let empty = |name: &str| (name.to_owned(), String::new());
            fields.push(("ErrorCode".to_owned(), code.to_string()));
            // Twilio explains this error with an empty text.
            fields.extend([empty("ErrorMessage"), empty("ChannelStatusMessage")]);
        }
        let signer = Signer { account, token };
        let webhook = Webhook::post(message.status_callback);
        self.network.status(&signer, &webhook, &fields).await;
    }
}
