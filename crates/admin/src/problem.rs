//! Problems (RFC 9457): the answer to every request that fails.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_TYPE, ETAG, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use switchboard_domain::causes::Causes;
use switchboard_domain::counted::counted;
use utoipa::ToSchema;

pub(crate) use crate::problem_code::ProblemCode;

/// A request that failed.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    code: ProblemCode,
    detail: String,
    errors: Vec<Mistake>,
    /// A header of the answer; boxed, because results contain problems.
    header: Option<Box<(HeaderName, HeaderValue)>>,
    /// Why the server failed, for the log only.
    cause: Option<Box<str>>,
}

/// One mistake in a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProblemError)]
pub(crate) struct Mistake {
    /// Where it is: a JSON Pointer into the body, or a slash and the name of a query parameter.
    pub(crate) pointer: String,
    /// A stable word for the kind of mistake.
    pub(crate) code: &'static str,
    /// What is wrong.
    pub(crate) detail: String,
}

/// A problem, as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// A URN that ends with the code.
    r#type: String,
    /// What the code means in general.
    title: &'static str,
    /// The status of the response.
    status: u16,
    /// What is wrong with this request.
    detail: String,
    /// The stable code.
    code: &'static str,
    /// The single mistakes, if there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<Mistake>,
}

impl Problem {
    /// A problem whose detail says no more than its code.
    pub(crate) fn of(code: ProblemCode) -> Self {
        Self::new(code, format!("{}.", code.meaning().1))
    }

    pub(crate) const fn new(code: ProblemCode, detail: String) -> Self {
        Self { code, detail, errors: Vec::new(), header: None, cause: None }
    }

    /// A query parameter whose value is wrong; `what` follows its name in a sentence.
    pub(crate) fn parameter(name: &str, what: impl fmt::Display) -> Self {
        Self::at_parameter(ProblemCode::QueryInvalid, name, what)
    }

    /// The same with another code.
    pub(crate) fn at_parameter(code: ProblemCode, name: &str, what: impl fmt::Display) -> Self {
        let detail = format!("{name} {what}");
        let mistake =
            Mistake { pointer: format!("/{name}"), code: "invalid", detail: detail.clone() };
        Self::new(code, detail).with(vec![mistake])
    }

    /// Mistakes in the body.
    pub(crate) fn mistakes(errors: Vec<Mistake>) -> Self {
        let detail = match &errors[..] {
            [only] => only.detail.clone(),
            _ => format!("the body has {}", counted(errors.len(), "mistake")),
        };
        Self::new(ProblemCode::BodyInvalid, detail).with(errors)
    }

    /// A field of the body that is valid by itself.
    pub(crate) fn field(code: ProblemCode, name: &str, what: &dyn fmt::Display) -> Self {
        let mistake =
            Mistake { pointer: format!("/{name}"), code: code.as_str(), detail: what.to_string() };
        Self::new(code, what.to_string()).with(vec![mistake])
    }

    /// The same with the single mistakes.
    pub(crate) fn with(self, errors: Vec<Mistake>) -> Self {
        Self { errors, ..self }
    }

    /// The same with the entity tag of the object as it is now.
    pub(crate) fn tagged(self, tag: Option<HeaderValue>) -> Self {
        Self { header: tag.map(|tag| Box::new((ETAG, tag))), ..self }
    }

    /// The same with the time after which the request may be repeated.
    pub(crate) fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Self { header: Some(Box::new((RETRY_AFTER, HeaderValue::from(seconds)))), ..self }
    }

    /// The same, with the error of ours or of Twilio that caused it. It is logged once, with the request.
    pub(crate) fn because(self, error: &(dyn Error + 'static)) -> Self {
        Self { cause: Some(Causes(error).to_string().into()), ..self }
    }

    pub(crate) const fn code(&self) -> ProblemCode {
        self.code
    }

    /// Why the server failed, for the log.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    fn body(&self) -> ProblemBody {
        let (status, title) = self.code.meaning();
        ProblemBody {
            r#type: format!("urn:switchboard:problem:{}", self.code.as_str()),
            title,
            status: status.as_u16(),
            detail: self.detail.clone(),
            code: self.code.as_str(),
            errors: self.errors.clone(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.meaning().0
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = HttpResponse::build(self.status_code()).json(self.body());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some((name, value)) = self.header.as_deref() {
            headers.insert(name.clone(), value.clone());
        }
        if self.status_code() == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
