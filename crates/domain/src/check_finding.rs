//! What a check finds out about numbers and accounts, compared with what the check before found.

use crate::number::Assignment;
use crate::sender::Sender;
use crate::sid::AccountSid;
use crate::string_enum;
use crate::time::Timestamp;

/// Whether a number has its desired configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberFinding {
    /// The number or sender.
    pub sender: Sender,
    /// Its SID at Twilio, or the SID of its account if it has none there.
    pub subject: String,
    /// Why it drifts, as [`DriftReason`](crate::configuration::DriftReason) names it, which itself would close a cycle of
    /// imports; empty if it does not.
    pub reasons: Vec<&'static str>,
    /// Who answered the number when it was read.
    pub assignment: Option<Assignment>,
    /// When its configuration began to be read.
    pub at: Timestamp,
}

/// What the check before found about the same number or account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreviousFinding {
    /// The number did not drift, or the account could be read.
    Healthy,
    /// The number drifted, or the account could not be read.
    Faulty,
}

/// Whether an account can be read at Twilio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountFinding {
    /// The account that was read.
    pub account: AccountSid,
    /// Why it cannot; `None` if it can.
    pub unreachable: Option<Unreachable>,
    /// When it was found.
    pub at: Timestamp,
}

/// Why an account cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// The kind of the failure.
    pub reason: UnreachableReason,
    /// Twilio's error code; `None` if Twilio did not answer with one.
    pub code: Option<u32>,
}

string_enum! {
    /// The kind of a failure to read an account.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum UnreachableReason {
        /// The stored credentials cannot be used.
        Credentials = "credentials",
        /// Twilio refused the credentials.
        Unauthorized = "unauthorized",
        /// The account is suspended or closed.
        Inactive = "inactive",
        /// Twilio refused the request.
        Refused = "refused",
        /// Twilio limits the requests of the account.
        RateLimited = "rate_limited",
        /// Twilio did not answer.
        Unavailable = "unavailable",
        /// The answer is not from Twilio's API.
        Unreadable = "unreadable",
    }
}
