//! Events.

use std::collections::{BTreeSet, VecDeque};

use async_trait::async_trait;
use switchboard_domain::address::Address;
use switchboard_domain::erasure::Contact;
use switchboard_domain::event::Event;
use switchboard_domain::identifier::EventId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{EventFilter, EventPlace, EventStore, Page, StoreError};
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;
use crate::pages::{newest, oldest};
use crate::subscriptions::Subscriptions;

/// All events, in the order in which they were added.
#[derive(Debug, Default)]
pub(crate) struct EventLog {
    all: Vec<Event>,
    /// The keys of all events that have one.
    once_keys: BTreeSet<String>,
    /// Those that wait to be distributed.
    undistributed: VecDeque<(Timestamp, EventId)>,
}

impl EventLog {
    /// Adds events, except those whose key is taken.
    pub(crate) fn add(
        &mut self,
        subscriptions: &Subscriptions,
        happened: impl IntoIterator<Item = Event>,
    ) {
        for event in happened {
            let is_new =
                event.once_key.as_ref().is_none_or(|key| self.once_keys.insert(key.clone()));
            if !is_new {
                continue;
            }
            if subscriptions.any_enabled(&event.organization) {
                self.undistributed.push_back((event.at, event.id.clone()));
            }
            self.all.push(event);
        }
    }

    /// Takes the events that wait to be distributed, and returns how many there were with those that are still stored.
    pub(crate) fn take_undistributed(&mut self, limit: u32) -> (u32, Vec<Event>) {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX).min(self.undistributed.len());
        let taken: Vec<_> = self.undistributed.drain(..limit).collect();
        let stored = taken.iter().filter_map(|place| self.at(place).cloned()).collect();
        (u32::try_from(taken.len()).unwrap_or(u32::MAX), stored)
    }

    fn selected<'a>(
        &'a self,
        scope: &'a Scope,
        filter: &'a EventFilter,
    ) -> impl Iterator<Item = &'a Event> {
        let covered = self.all.iter().filter(|event| scope.covers(&event.organization));
        covered.filter(|event| filter.selects(event))
    }

    fn at(&self, (at, id): &EventPlace) -> Option<&Event> {
        self.all.iter().find(|event| event.at == *at && event.id == *id)
    }

    /// Erases a contact.
    pub(crate) fn erase(&mut self, scope: &Scope, contact: &Contact) {
        for event in self.all.iter_mut().filter(|event| scope.covers(&event.organization)) {
            for side in [&mut event.from, &mut event.to] {
                if side.as_ref().is_some_and(|address| contact.is_known_by(address)) {
                    *side = Some(Address::Erased);
                }
            }
        }
    }

    /// Counts the events before an instant.
    pub(crate) fn count_older(&self, before: Timestamp) -> usize {
        self.all.iter().filter(|event| event.at < before).count()
    }

    /// Deletes the oldest of them, and returns how many.
    pub(crate) fn delete_older(&mut self, before: Timestamp, limit: u32) -> u32 {
        let older = self.all.iter().filter(|event| event.at < before);
        let mut older: Vec<_> = older.map(|event| (event.at, event.id.clone())).collect();
        older.sort();
        older.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let ids: BTreeSet<_> = older.into_iter().map(|(_, id)| id).collect();
        self.all.retain(|event| !ids.contains(&event.id));
        self.once_keys = self.all.iter().filter_map(|event| event.once_key.clone()).collect();
        u32::try_from(ids.len()).unwrap_or(u32::MAX)
    }
}

fn place(event: &Event) -> EventPlace {
    (event.at, event.id.clone())
}

#[async_trait]
impl EventStore for MemoryStore {
    async fn newest(
        &self,
        scope: &Scope,
        filter: &EventFilter,
        page: &Page<EventPlace>,
    ) -> Result<Vec<Event>, StoreError> {
        let state = self.enter("event.newest").await?;
        Ok(newest(state.events.selected(scope, filter), page, place))
    }

    async fn oldest(
        &self,
        scope: &Scope,
        filter: &EventFilter,
        page: &Page<EventPlace>,
    ) -> Result<Vec<Event>, StoreError> {
        let state = self.enter("event.oldest").await?;
        Ok(oldest(state.events.selected(scope, filter), page, place))
    }

    async fn at(&self, scope: &Scope, place: &EventPlace) -> Result<Option<Event>, StoreError> {
        let state = self.enter("event.at").await?;
        let found = state.events.at(place).filter(|event| scope.covers(&event.organization));
        Ok(found.cloned())
    }
}
