//! Asks the handlers of agents, which answer calls with TwiML.

use std::fmt;

use async_trait::async_trait;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use switchboard_domain::form::Form;
use switchboard_domain::ports::{
    EndpointError, HandlerError, HandlerMethod, HandlerRequest, VoiceHandler,
};
use switchboard_domain::signature::{SigningKey, sign_url};
use switchboard_domain::twiml::VoiceDocument;
use tokio::time::Instant;
use url::Url;

use crate::concurrency_limit::{ConcurrencyLimit, Limits};
use crate::exchange::{Exchange, unreachable};
use crate::message::{FORM, MAX_TWIML, encoded};
use crate::network::{Network, NetworkError};
use crate::twiml::parse;

/// Twilio speaks no longer text (Twilio, TwiML Say).
const MAX_SPOKEN: usize = 4_096;
/// A backstop for a caller that sets no time limit.
const MAX_WAIT: std::time::Duration = std::time::Duration::from_secs(15);

/// Asks handlers over HTTP with Twilio's form: every parameter of the webhook, signed in `X-Twilio-Signature` (Twilio,
/// Security: "Validating Requests") with the newest secret of the agent in place of an auth token, so that no handler
/// needs the token of an account. Redirects are not followed.
///
/// A webhook waits for each request, and the server has a limited number of connections. So slow handlers of one organization
/// must not take all of them.
pub struct TwilioFormHandler {
    exchange: Exchange,
    limit: ConcurrencyLimit,
}

impl TwilioFormHandler {
    /// Creates a client. It connects on the first request.
    pub fn new(network: &Network, limits: Limits) -> Result<Self, NetworkError> {
        Ok(Self { exchange: Exchange::new(network)?, limit: ConcurrencyLimit::new(limits) })
    }

    async fn request(
        &self,
        asked: &HandlerRequest,
        mut url: Url,
    ) -> Result<VoiceDocument, EndpointError> {
        // A fragment is not sent, so it is not signed.
        url.set_fragment(None);
        let (method, signed) = match asked.method {
            HandlerMethod::Get => {
                url.query_pairs_mut().extend_pairs(asked.form.fields());
                (Method::GET, &Form::EMPTY)
            }
            HandlerMethod::Post => (Method::POST, &asked.form),
        };
        let key = asked.secret.as_ref().and_then(SigningKey::new);
        let signature = key.map(|key| sign_url(&key, url.as_str(), signed.fields()));
        let played = url.clone();
        let deadline = Instant::now() + MAX_WAIT;
        let sent =
            self.exchange.ask(method, url, &asked.organization, deadline, MAX_TWIML, |request| {
                let request = request
                    .header(ACCEPT, "*/*")
                    .header("I-Twilio-Idempotency-Token", asked.idempotency_token.as_str());
                let request = match signature {
                    Some(signature) => request.header("X-Twilio-Signature", signature),
                    None => request,
                };
                match asked.method {
                    HandlerMethod::Get => request,
                    HandlerMethod::Post => {
                        request.header(CONTENT_TYPE, FORM).body(encoded(asked.form.fields()))
                    }
                }
            });
        let answered = sent.await?.accepted()?;
        read(&answered.media_type, &answered.body, &played)
            .map_err(|what| EndpointError::Invalid { what })
    }
}

/// Reads a response by its content type, as Twilio does (Twilio, error 12300): a text that is no TwiML is spoken, and
/// audio is played.
fn read(media_type: &str, body: &[u8], url: &Url) -> Result<VoiceDocument, &'static str> {
    if media_type.starts_with("audio/") {
        return Ok(VoiceDocument::play(url.as_str()));
    }
    let text = std::str::from_utf8(body).map_err(|_shows_the_text| "is not UTF-8")?;
    if text.trim().is_empty() {
        return Ok(VoiceDocument::empty());
    }
    match media_type {
        "text/xml" | "application/xml" | "text/html" => parse(text).and_then(VoiceDocument::new),
        "text/plain" => match parse(text) {
            Ok(root) => VoiceDocument::new(root),
            Err(_no_document) if text.trim().chars().count() > MAX_SPOKEN => {
                Err("is a text of more than 4096 characters, which Twilio does not speak")
            }
            Err(_no_document) => Ok(VoiceDocument::say(text.trim())),
        },
        "" => Err("has no content type; TwiML has text/xml"),
        _ => Err("is neither TwiML nor a text: its content type is not text/xml or text/plain"),
    }
}

fn handler_error(error: EndpointError) -> HandlerError {
    match error {
        EndpointError::Unreachable { source } | EndpointError::Disconnected { source } => {
            HandlerError::Unreachable { source }
        }
        EndpointError::TimedOut => HandlerError::TimedOut,
        EndpointError::AtLimit => HandlerError::AtLimit,
        EndpointError::Status { status, .. } => HandlerError::Status { status },
        EndpointError::Invalid { what } => HandlerError::Invalid { what },
        EndpointError::AddressRefused { what } => HandlerError::AddressRefused { what },
    }
}

#[async_trait]
impl VoiceHandler for TwilioFormHandler {
    async fn ask(&self, request: &HandlerRequest) -> Result<VoiceDocument, HandlerError> {
        let url = Url::parse(request.url.as_str());
        let url = url.map_err(|error| handler_error(unreachable(error)))?;
        let host = url.origin().ascii_serialization();
        let permit = self.limit.try_acquire(&request.organization, &host);
        let _permit = permit.ok_or(HandlerError::AtLimit)?;
        let asked = tokio::time::timeout(MAX_WAIT, self.request(request, url)).await;
        asked.unwrap_or(Err(EndpointError::TimedOut)).map_err(handler_error)
    }
}

impl fmt::Debug for TwilioFormHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioFormHandler").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::twiml::VoiceDocument;
    use switchboard_domain::web_address::WebUrl;
    use url::Url;

    use super::read;

    const BEFORE: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#;

    fn render(document: &VoiceDocument) -> String {
        let url = WebUrl::parse("https://handler.example.com/voice").unwrap();
        document.render(&url, &|url, _| Some(url.to_string())).unwrap().into_string()
    }

    /// What is inside the response.
    fn shown(media_type: &str, body: &[u8]) -> Result<String, &'static str> {
        let url = Url::parse("https://handler.example.com/voice?a=1").unwrap();
        let written = read(media_type, body, &url).map(|document| render(&document))?;
        let inside = written.strip_prefix(BEFORE).and_then(|rest| rest.strip_suffix("</Response>"));
        Ok(inside.unwrap_or_default().to_owned())
    }

    #[test]
    fn a_response_is_read_by_its_content_type() {
        let twiml = b"<?xml version=\"1.0\"?>\n<Response><Say>5 &lt; 6<break/>!</Say></Response>";
        for kind in ["text/xml", "application/xml", "text/html", "text/plain"] {
            assert_eq!(shown(kind, twiml).unwrap(), "<Say>5 &lt; 6<break/>!</Say>", "{kind}");
        }
        assert_eq!(shown("text/plain", b" a <b>\n").unwrap(), "<Say>a &lt;b&gt;</Say>");
        for kind in ["", "application/json", "image/png"] {
            assert!(shown(kind, twiml).unwrap_err().contains("content type"), "{kind}");
        }
        let played = shown("audio/mpeg", b"\xff\xfb").unwrap();
        assert_eq!(played, "<Play>https://handler.example.com/voice?a=1</Play>");
    }

    #[test]
    fn a_blank_response_hangs_up() {
        for kind in ["", "text/plain", "text/xml", "application/json"] {
            let blank = read(kind, b" \n", &Url::parse("https://a.example").unwrap()).unwrap();
            assert_eq!(blank, VoiceDocument::empty(), "{kind}");
        }
    }

    #[test]
    fn what_answers_no_call_is_refused_with_its_reason() {
        let large = "a".repeat(4_097);
        for (kind, body, reason) in [
            ("text/html", "<html><body>Sorry</body></html>", "not <Response>"),
            ("text/html", "<!DOCTYPE html><html></html>", "document type"),
            ("text/xml", "<Response><Message>a</Message></Response>", "<Message>"),
            ("text/xml", "<Response><Say>a</Response>", "well-formed"),
            (
                "text/xml",
                "<!DOCTYPE r [<!ENTITY a \"b\">]><Response>&a;</Response>",
                "document type",
            ),
            ("text/plain", large.as_str(), "4096 characters"),
            ("text/plain", "<a/>", "not <Response>"),
            ("text/xml", "<Response><Sa\u{e9}y/></Response>", "name"),
        ] {
            let what = shown(kind, body.as_bytes()).unwrap_err();
            assert!(what.contains(reason), "{body}: {what}");
        }
        assert_eq!(shown("text/xml", b"<Response>\xff</Response>").unwrap_err(), "is not UTF-8");
    }
}
