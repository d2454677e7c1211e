//! How the carrier fails.

use std::error::Error;
use std::fmt;

use crate::ports::Retry;
use crate::sid::AccountSid;

/// Longest text of Twilio's that is kept, in characters.
const LONGEST_TEXT: usize = 300;
/// So many digits in a row may be a phone number.
const TELLING_DIGITS: usize = 7;

/// Twilio's own words about a request that it did not carry out. Phone numbers in them are masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The status of the response.
    pub status: u16,
    /// Twilio's error code, where it gave one.
    pub code: Option<u32>,
    /// Twilio's text, where it gave one.
    pub text: String,
}

impl Told {
    /// Keeps what Twilio said, but for phone numbers and what is too long to read.
    pub fn new(status: u16, code: Option<u32>, text: &str) -> Self {
        Self { status, code, text: without_numbers(text).chars().take(LONGEST_TEXT).collect() }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Twilio answered {}", self.status)?;
        if let Some(code) = self.code {
            write!(f, ", error {code}")?;
        }
        if !self.text.is_empty() {
            write!(f, ": {}", self.text.trim_end_matches('.'))?;
        }
        Ok(())
    }
}

/// The text with all but the last two digits of each long run of digits hidden.
fn without_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|character: char| character.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|character: char| !character.is_ascii_digit()).unwrap_or(from.len());
        let (digits, after) = from.split_at(end);
        shown.push_str(before);
        // What is part of a SID is no number.
        let is_in_word = before.ends_with(|character: char| character.is_ascii_alphanumeric())
            || after.starts_with(|character: char| character.is_ascii_alphabetic());
        if digits.len() < TELLING_DIGITS || is_in_word {
            shown.push_str(digits);
        } else {
            shown.push('…');
            shown.push_str(&digits[digits.len() - 2..]);
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// The carrier could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CarrierError {
    /// The credentials are not the account's, or not for this.
    #[error("Twilio refused the credentials of account {account} during {operation}: {told}")]
    Unauthorized {
        /// What was being done, for example `number.update`.
        operation: &'static str,
        /// For whom.
        account: AccountSid,
        /// What Twilio said.
        told: Told,
    },
    /// The account is suspended or closed.
    #[error("account {account} is not active at Twilio, which refused {operation}: {told}")]
    Inactive {
        /// What was being done.
        operation: &'static str,
        /// For whom.
        account: AccountSid,
        /// What Twilio said.
        told: Told,
    },
    /// What the request names is not there, or is another account's.
    #[error("Twilio does not find for account {account} what {operation} names: {told}")]
    NotFound {
        /// What was being done.
        operation: &'static str,
        /// For whom.
        account: AccountSid,
        /// What Twilio said.
        told: Told,
    },
    /// Twilio will not do this, however often it is asked.
    #[error("Twilio refused {operation}: {told}")]
    Refused {
        /// What was being done.
        operation: &'static str,
        /// What Twilio said.
        told: Told,
    },
    /// Twilio had too much to do for the account.
    #[error("Twilio is too busy for {operation} of account {account}: {told}")]
    Busy {
        /// What was being done.
        operation: &'static str,
        /// For whom.
        account: AccountSid,
        /// What Twilio said.
        told: Told,
    },
    /// Twilio could not be reached, did not answer in time, or failed.
    #[error("Twilio cannot be reached for {operation}")]
    Unavailable {
        /// What was being done.
        operation: &'static str,
        /// The cause, where there is one besides time.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The answer is not one of Twilio's API: a page of a proxy, half a document, a list that never ends.
    #[error("the answer to {operation} did not come from Twilio's API")]
    Unreadable {
        /// What was being done.
        operation: &'static str,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl CarrierError {
    /// Whether trying again can help.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Busy { .. } | Self::Unavailable { .. } => Retry::Later,
            Self::Unauthorized { .. }
            | Self::Inactive { .. }
            | Self::NotFound { .. }
            | Self::Refused { .. }
            | Self::Unreadable { .. } => Retry::Never,
        }
    }

    /// A call that was not answered in time.
    pub const fn timed_out(operation: &'static str) -> Self {
        Self::Unavailable { operation, source: None }
    }
}

#[cfg(test)]
mod tests {
    use super::{CarrierError, Told};
    use crate::ports::Retry;

    #[test]
    fn twilios_words_are_kept_without_phone_numbers() {
        let told = Told::new(
            400,
            Some(21211),
            "The 'To' number +14155550142 is not valid for PN0123456789abcdef0123456789abcdef.",
        );
        assert_eq!(
            told.to_string(),
            "Twilio answered 400, error 21211: The 'To' number +…42 is not valid for PN0123456789abcdef0123456789abcdef"
        );
        assert_eq!(Told::new(502, None, "").to_string(), "Twilio answered 502");
        assert!(Told::new(500, None, &"x".repeat(5_000)).text.len() < 400);
    }

    #[test]
    fn only_what_passes_by_itself_is_worth_a_retry() {
        let told = Told::new(429, Some(20429), "Too Many Requests");
        let error = CarrierError::Refused { operation: "number.update", told };
        assert_eq!(error.retry(), Retry::Never);
        assert_eq!(CarrierError::timed_out("number.update").retry(), Retry::Later);
    }
}
