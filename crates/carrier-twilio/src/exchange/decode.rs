//! What an answer says, once it is a good one.

use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use switchboard_domain::carrier::CarrierError;
use switchboard_domain::sid::SidError;

use super::response::Answer;

/// What is wrong with an answer. Nothing of what it says is repeated: it can carry tokens and numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AnswerError {
    /// A page for people, or nothing at all.
    #[error("it has status {status} and is of type {content_type:?} in place of JSON")]
    NotJson { status: u16, content_type: String },
    /// It breaks off.
    #[error("its JSON breaks off at line {line}, column {column}")]
    BrokenOff { line: usize, column: usize },
    /// It is JSON, but not what was asked for.
    #[error("its JSON is not what was asked for at line {line}, column {column}")]
    Unexpected { line: usize, column: usize },
    /// A field without which nothing can be done.
    #[error("its field {name} cannot be read")]
    Field { name: &'static str, source: FieldError },
    /// Twilio does not redirect.
    #[error("it has status {status} and leads elsewhere")]
    Redirect { status: u16 },
    /// No answer of Twilio's is so long.
    #[error("it is longer than 16 MB")]
    TooLong,
    /// The next page is one that was read already.
    #[error("its pages lead in a circle")]
    Circle,
    /// No list of Twilio's is so long.
    #[error("it goes on after {read} items")]
    Endless { read: usize },
    /// The link to the next page is none.
    #[error("its link to the next page is not a URL")]
    Link,
    /// The link to the next page leads away, and the credentials would go with it.
    #[error("its link to the next page leads to a host that is not Twilio's")]
    ForeignLink,
}

/// Why a field cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FieldError {
    #[error(transparent)]
    Sid(#[from] SidError),
    #[error(transparent)]
    Region(#[from] switchboard_domain::carrier::RegionError),
    #[error("it is no status of an account")]
    Status,
    #[error("it is no phone number")]
    PhoneNumber(#[from] switchboard_domain::phone_number::PhoneNumberError),
}

impl AnswerError {
    /// A field that cannot be read.
    pub(crate) fn field<E: Into<FieldError>>(name: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::Field { name, source: source.into() }
    }
}

/// What went wrong, with what was being done.
pub(crate) trait Reading<T> {
    fn during(self, operation: &'static str) -> Result<T, CarrierError>;
}

impl<T> Reading<T> for Result<T, AnswerError> {
    fn during(self, operation: &'static str) -> Result<T, CarrierError> {
        self.map_err(|source| CarrierError::Unreadable { operation, source: source.into() })
    }
}

/// Reads the JSON of an answer.
pub(crate) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, AnswerError> {
    let body = answer.body.as_deref().ok_or(AnswerError::TooLong)?;
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            // A document that is empty ends early too, but says nothing of a break.
            Category::Eof if !body.is_empty() => AnswerError::BrokenOff { line, column },
            Category::Data => AnswerError::Unexpected { line, column },
            Category::Syntax | Category::Eof | Category::Io => not_json(answer),
        }
    })
}

/// What is wrong with an answer that says nothing.
pub(crate) fn not_json(answer: &Answer) -> AnswerError {
    let (status, content_type) = (answer.status.as_u16(), answer.content_type.clone());
    AnswerError::NotJson { status, content_type }
}

/// What is wrong with an answer that leads elsewhere.
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
