//! What happened during calls.

use async_trait::async_trait;
use switchboard_domain::call::TimelineEntry;
use switchboard_domain::event::event_of_failed_attempt;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{CallTimelineStore, StoreError};
use switchboard_domain::sid::{AccountSid, CallSid};

use crate::MemoryStore;

#[async_trait]
impl CallTimelineStore for MemoryStore {
    async fn record(&self, entries: &[TimelineEntry]) -> Result<(), StoreError> {
        let mut state = self.enter("timeline.record").await?;
        state.add_events(entries.iter().filter_map(event_of_failed_attempt));
        for entry in entries {
            let call = (entry.account, entry.call);
            let key = (call, entry.event.kind(), entry.event.subject());
            state.timeline.entry(key).or_insert_with(|| entry.clone());
        }
        Ok(())
    }

    async fn of_call(
        &self,
        scope: &Scope,
        account: AccountSid,
        call: CallSid,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        let state = self.enter("timeline.of_call").await?;
        let key = ((account, call), "", String::new());
        let entries = state.timeline.range(key..).map(|(_, entry)| entry);
        let mut entries: Vec<_> = entries
            .take_while(|entry| (entry.account, entry.call) == (account, call))
            .filter(|entry| scope.covers(&entry.organization))
            .cloned()
            .collect();
        // The sort is stable, and the map is ordered by kind and subject.
        entries.sort_by_key(|entry| entry.at);
        Ok(entries)
    }
}
