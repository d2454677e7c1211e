//! Records calls after the answer, in batches, through a queue that never blocks an answer.

mod dedup;

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use quick_cache::DefaultHashBuilder;
use switchboard_domain::call::{CallDecision, CallRecord};
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::{CallStore, Retry, StoreError};
use switchboard_domain::sid::{AccountSid, CallSid};

pub(crate) use self::dedup::RecentDecisions;
use crate::deadline::within;

/// By how many records an empty queue grows.
const FEWEST_MORE: usize = 64;

/// How much the recorder holds and how fast it writes.
#[derive(Clone, Copy, Debug)]
pub struct RecorderLimits {
    /// Most queued records; more are dropped and counted.
    pub waiting: usize,
    /// Records in one write.
    pub batch: usize,
    /// Pause between two writes. With `batch`, it limits the write rate in an overload, so that recording never takes the
    /// CPU from answering.
    pub pause: Duration,
    /// The longest wait for one write.
    pub deadline: Duration,
}

impl Default for RecorderLimits {
    fn default() -> Self {
        Self {
            waiting: 25_000,
            batch: 1_000,
            pause: Duration::from_millis(200),
            deadline: Duration::from_secs(10),
        }
    }
}

/// Queues call records and writes them to the store.
pub struct CallRecorder {
    store: Arc<dyn CallStore>,
    limits: RecorderLimits,
    waiting: Mutex<VecDeque<CallRecord>>,
    /// Makes the fingerprints of decisions, with a random key.
    hasher: DefaultHashBuilder,
    /// Held while a batch is written, so that a drain waits for it.
    writing: tokio::sync::Mutex<()>,
    dropped: metrics::Counter,
    recorded: metrics::Counter,
}

impl CallRecorder {
    /// A recorder that writes to `store`.
    pub fn new(store: Arc<dyn CallStore>, limits: RecorderLimits) -> Self {
        Self {
            store,
            limits,
            waiting: Mutex::default(),
            hasher: DefaultHashBuilder::default(),
            writing: tokio::sync::Mutex::default(),
            dropped: metrics::counter!("switchboard_calls_unrecorded_total"),
            recorded: metrics::counter!("switchboard_calls_recorded_total"),
        }
    }

    /// Queues a decision, unless it equals a recent one (deduplication): then the record is not even made.
    pub(crate) fn note_decision(
        &self,
        recent: Option<&RecentDecisions>,
        call: (AccountSid, CallSid),
        decision: CallDecision,
        record: impl FnOnce(CallDecision) -> CallRecord,
    ) {
        // These fields tell two decisions about a call apart.
        let CallDecision { agent, reason, verified_by, rule: _, at: _ } = &decision;
        let Some(recent) = recent else {
            self.note(record(decision));
            return;
        };
        let fingerprint = self.hasher.hash_one((call, agent, reason, verified_by));
        if recent.is_new(fingerprint) && !self.enqueue(record(decision)) {
            // The queue may have room when Twilio retries.
            recent.forget(fingerprint);
        }
    }

    /// Queues a record. Never waits; a full queue drops the record and counts it.
    pub(crate) fn note(&self, record: CallRecord) {
        let _is_counted = self.enqueue(record);
    }

    /// `false` if the queue was full.
    fn enqueue(&self, record: CallRecord) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let room = self.limits.waiting.saturating_sub(waiting.len());
        if room > 0 {
            if waiting.len() == waiting.capacity() {
                // Doubles, up to the limit.
                let more = waiting.len().max(FEWEST_MORE).min(room);
                waiting.reserve_exact(more);
            }
            waiting.push_back(record);
        } else {
            self.dropped.increment(1);
        }
        room > 0
    }

    /// How many records are queued.
    pub fn waiting(&self) -> usize {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Writes batches forever, with a pause between two. While the store is unavailable, records stay queued.
    pub async fn run(&self) {
        let mut is_unavailable = false;
        loop {
            tokio::time::sleep(self.limits.pause).await;
            match self.write_batch().await {
                Ok(_more) if is_unavailable => {
                    is_unavailable = false;
                    tracing::info!("call records are written again");
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

    /// Writes all queued records without pauses, before the program ends. A batch that the store will never accept does
    /// not keep the others from being written.
    pub async fn drain(&self) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        loop {
            match self.write_batch().await {
                Ok(true) => {}
                Ok(false) => return outcome,
                Err(error) if error.retry() == Retry::Never => outcome = Err(error),
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes one batch. `true` if more records are queued.
    async fn write_batch(&self) -> Result<bool, StoreError> {
        let _writing = self.writing.lock().await;
        let batch = self.take_batch();
        if batch.is_empty() {
            return Ok(false);
        }
        let count = batch.len();
        let merged = merge(batch);
        match within(self.limits.deadline, "call.record", self.store.record(&merged)).await {
            Ok(()) => {
                self.recorded.increment(count as u64);
                Ok(self.waiting() > 0)
            }
            Err(error) => {
                if error.retry() == Retry::Later {
                    self.put_back(merged);
                } else {
                    self.dropped.increment(count as u64);
                }
                Err(error)
            }
        }
    }

    fn take_batch(&self) -> Vec<CallRecord> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(self.limits.batch);
        waiting.drain(..count).collect()
    }

    fn put_back(&self, records: Vec<CallRecord>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let room = self.limits.waiting.saturating_sub(waiting.len());
        self.dropped.increment(records.len().saturating_sub(room) as u64);
        for record in records.into_iter().take(room).rev() {
            waiting.push_front(record);
        }
    }
}

/// One record for each call, in the order in which the calls were first seen.
fn merge(records: Vec<CallRecord>) -> Vec<CallRecord> {
    let mut places = HashMap::with_capacity(records.len());
    let mut merged: Vec<CallRecord> = Vec::with_capacity(records.len());
    for record in records {
        match places.entry((record.account, record.call)) {
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(merged.len());
                merged.push(record);
            }
            std::collections::hash_map::Entry::Occupied(place) => {
                let known = &mut merged[*place.get()];
                *known = known.clone().merge(record);
            }
        }
    }
    merged
}

#[cfg(test)]
mod tests;
