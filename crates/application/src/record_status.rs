//! Twilio tells how far a call or a message has come.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::call::CallRecord;
use switchboard_domain::ports::{Clock, MessageStore};
use switchboard_domain::rejection::Endpoint;
use switchboard_domain::status::MessageProgress;
use switchboard_domain::status_callback::StatusEvent;

use crate::authenticate::{Authenticator, WebhookRequest};
use crate::deadline::{Deadlines, within};
use crate::error::WebhookError;
use crate::recorder::CallRecorder;
use crate::route_cache::RouteCache;

/// What a status callback spoke of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusHeard {
    /// A call.
    Call,
    /// A message.
    Message,
    /// Something that we do not keep.
    Other,
}

/// Hears of statuses.
pub struct RecordStatus {
    endpoint: Arc<Authenticator>,
    routes: Arc<RouteCache>,
    recorder: Arc<CallRecorder>,
    messages: Arc<dyn MessageStore>,
    deadlines: Deadlines,
    clock: Arc<dyn Clock>,
}

impl RecordStatus {
    /// The use case over its parts.
    pub fn new(
        endpoint: Arc<Authenticator>,
        routes: Arc<RouteCache>,
        recorder: Arc<CallRecorder>,
        messages: Arc<dyn MessageStore>,
        deadlines: Deadlines,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { endpoint, routes, recorder, messages, deadlines, clock }
    }

    /// Records one status callback. The status of a call is written behind the answer, that of a message
    /// before it.
    pub async fn record(&self, request: WebhookRequest<'_>) -> Result<StatusHeard, WebhookError> {
        let mut verified_request = self.endpoint.enter(Endpoint::Status, &request)?;
        let now = self.clock.now();
        let event = StatusEvent::parse(&verified_request.form, now)?;
        let known = match event.own_address().and_then(Address::phone_number) {
            Some(number) => {
                self.routes.find_if_reachable(number, verified_request.verified.account()).await?
            }
            None => None,
        };
        self.endpoint.bind(&mut verified_request, known.as_ref().map(|known| &known.route))?;
        let account = verified_request.verified.account();
        let organization = verified_request.verified.organization().clone();
        match event {
            StatusEvent::Call(event) => {
                if event.progress.status.is_final() {
                    self.routes.agent_load().ends(event.call, now);
                }
                let record =
                    CallRecord::of(account, organization, event.call, now).with_event(event);
                self.recorder.note(record);
                Ok(StatusHeard::Call)
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
                within(self.deadlines.write, "message.progress", self.messages.progress(&progress))
                    .await?;
                Ok(StatusHeard::Message)
            }
            StatusEvent::Other => Ok(StatusHeard::Other),
        }
    }
}
