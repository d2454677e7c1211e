//! Records the transcript.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde::Serialize;

use super::entry::{Entry, Event};

/// What happened, in order. `Display` renders one line per entry.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Transcript {
    /// The entries, oldest first.
    pub entries: Vec<Entry>,
}

impl Transcript {
    /// The events without their times.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.entries.iter().map(|entry| &entry.event)
    }
}

/// Collects entries and passes each to the observer `watch`.
pub(crate) struct Recorder<'a> {
    started: Instant,
    entries: Mutex<Vec<Entry>>,
    watch: &'a (dyn Fn(&Entry) + Sync),
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(watch: &'a (dyn Fn(&Entry) + Sync)) -> Self {
        Self { started: Instant::now(), entries: Mutex::default(), watch }
    }

    pub(crate) fn note(&self, event: Event) {
        let at_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let entry = Entry { at_ms, event };
        (self.watch)(&entry);
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    pub(crate) fn finish(self) -> Transcript {
        Transcript { entries: self.entries.into_inner().unwrap_or_else(PoisonError::into_inner) }
    }
}
