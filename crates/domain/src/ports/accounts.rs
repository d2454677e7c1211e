use async_trait::async_trait;

use super::{Page, StoreError};
use crate::account::Account;
use crate::organization::Scope;
use crate::sid::AccountSid;

/// Stores Twilio accounts. Laws: `switchboard_contract::accounts`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Adds an account. MUST return `Exists` if any organization has an account with this SID, and
    /// `Missing` if the scope does not cover the account's organization or the organization does
    /// not exist.
    async fn add(&self, scope: &Scope, account: &Account) -> Result<(), StoreError>;

    /// Returns the account with this SID, if the scope covers it.
    async fn find(&self, scope: &Scope, sid: AccountSid) -> Result<Option<Account>, StoreError>;

    /// Lists the accounts that the scope covers, ordered by SID.
    async fn list(
        &self,
        scope: &Scope,
        page: &Page<AccountSid>,
    ) -> Result<Vec<Account>, StoreError>;

    /// Replaces the name, parent, tokens, API key, region and status of an account. MUST return
    /// `Missing` if the scope does not cover an account with this SID. MUST NOT change the
    /// organization and the creation time.
    async fn change(&self, scope: &Scope, account: &Account) -> Result<(), StoreError>;

    /// Removes an account. MUST return `Missing` if the scope does not cover an account with this
    /// SID, and `InUse` while numbers belong to it.
    async fn remove(&self, scope: &Scope, sid: AccountSid) -> Result<(), StoreError>;
}
