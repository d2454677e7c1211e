//! The result of one check.

use serde::Serialize;

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// Nothing to do.
    Ok,
    /// It works, but not as it should in production.
    Warn,
    /// It does not work.
    Fail,
}

/// One check and its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) state: State,
    pub(super) detail: String,
    /// What to do, if anything.
    pub(super) remedy: Option<String>,
}

impl Check {
    pub(super) fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, state: State::Ok, detail: detail.into(), remedy: None }
    }

    pub(super) fn warn(
        name: &'static str,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { name, state: State::Warn, detail: detail.into(), remedy: Some(remedy.into()) }
    }

    pub(super) fn fail(
        name: &'static str,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { name, state: State::Fail, detail: detail.into(), remedy: Some(remedy.into()) }
    }
}

/// Two lines for each check at most, for people.
pub(super) fn listed(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.name.len()).max().unwrap_or_default();
    let line = |check: &Check| {
        let word = match check.state {
            State::Ok => "ok",
            State::Warn => "warn",
            State::Fail => "fail",
        };
        let remedy = check
            .remedy
            .as_ref()
            .map_or_else(String::new, |remedy| format!("\n      {:width$}  -> {remedy}", ""));
        format!("{word:4}  {:width$}  {}{remedy}", check.name, check.detail)
    };
    checks.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Check, listed};

    #[test]
    fn each_line_says_how_it_is_and_what_to_do() {
        let checks =
            [Check::ok("clock", "fine"), Check::warn("signatures", "not checked", "enforce them")];
        let expected = "ok    clock       fine\nwarn  signatures  not checked\n                  -> enforce them";
        assert_eq!(listed(&checks), expected);
    }
}
