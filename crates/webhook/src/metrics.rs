//! Counters and latencies of the webhooks. Every label has a small, fixed set of values.

use std::time::Duration;

use metrics::{Counter, Histogram, counter, histogram};
use switchboard_application::WebhookError;
use switchboard_domain::rejection::{Endpoint, Refusal};
use switchboard_domain::routing::Reason;

/// Metric handles that are looked up once, so that counting costs one atomic add.
pub(crate) struct WebhookMetrics {
    endpoints: [EndpointMetrics; Endpoint::ALL.len()],
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

    pub(crate) fn unreadable(&self, endpoint: Endpoint) {
        self.endpoint(endpoint).unreadable.increment(1);
    }

    pub(crate) fn unchecked(&self) {
        self.unchecked.increment(1);
    }

    pub(crate) fn failed(&self, endpoint: Endpoint, error: &WebhookError) {
        let endpoint = self.endpoint(endpoint);
        match error {
            WebhookError::Unreadable(_) => endpoint.unreadable.increment(1),
            WebhookError::Refused(refusal) => endpoint.refused[*refusal as usize].increment(1),
            WebhookError::Unavailable(_) | WebhookError::QueueFull => {
                endpoint.unavailable.increment(1);
            }
            WebhookError::Failed(_) => endpoint.failed.increment(1),
        }
    }

    /// Records the duration of a request, from its headers to its answer.
    pub(crate) fn timed(&self, endpoint: Endpoint, took: Duration) {
        self.endpoint(endpoint).seconds.record(took.as_secs_f64());
    }

    /// Counts a request whose handler panicked.
    pub(crate) fn panicked(&self, endpoint: Endpoint) {
        self.endpoint(endpoint).failed.increment(1);
    }
}
