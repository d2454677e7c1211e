//! The entry point for calls and messages.

use std::sync::Arc;

use switchboard_domain::ports::Clock;

use super::call::{self, CallReport, InboundCall};
use super::delivery::{Channel, PendingFaults, UrlOverride, WebhookClient};
use super::fields::Fields;
use super::message::{self, InboundMessage, MessageReport};
use super::sids::Sids;
use super::transcript::{Entry, Purpose, Recorder};
use super::transport::{Transport, TransportError};
use super::webhook::{Signer, Webhook};

/// Delivers calls and messages, any number of them concurrently.
pub struct PhoneNetwork {
    transport: Transport,
    sids: Sids,
    clock: Arc<dyn Clock>,
}

impl PhoneNetwork {
    /// Creates a network that takes new SIDs from `sids`, redirects requests by `url_overrides`, and reports the time of
    /// `clock`.
    pub fn new(
        sids: Sids,
        url_overrides: Vec<UrlOverride>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TransportError> {
        Ok(Self { transport: Transport::new(url_overrides)?, sids, clock })
    }

    /// Runs a call until it ends. `watch` is called with each transcript entry when it is recorded.
    pub async fn call(&self, call: InboundCall, watch: &(dyn Fn(&Entry) + Sync)) -> CallReport {
        let recorder = Recorder::new(watch);
        let outcome =
            call::run(&self.transport, &self.sids, self.clock.as_ref(), &recorder, call).await;
        outcome.with(recorder.finish())
    }

    /// Delivers a message and its replies. `watch` is called with each transcript entry when it is recorded.
    pub async fn message(
        &self,
        call: InboundMessage,
        watch: &(dyn Fn(&Entry) + Sync),
    ) -> MessageReport {
        let recorder = Recorder::new(watch);
        let (sid, replies) = message::run(&self.transport, &self.sids, &recorder, &call).await;
        MessageReport { sid, replies, transcript: recorder.finish() }
    }

    /// Reports the status of a message to a webhook.
    pub(crate) async fn status(&self, signer: &Signer, webhook: &Webhook, fields: &Fields) {
        let recorder = Recorder::new(&|_entry| {});
        let (transport, sids) = (&self.transport, &self.sids);
        let faults = PendingFaults::new(Vec::new());
        let client =
            WebhookClient::new(transport, sids, &recorder, signer, Channel::Messages, faults);
        // Twilio, too, only logs that a status callback failed.
        let _alert = client.deliver(Purpose::Status, webhook, fields).await;
    }
}
