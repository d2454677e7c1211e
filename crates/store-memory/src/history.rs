//! Lists for operators, newest first.

use async_trait::async_trait;
use switchboard_domain::call::CallRecord;
use switchboard_domain::history::{
    CallPlace, HistoryFilter, MessagePlace, RejectionFilter, RejectionPlace,
};
use switchboard_domain::message::MessageRecord;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{CallHistory, MessageHistory, Page, RejectionHistory, StoreError};
use switchboard_domain::rejection::Rejection;
use switchboard_domain::sid::{CallSid, MessageSid};

use crate::MemoryStore;

#[async_trait]
impl CallHistory for MemoryStore {
    async fn newest_calls(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<CallPlace>,
    ) -> Result<Vec<CallRecord>, StoreError> {
        let state = self.enter("call.newest").await?;
        let shown = state
            .calls
            .values()
            .filter(|call| scope.covers(&call.organization) && filter.selects_call(call));
        Ok(newest(shown, page, |call| (call.first_seen_at, call.call)))
    }

    async fn call_by_sid(
        &self,
        scope: &Scope,
        call: CallSid,
    ) -> Result<Option<CallRecord>, StoreError> {
        let state = self.enter("call.by_sid").await?;
        let mut found = state.calls.values().filter(|record| record.call == call);
        Ok(found.find(|record| scope.covers(&record.organization)).cloned())
    }
}

#[async_trait]
impl MessageHistory for MemoryStore {
    async fn newest_messages(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<MessagePlace>,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        let state = self.enter("message.newest").await?;
        let shown = state.messages.values().filter(|message| {
            scope.covers(&message.organization) && filter.selects_message(message)
        });
        Ok(newest(shown, page, |message| (message.first_seen_at, message.message)))
    }

    async fn message_by_sid(
        &self,
        scope: &Scope,
        message: MessageSid,
    ) -> Result<Option<MessageRecord>, StoreError> {
        let state = self.enter("message.by_sid").await?;
        let mut found = state.messages.values().filter(|record| record.message == message);
        Ok(found.find(|record| scope.covers(&record.organization)).cloned())
    }
}

#[async_trait]
impl RejectionHistory for MemoryStore {
    async fn newest_rejections(
        &self,
        scope: &Scope,
        filter: &RejectionFilter,
        page: &Page<RejectionPlace>,
    ) -> Result<Vec<Rejection>, StoreError> {
        let state = self.enter("rejection.newest").await?;
        let is_covered = |rejection: &Rejection| match &rejection.organization {
            Some(owner) => scope.covers(owner),
            None => *scope == Scope::Operator,
        };
        let shown = state
            .rejections
            .values()
            .filter(|rejection| is_covered(rejection) && filter.selects(rejection));
        Ok(newest(shown, page, |rejection| (rejection.at, rejection.id.clone())))
    }
}

/// One page, in the descending order of the places.
fn newest<'a, T: Clone + 'a, K: Ord>(
    shown: impl Iterator<Item = &'a T>,
    page: &Page<K>,
    place: impl Fn(&T) -> K,
) -> Vec<T> {
    let mut shown: Vec<_> = shown.map(|value| (place(value), value)).collect();
    shown.retain(|(at, _)| page.after.as_ref().is_none_or(|after| at < after));
    shown.sort_unstable_by(|(one, _), (two, _)| two.cmp(one));
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    shown.into_iter().take(limit).map(|(_, value)| value.clone()).collect()
}
