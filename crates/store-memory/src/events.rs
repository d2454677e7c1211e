//! Events.

use std::collections::BTreeSet;

use async_trait::async_trait;
use switchboard_domain::address::Address;
use switchboard_domain::erasure::Contact;
use switchboard_domain::event::Event;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{EventFilter, EventPlace, EventStore, Page, StoreError};
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;

/// All events, in the order in which they were added.
#[derive(Debug, Default)]
pub(crate) struct EventLog(Vec<Event>);

impl EventLog {
    /// Adds events, except those whose key is taken.
    pub(crate) fn add(&mut self, happened: impl IntoIterator<Item = Event>) {
        for event in happened {
            let is_taken = event.once_key.is_some()
                && self.0.iter().any(|stored| stored.once_key == event.once_key);
            if !is_taken {
                self.0.push(event);
            }
        }
    }

    /// Erases a contact.
    pub(crate) fn erase(&mut self, scope: &Scope, contact: &Contact) {
        for event in self.0.iter_mut().filter(|event| scope.covers(&event.organization)) {
            for side in [&mut event.from, &mut event.to] {
                if side.as_ref().is_some_and(|address| contact.is_known_by(address)) {
                    *side = Some(Address::Erased);
                }
            }
        }
    }

    /// Counts the events before an instant.
    pub(crate) fn count_older(&self, before: Timestamp) -> usize {
        self.0.iter().filter(|event| event.at < before).count()
    }

    /// Deletes the oldest of them, and returns how many.
    pub(crate) fn delete_older(&mut self, before: Timestamp, limit: u32) -> u32 {
        let older = self.0.iter().filter(|event| event.at < before);
        let mut older: Vec<_> = older.map(|event| (event.at, event.id.clone())).collect();
        older.sort();
        older.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let ids: BTreeSet<_> = older.into_iter().map(|(_, id)| id).collect();
        self.0.retain(|event| !ids.contains(&event.id));
        u32::try_from(ids.len()).unwrap_or(u32::MAX)
    }
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
        let place = |event: &Event| (event.at, event.id.clone());
        let mut found: Vec<_> = state
            .events
            .0
            .iter()
            .filter(|event| scope.covers(&event.organization) && filter.selects(event))
            .filter(|event| page.after.as_ref().is_none_or(|after| place(event) < *after))
            .cloned()
            .collect();
        found.sort_by_key(|event| std::cmp::Reverse(place(event)));
        found.truncate(usize::try_from(page.limit).unwrap_or(usize::MAX));
        Ok(found)
    }
}
