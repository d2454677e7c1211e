//! Twilio accounts whose numbers switchboard answers.

use crate::account_validation::AccountValidation;
use crate::agent::Label;
use crate::carrier::{AccountStatus, Region};
use crate::connection::Connection;
use crate::identifier::OrganizationId;
use crate::sealing::Sealed;
use crate::sid::{AccountSid, ApiKeySid};
use crate::time::Timestamp;

/// A Twilio account, subaccount or Connect account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// SID of the account.
    pub sid: AccountSid,
    /// Organization that owns the account.
    pub organization: OrganizationId,
    /// Name shown to people.
    pub name: Label,
    /// Parent account of a subaccount, which need not be stored itself; `None` for a main account.
    pub parent: Option<AccountSid>,
    /// The sealed auth tokens.
    pub tokens: SealedTokens,
    /// API key for the carrier's REST API; `None` to use the auth token.
    pub api_key: Option<SealedApiKey>,
    /// Region of the carrier in which the account is managed.
    pub region: Region,
    /// Status at the carrier when it was last read.
    pub status: AccountStatus,
    /// How strictly the signatures of its webhooks are checked; `None` as everywhere else in the installation.
    pub validation: Option<AccountValidation>,
    /// How a customer connected the account; `None` for an account that was added with its token. A connected account may have an
    /// empty primary token: requests for it are sent with the token of the owner of the app.
    pub connection: Option<Connection>,
    /// When the account was added.
    pub created_at: Timestamp,
}

/// The sealed auth tokens of an account. The primary token signs webhooks; during a rotation the next one is accepted as
/// well (Twilio, "Auth Tokens": a secondary token signs after its promotion).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedTokens {
    /// The token that signs now.
    pub primary: Sealed,
    /// The token that signs after the rotation; `None` if none is under way.
    pub next: Option<Sealed>,
}

/// An API key with a sealed secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedApiKey {
    /// SID of the key, which is public.
    pub sid: ApiKeySid,
    /// The sealed secret.
    pub secret: Sealed,
}

/// Table and column of the primary token, which its seal is bound to.
pub const PRIMARY_TOKEN: (&str, &str) = ("accounts", "sealed_token");
/// Table and column of the next token, which its seal is bound to.
pub const NEXT_TOKEN: (&str, &str) = ("accounts", "sealed_next_token");
/// Table and column of the API key secret, which its seal is bound to.
pub const API_KEY_SECRET: (&str, &str) = ("accounts", "sealed_api_key_secret");
