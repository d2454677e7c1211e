//! Problems (RFC 9457): the answer to every request that fails.

use std::fmt;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use switchboard_domain::counted::counted;
use switchboard_domain::string_enum;
use utoipa::ToSchema;

string_enum! {
    /// The stable codes of problems.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum ProblemCode {
        KeyMissing = "key_missing",
        KeyUnknown = "key_unknown",
        KeyRevoked = "key_revoked",
        KeyExpired = "key_expired",
        KeyNetwork = "key_network",
        KeyScope = "key_scope",
        OrganizationForeign = "organization_foreign",
        OrganizationInvalid = "organization_invalid",
        OrganizationNotFound = "organization_not_found",
        HostRefused = "host_refused",
        OriginRefused = "origin_refused",
        PathNotFound = "path_not_found",
        MethodNotAllowed = "method_not_allowed",
        QueryInvalid = "query_invalid",
        ContentTypeUnsupported = "content_type_unsupported",
        BodyTooLarge = "body_too_large",
        BodyUnreadable = "body_unreadable",
        BodyInvalid = "body_invalid",
        IdempotencyKeyInvalid = "idempotency_key_invalid",
        IdempotencyKeyUsed = "idempotency_key_used",
        CursorInvalid = "cursor_invalid",
        AccountNotFound = "account_not_found",
        AgentNotFound = "agent_not_found",
        AgentInUse = "agent_in_use",
        ExternalIdTaken = "external_id_taken",
        NumberNotFound = "number_not_found",
        CallNotFound = "call_not_found",
        MessageNotFound = "message_not_found",
        ConversationNotFound = "conversation_not_found",
        DeliveryNotFound = "delivery_not_found",
        DeliveryNotDead = "delivery_not_dead",
        DeliveryUncertain = "delivery_uncertain",
        SenderNotFound = "sender_not_found",
        ContactUnreachable = "contact_unreachable",
        ChannelsDiffer = "channels_differ",
        OptedOut = "opted_out",
        Unavailable = "unavailable",
        Internal = "internal",
    }
}

impl ProblemCode {
    /// The status, and what the code means in general.
    pub(crate) const fn meaning(self) -> (StatusCode, &'static str) {
        match self {
            Self::KeyMissing => (StatusCode::UNAUTHORIZED, "The request has no API key"),
            Self::KeyUnknown => (StatusCode::UNAUTHORIZED, "The API key is unknown"),
            Self::KeyRevoked => (StatusCode::UNAUTHORIZED, "The API key was revoked"),
            Self::KeyExpired => (StatusCode::UNAUTHORIZED, "The API key has expired"),
            Self::KeyNetwork => {
                (StatusCode::FORBIDDEN, "The API key is not accepted from this address")
            }
            Self::KeyScope => (StatusCode::FORBIDDEN, "The API key does not have the scope"),
            Self::OrganizationForeign => {
                (StatusCode::FORBIDDEN, "The API key belongs to another organization")
            }
            Self::OrganizationInvalid => {
                (StatusCode::BAD_REQUEST, "The header does not name an organization")
            }
            Self::OrganizationNotFound => {
                (StatusCode::NOT_FOUND, "The organization does not exist")
            }
            Self::HostRefused => (StatusCode::FORBIDDEN, "The API is not served under this host"),
            Self::OriginRefused => {
                (StatusCode::FORBIDDEN, "Pages of another origin cannot use the API")
            }
            Self::PathNotFound => (StatusCode::NOT_FOUND, "The path does not exist"),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "The path does not have the method")
            }
            Self::QueryInvalid => {
                (StatusCode::BAD_REQUEST, "A parameter of the query is not valid")
            }
            Self::ContentTypeUnsupported => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body must be application/json")
            }
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The body has more than 1 MiB"),
            Self::BodyUnreadable => (StatusCode::BAD_REQUEST, "The body cannot be read"),
            Self::BodyInvalid => {
                (StatusCode::UNPROCESSABLE_ENTITY, "A field of the body is not valid")
            }
            Self::IdempotencyKeyInvalid => {
                (StatusCode::BAD_REQUEST, "The header Idempotency-Key is not valid")
            }
            Self::IdempotencyKeyUsed => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "The idempotency key was used for another request",
            ),
            Self::CursorInvalid => (StatusCode::BAD_REQUEST, "The cursor is not valid"),
            Self::AccountNotFound => (StatusCode::NOT_FOUND, "The account does not exist"),
            Self::AgentInUse => {
                (StatusCode::CONFLICT, "The agent answers numbers, or a routing plan names it")
            }
            Self::ExternalIdTaken => (StatusCode::CONFLICT, "Another agent has the external id"),
            Self::AgentNotFound => (StatusCode::NOT_FOUND, "The agent does not exist"),
            Self::NumberNotFound => (StatusCode::NOT_FOUND, "The number does not exist"),
            Self::CallNotFound => (StatusCode::NOT_FOUND, "The call is not recorded"),
            Self::MessageNotFound => (StatusCode::NOT_FOUND, "The message is not recorded"),
            Self::ConversationNotFound => {
                (StatusCode::NOT_FOUND, "The conversation does not exist")
            }
            Self::DeliveryNotFound => (StatusCode::NOT_FOUND, "The delivery does not exist"),
            Self::DeliveryNotDead => (StatusCode::CONFLICT, "Only a dead delivery can be replayed"),
            Self::DeliveryUncertain => {
                (StatusCode::CONFLICT, "The contact may already have the message")
            }
            Self::SenderNotFound => {
                (StatusCode::UNPROCESSABLE_ENTITY, "The sender is not one of the numbers")
            }
            Self::ContactUnreachable => {
                (StatusCode::UNPROCESSABLE_ENTITY, "The contact cannot get messages")
            }
            Self::ChannelsDiffer => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "The sender and the contact are on different channels",
            ),
            Self::OptedOut => {
                (StatusCode::CONFLICT, "The contact has opted out of messages from the sender")
            }
            Self::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "The request cannot be answered now")
            }
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "The request failed"),
        }
    }
}

/// A request that failed.
#[derive(Debug)]
pub(crate) struct Problem {
    code: ProblemCode,
    detail: String,
    errors: Vec<Mistake>,
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
        Self { code, detail, errors: Vec::new() }
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
        Self { code, detail, errors: vec![mistake] }
    }

    /// Mistakes in the body.
    pub(crate) fn mistakes(errors: Vec<Mistake>) -> Self {
        let detail = match &errors[..] {
            [only] => only.detail.clone(),
            _ => format!("the body has {}", counted(errors.len(), "mistake")),
        };
        Self { code: ProblemCode::BodyInvalid, detail, errors }
    }

    /// A field of the body that is valid by itself.
    pub(crate) fn field(code: ProblemCode, name: &str, what: &dyn fmt::Display) -> Self {
        let mistake =
            Mistake { pointer: format!("/{name}"), code: code.as_str(), detail: what.to_string() };
        Self { code, detail: what.to_string(), errors: vec![mistake] }
    }

    pub(crate) const fn code(&self) -> ProblemCode {
        self.code
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
        if self.status_code() == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
