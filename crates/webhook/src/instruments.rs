//! Counters and latencies of the webhooks. Every label has a fixed, small set of values.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use futures_util::FutureExt;
use metrics::{Counter, Histogram, counter, histogram};
use switchboard_application::Closed;
use switchboard_domain::rejection::{Door, Refusal};
use switchboard_domain::routing::Reason;

use crate::response;

/// Handles that are looked up once, so that counting costs an atomic add.
pub(crate) struct Instruments {
    doors: [DoorInstruments; 4],
    unchecked: Counter,
}

struct DoorInstruments {
    seconds: Histogram,
    answered: [Counter; Reason::ALL.len()],
    acknowledged: Counter,
    refused: [Counter; Refusal::ALL.len()],
    unreadable: Counter,
    unavailable: Counter,
    failed: Counter,
}

impl DoorInstruments {
    fn new(door: Door) -> Self {
        let door = door.as_str();
        let outcome = |outcome: &'static str| counter!("switchboard_webhooks_total", "door" => door, "outcome" => outcome);
        Self {
            seconds: histogram!("switchboard_webhook_seconds", "door" => door),
            answered: Reason::ALL.map(|reason| outcome(reason.as_str())),
            acknowledged: outcome("acknowledged"),
            refused: Refusal::ALL
                .map(|refusal| counter!("switchboard_refusals_total", "door" => door, "reason" => refusal.as_str())),
            unreadable: outcome("unreadable"),
            unavailable: outcome("unavailable"),
            failed: outcome("failed"),
        }
    }
}

impl Instruments {
    pub(crate) fn new() -> Self {
        Self {
            doors: Door::ALL.map(DoorInstruments::new),
            unchecked: counter!("switchboard_unchecked_requests_total"),
        }
    }

    fn door(&self, door: Door) -> &DoorInstruments {
        &self.doors[door as usize]
    }

    pub(crate) fn answered(&self, door: Door, reason: Reason) {
        self.door(door).answered[reason as usize].increment(1);
    }

    pub(crate) fn acknowledged(&self, door: Door) {
        self.door(door).acknowledged.increment(1);
    }

    pub(crate) fn unfit(&self, door: Door) {
        self.door(door).unreadable.increment(1);
    }

    pub(crate) fn unchecked(&self) {
        self.unchecked.increment(1);
    }

    pub(crate) fn closed(&self, door: Door, closed: &Closed) {
        let door = self.door(door);
        match closed {
            Closed::Unreadable(_) => door.unreadable.increment(1),
            Closed::Refused(refusal) => door.refused[*refusal as usize].increment(1),
            Closed::Unavailable(_) => door.unavailable.increment(1),
            Closed::Failed(_) => door.failed.increment(1),
        }
    }

    /// Times `work`, and answers 500 if it panics: the connection and the other requests go on.
    pub(crate) async fn guard(
        &self,
        door: Door,
        work: impl Future<Output = HttpResponse>,
    ) -> HttpResponse {
        let begun = Instant::now();
        let done = AssertUnwindSafe(work).catch_unwind().await;
        self.door(door).seconds.record(begun.elapsed().as_secs_f64());
        done.unwrap_or_else(|_panic| {
            self.door(door).failed.increment(1);
            tracing::error!(door = door.as_str(), "request handler panicked");
            response::empty(StatusCode::INTERNAL_SERVER_ERROR)
        })
    }
}
