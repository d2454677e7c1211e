//! The middleware of every webhook: measures the duration, counts and logs a failure, and answers
//! 500 if the handler panics.

use std::future::{Future, Ready, ready};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready as poll_ready};
use std::time::Instant;

use actix_web::body::BoxBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::{Error, HttpRequest};
use futures_util::FutureExt;
use futures_util::future::CatchUnwind;
use pin_project_lite::pin_project;
use switchboard_application::WebhookError;
use switchboard_domain::rejection::Endpoint;

use crate::error::{RequestError, WebhookResponseError};
use crate::response;
use crate::state::AppState;

/// The middleware for one endpoint.
pub(crate) struct Observe {
    pub(crate) endpoint: Endpoint,
    pub(crate) state: Arc<AppState>,
}

impl<S> Transform<S, ServiceRequest> for Observe
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error>,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = Observed<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, Self::InitError>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Observed { service, endpoint: self.endpoint, state: Arc::clone(&self.state) }))
    }
}

/// The wrapped service of one endpoint.
pub(crate) struct Observed<S> {
    service: S,
    endpoint: Endpoint,
    state: Arc<AppState>,
}

impl<S> Service<ServiceRequest> for Observed<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error>,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = Observation<S::Future>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let begun = Instant::now();
        if !self.state.accepts_source(self.endpoint, &request) {
            return Observation {
                begun,
                answer: None,
                answered: Some(request.into_response(response::refused_unread())),
                http: None,
                endpoint: self.endpoint,
                state: Arc::clone(&self.state),
            };
        }
        self.state.warn_if_unchecked(self.endpoint);
        let http = request.request().clone();
        Observation {
            begun,
            answer: Some(AssertUnwindSafe(self.service.call(request)).catch_unwind()),
            answered: None,
            http: Some(http),
            endpoint: self.endpoint,
            state: Arc::clone(&self.state),
        }
    }
}

pin_project! {
    /// The future of one request.
    pub(crate) struct Observation<F> {
        begun: Instant,
        #[pin]
        answer: Option<CatchUnwind<AssertUnwindSafe<F>>>,
        answered: Option<ServiceResponse<BoxBody>>,
        http: Option<HttpRequest>,
        endpoint: Endpoint,
        state: Arc<AppState>,
    }
}

impl<F> Future for Observation<F>
where
    F: Future<Output = Result<ServiceResponse<BoxBody>, Error>>,
{
    type Output = Result<ServiceResponse<BoxBody>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(mut response) = this.answered.take() {
            if this.state.is_draining() {
                response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
            }
            return Poll::Ready(Ok(response));
        }
        // A refused request is answered already.
        let Some(answer) = this.answer.as_pin_mut() else { return Poll::Pending };
        let answer = poll_ready!(answer.poll(context));
        let (state, endpoint) = (&**this.state, *this.endpoint);
        state.metrics.timed(endpoint, this.begun.elapsed());
        let http = this.http.take();
        *this.answered = match (answer, http) {
            (Ok(Ok(response)), _) => {
                observe_error(state, endpoint, &response);
                Some(response)
            }
            (Ok(Err(error)), _) => return Poll::Ready(Err(error)),
            (Err(_panic), http) => {
                state.metrics.panicked(endpoint);
                tracing::error!(endpoint = endpoint.as_str(), "webhook handler panicked");
                let failed = response::empty(StatusCode::INTERNAL_SERVER_ERROR);
                http.map(|http| ServiceResponse::new(http, failed))
            }
        };
        // The other requests at hand are answered before this answer is sent. The answers then leave one right behind
        // the other, and their reader, most often a proxy, wakes once for many of them: waking an idle process costs more
        // than sending. `tokio::task::yield_now` would wait for the I/O driver, too.
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Counts and logs a failed request.
fn observe_error(state: &AppState, endpoint: Endpoint, response: &ServiceResponse<BoxBody>) {
    let Some(error) = response.response().error() else { return };
    if let Some(failed) = error.as_error::<WebhookResponseError>() {
        state.metrics.failed(endpoint, failed.cause());
        failed.log(endpoint);
        if matches!(failed.cause(), WebhookError::Unreadable(_)) {
            state.authenticator.note_unreadable(endpoint, failed.account());
        }
    } else if error.as_error::<RequestError>().is_some() {
        state.metrics.unreadable(endpoint);
        state.authenticator.note_unreadable(endpoint, None);
    }
}
