//! Counters and latencies of the webhooks. Every label has a fixed, small set of values.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use futures_util::FutureExt;
use metrics::{Counter, Histogram, counter, histogram};
use switchboard_application::WebhookError;
use switchboard_domain::rejection::{Endpoint, Refusal};
use switchboard_domain::routing::Reason;

use crate::response;

/// Handles that are looked up once, so that counting costs an atomic add.
pub(crate) struct WebhookMetrics {
    endpoints: [EndpointMetrics; 4],
    unchecked: Counter,
}

struct EndpointMetrics {
    seconds: Histogram,
    answered: [Counter; Reason::ALL.len()],
    acknowledged: Counter,
    refused: [Counter; Refusal::ALL.len()],
    unreadable: Counter,
    unavailable: Counter,
    failed: Counter,
}

impl EndpointMetrics {
    fn new(endpoint: Endpoint) -> Self {
        let endpoint = endpoint.as_str();
        let outcome = |outcome: &'static str| counter!("switchboard_webhooks_total", "endpoint" => endpoint, "outcome" => outcome);
        Self {
            seconds: histogram!("switchboard_webhook_seconds", "endpoint" => endpoint),
            answered: Reason::ALL.map(|reason| outcome(reason.as_str())),
            acknowledged: outcome("acknowledged"),
            refused: Refusal::ALL
                .map(|refusal| counter!("switchboard_refusals_total", "endpoint" => endpoint, "reason" => refusal.as_str())),
            unreadable: outcome("unreadable"),
            unavailable: outcome("unavailable"),
            failed: outcome("failed"),
        }
    }
}

impl WebhookMetrics {
    pub(crate) fn new() -> Self {
        Self {
            endpoints: Endpoint::ALL.map(EndpointMetrics::new),
            unchecked: counter!("switchboard_unchecked_requests_total"),
        }
    }

    fn endpoint(&self, endpoint: Endpoint) -> &EndpointMetrics {
        &self.endpoints[endpoint as usize]
    }

    pub(crate) fn answered(&self, endpoint: Endpoint, reason: Reason) {
        self.endpoint(endpoint).answered[reason as usize].increment(1);
    }

    pub(crate) fn acknowledged(&self, endpoint: Endpoint) {
        self.endpoint(endpoint).acknowledged.increment(1);
    }

    pub(crate) fn unfit(&self, endpoint: Endpoint) {
        self.endpoint(endpoint).unreadable.increment(1);
    }

    pub(crate) fn unchecked(&self) {
        self.unchecked.increment(1);
    }

    pub(crate) fn closed(&self, endpoint: Endpoint, closed: &WebhookError) {
        let endpoint = self.endpoint(endpoint);
        match closed {
            WebhookError::Unreadable(_) => endpoint.unreadable.increment(1),
            WebhookError::Refused(refusal) => endpoint.refused[*refusal as usize].increment(1),
            WebhookError::Unavailable(_) => endpoint.unavailable.increment(1),
            WebhookError::Failed(_) => endpoint.failed.increment(1),
        }
    }

    /// Times `work`, and answers 500 if it panics: the connection and the other requests go on.
    pub(crate) async fn guard(
        &self,
        endpoint: Endpoint,
        work: impl Future<Output = HttpResponse>,
    ) -> HttpResponse {
        let begun = Instant::now();
        let done = AssertUnwindSafe(work).catch_unwind().await;
        self.endpoint(endpoint).seconds.record(begun.elapsed().as_secs_f64());
        done.unwrap_or_else(|_panic| {
            self.endpoint(endpoint).failed.increment(1);
            tracing::error!(endpoint = endpoint.as_str(), "request handler panicked");
            response::empty(StatusCode::INTERNAL_SERVER_ERROR)
        })
    }
}
