//! The state that all handlers share: use cases, limits and metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use switchboard_application::{
    AnswerCall, Authenticator, EndConnection, FollowHandler, OpenSession, ReceiveMessage,
    RecordStatus,
};
use switchboard_application_delivery::{AcceptReplies, FetchMedia};
use switchboard_domain::authentication::Validation;
use switchboard_domain::rejection::Endpoint;

use crate::body::{BodyBudget, BodyLimits};
use crate::metrics::WebhookMetrics;

/// The use cases behind the endpoints.
pub struct UseCases {
    /// `/api/twilio/voice`
    pub answer_call: AnswerCall,
    /// `/api/twilio/webhook`
    pub receive_message: ReceiveMessage,
    /// `/api/twilio/status`
    pub record_status: RecordStatus,
    /// `/api/twilio/voice/connected`
    pub end_connection: EndConnection,
    /// `/api/twilio/voice/handler`
    pub follow_handler: FollowHandler,
    /// `/api/voice/sessions/{CallSid}`
    pub open_session: OpenSession,
    /// `/api/messages/{MessageSid}/replies`
    pub accept_replies: AcceptReplies,
    /// `/api/messages/{MessageSid}/media/{MediaSid}`
    pub fetch_media: FetchMedia,
}

/// Everything that the handlers need.
pub struct AppState {
    pub(crate) use_cases: UseCases,
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) limits: BodyLimits,
    pub(crate) budget: Arc<BodyBudget>,
    pub(crate) metrics: WebhookMetrics,
    draining: AtomicBool,
}

impl AppState {
    /// Creates the state. Install the metrics recorder before.
    pub fn new(use_cases: UseCases, authenticator: Arc<Authenticator>, limits: BodyLimits) -> Self {
        let metrics = WebhookMetrics::new();
        Self {
            use_cases,
            authenticator,
            limits,
            budget: Arc::new(BodyBudget::new(limits.total_bytes)),
            metrics,
            draining: AtomicBool::new(false),
        }
    }

    /// From now on, every response closes its connection, so that clients reconnect to another
    /// process.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Counts and logs a request whose signature is not checked, if validation is disabled.
    pub(crate) fn warn_if_unchecked(&self, endpoint: Endpoint) {
        if self.authenticator.validation() == Validation::Disabled {
            self.metrics.unchecked();
            tracing::warn!(
                endpoint = endpoint.as_str(),
                "signature not checked: validation is disabled"
            );
        }
    }
}
