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

    /// All that a stranger can tell answers apart by.
    pub(crate) fn appearance(&self) -> (u16, Vec<(String, String)>, &[u8]) {
        let headers = self.headers.iter().filter(|(name, _)| name != "date").cloned().collect();
        (self.status, headers, &self.body)
    }

    pub(crate) fn assert_refused(&self, why: &str) {
        assert_eq!((self.status, self.text()), (403, ""), "{why}");
    }
}
