//! The URLs in a document of a handler.
//!
//! Twilio resolves a relative URL against the one that it requested, which is ours, and signs its next request with the
//! account's token, which the handler does not have. So every URL is resolved against the handler's own, and those that
//! lead back to the handler lead through us, where the next request is verified and signed again.

use url::Url;

use super::document::{Element, Node, VoiceDocument};
use super::escape::{push_attribute, push_text};
use super::rendering::{Twiml, within_limit};
use crate::web_address::WebUrl;

/// What Twilio does with the response to a request that a document asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkUse {
    /// The response is the `TwiML` that follows.
    Twiml,
    /// The request reports something, and the response is ignored.
    Callback,
}

/// Returns our own URL for one of the handler, which is absolute and has no fragment; `None` if it would be too long.
pub type OurUrl<'a> = dyn Fn(&Url, LinkUse) -> Option<String> + Sync + 'a;

/// How URLs are written.
struct Links<'a> {
    /// The URL of the document, which relative URLs extend.
    document: Url,
    ours: &'a OurUrl<'a>,
}

/// Verbs that request the current document again if they have no `action`
/// (Twilio, `TwiML` Gather and Record: "action").
const REPEATING: [&str; 2] = ["Gather", "Record"];
/// Elements that open a WebSocket at their `url`.
const SOCKETS: [&str; 2] = ["Stream", "ConversationRelay"];

/// What follows from an attribute of an element; `None` if it is no URL that Twilio requests.
fn use_of(attribute: &str) -> Option<LinkUse> {
    match attribute {
        "action" | "url" | "waitUrl" | "referUrl" => Some(LinkUse::Twiml),
        "statusCallback"
        | "statusCallbackUrl"
        | "recordingStatusCallback"
        | "partialResultCallback"
        | "transcribeCallback"
        | "eventCallbackUrl"
        | "amdStatusCallback" => Some(LinkUse::Callback),
        _ => None,
    }
}

impl VoiceDocument {
    /// Writes the document with absolute URLs, in which those of the handler lead through us. `document` is the URL that
    /// answered. The error says what is wrong, after "the response of the handler".
    pub fn render(&self, document: &WebUrl, ours: &OurUrl<'_>) -> Result<Twiml, &'static str> {
        let document = Url::parse(document.as_str()).map_err(|_never| "is from no URL")?;
        let links = Links { document, ours };
        let mut written = r#"<?xml version="1.0" encoding="UTF-8"?>"#.to_owned();
        links.element(&mut written, &self.response)?;
        within_limit(written.len())
            .map_err(|_too_large| "is larger than the 64 kB that Twilio accepts")?;
        Ok(Twiml::complete(written))
    }
}

impl Links<'_> {
    fn element(&self, out: &mut String, element: &Element) -> Result<(), &'static str> {
        out.push('<');
        out.push_str(&element.name);
        for (name, value) in &element.attributes {
            let link = self.attribute(element, name, value)?;
            write_attribute(out, name, link.as_deref().unwrap_or(value));
        }
        if REPEATING.contains(&&*element.name) && element.attribute("action").is_none() {
            write_attribute(out, "action", &self.link("", LinkUse::Twiml)?);
        }
        if element.children.is_empty() {
            out.push_str("/>");
            return Ok(());
        }
        out.push('>');
        let own_text = self.own_text(element)?;
        if let Some(text) = &own_text {
            push_text(out, text);
        }
        for child in &element.children {
            match child {
                Node::Element(child) => self.element(out, child)?,
                Node::Text(text) if own_text.is_none() => push_text(out, text),
                Node::Text(_) => {}
            }
        }
        out.push_str("</");
        out.push_str(&element.name);
        out.push('>');
        Ok(())
    }

    /// The value of an attribute that is a URL; `None` if it stays as it is.
    fn attribute(
        &self,
        element: &Element,
        name: &str,
        value: &str,
    ) -> Result<Option<String>, &'static str> {
        let Some(used) = use_of(name) else { return Ok(None) };
        // An empty URL means none, for example no music for those who wait in a conference.
        if value.trim().is_empty() && name != "action" {
            return Ok(None);
        }
        if name == "url" && SOCKETS.contains(&&*element.name) {
            return Ok(self.socket(value));
        }
        self.link(value, used).map(Some)
    }

    /// The text of an element whose text is a URL; `None` if it stays as it is.
    fn own_text(&self, element: &Element) -> Result<Option<String>, &'static str> {
        let text = element.text();
        let text = text.trim();
        match element.name.as_str() {
            "Redirect" => self.link(text, LinkUse::Twiml).map(Some),
            // Twilio fetches media without a signature that anyone checks.
            "Play" if !text.is_empty() => Ok(self.resolved(text).map(String::from)),
            _ => Ok(None),
        }
    }

    fn resolved(&self, text: &str) -> Option<Url> {
        self.document.join(text.trim()).ok()
    }

    /// A URL that Twilio requests. One that cannot be read is left to Twilio, which reports it.
    fn link(&self, text: &str, used: LinkUse) -> Result<String, &'static str> {
        let Some(mut url) = self.resolved(text) else { return Ok(text.to_owned()) };
        let is_own = url.origin() == self.document.origin();
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        if !is_own || has_credentials || !matches!(url.scheme(), "https" | "http") {
            return Ok(url.into());
        }
        // The fragment is for Twilio: it sets time-outs and retries (Twilio, "Connection overrides").
        let fragment = url.fragment().map(|fragment| format!("#{fragment}")).unwrap_or_default();
        url.set_fragment(None);
        let ours = (self.ours)(&url, used).ok_or("has a URL that is too long")?;
        Ok(ours + &fragment)
    }

    /// The URL of a WebSocket; `None` if it cannot be read.
    fn socket(&self, text: &str) -> Option<String> {
        let url = self.resolved(text)?;
        let text = String::from(url);
        Some(match text.strip_prefix("http") {
            Some(rest) => format!("ws{rest}"),
            None => text,
        })
    }
}

fn write_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    push_attribute(out, value);
    out.push('"');
}

#[cfg(test)]
mod tests;
