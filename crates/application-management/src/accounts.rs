//! Accounts are added, changed and removed.

use std::sync::Arc;

use switchboard_domain::account::Account;
use switchboard_domain::agent::Label;
use switchboard_domain::carrier::{AccountStatus, ApiKey, Region};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AccountStore, Clock, Entity, Page, StoreError};
use switchboard_domain::sid::AccountSid;

use super::{AuthToken, Edit, ManageError, TokenSealer};

const PAGE: u32 = 1_000;

/// An account as an operator describes it.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Twilio's key of it.
    pub sid: AccountSid,
    /// The tenant that brings it.
    pub organization: OrganizationId,
    /// What people call it.
    pub name: Label,
    /// The account that owns it, where it is a subaccount.
    pub parent: Option<AccountSid>,
    /// The token that signs today.
    pub token: AuthToken,
    /// The token that will sign after a rotation.
    pub next_token: Option<AuthToken>,
    /// An API key for the carrier's REST API.
    pub api_key: Option<ApiKey>,
    /// The carrier's region that it is kept for.
    pub region: Region,
}

/// What changes about an account.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// A new name.
    pub name: Option<Label>,
    /// Another parent, or none.
    pub parent: Edit<AccountSid>,
    /// A new primary token.
    pub token: Option<AuthToken>,
    /// Another next token, or none.
    pub next_token: Edit<AuthToken>,
    /// Another API key, or none.
    pub api_key: Edit<ApiKey>,
    /// Another region.
    pub region: Option<Region>,
}

/// Adds accounts.
pub struct AddAccount {
    /// Where they are kept.
    pub accounts: Arc<dyn AccountStore>,
    /// Seals their tokens.
    pub sealer: TokenSealer,
    /// Tells when they were added.
    pub clock: Arc<dyn Clock>,
}

impl AddAccount {
    /// Adds an account, its tokens sealed.
    pub async fn add(&self, scope: &Scope, new: NewAccount) -> Result<Account, ManageError> {
        refuse_own_parent(new.sid, new.parent)?;
        let account = Account {
            sid: new.sid,
            organization: new.organization,
            name: new.name,
            parent: new.parent,
            tokens: self.sealer.seal(new.sid, &new.token, new.next_token.as_ref())?,
            api_key: new.api_key.map(|key| self.sealer.api_key(new.sid, &key)).transpose()?,
            region: new.region,
            status: AccountStatus::Active,
            created_at: self.clock.now(),
        };
        match self.accounts.add(scope, &account).await {
            Ok(()) => Ok(account),
            Err(StoreError::Exists { .. }) => Err(ManageError::AccountKnown { sid: account.sid }),
            Err(source) => Err(ManageError::Store { doing: "adding the account", source }),
        }
    }
}

/// Changes accounts.
pub struct ChangeAccount {
    /// Where they are kept.
    pub accounts: Arc<dyn AccountStore>,
    /// Seals their tokens.
    pub sealer: TokenSealer,
}

impl ChangeAccount {
    /// Changes what the change names and keeps the rest.
    pub async fn change(
        &self,
        scope: &Scope,
        sid: AccountSid,
        change: AccountChange,
    ) -> Result<Account, ManageError> {
        let mut account = find_account(self.accounts.as_ref(), scope, sid).await?;
        account.name = change.name.unwrap_or(account.name);
        account.parent = change.parent.apply(account.parent);
        refuse_own_parent(sid, account.parent)?;
        if let Some(token) = &change.token {
            account.tokens.primary = self.sealer.primary(sid, token)?;
        }
        account.tokens.next = match &change.next_token {
            Edit::Keep => account.tokens.next,
            Edit::Set(token) => Some(self.sealer.next(sid, token)?),
            Edit::Clear => None,
        };
        account.api_key = match &change.api_key {
            Edit::Keep => account.api_key,
            Edit::Set(key) => Some(self.sealer.api_key(sid, key)?),
            Edit::Clear => None,
        };
        account.region = change.region.unwrap_or(account.region);
        match self.accounts.change(scope, &account).await {
            Ok(()) => Ok(account),
            Err(StoreError::Missing { entity: Entity::Account }) => {
                Err(ManageError::AccountUnknown { sid })
            }
            Err(source) => Err(ManageError::Store { doing: "changing the account", source }),
        }
    }
}

/// Removes accounts.
pub struct RemoveAccount {
    /// Where they are kept.
    pub accounts: Arc<dyn AccountStore>,
}

impl RemoveAccount {
    /// Removes an account that owns no numbers any more.
    pub async fn remove(&self, scope: &Scope, sid: AccountSid) -> Result<(), ManageError> {
        match self.accounts.remove(scope, sid).await {
            Ok(()) => Ok(()),
            Err(StoreError::Missing { .. }) => Err(ManageError::AccountUnknown { sid }),
            Err(StoreError::InUse { .. }) => Err(ManageError::AccountInUse { sid }),
            Err(source) => Err(ManageError::Store { doing: "removing the account", source }),
        }
    }
}

/// The account, or an error that says how to add it.
pub async fn find_account(
    accounts: &dyn AccountStore,
    scope: &Scope,
    sid: AccountSid,
) -> Result<Account, ManageError> {
    let found =
        accounts.find(scope, sid).await.map_err(ManageError::store("finding the account"))?;
    found.ok_or(ManageError::AccountUnknown { sid })
}

/// Every account that the scope covers.
pub async fn all_accounts(
    accounts: &dyn AccountStore,
    scope: &Scope,
) -> Result<Vec<Account>, ManageError> {
    let mut all = Vec::new();
    let mut page = Page::first(PAGE);
    loop {
        let listed = accounts.list(scope, &page).await;
        let listed = listed.map_err(ManageError::store("listing accounts"))?;
        match listed.last() {
            Some(last) => page = Page::behind(last.sid, PAGE),
            None => return Ok(all),
        }
        all.extend(listed);
    }
}

fn refuse_own_parent(sid: AccountSid, parent: Option<AccountSid>) -> Result<(), ManageError> {
    if parent == Some(sid) { Err(ManageError::OwnParent { sid }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
