use async_trait::async_trait;

use super::{Page, StoreError};
use crate::call::CallRecord;
use crate::history::{CallPlace, HistoryFilter, MessagePlace, RejectionFilter, RejectionPlace};
use crate::message::MessageRecord;
use crate::organization::Scope;
use crate::rejection::Rejection;
use crate::sid::{CallSid, MessageSid};

/// Looks up calls for operators. Laws: `switchboard_contract::history`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CallHistory: Send + Sync {
    /// The calls that the scope covers and the filter selects, newest first; calls of one instant in the descending order
    /// of their SIDs.
    async fn newest_calls(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<CallPlace>,
    ) -> Result<Vec<CallRecord>, StoreError>;

    /// The call of any account with that SID, if the scope covers it.
    async fn call_by_sid(
        &self,
        scope: &Scope,
        call: CallSid,
    ) -> Result<Option<CallRecord>, StoreError>;
}

/// Looks up messages for operators. Laws: `switchboard_contract::history`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MessageHistory: Send + Sync {
    /// The messages that the scope covers and the filter selects, newest first; messages of one instant in the descending
    /// order of their SIDs. The outcome of the filter is ignored.
    async fn newest_messages(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<MessagePlace>,
    ) -> Result<Vec<MessageRecord>, StoreError>;

    /// The message of any account with that SID, if the scope covers it.
    async fn message_by_sid(
        &self,
        scope: &Scope,
        message: MessageSid,
    ) -> Result<Option<MessageRecord>, StoreError>;
}

/// Looks up rejections for operators. Laws: `switchboard_contract::history`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RejectionHistory: Send + Sync {
    /// The rejections that the scope covers and the filter selects, newest first; rejections of one instant in the
    /// descending order of their ids. Those of unknown accounts are for the operator alone.
    async fn newest_rejections(
        &self,
        scope: &Scope,
        filter: &RejectionFilter,
        page: &Page<RejectionPlace>,
    ) -> Result<Vec<Rejection>, StoreError>;
}
