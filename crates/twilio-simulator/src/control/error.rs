//! Errors of the control interface.

use std::error::Error;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::simulator::{RouteError, SeedError};

/// Why a control request fails. A retry of the same request fails again, unless the state changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ControlError {
    #[error("the request body is invalid")]
    Unreadable(#[source] serde_json::Error),
    #[error("the control interface answers requests to the loopback address only")]
    Host,
    #[error("the content type must be application/json")]
    ContentType,
    #[error("the seed is invalid")]
    Seed(#[source] SeedError),
    #[error("there is no such {0}")]
    Missing(&'static str),
    #[error("not delivered")]
    Undelivered(#[source] RouteError),
}

impl ResponseError for ControlError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Host => StatusCode::FORBIDDEN,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unreadable(_) | Self::Seed(_) => StatusCode::BAD_REQUEST,
            Self::Missing(_) | Self::Undelivered(RouteError::Unknown) => StatusCode::NOT_FOUND,
            Self::Undelivered(_) => StatusCode::CONFLICT,
        }
    }

    /// Returns the error with its causes.
    fn error_response(&self) -> HttpResponse {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        HttpResponse::build(self.status_code()).json(json!({"error": text}))
    }
}

/// Parses a request body as JSON.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ControlError> {
    serde_json::from_slice(body).map_err(ControlError::Unreadable)
}

/// Answers unknown paths below `/simulator`.
pub(super) async fn unknown() -> Result<HttpResponse, ControlError> {
    Err(ControlError::Missing("path"))
}
