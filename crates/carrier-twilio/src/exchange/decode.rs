//! Decodes successful responses.

use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use switchboard_domain::carrier::CarrierError;
use switchboard_domain::sid::SidError;

use super::response::Answer;

/// Why a response cannot be decoded. Messages never contain its content, which may include tokens and phone numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AnswerError {
    /// The body is empty or not JSON, for example an HTML page of a proxy.
    #[error("it has status {status} and content type {content_type:?} instead of JSON")]
    NotJson { status: u16, content_type: String },
    /// The JSON is incomplete.
    #[error("its JSON ends unexpectedly at line {line}, column {column}")]
    BrokenOff { line: usize, column: usize },
    /// The JSON has an unexpected structure.
    #[error("its JSON does not have the expected structure at line {line}, column {column}")]
    Unexpected { line: usize, column: usize },
    /// A required field is invalid.
    #[error("its field {name} cannot be read")]
    Field { name: &'static str, source: FieldError },
    /// The response is a redirect, which Twilio never sends.
    #[error("it is a redirect (status {status})")]
    Redirect { status: u16 },
    /// The body is longer than any response of Twilio.
    #[error("it is longer than 16 MB")]
    TooLong,
    /// The link to the next page leads to an earlier page.
    #[error("its pages form a cycle")]
    Circle,
    /// The list is longer than any list of Twilio.
    #[error("it continues after {read} items")]
    Endless { read: usize },
    /// The link to the next page is not a valid URL.
    #[error("its link to the next page is not a URL")]
    Link,
    /// The link to the next page leads to another host, which must not receive the credentials.
    #[error("its link to the next page points to a host that is not Twilio's")]
    ForeignLink,
    /// The link to a file is not a URL that may be read.
    #[error("its link to the file is not an https URL of a named host")]
    FileLink,
}

/// Why a field is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FieldError {
    #[error(transparent)]
    Sid(#[from] SidError),
    #[error(transparent)]
    Region(#[from] switchboard_domain::carrier::RegionError),
    #[error("it is not a status of an account")]
    Status,
    #[error("it is not a date")]
    Date,
    #[error("it is not a phone number or a short code")]
    Number(#[from] switchboard_domain::sender::SenderError),
}

impl AnswerError {
    /// Converts an error of parsing this field. For `map_err`.
    pub(crate) fn field<E: Into<FieldError>>(name: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::Field { name, source: source.into() }
    }
}

/// Adds the operation to an error.
pub(crate) trait Reading<T> {
    fn during(self, operation: &'static str) -> Result<T, CarrierError>;
}

impl<T> Reading<T> for Result<T, AnswerError> {
    fn during(self, operation: &'static str) -> Result<T, CarrierError> {
        self.map_err(|source| CarrierError::Unreadable { operation, source: source.into() })
    }
}

/// Decodes the JSON body of a response.
pub(crate) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, AnswerError> {
    let body = answer.body.as_deref().ok_or(AnswerError::TooLong)?;
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            // An empty body also ends early, but is not incomplete JSON.
            Category::Eof if !body.is_empty() => AnswerError::BrokenOff { line, column },
            Category::Data => AnswerError::Unexpected { line, column },
            Category::Syntax | Category::Eof | Category::Io => not_json(answer),
        }
    })
}

/// The error for a body that is not JSON.
pub(crate) fn not_json(answer: &Answer) -> AnswerError {
    let (status, content_type) = (answer.status.as_u16(), answer.content_type.clone());
    AnswerError::NotJson { status, content_type }
}

/// The error for a redirect.
pub(crate) fn redirect(status: StatusCode) -> AnswerError {
    AnswerError::Redirect { status: status.as_u16() }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use serde::Deserialize;

    use super::{AnswerError, read};
    use crate::exchange::response::Answer;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Number {
        sid: String,
    }

    fn answer(body: &str) -> Answer {
        Answer {
            status: StatusCode::OK,
            content_type: "text/html".to_owned(),
            retry_after: None,
            location: None,
            body: Some(body.as_bytes().to_vec()),
        }
    }

    #[test]
    fn what_cannot_be_read_says_why_and_repeats_nothing() {
        let page = AnswerError::NotJson { status: 200, content_type: "text/html".to_owned() };
        for (body, expected) in [
            ("<html>s3cret</html>", page.clone()),
            ("", page),
            (r#"{"sid":"s3cre"#, AnswerError::BrokenOff { line: 1, column: 13 }),
            (r#"{"sid":{"s3cret":1}}"#, AnswerError::Unexpected { line: 1, column: 7 }),
        ] {
            let error = read::<Number>(&answer(body)).unwrap_err();
            assert_eq!(error, expected, "{body}");
            assert!(!error.to_string().contains("s3cre"));
        }
        let long = Answer { body: None, ..answer("") };
        assert_eq!(read::<Number>(&long), Err(AnswerError::TooLong));
    }

    #[test]
    fn fields_that_nobody_knows_are_passed_over() {
        let number: Number = read(&answer(r#"{"sid":"PN1","new":[1]}"#)).unwrap();
        assert_eq!(number.sid, "PN1");
    }
}
