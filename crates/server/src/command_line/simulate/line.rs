//! A line: caller and called number, the account that signs, and the server.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use switchboard_admin::party::Party;
use switchboard_application_management::{
    AccountRef, ExplainRoute, ManageError, find_sender, open_primary,
};
use switchboard_domain::organization::Scope;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;
use switchboard_twilio_simulator::phone::{
    Entry, PhoneNetwork, Sids, Signer, Transcript, UrlOverride, Webhook,
};
use url::Url;

use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;

/// The caller, the called number, the account that signs, and the server.
pub(super) struct Line {
    pub(super) to: Party,
    pub(super) from: Party,
    /// The account that signs; by default the one that owns the number.
    pub(super) account: Option<AccountRef>,
    /// The token that signs; by default the account's stored one.
    pub(super) token: Option<Secret>,
    /// The server.
    pub(super) server: Url,
}

/// A line that is ready to send.
pub(super) struct OpenLine {
    pub(super) network: PhoneNetwork,
    pub(super) signer: Signer,
    /// A new SID.
    pub(super) sid: String,
    pub(super) explaining: ExplainRoute,
    public_url: String,
}

impl Line {
    /// Finds the account that signs, and directs requests for the public URL to the server. `prefix` is that of the new
    /// SID.
    pub(super) async fn open(
        &self,
        installation: &Installation,
        prefix: &str,
    ) -> Result<OpenLine, Failure> {
        let account = match &self.account {
            Some(account) => installation.account_sid(account).await?,
            None => owner(installation, &self.to).await?,
        };
        let token = match &self.token {
            Some(token) => token.clone(),
            None => own_token(installation, account).await?,
        };
        if token.expose().is_empty() {
            return Err(Failure::local("the token is empty"));
        }
        let public_url = installation.settings.public_urls.first.as_str().to_owned();
        let public = Url::parse(&public_url).doing("reading the public URL")?;
        let url_override = UrlOverride { public, server: self.server.clone() };
        let (sids, clock) = (Sids::random(), installation.ambient.clock.clone());
        let sid = sids.next(prefix);
        Ok(OpenLine {
            network: PhoneNetwork::new(sids, vec![url_override], clock)
                .doing("preparing the simulation")?,
            signer: Signer { account, token },
            sid,
            explaining: installation.explaining(),
            public_url,
        })
    }
}

impl OpenLine {
    /// The webhook at one of our paths below the public URL.
    pub(super) fn webhook(&self, path: &str) -> Webhook {
        Webhook::post(format!("{}/api/twilio/{path}", self.public_url))
    }
}

/// The events so far, stored outside the future that a timeout may drop.
#[derive(Default)]
pub(super) struct Notes(Mutex<Vec<Entry>>);

impl Notes {
    pub(super) fn add(&self, entry: &Entry) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry.clone());
    }

    /// All events, in order.
    pub(super) fn finish(self) -> Transcript {
        Transcript { entries: self.0.into_inner().unwrap_or_else(PoisonError::into_inner) }
    }
}

/// The time limit of a simulation: documents may redirect to each other, each of them slowly.
pub(super) const MAX_DURATION: Duration = Duration::from_secs(60);

/// The account that owns a number.
async fn owner(installation: &Installation, to: &Party) -> Result<AccountSid, Failure> {
    let unknown = || {
        Failure::not_found("--to is not a known number; name the account that signs with --account")
    };
    let numbers = installation.store.numbers();
    let found = find_sender(numbers, &Scope::Operator, &to.address).await;
    let found = found.doing("finding the account that signs")?;
    Ok(found.ok_or_else(unknown)?.account)
}

const TOKEN: &str = "reading the token that signs";

/// The stored token of an account.
async fn own_token(installation: &Installation, sid: AccountSid) -> Result<Secret, Failure> {
    let found = installation.store.accounts().find(&Scope::Operator, sid).await.doing(TOKEN)?;
    let account = found.ok_or(ManageError::AccountUnknown { sid }).doing(TOKEN)?;
    let sealer = installation.sealer().await?;
    open_primary(&sealer.keyring, &account).doing(TOKEN)
}
