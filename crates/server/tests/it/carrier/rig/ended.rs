//! How a command ended.

use std::process::Output;

use serde_json::Value;

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let ended = Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!ended.stderr.contains("panicked"), "{ended:?}");
        ended
    }
}

impl Ended {
    /// With this exit code: 0 right, 1 refused or failed, 2 misused, 3 drift.
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// It says this, for people.
    #[track_caller]
    pub(crate) fn tells(&self, words: &[&str]) -> &Self {
        for words in words {
            let told = self.stdout.contains(words) || self.stderr.contains(words);
            assert!(told, "{words:?} is not in {self:#?}");
        }
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let parsed = serde_json::from_str(&self.stdout);
        parsed.unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}
