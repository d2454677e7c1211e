//! The response of a server.

use quick_xml::events::Event as Xml;
use quick_xml::{Reader, Writer};
use switchboard_twilio_simulator::phone::{Alert, Event, Purpose, Request, Transcript};
use url::Url;

use crate::failure::{Doing as _, Failure};

/// The first request and its response.
pub(super) fn first_answer(transcript: &Transcript, server: &Url) -> Result<Request, Failure> {
    let requests = transcript.events().filter_map(|event| match event {
        Event::Request(request) if request.purpose == Purpose::Incoming => Some(request),
        _ => None,
    });
    match requests.last() {
        Some(request @ Request { status: Some(_), body: Some(_), .. }) => Ok(request.clone()),
        Some(Request { failure: Some(alert), .. }) => {
            Err(NotAnswered::new(server, alert)).doing("sending the request")
        }
        // An invalid request is not sent at all.
        _ => Err(Failure::refused(format!(
            "no request can be sent to {server}; correct SWITCHBOARD_PUBLIC_URL or --url"
        ))),
    }
}

/// No server answers.
#[derive(Debug, thiserror::Error)]
#[error("{what} at {server}; start one with `switchboard serve`, or name its URL with --url")]
struct NotAnswered {
    what: &'static str,
    server: Url,
    source: Cause,
}

/// What Twilio would say about it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Cause(Alert);

impl NotAnswered {
    fn new(server: &Url, alert: &Alert) -> Self {
        let what = match alert.code {
            11_202 | 11_205 | 11_210 => "no server answers",
            11_201 | 11_203 => "no server answers in time",
            _ => "no server answers correctly",
        };
        Self { what, server: server.clone(), source: Cause(alert.clone()) }
    }
}

/// TwiML with one element per line; text that is not XML stays as it is.
pub(super) fn readable(xml: &str) -> String {
    indented(xml).unwrap_or_else(|| xml.to_owned())
}

fn indented(xml: &str) -> Option<String> {
    let mut reader = Reader::from_str(xml);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    loop {
        match reader.read_event().ok()? {
            Xml::Eof => return String::from_utf8(writer.into_inner()).ok(),
            // These elements are on separate lines already.
            Xml::Text(text) if text.contains('\n') && text.trim().is_empty() => {}
            event => writer.write_event(event).ok()?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn each_element_has_its_own_line() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?><Response><Connect action="/a?b=1&amp;c=2"><Stream url="wss://a"/></Connect><Message>5 &lt; 6</Message></Response>"#;
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<Response>
  <Connect action="/a?b=1&amp;c=2">
    <Stream url="wss://a"/>
  </Connect>
  <Message>5 &lt; 6</Message>
</Response>"#;
        assert_eq!(readable(xml), expected);
    }

    #[test]
    fn formatted_xml_stays_as_it_is() {
        let xml = "<Response>\n    <Say>a  b</Say>\n</Response>";
        assert_eq!(readable(xml), "<Response>\n  <Say>a  b</Say>\n</Response>");
    }

    #[test]
    fn text_that_is_not_xml_stays_as_it_is() {
        assert_eq!(readable("<Response><a></b>"), "<Response><a></b>");
    }
}
