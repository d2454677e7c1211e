//! `/api/voice/sessions/{CallSid}`: a voice server reads the configuration of its agent.

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, HeaderValue, WWW_AUTHENTICATE};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_application::SessionRefused;
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::Retry;
use switchboard_domain::sid::CallSid;

use crate::response;
use crate::session_body::SessionBody;
use crate::state::AppState;

pub(crate) async fn open(
    request: HttpRequest,
    path: Path<String>,
    state: Data<AppState>,
) -> HttpResponse {
    let (Some(token), Ok(call)) = (bearer(&request), CallSid::parse(&path)) else {
        return unauthorized();
    };
    match state.use_cases.open_session.open(call, token).await {
        Ok(opened) => HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
            .json(SessionBody::of(&opened)),
        Err(refused) => {
            let error = Causes(&refused);
            match &refused {
                // Anybody can come with a token of his own making.
                SessionRefused::Token(_) | SessionRefused::OtherCall => {
                    tracing::debug!(call.sid = %call, %error, "session refused");
                    unauthorized()
                }
                SessionRefused::CallEnded
                | SessionRefused::AgentDisabled
                | SessionRefused::AgentRemoved => {
                    tracing::warn!(call.sid = %call, %error, "session refused");
                    response::empty(StatusCode::NOT_FOUND)
                }
                SessionRefused::Store(cause) => {
                    tracing::error!(call.sid = %call, %error, "session not opened");
                    response::empty(match cause.retry() {
                        Retry::Later => StatusCode::SERVICE_UNAVAILABLE,
                        Retry::Never => StatusCode::INTERNAL_SERVER_ERROR,
                    })
                }
            }
        }
    }
}

pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

pub(crate) fn unauthorized() -> HttpResponse {
    let mut response = response::empty(StatusCode::UNAUTHORIZED);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
