//! Records a status callback of a call or a message.

use std::sync::Arc;

use switchboard_domain::call::{CallRecord, TimelineEntry, TimelineEvent};
use switchboard_domain::consent::TWILIO_OPTED_OUT;
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Clock, OutgoingStore};
use switchboard_domain::rejection::Endpoint;
use switchboard_domain::sender::Sender;
use switchboard_domain::status::MessageProgress;
use switchboard_domain::status_callback::{StatusEvent, StreamStatus, delivery_of_callback};
use tracing::Instrument;

use crate::authenticate::Authenticator;
use crate::consent_gate::ConsentGate;
use crate::deadline::{Deadlines, within};
use crate::error::{WebhookError, WebhookFailure};
use crate::recorder::CallRecorder;
use crate::router::{OnOutage, RoutedWebhook, Router};
use crate::webhook_request::WebhookRequest;

/// The subject of a status callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusRecorded {
    /// A call.
    Call,
    /// A message.
    Message,
    /// A media stream.
    Stream,
    /// Anything else, which is not stored.
    Ignored,
}

/// Records status callbacks.
pub struct RecordStatus {
    authenticator: Arc<Authenticator>,
    router: Arc<Router>,
    recorder: Arc<CallRecorder>,
    deliveries: Arc<dyn OutgoingStore>,
    consent: ConsentGate,
    deadlines: Deadlines,
    clock: Arc<dyn Clock>,
}

impl RecordStatus {
    /// Creates the use case.
    pub fn new(
        authenticator: Arc<Authenticator>,
        router: Arc<Router>,
        recorder: Arc<CallRecorder>,
        deliveries: Arc<dyn OutgoingStore>,
        consent: ConsentGate,
        deadlines: Deadlines,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { authenticator, router, recorder, deliveries, consent, deadlines, clock }
    }

    /// Records that Twilio refused a message because the contact has opted out. The refusal is as old as the message: a START
    /// after that stands.
    async fn opted_out(
        &self,
        webhook: &RoutedWebhook<'_>,
        progress: &MessageProgress,
    ) -> Result<(), WebhookFailure> {
        let (Some(ours), Some(contact)) = (&progress.from, &progress.to) else { return Ok(()) };
        let (account, organization) = (progress.account, &progress.organization);
        let scope = Scope::Organization(organization.clone());
        let record = async {
            let sent = self.consent.messages.find(&scope, account, progress.message).await?;
            let at = sent.map_or(progress.at, |sent| sent.first_seen_at);
            let key = ConversationKey::new(ours, contact);
            self.consent.refused_by_twilio(organization, key, account, at).await
        };
        let record = within(self.deadlines.write, "consent.record", record);
        let record = record.instrument(webhook.context.span().clone());
        record.await.map_err(|error| webhook.context.failure(error))
    }

    /// Records a status callback. The status of a call is written after the response, the status of
    /// a message before it.
    pub async fn record(
        &self,
        request: WebhookRequest<'_>,
    ) -> Result<StatusRecorded, WebhookFailure> {
        let webhook = self.authenticator.verify(Endpoint::Status, &request)?;
        let now = self.clock.now();
        let event = webhook.read(|form| StatusEvent::parse(form, now))?;
        let sender = event.own_address().and_then(Sender::of);
        let webhook = self.router.route(webhook, sender, OnOutage::AssumeUnknown).await?;
        let account = webhook.verified().account();
        let organization = webhook.verified().organization().clone();
        match event {
            StatusEvent::Call(event) => {
                let is_final = event.progress.status.is_final();
                if is_final {
                    self.router.agent_load().end_call((account, event.call), now);
                }
                let record =
                    CallRecord::of(account, organization, event.call, now).with_event(event);
                // If a final status is lost, its call stays live.
                if !self.recorder.note_status(record) && is_final {
                    return Err(webhook.context.failure(WebhookError::QueueFull));
                }
                Ok(StatusRecorded::Call)
            }
            StatusEvent::Message(event) => {
                let progress = MessageProgress {
                    account,
                    organization,
                    message: event.message,
                    from: event.from,
                    to: event.to,
                    status: event.status,
                    error_code: event.error_code,
                    at: now,
                };
                let write = self.consent.messages.progress(&progress);
                let write = within(self.deadlines.write, "message.progress", write);
                let write = write.instrument(webhook.context.span().clone());
                write.await.map_err(|error| webhook.context.failure(error))?;
                if let Some(delivery) = delivery_of_callback(request.target) {
                    let confirm =
                        self.deliveries.confirm_sent(account, &delivery, event.message, now);
                    let confirm = within(self.deadlines.write, "delivery.confirm", confirm);
                    let confirm = confirm.instrument(webhook.context.span().clone());
                    confirm.await.map_err(|error| webhook.context.failure(error))?;
                }
                if progress.error_code == Some(TWILIO_OPTED_OUT) {
                    self.opted_out(&webhook, &progress).await?;
                }
                Ok(StatusRecorded::Message)
            }
            StatusEvent::Stream(status) => {
                // The call is known in any case, also if its decision was recorded by no process.
                let known = CallRecord::of(account, organization.clone(), status.call, now);
                let StreamStatus { call, stream, state, error } = status;
                let event = TimelineEvent::Stream { stream, state, error };
                let entry = TimelineEntry { account, call, organization, at: now, event };
                self.recorder.note_timeline_of(Some(known), entry);
                Ok(StatusRecorded::Stream)
            }
            StatusEvent::Other => Ok(StatusRecorded::Ignored),
        }
    }
}
