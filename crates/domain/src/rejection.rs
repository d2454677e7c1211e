//! Requests that were refused, as operators see them. Outside they all look alike.

use crate::identifier::{OrganizationId, RejectionId};
use crate::sid::AccountSid;
use crate::time::Timestamp;

/// Which of our endpoints a request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `/api/twilio/voice`
    Voice,
    /// `/api/twilio/webhook`
    Message,
    /// `/api/twilio/status`
    Status,
    /// `/api/twilio/voice/connected`
    Connected,
}

impl Endpoint {
    /// Every endpoint.
    pub const ALL: [Self; 4] = [Self::Voice, Self::Message, Self::Status, Self::Connected];

    /// The word for it in metrics, SQL and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            Self::Message => "message",
            Self::Status => "status",
            Self::Connected => "connected",
        }
    }

    /// The endpoint of that word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.as_str() == text)
    }
}

/// Why a request was refused. Outside, each of them is 403 with an empty body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// No signature, or one that cannot be a signature.
    SignatureMissing,
    /// The signature does not fit the account's tokens.
    SignatureWrong,
    /// The account is none of ours.
    AccountUnknown,
    /// The number belongs to another of our accounts than the one that signed.
    AccountMismatch,
}

impl Refusal {
    /// Every reason.
    pub const ALL: [Self; 4] =
        [Self::SignatureMissing, Self::SignatureWrong, Self::AccountUnknown, Self::AccountMismatch];

    /// The word for it in metrics, SQL and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignatureMissing => "signature_missing",
            Self::SignatureWrong => "signature_wrong",
            Self::AccountUnknown => "account_unknown",
            Self::AccountMismatch => "account_mismatch",
        }
    }

    /// The reason of that word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.as_str() == text)
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
