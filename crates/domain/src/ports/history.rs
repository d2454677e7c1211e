//! The lists of calls, messages and rejections for operators.

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
    /// Lists the calls that the scope covers and the filter selects, newest first. Calls that began
    /// at the same instant MUST be in descending order of their SIDs. The filter's status is ignored.
    async fn newest_calls(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<CallPlace>,
    ) -> Result<Vec<CallRecord>, StoreError>;

    /// Lists the same calls in the opposite order, oldest first: what is recorded meanwhile mostly follows the last page.
    async fn oldest_calls(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<CallPlace>,
    ) -> Result<Vec<CallRecord>, StoreError>;

    /// Returns the call with this SID in any account, if the scope covers it.
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
    /// Lists the messages that the scope covers and the filter selects, newest first. Messages of
    /// the same instant MUST be in descending order of their SIDs. The filter's outcome is ignored.
    async fn newest_messages(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<MessagePlace>,
    ) -> Result<Vec<MessageRecord>, StoreError>;

    /// Lists the same messages in the opposite order, oldest first.
    async fn oldest_messages(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<MessagePlace>,
    ) -> Result<Vec<MessageRecord>, StoreError>;

    /// Returns the message with this SID in any account, if the scope covers it.
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
    /// Lists the rejections that the scope covers and the filter selects, newest first. Rejections
    /// of the same instant MUST be in descending order of their ids. Rejections of unknown accounts
    /// MUST be listed for the operator only.
    async fn newest_rejections(
        &self,
        scope: &Scope,
        filter: &RejectionFilter,
        page: &Page<RejectionPlace>,
    ) -> Result<Vec<Rejection>, StoreError>;
}
