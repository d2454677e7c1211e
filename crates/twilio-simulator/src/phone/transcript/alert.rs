//! Errors and warnings as Twilio's debugger shows them.

use std::fmt;

use serde::Serialize;

/// Whether something failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It failed, and Twilio goes to the fallback URL or ends the call.
    Error,
    /// Twilio goes on without the part that is wrong.
    Warning,
}

/// An error or a warning (Twilio, Error and Warning Dictionary).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alert {
    /// Twilio's code.
    pub code: u32,
    /// Whether something failed.
    pub level: Level,
    /// What is wrong, for a person.
    pub text: String,
}

impl Alert {
    /// Something failed.
    pub(crate) fn error(code: u32, text: impl Into<String>) -> Self {
        Self { code, level: Level::Error, text: text.into() }
    }

    /// Something is wrong, and is passed over.
    pub(crate) fn warning(code: u32, text: impl Into<String>) -> Self {
        Self { code, level: Level::Warning, text: text.into() }
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
