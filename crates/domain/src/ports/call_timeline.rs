//! The stored steps of single calls, beside their records.

use async_trait::async_trait;

use super::StoreError;
use crate::call::TimelineEntry;
use crate::organization::Scope;
use crate::sid::{AccountSid, CallSid};

/// Stores what happened during calls. Laws: `switchboard_contract::call_timeline`.
///
/// An entry is deleted with the record of its call (`RetentionStore`).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CallTimelineStore: Send + Sync {
    /// Stores entries. Of several entries of a call with the same kind and subject, the first one MUST stay, so a batch
    /// can be recorded again after an error, which may leave a part of it.
    async fn record(&self, entries: &[TimelineEntry]) -> Result<(), StoreError>;

    /// Lists the entries of a call, if the scope covers them, ordered by time, kind and subject.
    async fn of_call(
        &self,
        scope: &Scope,
        account: AccountSid,
        call: CallSid,
    ) -> Result<Vec<TimelineEntry>, StoreError>;
}
