//! How a command ended, and what it printed.

use serde_json::Value;

use super::answer::masked;
use super::{MAIN, OTHER, SUB};

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    /// `None` if it was killed.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    /// Checks what holds for every command, whatever the test is about: it does not panic and shows no token.
    #[track_caller]
    pub(super) fn checked(self) -> Self {
        assert!(!self.stderr.contains("panicked"), "{self:#?}");
        for token in [MAIN.token, SUB.token, OTHER.token] {
            self.assert_hides(token);
        }
        self
    }

    /// The secret is in neither output.
    #[track_caller]
    pub(crate) fn assert_hides(&self, secret: &str) {
        let shown = self.stdout.contains(secret) || self.stderr.contains(secret);
        assert!(!shown, "a secret is shown: {self:#?}");
    }

    /// Exit codes: 0 success, 1 failed, 2 usage error, 3 drift found, 4 not found, 5 refused, 6 unavailable.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Refused or failed, whatever the kind: `cli/errors.rs` tells the exit codes apart.
    #[track_caller]
    pub(crate) fn fails(self) -> Self {
        assert!(self.code.is_some_and(|code| [1, 4, 5, 6].contains(&code)), "{self:#?}");
        self
    }

    /// Exit code 0 and nothing on standard error.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        let finished = self.exits(0);
        assert_eq!(finished.stderr, "", "{finished:#?}");
        finished
    }

    /// Refused or failed with this text on standard error, and nothing on standard output.
    #[track_caller]
    pub(crate) fn failed(self, text: &str) -> Self {
        self.fails().unsuccessful(text)
    }

    /// A usage error with this text.
    #[track_caller]
    pub(crate) fn misused(self, text: &str) -> Self {
        self.exits(2).unsuccessful(text)
    }

    #[track_caller]
    fn unsuccessful(self, text: &str) -> Self {
        let finished = self;
        assert_eq!(finished.stdout, "", "{finished:#?}");
        assert!(finished.stderr.contains(text), "{text:?} is not in {finished:#?}");
        // Errors show the last two digits of a number only; the one in the advice is an example.
        let shown = finished.stderr.replace("for example +14155550100", "");
        assert!(!shown.contains("41555501"), "{finished:#?}");
        finished
    }

    /// All of these texts are printed.
    #[track_caller]
    pub(crate) fn shows(self, texts: &[&str]) -> Self {
        for text in texts {
            let shown = self.stdout.contains(text) || self.stderr.contains(text);
            assert!(shown, "{text:?} is not in {self:#?}");
        }
        self
    }

    /// Standard output as indented JSON, for snapshots. Identifiers and times differ in every run and are masked.
    #[track_caller]
    pub(crate) fn json_snapshot(&self) -> String {
        let text = serde_json::to_string_pretty(&self.json()).unwrap();
        let masks = ["\"agt_", "_at\": \"", "\"encryption_key_id\": \""];
        masks.iter().fold(text, |text, start| masked(&text, start))
    }

    /// The error that `--json` prints: one object on standard error, and nothing on standard output.
    #[track_caller]
    pub(crate) fn json_error(&self) -> Value {
        assert_eq!(self.stdout, "", "{self:#?}");
        let parsed = serde_json::from_str(&self.stderr);
        parsed.unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let parsed = serde_json::from_str(&self.stdout);
        parsed.unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}
