//! The use cases behind the webhooks, and the paths that lead to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpResponse, Resource, Route, guard, web};
use switchboard_application::{
    AnswerCall, Authenticator, EndConnection, OpenSession, ReceiveMessage, RecordStatus,
};

use switchboard_domain::authentication::Validation;
use switchboard_domain::rejection::Endpoint;

use crate::body::BodyLimits;
use crate::metrics::WebhookMetrics;
use crate::{connected, message, session, status, voice};

/// Everything that the handlers need.
pub struct AppState {
    pub(crate) answer_call: AnswerCall,
    pub(crate) receive_message: ReceiveMessage,
    pub(crate) record_status: RecordStatus,
    pub(crate) end_connection: EndConnection,
    pub(crate) open_session: OpenSession,
    pub(crate) endpoint: Arc<Authenticator>,
    pub(crate) limits: BodyLimits,
    pub(crate) metrics: WebhookMetrics,
    draining: AtomicBool,
}

impl AppState {
    /// The state over its use cases. Install the metrics recorder before.
    pub fn new(
        answer_call: AnswerCall,
        receive_message: ReceiveMessage,
        record_status: RecordStatus,
        end_connection: EndConnection,
        open_session: OpenSession,
        endpoint: Arc<Authenticator>,
        limits: BodyLimits,
    ) -> Self {
        let metrics = WebhookMetrics::new();
        Self {
            answer_call,
            receive_message,
            record_status,
            end_connection,
            open_session,
            endpoint,
            limits,
            metrics,
            draining: AtomicBool::new(false),
        }
    }

    /// From now on every answer closes its connection, so that clients come back to another process.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Where signatures are not checked at all, every request says so.
    pub(crate) fn warn_if_unchecked(&self, endpoint: Endpoint) {
        if self.endpoint.validation() == Validation::Disabled {
            self.metrics.unchecked();
            tracing::warn!(endpoint = endpoint.as_str(), "request taken without a signature check");
        }
    }
}

/// Adds the webhooks' paths. The state is shared by all workers.
pub fn configure(config: &mut web::ServiceConfig, state: Arc<AppState>) {
    config.app_data(web::Data::from(state));
    // Each path with and without a slash at its end: a URL that was configured with the slash is signed with
    // it, and must not be redirected, as Twilio would drop the body (Twilio, error 11215). They are resources
    // of their own, since one of several patterns is matched by a regular expression.
    for slash in ["", "/"] {
        config
            .service(
                path("/api/twilio/voice", slash, "GET, POST")
                    .route(by(Method::POST).to(voice::answer))
                    .route(by(Method::GET).to(voice::answer)),
            )
            .service(
                path("/api/twilio/webhook", slash, "GET, POST")
                    .route(by(Method::POST).to(message::receive))
                    .route(by(Method::GET).to(message::receive)),
            )
            .service(
                path("/api/twilio/status", slash, "POST")
                    .route(by(Method::POST).to(status::record)),
            )
            .service(
                path("/api/twilio/voice/connected", slash, "POST")
                    .route(by(Method::POST).to(connected::end)),
            )
            .service(
                path("/api/voice/sessions/{call_sid}", slash, "GET")
                    .route(by(Method::GET).to(session::open)),
            );
    }
}

/// A route by a method. The framework's own guards for methods write down for each request, in memory that
/// they allocate, what they would have taken; we say it ourselves, below.
fn by(method: Method) -> Route {
    web::route().guard(guard::fn_guard(move |context| context.head().method == method))
}

/// A path that answers other methods with 405 and no body.
fn path(path: &str, slash: &str, allowed: &'static str) -> Resource {
    debug_assert!(allowed.split(", ").all(|method| Method::from_bytes(method.as_bytes()).is_ok()));
    web::resource(format!("{path}{slash}")).default_service(web::to(move || async move {
        HttpResponse::MethodNotAllowed()
            .insert_header((ALLOW, HeaderValue::from_static(allowed)))
            .finish()
    }))
}
