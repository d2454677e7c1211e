use async_trait::async_trait;

use super::{Page, StoreError};
use crate::call::CallRecord;
use crate::organization::Scope;
use crate::sid::{AccountSid, CallSid};

/// Keeps what became of calls. Laws: `switchboard_contract::calls`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CallStore: Send + Sync {
    /// Merges records into what is kept, all or none of them. A record MUST be merged as
    /// [`CallRecord::merge`] does, so that order and repetition change nothing.
    async fn record(&self, records: &[CallRecord]) -> Result<(), StoreError>;

    /// The call, if the scope covers it.
    async fn find(
        &self,
        scope: &Scope,
        account: AccountSid,
        call: CallSid,
    ) -> Result<Option<CallRecord>, StoreError>;

    /// The calls that the scope covers, in the order of account and SID.
    async fn list(
        &self,
        scope: &Scope,
        page: &Page<(AccountSid, CallSid)>,
    ) -> Result<Vec<CallRecord>, StoreError>;
}
