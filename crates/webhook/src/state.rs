//! The state that all handlers share: use cases, limits and metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderName, HeaderValue};
use switchboard_application::{
    AnswerCall, Authenticator, EndConnection, FollowHandler, OpenSession, ReceiveMessage,
    RecordStatus, WebhookError,
};
use switchboard_application_carrier::connect::{CompleteConnect, Deauthorize};
use switchboard_application_delivery::{AcceptReplies, FetchMedia};
use switchboard_domain::authentication::Validation;
use switchboard_domain::client_sources::ClientSources;
use switchboard_domain::rejection::{Endpoint, Refusal};

use crate::body::{BodyBudget, BodyLimits};
use crate::metrics::WebhookMetrics;

/// To which each proxy appends the address of its client.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

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
    /// `/api/twilio/connect`
    pub complete_connect: CompleteConnect,
    /// `/api/twilio/connect/deauthorize`
    pub deauthorize: Arc<Deauthorize>,
}

/// Everything that the handlers need.
pub struct AppState {
    pub(crate) use_cases: UseCases,
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) limits: BodyLimits,
    pub(crate) budget: Arc<BodyBudget>,
    pub(crate) metrics: WebhookMetrics,
    sources: ClientSources,
    is_proxy_noted: AtomicBool,
    draining: AtomicBool,
}

impl AppState {
    /// Creates the state. Install the metrics recorder before. Webhooks are accepted from `sources`.
    pub fn new(
        use_cases: UseCases,
        authenticator: Arc<Authenticator>,
        limits: BodyLimits,
        sources: ClientSources,
    ) -> Self {
        let metrics = WebhookMetrics::new();
        Self {
            use_cases,
            authenticator,
            limits,
            budget: Arc::new(BodyBudget::new(limits.total_bytes)),
            metrics,
            sources,
            is_proxy_noted: AtomicBool::new(false),
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

    /// Whether a webhook comes from a network that is allowed. If not, it is counted.
    pub(crate) fn accepts_source(&self, endpoint: Endpoint, request: &ServiceRequest) -> bool {
        if self.sources.allowed.is_unlimited() {
            return true;
        }
        let forwarded = request.headers().get_all(FORWARDED_FOR).map(HeaderValue::as_bytes);
        if self.sources.accept(|| request.peer_addr().map(|peer| peer.ip()), forwarded) {
            return true;
        }
        self.metrics.failed(endpoint, &WebhookError::Refused(Refusal::SourceRefused));
        self.authenticator.note_source(endpoint);
        let is_forwarded = request.headers().contains_key(FORWARDED_FOR);
        if is_forwarded
            && self.sources.proxies.is_empty()
            && !self.is_proxy_noted.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                "a refused webhook has the header X-Forwarded-For: if it comes from your own proxy, the proxy is not among the trusted ones"
            );
        }
        false
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
