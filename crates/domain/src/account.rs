//! Twilio accounts that we answer for.

use crate::agent::Label;
use crate::carrier::{AccountStatus, Region};
use crate::identifier::OrganizationId;
use crate::sealing::Sealed;
use crate::sid::{AccountSid, ApiKeySid};
use crate::time::Timestamp;

/// A Twilio account, subaccount or Connect account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Twilio's key of it.
    pub sid: AccountSid,
    /// The tenant that brought it.
    pub organization: OrganizationId,
    /// What people call it.
    pub name: Label,
    /// The account that owns it, where it is a subaccount. It need not be one of ours.
    pub parent: Option<AccountSid>,
    /// Its sealed auth tokens.
    pub tokens: SealedTokens,
    /// Its API key for the carrier's REST API, where it has one.
    pub api_key: Option<SealedApiKey>,
    /// The carrier's region that it is kept for.
    pub region: Region,
    /// Whether it may do anything at the carrier, as far as we were told.
    pub status: AccountStatus,
    /// When it was added.
    pub created_at: Timestamp,
}

/// The auth tokens of an account, sealed. The primary token signs webhooks; the next one is accepted as
/// well while a rotation is under way (Twilio, "Auth Tokens": a secondary token signs after its promotion).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedTokens {
    /// The token that signs today.
    pub primary: Sealed,
    /// The token that will sign after a rotation.
    pub next: Option<Sealed>,
}

/// An API key, its secret half sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedApiKey {
    /// The public half.
    pub sid: ApiKeySid,
    /// The secret half.
    pub secret: Sealed,
}

/// Where the primary token is kept: table and column, for sealing.
pub const PRIMARY_TOKEN: (&str, &str) = ("accounts", "sealed_token");
/// Where the next token is kept: table and column, for sealing.
pub const NEXT_TOKEN: (&str, &str) = ("accounts", "sealed_next_token");
/// Where the secret half of the API key is kept: table and column, for sealing.
pub const API_KEY_SECRET: (&str, &str) = ("accounts", "sealed_api_key_secret");
