//! A document of `TwiML` that the handler of an agent wrote.
//!
//! Twilio adds verbs, nouns and attributes without notice, so a document is passed on with elements that are unknown here.
//! It is written again from what was read: what Twilio gets is what was checked.

/// A verb, a noun, or an element that is unknown here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// The tag, in the spelling of the document.
    pub name: String,
    /// Its attributes, in the order in which they were written.
    pub attributes: Vec<(String, String)>,
    /// Elements and text inside it, in their order.
    pub children: Vec<Node>,
}

/// Something inside an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// Text, without escapes.
    Text(String),
}

impl Element {
    /// The value of an attribute. Names are case-sensitive.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The elements directly inside it.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The text directly inside it.
    pub fn text(&self) -> String {
        let texts = self.children.iter().filter_map(|child| match child {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect()
    }

    /// An element with text inside it.
    fn with_text(name: &str, text: &str) -> Self {
        let children = vec![Node::Text(text.to_owned())];
        Self { name: name.to_owned(), attributes: Vec::new(), children }
    }
}

/// A document for a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceDocument {
    pub(super) response: Element,
}

impl VoiceDocument {
    /// Checks a document. The error says what is wrong, after "the response of the handler", and quotes nothing of it.
    pub fn new(response: Element) -> Result<Self, &'static str> {
        if response.name != "Response" {
            return Err("is not TwiML: its root element is not <Response>");
        }
        if response.elements().any(|verb| verb.name == "Message") {
            return Err("is TwiML with <Message>, which answers messages and not calls");
        }
        if !has_plain_names(&response) {
            return Err("has an element or an attribute whose name TwiML cannot have");
        }
        Ok(Self { response })
    }

    /// A document without verbs: Twilio hangs up.
    pub fn empty() -> Self {
        Self { response: Element { name: "Response".to_owned(), ..Element::default() } }
    }

    /// A document with one verb.
    fn only(verb: Element) -> Self {
        let mut document = Self::empty();
        document.response.children.push(Node::Element(verb));
        document
    }

    /// A document that speaks a text.
    pub fn say(text: &str) -> Self {
        Self::only(Element::with_text("Say", text))
    }

    /// A document that plays the audio at a URL.
    pub fn play(url: &str) -> Self {
        Self::only(Element::with_text("Play", url))
    }
}

/// Names are written as they are, so they contain nothing that ends a name.
fn has_plain_names(element: &Element) -> bool {
    let mut names =
        element.attributes.iter().map(|(name, _)| name.as_str()).chain([&*element.name]);
    names.all(is_plain_name) && element.elements().all(has_plain_names)
}

fn is_plain_name(name: &str) -> bool {
    let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let is_plain =
        |next: char| next.is_ascii_alphanumeric() || matches!(next, '_' | '-' | '.' | ':');
    starts && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::{Element, Node, VoiceDocument};

    fn element(name: &str, children: Vec<Node>) -> Element {
        Element { name: name.to_owned(), children, ..Element::default() }
    }

    #[test]
    fn only_a_response_without_messages_answers_a_call() {
        let wrong = |root: Element| VoiceDocument::new(root).unwrap_err();
        assert!(wrong(element("html", Vec::new())).contains("not <Response>"));
        assert!(wrong(element("response", Vec::new())).contains("not <Response>"));
        let message = Node::Element(element("Message", Vec::new()));
        assert!(wrong(element("Response", vec![message])).contains("<Message>"));
        for known in ["Say", "Dial", "VerbOfTomorrow", "x:y-z_1.2"] {
            let verb = Node::Element(element(known, Vec::new()));
            assert!(VoiceDocument::new(element("Response", vec![verb])).is_ok(), "{known}");
        }
    }

    #[test]
    fn names_that_would_end_a_tag_are_refused() {
        for name in ["a<b", "a\"b", "1", "", "é", "a/b", "a=b"] {
            let nested = element("Say", vec![Node::Element(element(name, Vec::new()))]);
            let root = element("Response", vec![Node::Element(nested)]);
            assert!(VoiceDocument::new(root).is_err(), "{name}");
            let attributes = vec![(name.to_owned(), String::new())];
            let root = Element { attributes, ..element("Response", Vec::new()) };
            assert!(VoiceDocument::new(root).is_err(), "{name}");
        }
    }
}
