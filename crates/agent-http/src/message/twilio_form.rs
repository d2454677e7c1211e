//! Sends messages as Twilio's own form to the endpoints of agents.

use std::fmt;

use async_trait::async_trait;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use switchboard_domain::address::Address;
use switchboard_domain::delivery::OutgoingContent;
use switchboard_domain::form::Form;
use switchboard_domain::message::Body;
use switchboard_domain::ports::{EndpointError, EndpointMessage, Media, MessageEndpoint};
use switchboard_domain::secret::Secret;
use switchboard_domain::signature::{SigningKey, sign_url};
use switchboard_domain::web_address::WebUrl;
use tokio::time::{Instant, timeout_at};
use url::{Url, form_urlencoded};

use super::endpoint::TIMEOUT;
use crate::exchange::{Exchange, MaxSize, unreachable};
use crate::network::{Network, NetworkError};
use crate::twiml::{Reading, read_plain_text, read_replies};

/// The content type of Twilio's form.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
/// Twilio accepts no larger response (error 11750).
pub(crate) const MAX_TWIML: MaxSize =
    MaxSize { bytes: 64 * 1024, exceeded: "is larger than 64 KiB" };

/// Delivers messages over HTTP as Twilio's form: every parameter of the webhook that brought the message, signed in
/// `X-Twilio-Signature` (Twilio, Security: "Validating Requests") with the newest secret of the agent in place of an auth
/// token, so that no endpoint needs the token of an account; without a secret, there is none. The id of the delivery is the `I-Twilio-Idempotency-Token`.
/// Redirects are not followed.
pub struct TwilioFormEndpoint {
    exchange: Exchange,
}

impl TwilioFormEndpoint {
    /// Creates a client. It connects on the first request.
    pub fn new(network: &Network) -> Result<Self, NetworkError> {
        Ok(Self { exchange: Exchange::new(network)? })
    }

    async fn request(
        &self,
        target: &WebUrl,
        secrets: &[Secret],
        message: &EndpointMessage,
        deadline: Instant,
    ) -> Result<Vec<OutgoingContent>, EndpointError> {
        let mut url = Url::parse(target.as_str()).map_err(unreachable)?;
        // A fragment is not sent, so it is not signed.
        url.set_fragment(None);
        let parameters = message.message.parameters.as_ref().map(Body::as_str).unwrap_or_default();
        let form = Form::parse(parameters.as_bytes()).map_err(unreachable)?;
        let fields = with_readable_media(&form, &message.media);
        let key = secrets.first().and_then(SigningKey::new);
        let signature = key.map(|key| sign_url(&key, url.as_str(), fields.iter().copied()));
        let body = encoded(fields.iter().copied());
        let organization = &message.agent.organization;
        let posted = url.clone();
        let accepted = self.exchange.post(posted, organization, deadline, MAX_TWIML, |request| {
            let request = request
                .header(ACCEPT, "*/*")
                .header(CONTENT_TYPE, FORM)
                .header("I-Twilio-Idempotency-Token", message.delivery.as_str())
                .body(body);
            match signature {
                Some(signature) => request.header("X-Twilio-Signature", signature),
                None => request,
            }
        });
        let record = &message.message;
        // The endpoint knows the contact by the address in the form, which may be a user id.
        let from =
            form.only("From").ok().flatten().and_then(|text| Address::parse_caller(text).ok());
        let contact = from.as_ref().or(record.from.as_ref());
        let reading = Reading { url: &url, ours: record.to.as_ref(), contact };
        let answered = accepted.await?.accepted()?;
        replies(&answered.media_type, &answered.body, &reading)
            .map_err(|what| EndpointError::Invalid { what })
    }
}

/// Encodes the fields again, so that what is signed is what the endpoint decodes.
pub(crate) fn encoded<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The fields of the webhook with URLs of files that can be read without the credentials of the account. The URL of a
/// file that cannot be read is left out.
fn with_readable_media<'a>(form: &'a Form, media: &'a [Media]) -> Vec<(&'a str, &'a str)> {
    let readable = |(name, value): (&'a str, &'a str)| match name.strip_prefix("MediaUrl") {
        Some(n) => {
            let file = media.iter().find(|file| file.n.to_string() == n);
            file.map(|file| (name, file.url.as_str()))
        }
        None => Some((name, value)),
    };
    form.fields().filter_map(readable).collect()
}

/// Reads a response by its content type, as Twilio does (Twilio, error 12300): a text is a reply.
fn replies(
    media_type: &str,
    body: &[u8],
    reading: &Reading<'_>,
) -> Result<Vec<OutgoingContent>, &'static str> {
    let text = std::str::from_utf8(body).map_err(|_shows_the_text| "is not UTF-8")?;
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    match media_type {
        "text/xml" | "application/xml" | "text/html" => read_replies(text, reading),
        "text/plain" => read_plain_text(text),
        "" => Err("has no content type; TwiML has text/xml"),
        _ => Err("is neither TwiML nor a text: its content type is not text/xml or text/plain"),
    }
}

#[async_trait]
impl MessageEndpoint for TwilioFormEndpoint {
    async fn deliver(
        &self,
        target: &WebUrl,
        secrets: &[Secret],
        message: &EndpointMessage,
    ) -> Result<Vec<OutgoingContent>, EndpointError> {
        let deadline = Instant::now() + TIMEOUT;
        let request = self.request(target, secrets, message, deadline);
        timeout_at(deadline, request).await.unwrap_or(Err(EndpointError::TimedOut))
    }
}

impl fmt::Debug for TwilioFormEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioFormEndpoint").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Reading, replies};

    /// The texts of the replies.
    fn read(media_type: &str, body: &[u8]) -> Result<Vec<String>, &'static str> {
        let url = Url::parse("https://agents.example.com/sms").unwrap();
        let reading = Reading { url: &url, ours: None, contact: None };
        let contents = replies(media_type, body, &reading)?;
        Ok(contents.iter().map(|content| content.body.as_str().to_owned()).collect())
    }

    #[test]
    fn a_response_is_read_by_its_content_type() {
        let twiml = b"<Response><Message>hi</Message></Response>";
        for kind in ["text/xml", "application/xml", "text/html"] {
            assert_eq!(read(kind, twiml).unwrap(), ["hi"], "{kind}");
        }
        assert_eq!(read("text/plain", b"hi <b>\n").unwrap(), ["hi <b>"]);
        for kind in ["", "application/json", "image/png"] {
            assert!(read(kind, twiml).unwrap_err().contains("content type"), "{kind}");
        }
    }

    #[test]
    fn a_blank_response_replies_nothing_and_other_encodings_are_refused() {
        for kind in ["", "text/plain", "text/xml", "application/json"] {
            assert_eq!(read(kind, b" \n").unwrap(), [""; 0], "{kind}");
        }
        assert_eq!(read("text/xml", b"<Response>\xff</Response>").unwrap_err(), "is not UTF-8");
    }
}
