//! Between whom and where to it goes: both sides, who signs, and the server.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use switchboard_application_management::{ExplainRoute, ManageError, open_primary};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;
use switchboard_twilio_simulator::phone::{
    Entry, PhoneNetwork, Sids, Signer, Transcript, UrlOverride, Webhook,
};
use url::Url;

use super::party::Party;
use crate::command_line::open::Installation;
use crate::failure::Failure;

/// Between whom and where to it goes.
pub(super) struct Line {
    pub(super) to: Party,
    pub(super) from: Party,
    /// Who signs; the account that owns the number if it is left out.
    pub(super) account: Option<AccountSid>,
    /// What signs; the account's own token if it is left out.
    pub(super) token: Option<Secret>,
    /// Where the server is.
    pub(super) server: Url,
}

/// A line on which something can go out.
pub(super) struct OpenLine {
    pub(super) exchange: PhoneNetwork,
    pub(super) signer: Signer,
    /// A SID for what goes out, if none is given.
    pub(super) sid: String,
    pub(super) explaining: ExplainRoute,
    public_url: String,
}

impl Line {
    /// Finds out who signs, and lets what Twilio would send to the public URL go to the server. `prefix` is that of
    /// a new SID.
    pub(super) async fn open(
        &self,
        installation: &Installation,
        prefix: &str,
    ) -> Result<OpenLine, Failure> {
        let account = match self.account {
            Some(account) => account,
            None => owner(installation, &self.to).await?,
        };
        let token = match &self.token {
            Some(token) => token.clone(),
            None => own_token(installation, account).await?,
        };
        if token.expose().is_empty() {
            return Err(Failure::refused("an empty token signs nothing"));
        }
        let public_url = installation.settings.public_urls.first.as_str().to_owned();
        let detour = UrlOverride { public: Url::parse(&public_url)?, server: self.server.clone() };
        let sids = Sids::random();
        let sid = sids.next(prefix);
        Ok(OpenLine {
            exchange: PhoneNetwork::new(sids, vec![detour])?,
            signer: Signer { account, token },
            sid,
            explaining: installation.explaining(),
            public_url,
        })
    }
}

impl OpenLine {
    /// One of our own paths, as Twilio is told of it.
    pub(super) fn webhook(&self, path: &str) -> Webhook {
        Webhook::post(format!("{}/api/twilio/{path}", self.public_url))
    }
}

/// What has happened so far, kept outside of what may be given up.
#[derive(Default)]
pub(super) struct Notes(Mutex<Vec<Entry>>);

impl Notes {
    pub(super) fn add(&self, entry: &Entry) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry.clone());
    }

    /// Everything, in order.
    pub(super) fn finish(self) -> Transcript {
        Transcript { entries: self.0.into_inner().unwrap_or_else(PoisonError::into_inner) }
    }
}

/// Whatever happens, it is given up after so long: documents may lead to each other, each of them slowly.
pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// The account that owns a number.
async fn owner(installation: &Installation, to: &Party) -> Result<AccountSid, Failure> {
    let unknown = || {
        Failure::refused(
            "--to is no number that is known here; name the account that signs with --account",
        )
    };
    let number: PhoneNumber = to.address.phone_number().ok_or_else(unknown)?;
    let found = installation.stores.numbers.find(&Scope::Operator, number).await?;
    Ok(found.ok_or_else(unknown)?.account)
}

/// The token of an account, as it is kept.
async fn own_token(installation: &Installation, sid: AccountSid) -> Result<Secret, Failure> {
    let found = installation.stores.accounts.find(&Scope::Operator, sid).await?;
    let account = found.ok_or(ManageError::AccountUnknown { sid })?;
    let sealer = installation.sealer().await?;
    Ok(open_primary(&sealer.keyring, &account)?)
}
