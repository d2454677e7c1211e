//! The handlers of agents, which answer calls with `TwiML` as they would answer Twilio.

use std::error::Error;
use std::fmt;

use async_trait::async_trait;

use super::Retry;
use crate::form::Form;
use crate::identifier::OrganizationId;
use crate::secret::Secret;
use crate::twiml::VoiceDocument;
use crate::web_address::WebUrl;

/// How a request carries its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandlerMethod {
    /// In the query.
    Get,
    /// In a form.
    Post,
}

/// A request to the handler of an agent. `Debug` shows the method only.
pub struct HandlerRequest {
    /// The organization that owns the agent.
    pub organization: OrganizationId,
    /// The URL of the request.
    pub url: WebUrl,
    /// The method of the request.
    pub method: HandlerMethod,
    /// Every parameter of the request from Twilio.
    pub form: Form,
    /// What signs the request, in place of an auth token; `None` for a request that is not signed, because nobody verified
    /// that its parameters are from Twilio.
    pub secret: Option<Secret>,
    /// The same for a repeated request, and different for any other.
    pub idempotency_token: String,
}

impl fmt::Debug for HandlerRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerRequest").field("method", &self.method).finish_non_exhaustive()
    }
}

/// Why a handler did not answer. No variant contains text of the handler.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// No connection was made, or it broke.
    #[error("the handler cannot be reached")]
    Unreachable {
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The handler did not answer in time.
    #[error("the handler did not answer in time")]
    TimedOut,
    /// The handler answered with a status other than 2xx.
    #[error("the handler answered {status}")]
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// The response is not `TwiML` for a call.
    #[error("the response of the handler {what}")]
    Invalid {
        /// What is wrong with the response.
        what: &'static str,
    },
    /// The request was not sent, because too many others wait for an answer.
    #[error("too many requests wait for the handler")]
    AtLimit,
    /// The address of the handler is not allowed.
    #[error("the address of the handler is not allowed: {what}")]
    AddressRefused {
        /// Why.
        what: &'static str,
    },
}

impl HandlerError {
    /// Whether a later request can succeed.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Invalid { .. } | Self::AddressRefused { .. } => Retry::Never,
            Self::Unreachable { .. } | Self::TimedOut | Self::Status { .. } | Self::AtLimit => {
                Retry::Later
            }
        }
    }
}

/// Asks the handlers of agents.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait VoiceHandler: Send + Sync {
    /// Sends a request, signed as Twilio signs it if there is a secret, and returns the document that answers it. MUST send
    /// every field of the form once, in any order, and follow no redirect. The caller limits the time.
    async fn ask(&self, request: &HandlerRequest) -> Result<VoiceDocument, HandlerError>;
}
