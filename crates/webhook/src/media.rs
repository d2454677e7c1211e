//! `/api/messages/{MessageSid}/media/{MediaSid}`: the endpoint of an agent reads a file of a message.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;
use switchboard_application_delivery::MediaRefused;
use switchboard_domain::carrier::MediaFile;
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::Retry;
use switchboard_domain::sid::{MediaSid, MessageSid};

use crate::problem::problem;
use crate::response;
use crate::session::unauthorized;
use crate::state::AppState;

/// Seconds after which a request that failed for now can be repeated.
const RETRY_SECONDS: u16 = 5;

#[derive(Deserialize)]
pub(crate) struct Signed {
    #[serde(default)]
    token: String,
}

pub(crate) async fn fetch(
    path: Path<(String, String)>,
    signed: Query<Signed>,
    state: Data<AppState>,
) -> HttpResponse {
    let (Ok(message), Ok(media)) = (MessageSid::parse(&path.0), MediaSid::parse(&path.1)) else {
        return unauthorized();
    };
    match state.use_cases.fetch_media.fetch(message, media, &signed.token).await {
        Ok(file) => file_response(file),
        Err(refused) => refusal(message, &refused),
    }
}

/// The file. A browser does not show it as a page of this origin, and no proxy keeps it.
fn file_response(file: MediaFile) -> HttpResponse {
    let unknown = HeaderValue::from_static("application/octet-stream");
    let content_type = HeaderValue::from_str(&file.content_type).ok();
    let content_type = content_type.filter(|value| !value.is_empty()).unwrap_or(unknown);
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CONTENT_DISPOSITION, HeaderValue::from_static("attachment")))
        .insert_header((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .body(file.content)
}

fn refusal(message: MessageSid, refused: &MediaRefused) -> HttpResponse {
    const TITLE: &str = "The file cannot be read";
    let (status, code) = match refused {
        MediaRefused::Token => {
            tracing::debug!(message.sid = %message, "file refused: its token is not valid");
            return unauthorized();
        }
        MediaRefused::Gone => (StatusCode::NOT_FOUND, "media_gone"),
        MediaRefused::TooMany => (StatusCode::SERVICE_UNAVAILABLE, "too_many_files"),
        MediaRefused::Carrier(_) => match refused.retry() {
            Retry::Later => (StatusCode::SERVICE_UNAVAILABLE, "media_unavailable"),
            Retry::Never => (StatusCode::BAD_GATEWAY, "media_unavailable"),
        },
        MediaRefused::Access(_) | MediaRefused::Store(_) => {
            tracing::error!(message.sid = %message, error = %Causes(refused), "file not read");
            return response::empty(match refused.retry() {
                Retry::Later => StatusCode::SERVICE_UNAVAILABLE,
                Retry::Never => StatusCode::INTERNAL_SERVER_ERROR,
            });
        }
    };
    tracing::info!(message.sid = %message, code, error = %Causes(refused), "file not read");
    let mut response = problem(status, TITLE, code, refused.to_string());
    if refused.retry() == Retry::Later {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
    }
    response
}
