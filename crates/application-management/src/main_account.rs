//! Adds or updates the account of the settings when the server starts.

use switchboard_domain::account::Account;
use switchboard_domain::agent::Label;
use switchboard_domain::audit::Author;
use switchboard_domain::carrier::Region;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

use super::{
    AccountChange, Accounts, AuthToken, Edit, ManageError, NewAccount, open_next, open_primary,
};

/// What happened to the account of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MainAccount {
    /// The account was added.
    Added,
    /// Its token was replaced.
    TokenReplaced,
    /// The account had this token already.
    Unchanged,
}

impl Accounts {
    /// Adds the account of the settings, or replaces its token if it has another one. Nothing is written if nothing
    /// changed.
    pub async fn ensure_main(
        &self,
        author: &Author,
        organization: &OrganizationId,
        sid: AccountSid,
        name: &Label,
        token: &AuthToken,
    ) -> Result<MainAccount, ManageError> {
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
        match self.find_main(author, sid).await? {
            Some(account) => self.update_main(author, &account, token).await,
            None => match self.add(author, new).await {
                Ok(_) => Ok(MainAccount::Added),
                // Another replica that starts at the same time added it first.
                Err(ManageError::AccountKnown { sid }) => {
                    match self.find_main(author, sid).await? {
                        Some(account) => self.update_main(author, &account, token).await,
                        None => Err(ManageError::AccountUnknown { sid }),
                    }
                }
                Err(error) => Err(error),
            },
        }
    }

    async fn find_main(
        &self,
        scope: &Scope,
        sid: AccountSid,
    ) -> Result<Option<Account>, ManageError> {
        let found = self.store.find(scope, sid).await;
        found.map_err(ManageError::store("finding the main account"))
    }

    async fn update_main(
        &self,
        author: &Author,
        account: &Account,
        token: &AuthToken,
    ) -> Result<MainAccount, ManageError> {
        let sid = account.sid;
        let keyring = self.sealer.keyring.as_ref();
        let is_given = |stored: Secret| stored.expose() == token.secret().expose();
        if is_given(open_primary(keyring, account)?) {
            return Ok(MainAccount::Unchanged);
        }
        // A rotation ends when the next token has become the primary one. A token that cannot be
        // decrypted does not end it.
        let promoted = open_next(keyring, account).ok().flatten().is_some_and(is_given);
        let change = AccountChange {
            token: Some(token.clone()),
            next_token: if promoted { Edit::Clear } else { Edit::Keep },
            ..AccountChange::default()
        };
        self.change(author, sid, change).await?;
        Ok(MainAccount::TokenReplaced)
    }
}

#[cfg(test)]
mod tests;
