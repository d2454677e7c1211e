//! What the server answered.

use super::twiml::Element;

/// An HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case, sorted.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// The text with `…` from each occurrence of `start` to the next quotation mark.
pub(super) fn masked(text: &str, start: &str) -> String {
    let mut parts = text.split(start);
    let mut masked = parts.next().unwrap().to_owned();
    for part in parts {
        masked.push_str(start);
        masked.push('…');
        masked.push_str(&part[part.find('"').unwrap()..]);
    }
    masked
}

impl Answer {
    /// The value of a header that is there once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(other, _)| other == name);
        let value = values.next();
        assert!(values.next().is_none(), "{name} is repeated: {:?}", self.headers);
        value.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The TwiML, after checking that Twilio would take it as such.
    pub(crate) fn twiml(&self) -> Element {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(self.header("content-type"), Some("text/xml; charset=utf-8"));
        assert_eq!(self.header("content-length"), Some(self.body.len().to_string().as_str()));
        assert_eq!(self.header("transfer-encoding"), None);
        let document = Element::parse(self.text());
        assert_eq!(document.name, "Response");
        document
    }

    /// The TwiML as it was sent, an element a line, for snapshots. What differs in every run is masked.
    pub(crate) fn twiml_snapshot(&self) -> String {
        self.twiml();
        let text = self.text().replace("><", ">\n<");
        let text = masked(&text, "\"agentId\" value=\"");
        masked(&text, "\"sessionToken\" value=\"")
    }

    /// Everything by which a client can distinguish answers.
    pub(crate) fn appearance(&self) -> (u16, Vec<(String, String)>, &[u8]) {
        let headers = self.headers.iter().filter(|(name, _)| name != "date").cloned().collect();
        (self.status, headers, &self.body)
    }

    pub(crate) fn assert_refused(&self, why: &str) {
        assert_eq!((self.status, self.text()), (403, ""), "{why}");
    }
}
