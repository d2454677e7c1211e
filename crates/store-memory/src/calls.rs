//! What became of calls.

use std::collections::btree_map::Entry;

use async_trait::async_trait;
use switchboard_domain::address::Address;
use switchboard_domain::call::{CallDirection, CallRecord};
use switchboard_domain::event::{event_of_ended, event_of_started};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{CallStore, Page, StoreError};
use switchboard_domain::sid::{AccountSid, CallSid};

use crate::MemoryStore;
use crate::pages::page_of;

#[async_trait]
impl CallStore for MemoryStore {
    async fn record(&self, records: &[CallRecord]) -> Result<(), StoreError> {
        let mut state = self.enter("call.record").await?;
        for record in records {
            let known = match state.calls.entry((record.account, record.call)) {
                Entry::Vacant(place) => {
                    // Merging puts what is in a record in order, the first one too.
                    place.insert(record.clone().merge(record.clone()))
                }
                Entry::Occupied(mut place) => {
                    let merged = place.get().clone().merge(record.clone());
                    place.insert(merged);
                    place.into_mut()
                }
            };
            let ended = record.has_ended().then(|| event_of_ended(known)).flatten();
            state.add_events(event_of_started(record).into_iter().chain(ended));
        }
        Ok(())
    }

    async fn find(
        &self,
        scope: &Scope,
        account: AccountSid,
        call: CallSid,
    ) -> Result<Option<CallRecord>, StoreError> {
        let state = self.enter("call.find").await?;
        Ok(state
            .calls
            .get(&(account, call))
            .filter(|record| scope.covers(&record.organization))
            .cloned())
    }

    async fn latest_of_contact(
        &self,
        organization: &OrganizationId,
        contact: &[Address],
        ours: &[Address],
        limit: u32,
    ) -> Result<Vec<CallRecord>, StoreError> {
        let is_one_of = |address: &Option<Address>, of: &[Address]| {
            address.as_ref().is_some_and(|address| of.contains(address))
        };
        let state = self.enter("call.latest").await?;
        let between = state.calls.values().filter(|call| {
            call.organization == *organization
                && call.direction != Some(CallDirection::OutboundDial)
                && ((is_one_of(&call.from, contact) && is_one_of(&call.to, ours))
                    || (is_one_of(&call.from, ours) && is_one_of(&call.to, contact)))
        });
        let mut latest: Vec<_> = between.cloned().collect();
        latest.sort_by_key(|call| (call.first_seen_at, call.account, call.call));
        let surplus = latest.len().saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
        latest.drain(..surplus);
        Ok(latest)
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<(AccountSid, CallSid)>,
    ) -> Result<Vec<CallRecord>, StoreError> {
        Ok(page_of(&self.enter("call.list").await?.calls, page, |record| {
            scope.covers(&record.organization)
        }))
    }
}
