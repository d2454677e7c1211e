//! Responses and errors of the resources.

use serde_json::{Value, json};
use switchboard_domain::carrier::MediaFile;

use crate::simulator::FieldChange;

/// The response of a resource.
#[derive(Debug)]
pub(crate) struct ApiResponse {
    pub(crate) status: u16,
    /// The JSON body. `None` with 204, a redirect or a file.
    pub(crate) body: Option<Value>,
    /// What is returned in place of JSON.
    pub(crate) other: Option<Other>,
    /// What the request changed.
    pub(crate) changes: Vec<FieldChange>,
}

/// A response without JSON.
#[derive(Debug)]
pub(crate) enum Other {
    /// The URL of a redirect.
    Redirect(String),
    File(MediaFile),
}

impl ApiResponse {
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, body: Some(body), other: None, changes: Vec::new() }
    }

    /// 307: the file is on another host.
    pub(crate) fn redirect(url: String) -> Self {
        Self { status: 307, other: Some(Other::Redirect(url)), ..Self::no_content() }
    }

    pub(crate) fn file(file: MediaFile) -> Self {
        Self { status: 200, other: Some(Other::File(file)), ..Self::no_content() }
    }

    pub(crate) fn created(body: Value) -> Self {
        Self { status: 201, ..Self::ok(body) }
    }

    /// 202: Twilio continues processing after the response.
    pub(crate) fn accepted(body: Value) -> Self {
        Self { status: 202, ..Self::ok(body) }
    }

    pub(crate) fn no_content() -> Self {
        Self { status: 204, body: None, other: None, changes: Vec::new() }
    }

    pub(crate) fn with_changes(self, changes: Vec<FieldChange>) -> Self {
        Self { changes, ..self }
    }
}

/// Why a request fails, in Twilio's format (Twilio, "Twilio's Response": exceptions).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    /// A code of Twilio's error dictionary.
    pub(crate) code: u32,
    pub(crate) message: String,
}

impl ApiError {
    /// 400: the request is invalid.
    pub(crate) fn invalid(code: u32, message: impl Into<String>) -> Self {
        Self { status: 400, code, message: message.into() }
    }

    /// 401: the credentials are invalid or do not permit the request.
    pub(crate) fn unauthenticated() -> Self {
        Self { status: 401, code: 20003, message: "Authenticate".to_owned() }
    }

    /// 401: the account is suspended or closed. Twilio documents the code; the status 401 is an assumption.
    pub(crate) fn inactive() -> Self {
        Self { status: 401, code: 20005, message: "Account not active".to_owned() }
    }

    /// 404: the resource does not exist, or not in this account.
    pub(crate) fn not_found(path: &str) -> Self {
        let message = format!("The requested resource {path} was not found");
        Self { status: 404, code: 20404, message }
    }

    /// 405: the resource does not support the method.
    pub(crate) fn method() -> Self {
        Self { status: 405, code: 20004, message: "Method not allowed".to_owned() }
    }

    /// 409: the request conflicts with the current state.
    pub(crate) fn conflict(code: u32, message: &str) -> Self {
        Self { status: 409, code, message: message.to_owned() }
    }

    /// 429: the concurrency limit is exceeded (Twilio, error 20429).
    pub(crate) fn too_many() -> Self {
        Self { status: 429, code: 20429, message: "Too Many Requests".to_owned() }
    }

    pub(crate) fn body(&self) -> Value {
        json!({
            "code": self.code,
            "message": self.message,
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "status": self.status,
        })
    }
}
