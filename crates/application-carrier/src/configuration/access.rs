//! Decrypts the credentials with which requests to the carrier are sent.

use std::sync::Arc;

use switchboard_domain::account::Account;
use switchboard_domain::carrier::{CarrierAccess, ParentToken};
use switchboard_domain::connection::ConnectApp;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AccountStore, StoreError};
use switchboard_domain::sealing::Keyring;
use switchboard_domain::sid::AccountSid;

use switchboard_application_management::{
    ManageError, all_accounts, find_account, open_api_key, open_next, open_primary,
};

/// Decrypts the stored credentials of accounts.
#[derive(Clone)]
pub struct OpenAccess {
    /// Stores the accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Decrypts their tokens and API keys.
    pub keyring: Arc<Keyring>,
}

impl OpenAccess {
    /// The credentials of a stored account.
    pub async fn of(&self, scope: &Scope, sid: AccountSid) -> Result<CarrierAccess, ManageError> {
        let account = find_account(self.accounts.as_ref(), scope, sid).await?;
        self.for_account(&account).await
    }

    /// The related accounts of the same organization: parent, children and siblings.
    pub(super) async fn relatives(
        &self,
        scope: &Scope,
        sid: AccountSid,
    ) -> Result<Vec<Account>, ManageError> {
        let own = find_account(self.accounts.as_ref(), scope, sid).await?;
        let head = own.parent.unwrap_or(sid);
        let is_relative = |account: &Account| {
            account.sid != sid
                && account.organization == own.organization
                && (account.sid == head || account.parent == Some(head))
        };
        let all = all_accounts(self.accounts.as_ref(), scope).await?;
        Ok(all.into_iter().filter(is_relative).collect())
    }

    /// The credentials for an account that authorized a Connect app: the token of the owner of the app (Twilio, "Connect"). The owner
    /// may belong to another organization.
    pub async fn by_owner(
        &self,
        app: ConnectApp,
        sid: AccountSid,
    ) -> Result<CarrierAccess, ManageError> {
        let owner = find_account(self.accounts.as_ref(), &Scope::Operator, app.owner).await?;
        Ok(CarrierAccess {
            account: sid,
            region: owner.region,
            token: open_primary(&self.keyring, &owner)?,
            next_token: open_next(&self.keyring, &owner).ok().flatten(),
            api_key: None,
            parent: None,
        })
    }

    /// The credentials of an account, including the token of its parent if the parent belongs to the same organization. Those of a
    /// connected account are the tokens of the owner of the app.
    pub async fn for_account(&self, account: &Account) -> Result<CarrierAccess, ManageError> {
        if let Some(connection) = account.connection {
            let by_owner = self.by_owner(connection.app, account.sid).await?;
            return Ok(CarrierAccess {
                region: account.region,
                api_key: open_api_key(&self.keyring, account)?,
                ..by_owner
            });
        }
        let parent = match account.parent {
            Some(parent) => {
                let own = Scope::Organization(account.organization.clone());
                match self.accounts.find(&own, parent).await {
                    // An unreadable parent does not stop its subaccounts.
                    Err(StoreError::Corrupt { .. }) => None,
                    found => {
                        found.map_err(ManageError::store("finding the parent of the account"))?
                    }
                }
            }
            None => None,
        };
        let parent = parent.filter(|parent| parent.connection.is_none()).and_then(|parent| {
            let token = open_primary(&self.keyring, &parent).ok()?;
            Some(ParentToken { account: parent.sid, token })
        });
        Ok(CarrierAccess {
            account: account.sid,
            region: account.region,
            token: open_primary(&self.keyring, account)?,
            // The account's primary token suffices.
            next_token: open_next(&self.keyring, account).ok().flatten(),
            api_key: open_api_key(&self.keyring, account)?,
            parent,
        })
    }
}
