//! The stored Twilio accounts.

#![cfg_attr(
    feature = "mock",
    expect(
        clippy::ref_option_ref,
        reason = "the expectations of a mock take arguments by reference"
    )
)]

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::account::Account;
use crate::audit::Author;
use crate::organization::Scope;
use crate::sid::AccountSid;

/// Stores Twilio accounts. Laws: `switchboard_contract::accounts`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Adds an account. MUST return `Exists` if any organization has an account with this SID, and
    /// `Missing` if the scope does not cover the account's organization or the organization does
    /// not exist.
    async fn add(&self, author: &Author, account: &Account) -> Result<(), StoreError>;

    /// Returns the account with this SID, if the scope covers it.
    async fn find(&self, scope: &Scope, sid: AccountSid) -> Result<Option<Account>, StoreError>;

    /// Lists the accounts that the scope covers, ordered by SID.
    async fn list(
        &self,
        scope: &Scope,
        page: &Page<AccountSid>,
    ) -> Result<Vec<Account>, StoreError>;

    /// Replaces the name, parent, tokens, API key, region, status, validation and connection of an account. `before` is the account as the caller
    /// read it; `None` replaces whatever is stored. MUST return `Missing` if the scope does not cover an account with this
    /// SID, and `Changed` if it is not that of `before`. Of several changes of the same `before` at the same time, at most
    /// one MUST succeed if each of them changes something. MUST NOT change the organization and the creation time.
    async fn change<'a>(
        &self,
        author: &Author,
        before: Option<&'a Account>,
        account: &Account,
    ) -> Result<(), StoreError>;

    /// Removes an account. MUST return `Missing` if the scope does not cover an account with this SID, `Changed` if it is
    /// not that of `before`, and `InUse` while numbers belong to it.
    async fn remove<'a>(
        &self,
        author: &Author,
        sid: AccountSid,
        before: Option<&'a Account>,
    ) -> Result<(), StoreError>;
}
