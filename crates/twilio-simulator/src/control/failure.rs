//! Orders that cannot be carried out, and what is said of them.

use std::error::Error;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::company::{SeedError, Unreachable};

/// Why an order is not carried out. Doing the same again does not help.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the order cannot be read")]
    Unreadable(#[source] serde_json::Error),
    #[error("the seed makes no accounts")]
    Seed(#[source] SeedError),
    #[error("there is no such {0}")]
    Missing(&'static str),
    #[error("nothing is delivered")]
    Undelivered(#[source] Unreachable),
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unreadable(_) | Self::Seed(_) => StatusCode::BAD_REQUEST,
            Self::Missing(_) | Self::Undelivered(Unreachable::Unknown) => StatusCode::NOT_FOUND,
            Self::Undelivered(_) => StatusCode::CONFLICT,
        }
    }

    /// The error and its causes, for the person who gave the order.
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

/// Reads an order.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(Failure::Unreadable)
}

/// No such path below `/simulator`.
pub(super) async fn unknown() -> Result<HttpResponse, Failure> {
    Err(Failure::Missing("path"))
}
