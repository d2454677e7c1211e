//! Attempts of deliveries.

use std::fmt;

use crate::printable;
use crate::string_enum;
use crate::time::Timestamp;

/// Maximum length of a detail in characters. The rest is cut off.
const MAX_DETAIL: usize = 200;

string_enum! {
    /// How an attempt ended.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum AttemptOutcome {
        /// The target accepted the delivery.
        Accepted = "accepted",
        /// Twilio has the message, although the request to send it failed.
        FoundAtTwilio = "found_at_twilio",
        /// The target could not be reached.
        Unreachable = "unreachable",
        /// The target did not answer in time.
        TimedOut = "timed_out",
        /// The target answered with a status other than 2xx.
        BadStatus = "bad_status",
        /// The target answered 429: it receives too many requests.
        RateLimited = "rate_limited",
        /// The target answered 410: it does not exist any more.
        Gone = "gone",
        /// The response is not a reply.
        InvalidResponse = "invalid_response",
        /// The address of the target is not allowed.
        AddressRefused = "address_refused",
        /// The agent has no endpoint for messages, or does not exist any more, or the subscription does not.
        NoTarget = "no_target",
        /// The target is disabled, so nothing was sent.
        TargetDisabled = "target_disabled",
        /// The database did not answer, so nothing was sent.
        StoreUnavailable = "store_unavailable",
        /// A limit of this process was reached, so nothing was sent.
        AtLimit = "at_limit",
        /// Twilio refused the message.
        Refused = "refused",
        /// It is not known whether Twilio accepted the message.
        OutcomeUnknown = "outcome_unknown",
        /// Twilio does not have the message.
        NotAtTwilio = "not_at_twilio",
        /// The delivery waited for two days while its target was down, so nothing was sent.
        Expired = "expired",
        /// The chat model refused the key of the agent.
        KeyRefused = "key_refused",
        /// The agent has used up its completion tokens of the day.
        LimitReached = "limit_reached",
        /// The contact has opted out, so nothing was sent.
        OptedOut = "opted_out",
        /// Two programs answer each other in the conversation, so nothing was sent.
        LoopStopped = "loop_stopped",
        /// WhatsApp accepts only templates for the contact now, and the agent has none, so nothing was sent.
        WindowClosed = "window_closed",
    }
}

impl AttemptOutcome {
    /// What the attempt says about its target: whether it answers; `None` if nothing. An attempt that ended before the target was
    /// asked says nothing.
    pub const fn target_answers(self) -> Option<bool> {
        match self {
            Self::Accepted
            | Self::FoundAtTwilio
            | Self::NotAtTwilio
            | Self::Gone
            | Self::InvalidResponse
            | Self::Refused
            | Self::KeyRefused => Some(true),
            Self::Unreachable
            | Self::TimedOut
            | Self::BadStatus
            | Self::RateLimited
            | Self::AddressRefused => Some(false),
            Self::NoTarget
            | Self::TargetDisabled
            | Self::StoreUnavailable
            | Self::AtLimit
            | Self::OutcomeUnknown
            | Self::Expired
            | Self::LimitReached
            | Self::OptedOut
            | Self::LoopStopped
            | Self::WindowClosed => None,
        }
    }

    /// Whether the attempt failed, so that another one has to wait longer.
    pub const fn is_failure(self) -> bool {
        !matches!(
            self,
            Self::Accepted
                | Self::FoundAtTwilio
                | Self::NotAtTwilio
                | Self::OptedOut
                | Self::LoopStopped
                | Self::WindowClosed
        )
    }
}

/// A finished attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub milliseconds: u32,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// The HTTP status of the target, or Twilio's error code; `None` if there is none.
    pub code: Option<u32>,
    /// What is wrong, for people; `None` if the outcome says it all.
    pub detail: Option<AttemptDetail>,
}

/// What is wrong, on one line of at most 200 characters. Contains no text of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptDetail(String);

impl AttemptDetail {
    /// Replaces control characters, and cuts the text off after 200 characters.
    pub fn new(text: &str) -> Self {
        Self(printable::one_line(text).chars().take(MAX_DETAIL).collect())
    }

    /// The shortened text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AttemptDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
