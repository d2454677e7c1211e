//! The session of a call: which agent the voice server is to be.

use reqwest::header::AUTHORIZATION;
use serde::Deserialize;
use url::Url;

use crate::messages::Start;
use crate::token::{TokenError, check};

/// What switchboard tells of the agent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    pub(crate) call_sid: String,
    pub(crate) agent_name: String,
    pub(crate) prompt: String,
    pub(crate) voice: Option<String>,
}

/// Why there is no session. Only [`SessionError::Unreachable`] may go away by itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    #[error("the stream has no parameter {0}")]
    NoParameter(&'static str),
    #[error("the session URL is not one of our switchboard's")]
    ForeignUrl,
    #[error("the session token does not fit the call")]
    Token(#[source] TokenError),
    #[error("switchboard cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("switchboard answered with status {0}")]
    Refused(u16),
    #[error("the session cannot be read")]
    Unreadable(#[source] serde_json::Error),
    #[error("the session is another call's")]
    OtherCall,
}

/// Reads the session that the parameters of a stream name.
///
/// Anybody can open a WebSocket and name a URL, so only sessions below `switchboard` are read.
pub(crate) async fn read(
    http: &reqwest::Client,
    switchboard: &Url,
    start: &Start,
) -> Result<Session, SessionError> {
    let parameter = |name: &'static str| {
        start.custom_parameters.get(name).ok_or(SessionError::NoParameter(name))
    };
    let token = parameter("sessionToken")?;
    check(token, start).map_err(SessionError::Token)?;
    let url =
        Url::parse(parameter("sessionUrl")?).map_err(|_not_a_url| SessionError::ForeignUrl)?;
    let path = switchboard.path().trim_end_matches('/');
    let expected = format!("{path}/api/voice/sessions/{}", start.call_sid);
    if url.origin() != switchboard.origin() || url.path() != expected {
        return Err(SessionError::ForeignUrl);
    }
    let request = http.get(url).header(AUTHORIZATION, format!("Bearer {token}"));
    let unreachable = |error: reqwest::Error| SessionError::Unreachable(error.without_url());
    let response = request.send().await.map_err(unreachable)?;
    if !response.status().is_success() {
        return Err(SessionError::Refused(response.status().as_u16()));
    }
    let body = response.bytes().await.map_err(unreachable)?;
    let session: Session = serde_json::from_slice(&body).map_err(SessionError::Unreadable)?;
    if session.call_sid == start.call_sid { Ok(session) } else { Err(SessionError::OtherCall) }
}
