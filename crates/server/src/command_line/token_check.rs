//! Verifies auth tokens with Twilio before they are stored.

use std::error::Error;

use clap::Args;
use futures_util::{StreamExt as _, stream};
use switchboard_application_carrier::TokenState;
use switchboard_application_management::AuthToken;
use switchboard_domain::carrier::{ApiKey, CarrierError, Region};
use switchboard_domain::ports::{AccountRow, ImportRow};
use switchboard_domain::sid::AccountSid;

use crate::carrier_use_cases::verifying;
use crate::failure::{self, Failure};
use crate::installation::Installation;

/// What to do about a wrong token.
pub(super) const REMEDY: &str = "copy it from this account in the Twilio Console, or store this one unverified with \
    --no-verify";

/// Whether tokens are verified.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct NoVerify {
    /// Do not verify the tokens and the API key with Twilio
    #[arg(long)]
    no_verify: bool,
}

/// Whether Twilio accepts what was given; `None` for what was not given.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Verified {
    pub(super) tokens: Option<bool>,
    pub(super) api_key: Option<bool>,
}

/// Why a token was not stored.
#[derive(Debug, thiserror::Error)]
#[error(
    "the {what} of {option} is not {} of account {account}; nothing was stored",
    if *what == "API key" { "an API key" } else { "a token" }
)]
pub(super) struct WrongToken {
    what: &'static str,
    option: &'static str,
    account: AccountSid,
    source: Box<dyn Error + Send + Sync>,
}

impl WrongToken {
    /// The error for a wrong field of a request to the API, and what the API says about it; `None` for another field.
    pub(super) fn of_field(pointer: &str, detail: &str, account: AccountSid) -> Option<Self> {
        let (what, option) = match pointer {
            "/auth_token" => ("token", "--token-file"),
            "/next_auth_token" => ("token", "--next-token-file"),
            "/api_key" => ("API key", "--api-key-secret-file"),
            _ => return None,
        };
        let (_, cause) = detail.split_once(" is wrong: ")?;
        Some(Self { what, option, account, source: cause.into() })
    }
}

/// A token was stored without Twilio's word.
#[derive(Debug, thiserror::Error)]
#[error(
    "the {what} of account {account} could not be verified with Twilio and is stored as it is; `switchboard doctor` verifies it again"
)]
struct Unverified {
    what: &'static str,
    account: AccountSid,
    /// `None` if only the server has the cause.
    source: Option<CarrierError>,
}

impl NoVerify {
    /// Whether Twilio is to verify what is given.
    pub(super) const fn verifies(self) -> bool {
        !self.no_verify
    }

    /// Writes a warning for what the API stored although Twilio did not answer.
    pub(super) fn warn(self, account: AccountSid, verified: Verified) {
        for (what, is_valid) in [("token", verified.tokens), ("API key", verified.api_key)] {
            if is_valid == Some(false) && self.verifies() {
                failure::warn(&Unverified { what, account, source: None });
            }
        }
    }

    /// Verifies the given tokens, each named by its option, and the API key. A wrong one is refused; if Twilio does not
    /// answer, a warning is written.
    pub(super) async fn verify(
        self,
        installation: &Installation,
        account: AccountSid,
        region: Region,
        tokens: &[(&'static str, Option<&AuthToken>)],
        api_key: Option<&ApiKey>,
    ) -> Result<Verified, Failure> {
        let given: Vec<_> =
            tokens.iter().filter_map(|(option, token)| Some((*option, (*token)?))).collect();
        if given.is_empty() && api_key.is_none() {
            return Ok(Verified::default());
        }
        if self.no_verify {
            let unverified = |is_given: bool| is_given.then_some(false);
            return Ok(Verified {
                tokens: unverified(!given.is_empty()),
                api_key: unverified(api_key.is_some()),
            });
        }
        let randomness = installation.ambient.randomness.clone();
        let verifying = verifying(&installation.settings, randomness)?;
        let mut verified = Verified::default();
        for (option, token) in given {
            let state = verifying.verify(account, region, token.secret().clone()).await;
            let is_valid = accepted(state, "token", option, account)?;
            verified.tokens = Some(verified.tokens.unwrap_or(true) && is_valid);
        }
        if let Some(key) = api_key {
            let state = verifying.verify_key(account, region, key.clone()).await;
            let option = "--api-key-secret-file";
            verified.api_key = Some(accepted(state, "API key", option, account)?);
        }
        Ok(verified)
    }
}

/// Whether a secret is valid; false with a warning if Twilio does not say, and an error if it is wrong.
fn accepted(
    state: TokenState,
    what: &'static str,
    option: &'static str,
    account: AccountSid,
) -> Result<bool, Failure> {
    match state {
        TokenState::Valid => Ok(true),
        TokenState::Wrong(source) => {
            let source = source.into();
            Err(Failure::Failed(Box::new(WrongToken { what, option, account, source })))
        }
        TokenState::Unknown(source) => {
            failure::warn(&Unverified { what, account, source: Some(source) });
            Ok(false)
        }
    }
}

/// Accounts that are verified at a time.
const MAX_CONCURRENT_CHECKS: usize = 8;

/// Tokens of an import that are wrong.
#[derive(Debug, thiserror::Error)]
#[error("Twilio refuses the tokens of these accounts; nothing was imported{}", listed(.accounts))]
pub(super) struct WrongTokens {
    accounts: Vec<AccountSid>,
}

fn listed(accounts: &[AccountSid]) -> String {
    accounts.iter().flat_map(|account| ["\n  ", account.as_str()]).collect()
}

/// Verifies the tokens of accounts that are to be imported. Rows that cannot be read are left to the import.
pub(super) async fn verify_rows(
    installation: &Installation,
    rows: &[ImportRow<AccountRow>],
) -> Result<(), Failure> {
    let verifying = verifying(&installation.settings, installation.ambient.randomness.clone())?;
    let given = rows.iter().filter_map(|row| {
        let account = AccountSid::parse(row.value.sid.trim()).ok()?;
        Some((account, AuthToken::parse(row.value.auth_token.expose()).ok()?))
    });
    let verified = given.map(|(account, token)| {
        let verifying = &verifying;
        let token = token.secret().clone();
        async move { (account, verifying.verify(account, Region::default(), token).await) }
    });
    let mut verified = stream::iter(verified).buffered(MAX_CONCURRENT_CHECKS);
    let mut wrong = Vec::new();
    while let Some((account, state)) = verified.next().await {
        match state {
            TokenState::Valid => {}
            TokenState::Wrong(_) => wrong.push(account),
            TokenState::Unknown(source) => {
                failure::warn(&Unverified { what: "token", account, source: Some(source) });
            }
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Failure::Failed(Box::new(WrongTokens { accounts: wrong })))
    }
}
