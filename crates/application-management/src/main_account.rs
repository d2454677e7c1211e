//! The account that the settings name is there when the program starts.

use std::sync::Arc;

use switchboard_domain::account::Account;
use switchboard_domain::agent::Label;
use switchboard_domain::carrier::Region;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::sid::AccountSid;

use super::{
    AccountChange, AddAccount, AuthToken, ChangeAccount, Edit, ManageError, NewAccount, open_next,
    open_primary,
};

/// What was done about the account of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MainAccount {
    /// It was not there and was added.
    Added,
    /// Its token was another one and was replaced.
    TokenReplaced,
    /// It was there already, with that token.
    Unchanged,
}

/// Makes sure that an account is there with a token.
pub struct EnsureMainAccount {
    /// Adds it where it is missing; its store and sealer also serve for the rest.
    pub add: AddAccount,
}

impl EnsureMainAccount {
    /// Adds the account under `name`, or gives it the token if it has another one. An account that is as it
    /// should be is not written, so that a start changes nothing.
    pub async fn ensure(
        &self,
        organization: &OrganizationId,
        sid: AccountSid,
        name: &Label,
        token: &AuthToken,
    ) -> Result<MainAccount, ManageError> {
        let scope = Scope::Operator;
        let new = NewAccount {
            sid,
            organization: organization.clone(),
            name: name.clone(),
            parent: None,
            token: token.clone(),
            next_token: None,
            api_key: None,
            region: Region::default(),
        };
        match self.find(&scope, sid).await? {
            Some(account) => self.update(&scope, &account, token).await,
            None => match self.add.add(&scope, new).await {
                Ok(_) => Ok(MainAccount::Added),
                // Another replica that starts at the same time was faster.
                Err(ManageError::AccountKnown { sid }) => match self.find(&scope, sid).await? {
                    Some(account) => self.update(&scope, &account, token).await,
                    None => Err(ManageError::AccountUnknown { sid }),
                },
                Err(error) => Err(error),
            },
        }
    }

    async fn find(&self, scope: &Scope, sid: AccountSid) -> Result<Option<Account>, ManageError> {
        self.add
            .accounts
            .find(scope, sid)
            .await
            .map_err(ManageError::store("finding the main account"))
    }

    async fn update(
        &self,
        scope: &Scope,
        account: &Account,
        token: &AuthToken,
    ) -> Result<MainAccount, ManageError> {
        let sid = account.sid;
        let keyring = self.add.sealer.keyring.as_ref();
        let kept = open_primary(keyring, account)?;
        if kept.expose() == token.secret().expose() {
            return Ok(MainAccount::Unchanged);
        }
        // A rotation ends when the next token has become the primary one.
        let next = open_next(keyring, account)?;
        let promoted = next.is_some_and(|next| next.expose() == token.secret().expose());
        let change = AccountChange {
            token: Some(token.clone()),
            next_token: if promoted { Edit::Clear } else { Edit::Keep },
            ..AccountChange::default()
        };
        let accounts = Arc::clone(&self.add.accounts);
        ChangeAccount { accounts, sealer: self.add.sealer.clone() }
            .change(scope, sid, change)
            .await?;
        Ok(MainAccount::TokenReplaced)
    }
}

#[cfg(test)]
mod tests;
