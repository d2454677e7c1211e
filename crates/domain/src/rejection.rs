//! Requests that were refused, as operators see them. Outside they all look alike.

use crate::identifier::{OrganizationId, RejectionId};
use crate::sid::AccountSid;
use crate::string_enum;
use crate::time::Timestamp;

string_enum! {
    /// Which of our endpoints a request came to.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Endpoint {
        /// `/api/twilio/voice`
        Voice = "voice",
        /// `/api/twilio/webhook`
        Message = "message",
        /// `/api/twilio/status`
        Status = "status",
        /// `/api/twilio/voice/connected`
        Connected = "connected",
    }
}

string_enum! {
    /// Why a request was refused. Outside, each of them is 403 with an empty body.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Refusal {
        /// No signature, or one that cannot be a signature.
        SignatureMissing = "signature_missing",
        /// The signature does not fit the account's tokens.
        SignatureWrong = "signature_wrong",
        /// The account is none of ours.
        AccountUnknown = "account_unknown",
        /// The number belongs to another of our accounts than the one that signed.
        AccountMismatch = "account_mismatch",
    }
}

/// Refused requests of one kind within a short time, with one of them as a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Our key of it.
    pub id: RejectionId,
    /// The tenant of the account, where the account is known.
    pub organization: Option<OrganizationId>,
    /// Where the requests came in.
    pub endpoint: Endpoint,
    /// Why they were refused.
    pub refusal: Refusal,
    /// The account that they named, if its SID was well formed.
    pub account: Option<AccountSid>,
    /// Which single change would have made the sample's signature fit: a stable word.
    pub near_miss: Option<String>,
    /// What the operator can do about it, a sentence.
    pub remedy: Option<String>,
    /// How many there were.
    pub count: u32,
    /// When the last of them came.
    pub at: Timestamp,
}
