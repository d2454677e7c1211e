//! Deletion of old records.

use std::collections::BTreeMap;

use async_trait::async_trait;
use switchboard_domain::ports::{RetentionStore, StoreError};
use switchboard_domain::retention::RecordKind;
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;
use crate::state::State;

#[async_trait]
impl RetentionStore for MemoryStore {
    async fn count_older(&self, kind: RecordKind, before: Timestamp) -> Result<u64, StoreError> {
        let state = self.enter("retention.count").await?;
        let count = match kind {
            RecordKind::Calls => {
                state.calls.values().filter(|call| call.first_seen_at < before).count()
            }
            RecordKind::Messages => {
                state.messages.values().filter(|message| message.first_seen_at < before).count()
            }
            RecordKind::Rejections => {
                state.rejections.values().filter(|rejection| rejection.at < before).count()
            }
            RecordKind::Deliveries => state.deliveries.count_final(before),
            RecordKind::Events => state.events.count_older(before),
            RecordKind::Jobs => state.jobs.count_ended(before),
            RecordKind::Audit => state.audit.count_older(before),
        };
        Ok(count as u64)
    }

    async fn delete_older(
        &self,
        kind: RecordKind,
        before: Timestamp,
        limit: u32,
    ) -> Result<u32, StoreError> {
        let mut state = self.enter("retention.delete").await?;
        Ok(match kind {
            RecordKind::Calls => {
                let deleted = oldest(&mut state.calls, before, limit, |call| call.first_seen_at);
                let State { calls, timeline, .. } = &mut *state;
                timeline.retain(|(call, ..), _| calls.contains_key(call));
                deleted
            }
            RecordKind::Messages => {
                state.contact_links.retain(|_, (_, at)| *at >= before);
                oldest(&mut state.messages, before, limit, |message| message.first_seen_at)
            }
            RecordKind::Rejections => {
                oldest(&mut state.rejections, before, limit, |rejection| rejection.at)
            }
            RecordKind::Deliveries => state.deliveries.delete_final(before, limit),
            RecordKind::Events => state.events.delete_older(before, limit),
            RecordKind::Jobs => state.jobs.delete_ended(before, limit),
            RecordKind::Audit => state.audit.delete_older(before, limit),
        })
    }
}

/// Deletes the oldest values before an instant.
fn oldest<K: Clone + Ord, V>(
    values: &mut BTreeMap<K, V>,
    before: Timestamp,
    limit: u32,
    at: impl Fn(&V) -> Timestamp,
) -> u32 {
    let mut older: Vec<_> = values
        .iter()
        .map(|(key, value)| (at(value), key.clone()))
        .filter(|(at, _)| *at < before)
        .collect();
    older.sort_unstable();
    let mut deleted = 0;
    for (_, key) in older.into_iter().take(limit as usize) {
        values.remove(&key);
        deleted += 1;
    }
    deleted
}
