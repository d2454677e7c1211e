//! Why a request to the API failed.

use std::error::Error;

use serde::Deserialize;
use switchboard_domain::printable;

/// Why a request to the API failed. The texts contain neither the key nor the URL.
#[derive(Debug, thiserror::Error)]
pub(in crate::command_line) enum RemoteError {
    /// The server did not answer.
    #[error("the server cannot be reached")]
    Unreachable {
        /// The error of the HTTP client, without the URL.
        source: reqwest::Error,
    },
    /// The API refused the request.
    #[error("{}", lines(.0))]
    Refused(Problem),
    /// The answer is no answer of the API.
    #[error("the answer with the status {status} does not come from the admin API")]
    Foreign {
        /// The status of the answer.
        status: u16,
    },
    /// The answer is not what this version of the program expects. What it contains is not shown.
    #[error("the answer cannot be read, at line {line}, column {column}")]
    Unreadable {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// The answer is larger than an answer of the API can be.
    #[error("the answer is too large")]
    TooLarge,
}

impl RemoteError {
    /// The problem, if the API refused the request.
    pub(in crate::command_line) const fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            Self::Unreachable { .. }
            | Self::Foreign { .. }
            | Self::Unreadable { .. }
            | Self::TooLarge => None,
        }
    }

    /// The error of the use case that `error` returns for the code of the problem, or else this one.
    pub(in crate::command_line) fn or_known<E: Into<Box<dyn Error + Send + Sync>>>(
        self,
        error: impl FnOnce(&str) -> Option<E>,
    ) -> Box<dyn Error + Send + Sync> {
        match self.problem().and_then(|problem| error(&problem.code)) {
            Some(error) => error.into(),
            None => self.into(),
        }
    }
}

/// Turns problems of the API into the errors of use cases that they stand for, which have the text, the code and the remedy that
/// they have without the API.
pub(in crate::command_line) trait Known<T> {
    /// `error` returns the error of the use case for the code of a problem; `None` leaves the problem as it is.
    fn known<E: Into<Box<dyn Error + Send + Sync>>>(
        self,
        error: impl FnOnce(&str) -> Option<E>,
    ) -> Result<T, Box<dyn Error + Send + Sync>>;
}

impl<T> Known<T> for Result<T, RemoteError> {
    fn known<E: Into<Box<dyn Error + Send + Sync>>>(
        self,
        error: impl FnOnce(&str) -> Option<E>,
    ) -> Result<T, Box<dyn Error + Send + Sync>> {
        self.map_err(|remote| remote.or_known(error))
    }
}

/// A problem as the API describes it (RFC 9457).
#[derive(Debug, Deserialize)]
pub(in crate::command_line) struct Problem {
    /// The stable code.
    pub(in crate::command_line) code: String,
    /// What is wrong with this request.
    pub(in crate::command_line) detail: String,
    /// The single mistakes.
    #[serde(default)]
    pub(in crate::command_line) errors: Vec<Mistake>,
}

/// One mistake in a request.
#[derive(Debug, Deserialize)]
pub(in crate::command_line) struct Mistake {
    /// Where it is.
    pub(in crate::command_line) pointer: String,
    /// The word for its kind.
    #[serde(default)]
    pub(in crate::command_line) code: String,
    /// What is wrong.
    pub(in crate::command_line) detail: String,
}

/// The detail; several mistakes each in a line of their own.
fn lines(problem: &Problem) -> String {
    let mut text = printable::one_line(problem.detail.trim_end_matches('.')).into_owned();
    if problem.errors.len() > 1 {
        for Mistake { pointer, detail, .. } in &problem.errors {
            text.push_str("\n  ");
            text.push_str(&printable::one_line(&format!("{pointer}: {detail}")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Known as _, RemoteError};

    #[test]
    fn a_known_problem_is_the_error_of_its_use_case() {
        let known = |code: &str| {
            let json = format!(r#"{{"code":"{code}","detail":"The agent does not exist."}}"#);
            let problem = RemoteError::Refused(serde_json::from_str(&json).unwrap());
            let known =
                Err::<(), _>(problem).known(|code| (code == "agent_in_use").then_some("known"));
            known.unwrap_err().to_string()
        };
        assert_eq!(known("agent_in_use"), "known");
        assert_eq!(known("agent_not_found"), "The agent does not exist");
        let foreign = Err::<(), _>(RemoteError::TooLarge).known(|_code| Some("known"));
        assert_eq!(foreign.unwrap_err().to_string(), "the answer is too large");
    }

    #[test]
    fn a_problem_reads_as_an_error_and_forges_no_line() {
        let text =
            |json: &str| RemoteError::Refused(serde_json::from_str(json).unwrap()).to_string();
        let one = r#"{"type":"urn:x","title":"t","status":404,"detail":"The agent does not exist.","code":"agent_not_found"}"#;
        assert_eq!(text(one), "The agent does not exist");
        let two = r#"{"code":"body_invalid","detail":"the body has 2\nmistakes","errors":[
            {"pointer":"/a","code":"type","detail":"is not a text"},
            {"pointer":"/b","code":"required","detail":"is missing\nerror: fake"}]}"#;
        assert_eq!(
            text(two),
            "the body has 2 mistakes\n  /a: is not a text\n  /b: is missing error: fake"
        );
    }
}
