//! Errors of the carrier.

use std::error::Error;
use std::fmt;

use crate::ports::Retry;
use crate::printable;
use crate::sid::AccountSid;

/// Maximum length of a text of Twilio, in characters. Longer texts are cut off.
const MAX_TEXT: usize = 300;
/// At least this many digits in a row may be a phone number.
const MIN_PHONE_DIGITS: usize = 7;

/// Twilio's error response to a request. Phone numbers in its text are masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorResponse {
    /// The HTTP status.
    pub status: u16,
    /// Twilio's error code; `None` if the response has none.
    pub code: Option<u32>,
    /// Twilio's message; empty if the response has none.
    pub text: String,
}

impl ErrorResponse {
    /// Masks phone numbers in the text, replaces control characters, and cuts it off after 300 characters.
    pub fn new(status: u16, code: Option<u32>, text: &str) -> Self {
        Self {
            status,
            code,
            text: without_numbers(&printable::one_line(text)).chars().take(MAX_TEXT).collect(),
        }
    }
}

impl fmt::Display for ErrorResponse {
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
        // Digits within a SID are not a phone number.
        let is_in_word = before.ends_with(|character: char| character.is_ascii_alphanumeric())
            || after.starts_with(|character: char| character.is_ascii_alphabetic());
        if digits.len() < MIN_PHONE_DIGITS || is_in_word {
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

/// A request to the carrier failed.
#[derive(Debug, thiserror::Error)]
pub enum CarrierError {
    /// The credentials are not valid for the account or for this operation.
    #[error("Twilio refused the credentials of account {account} during {operation}: {response}")]
    Unauthorized {
        /// The operation, for example `number.update`.
        operation: &'static str,
        /// The account that the request acted for.
        account: AccountSid,
        /// Twilio's response.
        response: ErrorResponse,
    },
    /// The account is suspended or closed.
    #[error("account {account} is not active at Twilio, which refused {operation}: {response}")]
    Inactive {
        /// The operation, for example `number.update`.
        operation: &'static str,
        /// The account that the request acted for.
        account: AccountSid,
        /// Twilio's response.
        response: ErrorResponse,
    },
    /// The resource does not exist, or belongs to another account.
    #[error("Twilio does not find the resource of {operation} in account {account}: {response}")]
    NotFound {
        /// The operation, for example `number.update`.
        operation: &'static str,
        /// The account that the request acted for.
        account: AccountSid,
        /// Twilio's response.
        response: ErrorResponse,
    },
    /// Twilio rejected the request, and would reject it again.
    #[error("Twilio refused {operation}: {response}")]
    Refused {
        /// The operation, for example `number.update`.
        operation: &'static str,
        /// Twilio's response.
        response: ErrorResponse,
    },
    /// Twilio limits the rate or the concurrency of the account's requests.
    #[error("Twilio is too busy for {operation} of account {account}: {response}")]
    Busy {
        /// The operation, for example `number.update`.
        operation: &'static str,
        /// The account that the request acted for.
        account: AccountSid,
        /// Twilio's response.
        response: ErrorResponse,
    },
    /// Twilio could not be reached, did not answer in time, or failed.
    #[error("Twilio cannot be reached for {operation}")]
    Unavailable {
        /// The operation, for example `number.update`.
        operation: &'static str,
        /// The cause; `None` after a timeout.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The response is not one of Twilio's API, for example a page of a proxy, an incomplete document or an endless list.
    #[error("the answer to {operation} did not come from Twilio's API")]
    Unreadable {
        /// The operation, for example `number.update`.
        operation: &'static str,
        /// What is wrong with the response.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl CarrierError {
    /// Whether the same request can succeed later.
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

    /// A request that timed out.
    pub const fn timed_out(operation: &'static str) -> Self {
        Self::Unavailable { operation, source: None }
    }
}

#[cfg(test)]
mod tests {
    use super::{CarrierError, ErrorResponse};
    use crate::ports::Retry;

    #[test]
    fn phone_numbers_in_twilios_text_are_masked() {
        let response = ErrorResponse::new(
            400,
            Some(21211),
            "The 'To' number +14155550142 is not valid for PN0123456789abcdef0123456789abcdef.",
        );
        assert_eq!(
            response.to_string(),
            "Twilio answered 400, error 21211: The 'To' number +…42 is not valid for PN0123456789abcdef0123456789abcdef"
        );
        assert_eq!(ErrorResponse::new(502, None, "").to_string(), "Twilio answered 502");
        assert!(ErrorResponse::new(500, None, &"x".repeat(5_000)).text.len() < 400);
    }

    #[test]
    fn only_temporary_errors_are_retried() {
        let response = ErrorResponse::new(429, Some(20429), "Too Many Requests");
        let error = CarrierError::Refused { operation: "number.update", response };
        assert_eq!(error.retry(), Retry::Never);
        assert_eq!(CarrierError::timed_out("number.update").retry(), Retry::Later);
    }
}
