use async_trait::async_trait;

use super::{Page, StoreError};
use crate::account::Account;
use crate::organization::Scope;
use crate::sid::AccountSid;

/// Keeps Twilio accounts. Laws: `switchboard_contract::accounts`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Adds an account. MUST return `Exists` if any organization has one with that SID, and `Missing` if
    /// the scope does not cover the account's organization or that organization is not there.
    async fn add(&self, scope: &Scope, account: &Account) -> Result<(), StoreError>;

    /// The account with that SID, if the scope covers it.
    async fn find(&self, scope: &Scope, sid: AccountSid) -> Result<Option<Account>, StoreError>;

    /// The accounts that the scope covers, in the order of their SIDs.
    async fn list(
        &self,
        scope: &Scope,
        page: &Page<AccountSid>,
    ) -> Result<Vec<Account>, StoreError>;

    /// Replaces name, parent, tokens, API key, region and status of an account. MUST return `Missing` if the
    /// scope does not cover one with that SID. The organization and the time of creation MUST stay as they were.
    async fn change(&self, scope: &Scope, account: &Account) -> Result<(), StoreError>;

    /// Removes an account. MUST return `Missing` if the scope does not cover one with that SID, and `InUse`
    /// while numbers belong to it.
    async fn remove(&self, scope: &Scope, sid: AccountSid) -> Result<(), StoreError>;
}
