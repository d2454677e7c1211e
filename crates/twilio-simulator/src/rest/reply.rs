//! What a resource answers.

use serde_json::{Value, json};

use crate::company::FieldChange;

/// An answer of a resource.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// JSON. There is none with 204.
    pub(crate) body: Option<Value>,
    /// What changed before it.
    pub(crate) changes: Vec<FieldChange>,
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, body: Some(body), changes: Vec::new() }
    }

    pub(crate) fn created(body: Value) -> Self {
        Self { status: 201, ..Self::ok(body) }
    }

    /// Twilio goes on with it behind the answer.
    pub(crate) fn accepted(body: Value) -> Self {
        Self { status: 202, ..Self::ok(body) }
    }

    pub(crate) fn gone() -> Self {
        Self { status: 204, body: None, changes: Vec::new() }
    }

    pub(crate) fn changing(self, changes: Vec<FieldChange>) -> Self {
        Self { changes, ..self }
    }
}

/// Why a request is not carried out, as Twilio says it (Twilio, "Twilio's Response": exceptions).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// By Twilio's dictionary of errors.
    pub(crate) code: u32,
    pub(crate) message: String,
}

impl Refusal {
    /// The request itself is wrong.
    pub(crate) fn invalid(code: u32, message: impl Into<String>) -> Self {
        Self { status: 400, code, message: message.into() }
    }

    /// Wrong credentials, or right ones for something else.
    pub(crate) fn unauthenticated() -> Self {
        Self { status: 401, code: 20003, message: "Authenticate".to_owned() }
    }

    /// The account is suspended or closed. Twilio documents the code; that it comes with 401 is what we take
    /// it to be.
    pub(crate) fn inactive() -> Self {
        Self { status: 401, code: 20005, message: "Account not active".to_owned() }
    }

    /// There is no such thing, or not in this account.
    pub(crate) fn not_found(path: &str) -> Self {
        let message = format!("The requested resource {path} was not found");
        Self { status: 404, code: 20404, message }
    }

    /// The resource does not know the method.
    pub(crate) fn method() -> Self {
        Self { status: 405, code: 20004, message: "Method not allowed".to_owned() }
    }

    /// It would contradict what is there.
    pub(crate) fn conflict(code: u32, message: &str) -> Self {
        Self { status: 409, code, message: message.to_owned() }
    }

    /// Too many requests at once (Twilio, error 20429).
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
