//! `/api/voice/sessions/{CallSid}`: a voice server reads the configuration of its agent.

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, HeaderValue, WWW_AUTHENTICATE};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use switchboard_application::{OpenedSession, SessionRefused};
use switchboard_domain::agent::Label;
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::Retry;
use switchboard_domain::sid::CallSid;

use crate::response;
use crate::state::AppState;

/// A session as a voice server reads it. The names are those of the stream's parameters.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Session<'a> {
    call_sid: &'a str,
    account_sid: &'a str,
    agent_id: &'a str,
    external_id: Option<&'a str>,
    agent_name: &'a str,
    prompt: &'a str,
    voice: Option<&'a str>,
    model: Option<&'a str>,
    language: Option<&'a str>,
    /// When the token ends, in seconds since the Unix epoch.
    expires_at: i64,
}

impl<'a> Session<'a> {
    fn of(opened: &'a OpenedSession) -> Self {
        let profile = &opened.agent.profile;
        let text = |label: &'a Option<Label>| label.as_ref().map(Label::as_str);
        Self {
            call_sid: opened.claims.call.as_str(),
            account_sid: opened.claims.account.as_str(),
            agent_id: opened.claims.agent.as_str(),
            external_id: text(&profile.external_id),
            agent_name: profile.name.as_str(),
            prompt: opened.agent.prompt.as_str(),
            voice: text(&profile.voice),
            model: text(&profile.model),
            language: text(&profile.language),
            expires_at: opened.claims.expires_at.seconds(),
        }
    }
}

pub(crate) async fn open(
    request: HttpRequest,
    path: Path<String>,
    state: Data<AppState>,
) -> HttpResponse {
    let (Some(token), Ok(call)) = (bearer(&request), CallSid::parse(&path)) else {
        return unauthorized();
    };
    match state.open_session.open(call, token).await {
        Ok(opened) => HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
            .json(Session::of(&opened)),
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

fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unauthorized() -> HttpResponse {
    let mut response = response::empty(StatusCode::UNAUTHORIZED);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
