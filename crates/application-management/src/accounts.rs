//! Adds, finds, changes and removes accounts.

use std::collections::HashSet;
use std::sync::Arc;

use switchboard_domain::account::Account;
use switchboard_domain::account_validation::AccountValidation;
use switchboard_domain::agent::Label;
use switchboard_domain::audit::Author;
use switchboard_domain::carrier::{AccountStatus, ApiKey, Region};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AccountStore, Clock, Entity, Page, StoreError};
use switchboard_domain::sealing::SecretVersion;
use switchboard_domain::sid::AccountSid;

use super::{AuthToken, Edit, ManageError, TokenSealer};

const PAGE: u32 = 1_000;
/// How often a change is applied to an account that others change at the same time.
const ATTEMPTS: u32 = 8;

/// An account to be added, with its tokens in plain text; they are sealed when they are stored.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The SID at Twilio.
    pub sid: AccountSid,
    /// The organization that owns it.
    pub organization: OrganizationId,
    /// The name that lists show; it need not be unique.
    pub name: Label,
    /// The parent account of a subaccount.
    pub parent: Option<AccountSid>,
    /// The primary auth token.
    pub token: AuthToken,
    /// The secondary auth token, which becomes the primary one in a rotation.
    pub next_token: Option<AuthToken>,
    /// An API key for Twilio's REST API.
    pub api_key: Option<ApiKey>,
    /// The Twilio region of the account.
    pub region: Region,
}

/// What is set and cleared of an account. Tokens are in plain text.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// The new name; `None` keeps it.
    pub name: Option<Label>,
    /// The parent account.
    pub parent: Edit<AccountSid>,
    /// The new primary auth token; `None` keeps it.
    pub token: Option<AuthToken>,
    /// The secondary auth token.
    pub next_token: Edit<AuthToken>,
    /// The API key for Twilio's REST API.
    pub api_key: Edit<ApiKey>,
    /// The new region; `None` keeps it.
    pub region: Option<Region>,
    /// How strictly signatures are checked.
    pub validation: Edit<AccountValidation>,
}

/// The use cases of accounts that need their tokens.
pub struct Accounts {
    /// The stored accounts.
    pub store: Arc<dyn AccountStore>,
    /// Seals auth tokens and API keys.
    pub sealer: TokenSealer,
    /// The time at which accounts are added.
    pub clock: Arc<dyn Clock>,
}

impl Accounts {
    /// Adds an account with sealed tokens.
    pub async fn add(&self, author: &Author, new: NewAccount) -> Result<Account, ManageError> {
        self.refuse_cycle(author, new.sid, new.parent).await?;
        let account = Account {
            sid: new.sid,
            organization: new.organization,
            name: new.name,
            parent: new.parent,
            tokens: self.sealer.seal(new.sid, &new.token, new.next_token.as_ref())?,
            api_key: new
                .api_key
                .map(|key| self.sealer.api_key(new.sid, SecretVersion::FIRST, &key))
                .transpose()?,
            region: new.region,
            status: AccountStatus::Active,
            validation: None,
            connection: None,
            created_at: self.clock.now(),
        };
        match self.store.add(author, &account).await {
            Ok(()) => Ok(account),
            Err(StoreError::Exists { .. }) => Err(ManageError::AccountKnown { sid: account.sid }),
            Err(source) => Err(ManageError::Store { doing: "adding the account", source }),
        }
    }

    /// Refuses a parent that is the account itself or below it. A parent need not be stored.
    async fn refuse_cycle(
        &self,
        scope: &Scope,
        sid: AccountSid,
        parent: Option<AccountSid>,
    ) -> Result<(), ManageError> {
        let mut above = parent;
        let mut seen = HashSet::new();
        while let Some(parent) = above.filter(|parent| seen.insert(*parent)) {
            if parent == sid {
                return Err(ManageError::OwnParent { sid });
            }
            let found = self.store.find(scope, parent).await;
            let found = found.map_err(ManageError::store("finding the parent of the account"))?;
            above = found.and_then(|account| account.parent);
        }
        Ok(())
    }

    /// Changes the given values and keeps all others, also those that are changed at the same time.
    pub async fn change(
        &self,
        author: &Author,
        sid: AccountSid,
        change: AccountChange,
    ) -> Result<Account, ManageError> {
        for _ in 1..ATTEMPTS {
            let before = find_account(self.store.as_ref(), author, sid).await?;
            match self.change_as_read(author, &before, change.clone()).await {
                Err(ManageError::AccountChanged { .. }) => {}
                changed => return changed,
            }
        }
        let before = find_account(self.store.as_ref(), author, sid).await?;
        self.change_as_read(author, &before, change).await
    }

    /// Changes the given values of an account that is still as it was read, or else fails with `AccountChanged`.
    pub async fn change_as_read(
        &self,
        author: &Author,
        before: &Account,
        change: AccountChange,
    ) -> Result<Account, ManageError> {
        let (sid, mut account) = (before.sid, before.clone());
        account.name = change.name.unwrap_or(account.name);
        let is_parent_given = !matches!(change.parent, Edit::Keep);
        account.parent = change.parent.apply(account.parent);
        if is_parent_given {
            self.refuse_cycle(author, sid, account.parent).await?;
        }
        let version = self.sealer.replacement();
        if let Some(token) = &change.token {
            account.tokens.primary = self.sealer.primary(sid, version, token)?;
        }
        account.tokens.next = match &change.next_token {
            Edit::Keep => account.tokens.next,
            Edit::Set(token) => Some(self.sealer.next(sid, version, token)?),
            Edit::Clear => None,
        };
        account.api_key = match &change.api_key {
            Edit::Keep => account.api_key,
            Edit::Set(key) => Some(self.sealer.api_key(sid, version, key)?),
            Edit::Clear => None,
        };
        account.region = change.region.unwrap_or(account.region);
        account.validation = change.validation.apply(account.validation);
        match self.store.change(author, Some(before), &account).await {
            Ok(()) => Ok(account),
            Err(StoreError::Missing { entity: Entity::Account }) => {
                Err(ManageError::AccountUnknown { sid })
            }
            Err(StoreError::Changed { .. }) => Err(ManageError::AccountChanged { sid }),
            Err(source) => Err(ManageError::Store { doing: "changing the account", source }),
        }
    }
}

/// Removes an account that owns no numbers; one that is still as it was read, if `before` is given.
pub async fn remove_account(
    accounts: &dyn AccountStore,
    author: &Author,
    sid: AccountSid,
    before: Option<&Account>,
) -> Result<(), ManageError> {
    match accounts.remove(author, sid, before).await {
        Err(StoreError::Changed { .. }) => Err(ManageError::AccountChanged { sid }),
        Ok(()) => Ok(()),
        Err(StoreError::Missing { .. }) => Err(ManageError::AccountUnknown { sid }),
        Err(StoreError::InUse { .. }) => Err(ManageError::AccountInUse { sid }),
        Err(source) => Err(ManageError::Store { doing: "removing the account", source }),
    }
}

/// Finds an account; an unknown one is an error.
pub async fn find_account(
    accounts: &dyn AccountStore,
    scope: &Scope,
    sid: AccountSid,
) -> Result<Account, ManageError> {
    let found =
        accounts.find(scope, sid).await.map_err(ManageError::store("finding the account"))?;
    found.ok_or(ManageError::AccountUnknown { sid })
}

/// All accounts in the scope.
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

#[cfg(test)]
mod tests;
