//! Refused requests, as operators see them. To the sender, all refusals look alike.

use crate::identifier::{OrganizationId, RejectionId};
use crate::sid::{AccountSid, RecordSid};
use crate::signature::NearMiss;
use crate::string_enum;
use crate::time::Timestamp;

string_enum! {
    /// The endpoint that received a request.
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
        /// `/api/twilio/voice/handler`
        Handler = "handler",
    }
}

string_enum! {
    /// Why a request was refused. The sender gets a 4xx with an empty body: 403 if the request can be read.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Refusal {
        /// The signature is missing or malformed.
        SignatureMissing = "signature_missing",
        /// The signature matches none of the account's tokens.
        SignatureWrong = "signature_wrong",
        /// The account is unknown.
        AccountUnknown = "account_unknown",
        /// The number belongs to an account other than the one that signed the request.
        AccountMismatch = "account_mismatch",
        /// The URL of the request does not lead to a handler of the account's agents: it was not made by us, or was changed.
        LinkWrong = "link_wrong",
        /// The request comes from a network that is not allowed. Nothing else of it was looked at.
        SourceRefused = "source_refused",
        /// The account's customer has deauthorized the Connect app.
        AccountDisconnected = "account_disconnected",
        /// The request cannot be read: its body, its form or one of its fields.
        Unreadable = "unreadable",
    }
}

/// Refused requests of one kind within a short time, with one as a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Our key of the record.
    pub id: RejectionId,
    /// The organization of the account; `None` for an unknown account.
    pub organization: Option<OrganizationId>,
    /// The endpoint that received the requests.
    pub endpoint: Endpoint,
    /// The reason of all of them.
    pub refusal: Refusal,
    /// The account that the requests named; `None` for unknown accounts.
    pub account: Option<AccountSid>,
    /// The single change that would have made the sample's signature match.
    pub near_miss: Option<NearMiss>,
    /// Number of refused requests.
    pub count: u32,
    /// Time of the last one.
    pub at: Timestamp,
    /// The SID of the call or message in one of the requests. Nothing proves it: the request was refused.
    pub sample: Option<RecordSid>,
}
