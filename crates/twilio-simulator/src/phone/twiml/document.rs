//! Interprets a response by its content type (Twilio, "TwiML for Programmable Voice: MIME types"; error 12300).

use super::element::{Element, parse};
use super::message::{self, MessageVerb};
use super::schema::{Language, warnings};
use super::verb::Verb;
use super::voice;
use crate::phone::delivery::WebhookResponse;
use crate::phone::transcript::Alert;

/// The verbs of a response, and warnings that do not stop Twilio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answered<V> {
    /// The document. Empty for audio and empty responses.
    pub(crate) text: String,
    pub(crate) verbs: Vec<V>,
    pub(crate) warnings: Vec<Alert>,
}

/// Interprets a response to a voice webhook.
pub(crate) fn read_voice(answer: &WebhookResponse) -> Result<Answered<Verb>, Alert> {
    if answer.body.is_empty() {
        return Err(Alert::error(11_770, "the response has no body"));
    }
    let kind = media_type(answer);
    if kind.starts_with("audio/") {
        let play = Verb::Play { url: answer.url.to_string() };
        return Ok(Answered { text: String::new(), verbs: vec![play], warnings: Vec::new() });
    }
    let text = text(answer);
    match (kind.as_str(), text) {
        (XML | APPLICATION_XML | HTML, text) => {
            let text = text?;
            let root = response(&text)?;
            let (verbs, mut found) = voice::verbs(&root);
            found.extend(warnings(&root, Language::Voice));
            Ok(Answered { text, verbs, warnings: found })
        }
        (PLAIN, text) => {
            let text = text?;
            let verbs = match response(&text) {
                Ok(root) => voice::verbs(&root).0,
                Err(_not_twiml) => vec![Verb::Say { text: text.trim().to_owned() }],
            };
            Ok(Answered { text, verbs, warnings: Vec::new() })
        }
        _ => Err(unsupported(answer)),
    }
}

/// Interprets a response to a messaging webhook.
pub(crate) fn read_messages(answer: &WebhookResponse) -> Result<Answered<MessageVerb>, Alert> {
    if answer.body.is_empty() {
        return Ok(Answered { text: String::new(), verbs: Vec::new(), warnings: Vec::new() });
    }
    let text = text(answer);
    match media_type(answer).as_str() {
        XML | APPLICATION_XML | HTML => {
            let text = text?;
            let root = response(&text)?;
            let verbs = message::verbs(&root);
            Ok(Answered { text, verbs, warnings: warnings(&root, Language::Messages) })
        }
        PLAIN => {
            let text = text?;
            let verb = MessageVerb::Message {
                to: None,
                from: None,
                body: text.trim().to_owned(),
                media: Vec::new(),
                status: None,
                action: None,
            };
            Ok(Answered { text, verbs: vec![verb], warnings: Vec::new() })
        }
        _ => Err(unsupported(answer)),
    }
}

const XML: &str = "text/xml";
const APPLICATION_XML: &str = "application/xml";
const HTML: &str = "text/html";
const PLAIN: &str = "text/plain";

/// The content type without its parameters, in lower case.
fn media_type(answer: &WebhookResponse) -> String {
    let given = answer.content_type.as_deref().unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn text(answer: &WebhookResponse) -> Result<String, Alert> {
    let text = String::from_utf8(answer.body.clone());
    text.map_err(|_shows_the_text| Alert::error(12_100, "the document is not UTF-8"))
}

fn unsupported(answer: &WebhookResponse) -> Alert {
    let given = answer.content_type.as_deref().unwrap_or("none");
    Alert::error(12_300, format!("the content type is {given}, not text/xml"))
}

fn response(text: &str) -> Result<Element, Alert> {
    let root = parse(text).map_err(|reason| {
        Alert::error(12_100, format!("the document cannot be parsed: {reason}"))
    })?;
    if root.name == "Response" {
        return Ok(root);
    }
    Err(Alert::error(12_102, format!("the root element is {}, not Response", root.name)))
}

#[cfg(test)]
mod tests;
