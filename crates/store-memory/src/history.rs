//! Lists for operators, newest first and oldest first.

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
use crate::pages::{newest, oldest};
use crate::state::State;

#[async_trait]
impl CallHistory for MemoryStore {
    async fn newest_calls(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<CallPlace>,
    ) -> Result<Vec<CallRecord>, StoreError> {
        let state = self.enter("call.newest").await?;
        let place = |call: &CallRecord| (call.first_seen_at, call.call);
        Ok(newest(calls(&state, scope, filter), page, place))
    }

    async fn oldest_calls(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<CallPlace>,
    ) -> Result<Vec<CallRecord>, StoreError> {
        let state = self.enter("call.oldest").await?;
        let place = |call: &CallRecord| (call.first_seen_at, call.call);
        Ok(oldest(calls(&state, scope, filter), page, place))
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
        let place = |message: &MessageRecord| (message.first_seen_at, message.message);
        Ok(newest(messages(&state, scope, filter), page, place))
    }

    async fn oldest_messages(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<MessagePlace>,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        let state = self.enter("message.oldest").await?;
        let place = |message: &MessageRecord| (message.first_seen_at, message.message);
        Ok(oldest(messages(&state, scope, filter), page, place))
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

fn calls<'a>(
    state: &'a State,
    scope: &'a Scope,
    filter: &'a HistoryFilter,
) -> impl Iterator<Item = &'a CallRecord> {
    let calls = state.calls.values();
    calls.filter(|call| scope.covers(&call.organization) && filter.selects_call(call))
}

fn messages<'a>(
    state: &'a State,
    scope: &'a Scope,
    filter: &'a HistoryFilter,
) -> impl Iterator<Item = &'a MessageRecord> {
    let messages = state.messages.values();
    messages.filter(|one| scope.covers(&one.organization) && filter.selects_message(one))
}
