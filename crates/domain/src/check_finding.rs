//! What a check finds out about numbers and accounts, compared with what the check before found.

use std::fmt;

use crate::number::{Assignment, Number};
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
    /// What differs.
    pub drift: FoundDrift,
    /// Who answered the number when it was read.
    pub assignment: Option<Assignment>,
    /// When its configuration began to be read.
    pub at: Timestamp,
}

/// What differs from the desired configuration of a number, with the names that
/// [`Drift`](crate::configuration::Drift) gives to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundDrift {
    /// The fields that a repair writes.
    pub changes: Vec<FoundChange>,
    /// What no repair removes.
    pub blockers: Vec<FoundBlocker>,
}

/// A field that a repair writes.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundChange {
    /// The name of the field.
    pub field: String,
    /// Its value at the carrier.
    pub from: String,
    /// Its desired value.
    pub to: String,
    /// The name of the reason.
    pub reason: String,
}

/// Shows no values, because a URL may hold a secret.
impl fmt::Debug for FoundChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoundChange")
            .field("field", &self.field)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// A difference that no repair removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundBlocker {
    /// The name of the reason.
    pub reason: String,
    /// What it is, in a sentence without its full stop.
    pub detail: String,
}

/// A number that drifts, as the checks found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftingNumber {
    /// The number.
    pub number: Number,
    /// When a check first found that it drifts.
    pub since: Timestamp,
    /// What differs; nothing if an earlier release found it.
    pub drift: FoundDrift,
}

/// Selects numbers that drift. Every field that is set must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DriftFilter {
    /// Numbers of this account.
    pub account: Option<AccountSid>,
    /// Numbers that drift for this reason, among others.
    pub reason: Option<&'static str>,
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
