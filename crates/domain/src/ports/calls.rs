//! The stored call records.

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::address::Address;
use crate::call::CallRecord;
use crate::identifier::OrganizationId;
use crate::organization::Scope;
use crate::sid::{AccountSid, CallSid};

/// Stores call records. Laws: `switchboard_contract::calls`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CallStore: Send + Sync {
    /// Merges records into the stored ones: all of them or none. MUST merge as
    /// [`CallRecord::merge`] does, so that neither order nor repetition changes the result.
    async fn record(&self, records: &[CallRecord]) -> Result<(), StoreError>;

    /// Returns the record of a call, if the scope covers it.
    async fn find(
        &self,
        scope: &Scope,
        account: AccountSid,
        call: CallSid,
    ) -> Result<Option<CallRecord>, StoreError>;

    /// Returns the latest calls between the contact and one of `ours`, in both directions, oldest first: at most `limit`. The
    /// addresses of `contact` belong to one person on several channels. MUST leave out the legs of `<Dial>`
    /// ([`CallDirection::OutboundDial`](crate::call::CallDirection::OutboundDial)), whose addresses say neither who called nor who
    /// was called.
    async fn latest_of_contact(
        &self,
        organization: &OrganizationId,
        contact: &[Address],
        ours: &[Address],
        limit: u32,
    ) -> Result<Vec<CallRecord>, StoreError>;

    /// Lists the calls that the scope covers, ordered by account and SID.
    async fn list(
        &self,
        scope: &Scope,
        page: &Page<(AccountSid, CallSid)>,
    ) -> Result<Vec<CallRecord>, StoreError>;
}
