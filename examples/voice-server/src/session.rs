//! Reads the session of a call, which describes the agent.

use reqwest::header::AUTHORIZATION;
use serde::Deserialize;
use url::Url;

use crate::messages::Start;
use crate::token::{TokenError, check};

/// The session as switchboard returns it, without the fields that this example ignores.
#[derive(Debug, Deserialize)]
pub(crate) struct Session {
    call: Call,
    pub(crate) agent: Agent,
}

/// The call of the session.
#[derive(Debug, Deserialize)]
struct Call {
    sid: String,
}

/// The agent that the call is for.
#[derive(Debug, Deserialize)]
pub(crate) struct Agent {
    pub(crate) name: String,
    pub(crate) prompt: String,
    pub(crate) voice: Option<String>,
}

/// Why a session cannot be read. Only [`SessionError::Unreachable`] is worth a retry.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    #[error("the stream has no parameter {0}")]
    MissingParameter(&'static str),
    #[error("the session URL does not belong to this switchboard")]
    WrongUrl,
    #[error("the session token is invalid")]
    Token(#[source] TokenError),
    #[error("switchboard is unreachable")]
    Unreachable(#[source] reqwest::Error),
    #[error("switchboard responded with status {0}")]
    Refused(u16),
    #[error("cannot parse the session")]
    Unreadable(#[source] serde_json::Error),
    #[error("the session is for another call")]
    OtherCall,
}

/// Reads the session named by the parameters of a stream.
///
/// Anyone can open a WebSocket and send a URL, so only URLs below `switchboard` are requested.
pub(crate) async fn read(
    http: &reqwest::Client,
    switchboard: &Url,
    start: &Start,
) -> Result<Session, SessionError> {
    let parameter = |name: &'static str| {
        start.custom_parameters.get(name).ok_or(SessionError::MissingParameter(name))
    };
    let token = parameter("sessionToken")?;
    check(token, start).map_err(SessionError::Token)?;
    let url = Url::parse(parameter("sessionUrl")?).map_err(|_not_a_url| SessionError::WrongUrl)?;
    let path = switchboard.path().trim_end_matches('/');
    let expected = format!("{path}/api/voice/sessions/{}", start.call_sid);
    if url.origin() != switchboard.origin() || url.path() != expected {
        return Err(SessionError::WrongUrl);
    }
    let request = http.get(url).header(AUTHORIZATION, format!("Bearer {token}"));
    let unreachable = |error: reqwest::Error| SessionError::Unreachable(error.without_url());
    let response = request.send().await.map_err(unreachable)?;
    if !response.status().is_success() {
        return Err(SessionError::Refused(response.status().as_u16()));
    }
    let body = response.bytes().await.map_err(unreachable)?;
    let session: Session = serde_json::from_slice(&body).map_err(SessionError::Unreadable)?;
    if session.call.sid == start.call_sid { Ok(session) } else { Err(SessionError::OtherCall) }
}
