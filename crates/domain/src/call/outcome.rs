//! The outcome of a call, in one word.

use super::record::{AttemptDestination, CallRecord};
use crate::status::CallStatus;
use crate::string_enum;

string_enum! {
    /// The outcome of a call.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Outcome {
        /// The call has not ended, or its end was not reported.
        InProgress = "in_progress",
        /// The first destination took the call.
        Answered = "answered",
        /// The first destination did not take the call, but a later one did.
        FellBack = "fell_back",
        /// No destination took the call, or the caller hung up before.
        Unanswered = "unanswered",
        /// A routing plan rejected the call.
        Rejected = "rejected",
        /// The connection to the agent or the call itself failed.
        Failed = "failed",
    }
}

impl Outcome {
    /// What it means, for operators.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::InProgress => "the call is in progress, or its end was not reported",
            Self::Answered => "the first destination took the call",
            Self::FellBack => "the first destination did not take the call, but a later one did",
            Self::Unanswered => "no destination took the call",
            Self::Rejected => "the routing plan rejected the call",
            Self::Failed => "the connection to the agent failed",
        }
    }
}

impl CallRecord {
    /// The outcome of the call.
    ///
    /// SQL stores express the same rule in the index by outcome. The laws of the histories compare every store with this
    /// function, so the two definitions cannot diverge.
    pub fn outcome(&self) -> Outcome {
        let last = self.attempts.last().map(|attempt| &attempt.destination);
        if matches!(last, Some(AttemptDestination::Action("reject"))) {
            return Outcome::Rejected;
        }
        match self.progress.map(|progress| progress.status) {
            Some(CallStatus::Failed) => return Outcome::Failed,
            Some(CallStatus::Busy | CallStatus::NoAnswer | CallStatus::Canceled) => {
                return Outcome::Unanswered;
            }
            _ => {}
        }
        let has_nobody = match last {
            Some(destination) => *destination == AttemptDestination::Exhausted,
            None => self.decision.as_ref().is_some_and(|decision| decision.agent.is_none()),
        };
        if has_nobody {
            return Outcome::Unanswered;
        }
        if !self.is_over() {
            return Outcome::InProgress;
        }
        if self.attempts.len() > 1 {
            return Outcome::FellBack;
        }
        match self.disconnection.and_then(|end| end.error_code) {
            Some(_) => Outcome::Failed,
            None => Outcome::Answered,
        }
    }
}
