//! Stores the account that a customer has authorized.

use std::sync::Arc;

use switchboard_domain::account::Account;
use switchboard_domain::agent::Label;
use switchboard_domain::audit::Author;
use switchboard_domain::carrier::{AccountStatus, CarrierAccount, CarrierError, Region};
use switchboard_domain::connect_link::{ConnectLink, StateDigest};
use switchboard_domain::connection::{ConnectApp, Connection};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::carrier::AccountCarrier;
use switchboard_domain::ports::{Clock, ConnectLinkStore, StoreError};
use switchboard_domain::session::SessionKeys;
use switchboard_domain::sid::AccountSid;

use switchboard_application_management::{ManageError, TokenSealer};

use crate::configuration::OpenAccess;
use crate::verify::within;

/// The number of accounts that are verified at the same time. Others are refused, before their links are used up.
const AT_ONCE: usize = 8;

/// Why an account was not connected. To the browser, all of these look alike.
#[derive(Debug, thiserror::Error)]
pub enum NotConnected {
    /// The installation has no Connect app.
    #[error("Twilio Connect is not configured")]
    NotConfigured,
    /// The request names no account, or its `state` was not made here.
    #[error("the request is not the answer to a link")]
    Forged,
    /// The link is unknown, was used, or has expired.
    #[error("the link was used or has expired")]
    LinkUsed,
    /// The customer did not authorize the app.
    #[error("the customer did not authorize the Connect app")]
    Denied,
    /// Too many accounts are being verified.
    #[error("too many accounts are being verified")]
    Busy,
    /// The account belongs to the owner of the app, or to another organization, or was not authorized.
    #[error("account {0} cannot be connected")]
    NotAuthorized(AccountSid),
    /// Others change the account at the same time.
    #[error("account {0} is changed by others at the same time")]
    Changed(AccountSid),
    /// The carrier did not say whether the account is authorized.
    #[error("the account could not be verified")]
    Carrier(#[source] CarrierError),
    /// A stored account or its token cannot be used.
    #[error("a stored account cannot be used")]
    Manage(#[from] ManageError),
    /// The store failed.
    #[error("{doing} failed")]
    Store {
        /// The step.
        doing: &'static str,
        /// The underlying error.
        source: StoreError,
    },
}

impl NotConnected {
    fn store(doing: &'static str) -> impl FnOnce(StoreError) -> Self {
        move |source| Self::Store { doing, source }
    }
}

/// Stores the account that a customer has authorized.
pub struct CompleteConnect {
    /// The Connect app; `None` if there is none.
    pub app: Option<ConnectApp>,
    /// Stores the links.
    pub links: Arc<dyn ConnectLinkStore>,
    /// Recognizes the `state` of links.
    pub keys: Arc<SessionKeys>,
    /// Stores accounts, and opens the token of the owner of the app.
    pub access: OpenAccess,
    /// Seals what stands for a missing token.
    pub sealer: TokenSealer,
    /// Verifies that the account authorized the app.
    pub carrier: Arc<dyn AccountCarrier>,
    /// Says whether a link has expired.
    pub clock: Arc<dyn Clock>,
    /// Limits the accounts that are verified at the same time.
    pub verifying: Arc<tokio::sync::Semaphore>,
}

impl CompleteConnect {
    /// The limit of accounts that are verified at the same time.
    pub fn limit() -> Arc<tokio::sync::Semaphore> {
        Arc::new(tokio::sync::Semaphore::new(AT_ONCE))
    }

    /// Connects the account that Twilio's redirect names; `None` if the customer denied it. Uses up the link. A disconnected
    /// account is restored with everything that it had.
    ///
    /// Twilio does not sign the redirect, so what proves it is the `state`, and that the token of the owner of the app gives access
    /// to the account. A forged `state` does not reach the store.
    pub async fn complete(
        &self,
        account: Option<AccountSid>,
        state: &str,
    ) -> Result<Account, NotConnected> {
        let app = self.app.ok_or(NotConnected::NotConfigured)?;
        if !self.keys.is_connect_state(state) {
            return Err(NotConnected::Forged);
        }
        let Ok(_permit) = self.verifying.try_acquire() else { return Err(NotConnected::Busy) };
        let taken = self.links.take(&StateDigest::of(state), self.clock.now()).await;
        let link = taken.map_err(NotConnected::store("taking the link"))?;
        let link = link.ok_or(NotConnected::LinkUsed)?;
        let sid = account.ok_or(NotConnected::Denied)?;
        let found = self.verify(app, sid).await?;
        self.store(app, &link, &found).await
    }

    /// The account at the carrier, if it authorized the app. The token of the owner gives access to its own accounts, too: none of
    /// these is connected, or an organization could take them.
    async fn verify(
        &self,
        app: ConnectApp,
        sid: AccountSid,
    ) -> Result<CarrierAccount, NotConnected> {
        let access = self.access.by_owner(app, sid).await?;
        let found = match within("account.fetch", self.carrier.fetch(&access)).await {
            Ok(found) => found,
            Err(CarrierError::Unauthorized { .. } | CarrierError::NotFound { .. }) => {
                return Err(NotConnected::NotAuthorized(sid));
            }
            Err(error) => return Err(NotConnected::Carrier(error)),
        };
        if found.sid != sid || sid == app.owner || found.owner == app.owner {
            return Err(NotConnected::NotAuthorized(sid));
        }
        Ok(found)
    }

    async fn store(
        &self,
        app: ConnectApp,
        link: &ConnectLink,
        found: &CarrierAccount,
    ) -> Result<Account, NotConnected> {
        let (sid, accounts) = (found.sid, self.access.accounts.as_ref());
        let scope = Scope::Organization(link.organization.clone());
        let author = Author::new(scope, link.actor.clone(), None, self.clock.now());
        let connection = Some(Connection::new(app));
        let before = accounts.find(&Scope::Operator, sid).await;
        let before = before.map_err(NotConnected::store("finding the account"))?;
        let Some(before) = before else {
            let account = Account {
                sid,
                organization: link.organization.clone(),
                name: name(found),
                parent: None,
                tokens: self.sealer.no_token(sid)?,
                api_key: None,
                region: Region::default(),
                status: AccountStatus::Active,
                validation: None,
                connection,
                created_at: author.at(),
            };
            return match accounts.add(&author, &account).await {
                Ok(()) => Ok(account),
                Err(StoreError::Exists { .. }) => Err(NotConnected::Changed(sid)),
                Err(source) => Err(NotConnected::Store { doing: "adding the account", source }),
            };
        };
        if before.organization != link.organization {
            return Err(NotConnected::NotAuthorized(sid));
        }
        let after = Account { connection, status: AccountStatus::Active, ..before.clone() };
        match accounts.change(&author, Some(&before), &after).await {
            Ok(()) => Ok(after),
            Err(StoreError::Changed { .. } | StoreError::Missing { .. }) => {
                Err(NotConnected::Changed(sid))
            }
            Err(source) => Err(NotConnected::Store { doing: "changing the account", source }),
        }
    }
}

/// The name of the account at the carrier, or its SID.
fn name(found: &CarrierAccount) -> Label {
    match Label::parse(&found.name).or_else(|_no_name| Label::parse(found.sid.as_str())) {
        Ok(label) => label,
        Err(error) => unreachable!("a SID is a short text: {error}"),
    }
}
