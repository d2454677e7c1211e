//! What a server answered.

use std::time::Duration;

use quick_xml::events::Event;
use quick_xml::{Reader, Writer};
use reqwest::StatusCode;

/// What a server answered.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) content_type: Option<String>,
    pub(super) body: String,
    pub(super) elapsed: Duration,
}

/// TwiML with an element in each line; what cannot be read as XML stays as it is.
pub(super) fn readable(xml: &str) -> String {
    indented(xml).unwrap_or_else(|| xml.to_owned())
}

fn indented(xml: &str) -> Option<String> {
    let mut reader = Reader::from_str(xml);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    loop {
        match reader.read_event().ok()? {
            Event::Eof => return String::from_utf8(writer.into_inner()).ok(),
            // Somebody has put these elements into lines already.
            Event::Text(text) if text.contains('\n') && text.trim().is_empty() => {}
            event => writer.write_event(event).ok()?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn elements_stand_in_lines_of_their_own() {
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
    fn what_is_readable_already_stays_so() {
        let xml = "<Response>\n    <Say>a  b</Say>\n</Response>";
        assert_eq!(readable(xml), "<Response>\n  <Say>a  b</Say>\n</Response>");
    }

    #[test]
    fn what_is_no_xml_stays_as_it_is() {
        assert_eq!(readable("<Response><a></b>"), "<Response><a></b>");
    }
}
