//! Records calls after the answer, in batches, through a queue that never blocks an answer.

mod decision_deduplication;
mod queue;
mod status_deduplication;
mod timeline;

use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use quick_cache::DefaultHashBuilder;
use switchboard_domain::address::Address;
use switchboard_domain::call::{CallDecision, CallKey, CallRecord, TimelineEntry};
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::{CallStore, CallTimelineStore, Retry, StoreError};
use switchboard_domain::sid::{AccountSid, CallSid};

pub(crate) use self::decision_deduplication::RecentDecisions;
use self::queue::Queue;
use self::status_deduplication::RecentStatuses;
use self::timeline::TimelineQueue;
use crate::deadline::within;

/// Limits of the queue and of the write rate.
#[derive(Clone, Copy, Debug)]
pub struct RecorderLimits {
    /// The maximum number of calls with queued records. One account gets at most half. Further
    /// records are dropped and counted.
    pub waiting: usize,
    /// The maximum number of records in one write.
    pub batch: usize,
    /// The pause between two writes. Together with `batch`, it limits the write rate, so that
    /// recording does not take the CPU from answering during an overload.
    pub pause: Duration,
    /// The timeout of one write.
    pub deadline: Duration,
}

impl Default for RecorderLimits {
    fn default() -> Self {
        Self {
            waiting: 50_000,
            batch: 1_000,
            pause: Duration::from_millis(200),
            deadline: Duration::from_secs(10),
        }
    }
}

/// Queues call records and writes them to the store.
pub struct CallRecorder {
    store: Arc<dyn CallStore>,
    timelines: Arc<dyn CallTimelineStore>,
    limits: RecorderLimits,
    waiting: Mutex<Queue>,
    timeline: Mutex<TimelineQueue>,
    statuses: RecentStatuses,
    /// Computes fingerprints with a random key.
    hasher: DefaultHashBuilder,
    /// Held while a batch is written, so that a drain waits for it.
    writing: tokio::sync::Mutex<()>,
    dropped: metrics::Counter,
    recorded: metrics::Counter,
}

impl CallRecorder {
    /// Creates a recorder that writes calls to `store`, and what happened during them to `timelines`.
    pub fn new(
        store: Arc<dyn CallStore>,
        timelines: Arc<dyn CallTimelineStore>,
        limits: RecorderLimits,
    ) -> Self {
        Self {
            store,
            timelines,
            limits,
            waiting: Mutex::new(Queue::new(limits.waiting)),
            timeline: Mutex::new(TimelineQueue::new(limits.waiting)),
            statuses: RecentStatuses::new(),
            hasher: DefaultHashBuilder::default(),
            writing: tokio::sync::Mutex::default(),
            dropped: metrics::counter!("switchboard_calls_unrecorded_total"),
            recorded: metrics::counter!("switchboard_calls_recorded_total"),
        }
    }

    /// Queues a decision, unless it equals a recent one (deduplication). In this case, the record
    /// is not created at all.
    pub(crate) fn note_decision(
        &self,
        recent: Option<&RecentDecisions>,
        call: (AccountSid, CallSid),
        decision: CallDecision,
        record: impl FnOnce(CallDecision) -> CallRecord,
    ) {
        // These fields distinguish two decisions about a call.
        let CallDecision { agent, reason, verified_by, rule: _, at: _ } = &decision;
        let Some(recent) = recent else {
            let _is_counted = self.note(record(decision));
            return;
        };
        let fingerprint = self.hasher.hash_one((call, agent, reason, verified_by));
        if recent.is_new(fingerprint) && !self.note(record(decision)) {
            // The queue may have room when Twilio retries.
            recent.forget(fingerprint);
        }
    }

    /// Queues a status, unless it equals the latest status of its call (deduplication). Returns
    /// `false` if the queue is full.
    pub(crate) fn note_status(&self, record: CallRecord) -> bool {
        let key = (record.account, record.call);
        let progress = record.progress.map(|progress| (progress.status, progress.duration_seconds));
        let addresses =
            [&record.from, &record.to].map(|address| address.as_ref().map(Address::to_text));
        let (call, status) =
            (self.hasher.hash_one(key), self.hasher.hash_one((key, progress, addresses)));
        if !self.statuses.is_new(call, status) {
            return true;
        }
        let is_queued = self.note(record);
        if is_queued {
            self.statuses.remember(call, status);
        }
        is_queued
    }

    /// Queues a record, merged with the queued record of its call. Never waits. Returns `false` if
    /// the queue is full; the record is then dropped and counted.
    pub(crate) fn note(&self, record: CallRecord) -> bool {
        let is_queued = self.queue().add(record);
        if !is_queued {
            self.dropped.increment(1);
        }
        is_queued
    }

    /// Queues what happened during a call, unless it was queued recently (deduplication). Never waits. If the queue is
    /// full, the entry is dropped and counted: it explains a call, but decides nothing.
    pub(crate) fn note_timeline(&self, entry: TimelineEntry) {
        self.note_timeline_of(None, entry);
    }

    /// The same for a call that may not be recorded yet, with its record.
    pub(crate) fn note_timeline_of(&self, call: Option<CallRecord>, entry: TimelineEntry) {
        let event = (entry.account, entry.call, entry.event.kind(), entry.event.subject());
        let event = self.hasher.hash_one(event);
        if !self.statuses.is_new(event, event) || call.is_some_and(|call| !self.note(call)) {
            return;
        }
        if self.timeline().add(entry) {
            self.statuses.remember(event, event);
        } else {
            self.dropped.increment(1);
        }
    }

    /// Returns the queued record of a call. A record that is being written is not in the queue.
    pub(crate) fn queued(&self, call: CallKey) -> Option<CallRecord> {
        self.queue().get(call).cloned()
    }

    /// Waits for the current write.
    pub(crate) async fn written(&self) {
        drop(self.writing.lock().await);
    }

    /// How many records are queued.
    pub fn waiting(&self) -> usize {
        self.queue().len()
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn timeline(&self) -> MutexGuard<'_, TimelineQueue> {
        self.timeline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes batches forever, with a pause between two batches. While the store is unavailable,
    /// records stay queued.
    pub async fn run(&self) {
        let mut is_unavailable = false;
        loop {
            tokio::time::sleep(self.limits.pause).await;
            match self.write_both().await {
                Ok(_more) if is_unavailable => {
                    is_unavailable = false;
                    tracing::info!("call records can be written again");
                }
                Ok(_more) => {}
                Err(error) if error.retry() == Retry::Never => {
                    tracing::error!(
                        error = %Causes(&error),
                        "call records dropped"
                    );
                }
                Err(error) => {
                    if !is_unavailable {
                        tracing::error!(
                            error = %Causes(&error),
                            "call records cannot be written; they stay queued"
                        );
                    }
                    is_unavailable = true;
                }
            }
        }
    }

    /// Writes all queued records without pauses, before the program ends. A batch that the store
    /// will never accept does not prevent the others from being written.
    pub async fn drain(&self) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        loop {
            match self.write_both().await {
                Ok(true) => {}
                Ok(false) => return outcome,
                Err(error) if error.retry() == Retry::Never => outcome = Err(error),
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes one batch of calls, and one of what happened during them. Returns `true` if more is queued.
    async fn write_both(&self) -> Result<bool, StoreError> {
        let more = self.write_batch().await?;
        self.write_timeline().await?;
        Ok(more || !self.timeline().is_empty())
    }

    /// Writes one batch of what happened during calls. A batch that the store will never accept is dropped and counted.
    async fn write_timeline(&self) -> Result<(), StoreError> {
        let batch = self.timeline().take(self.limits.batch);
        if batch.is_empty() {
            return Ok(());
        }
        let record = self.timelines.record(&batch);
        let written = within(self.limits.deadline, "timeline.record", record).await;
        match &written {
            Err(error) if error.retry() == Retry::Later => self.timeline().put_back(batch),
            Err(_) => self.dropped.increment(batch.len() as u64),
            Ok(()) => {}
        }
        written
    }

    /// Writes one batch. Returns `true` if more records are queued. If the store will never accept
    /// a batch, it is halved until only the invalid records are dropped.
    async fn write_batch(&self) -> Result<bool, StoreError> {
        let _writing = self.writing.lock().await;
        let batch = self.queue().take(self.limits.batch);
        if batch.is_empty() {
            return Ok(false);
        }
        let mut outcome = Ok(());
        let mut parts = vec![batch];
        while let Some(mut part) = parts.pop() {
            match within(self.limits.deadline, "call.record", self.store.record(&part)).await {
                Ok(()) => {
                    self.recorded.increment(part.len() as u64);
                    self.queue().release(&part);
                }
                Err(error) if error.retry() == Retry::Later => {
                    part.extend(parts.into_iter().rev().flatten());
                    self.queue().put_back(part);
                    return Err(error);
                }
                Err(_) if part.len() > 1 => {
                    let rest = part.split_off(part.len() / 2);
                    parts.extend([rest, part]);
                }
                Err(error) => {
                    self.dropped.increment(1);
                    self.queue().release(&part);
                    // A lost status is queued again when it is reported again.
                    self.statuses.clear();
                    outcome = Err(error);
                }
            }
        }
        outcome.map(|()| self.waiting() > 0)
    }
}

#[cfg(test)]
mod tests;
