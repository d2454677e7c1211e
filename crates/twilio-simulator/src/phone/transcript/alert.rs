//! Errors and warnings as Twilio's debugger shows them.

use std::fmt;

use serde::Serialize;

/// The severity of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Twilio calls the fallback URL or ends the call.
    Error,
    /// Twilio continues without the invalid part.
    Warning,
}

/// An error or a warning (Twilio, Error and Warning Dictionary).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alert {
    /// Twilio's error code.
    pub code: u32,
    /// The severity.
    pub level: Level,
    /// What is wrong.
    pub text: String,
}

impl Alert {
    /// Creates an error.
    pub(crate) fn error(code: u32, text: impl Into<String>) -> Self {
        Self { code, level: Level::Error, text: text.into() }
    }

    /// Creates a warning.
    pub(crate) fn warning(code: u32, text: impl Into<String>) -> Self {
        Self { code, level: Level::Warning, text: text.into() }
    }
}

impl Alert {
    /// Whether a media stream (319xx) or a conversation relay (64xxx) failed.
    pub fn is_of_stream(&self) -> bool {
        self.level == Level::Error && matches!(self.code, 31_900..=31_999 | 64_000..=64_999)
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        write!(f, "{level} {}: {}", self.code, self.text)
    }
}
