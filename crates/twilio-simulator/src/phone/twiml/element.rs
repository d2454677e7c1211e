//! A strict XML parser: a document that is not well-formed is an error (Twilio, error 12100).

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// The maximum nesting depth; valid TwiML is shallower.
const MAX_DEPTH: usize = 32;

/// An element with its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    /// The text directly inside the element.
    pub(super) text: String,
}

impl Element {
    /// The value of an attribute. Names are case-sensitive.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The text of the element and its descendants.
    pub(super) fn full_text(&self) -> String {
        self.children.iter().fold(self.text.clone(), |text, child| text + &child.full_text())
    }
}

/// Parses a document with one root. The error says what is not well-formed.
pub(super) fn parse(text: &str) -> Result<Element, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(character) = text.chars().find(|character| !is_allowed(*character)) {
        return Err(format!("character U+{:04X} is not allowed", u32::from(character)));
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().enable_all_checks(true);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let at_start = reader.buffer_position() == 0;
        let event = reader.read_event().map_err(|error| error.to_string())?;
        match event {
            Event::Eof if !open.is_empty() => return Err("an element is not closed".to_owned()),
            Event::Eof => return root.ok_or_else(|| "the document has no element".to_owned()),
            Event::Decl(declaration) => {
                if !at_start {
                    return Err("content before the XML declaration".to_owned());
                }
                declaration.version().map_err(|error| error.to_string())?;
            }
            Event::Comment(_) | Event::PI(_) => {}
            Event::DocType(_) => return Err("a document type is not allowed".to_owned()),
            _ if root.is_some() && !is_blank(&event) => {
                return Err("content after the root element".to_owned());
            }
            Event::Start(start) => {
                if open.len() == MAX_DEPTH {
                    return Err("elements are nested too deeply".to_owned());
                }
                open.push(element(&start)?);
            }
            Event::Empty(start) => close(element(&start)?, &mut open, &mut root),
            Event::End(_) => {
                // The reader has checked that the names match.
                let ended = open.pop().ok_or("a closing tag has no opening tag")?;
                close(ended, &mut open, &mut root);
            }
            Event::Text(text) => add(&text.xml10_content(), &mut open)?,
            Event::CData(text) => add(&text.xml10_content(), &mut open)?,
            Event::GeneralRef(reference) => {
                let text = quick_xml::escape::unescape(&format!("&{};", &*reference))
                    .map_err(|error| error.to_string())?
                    .into_owned();
                add(&text, &mut open)?;
            }
        }
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let name = start.name().into_inner().to_owned();
    if name.is_empty()
        || name.starts_with(|first: char| first.is_ascii_digit() || "-.".contains(first))
    {
        return Err(format!("{name:?} is not the name of an element"));
    }
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if attribute.value.contains('<') {
            return Err("an attribute contains <".to_owned());
        }
        let value = attribute.normalized_value(XmlVersion::Explicit1_0);
        let value = value.map_err(|error| error.to_string())?.into_owned();
        attributes.push((attribute.key.into_inner().to_owned(), value));
    }
    Ok(Element { name, attributes, ..Element::default() })
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None => *root = Some(element),
    }
}

fn add(text: &str, open: &mut [Element]) -> Result<(), String> {
    match open.last_mut() {
        Some(parent) => parent.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err("text outside the root element".to_owned()),
    }
    Ok(())
}

fn is_blank(event: &Event<'_>) -> bool {
    matches!(event, Event::Text(text) if text.trim().is_empty())
}

/// Whether XML 1.0 allows a character.
const fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Element, parse};

    #[test]
    fn elements_attributes_and_text_are_parsed() {
        let root = parse(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c --><Response><Say a='1 &amp; 2'>5 &lt; 6 \
             <![CDATA[<b>]]>&#x41;</Say><Hangup/></Response>\n",
        )
        .unwrap();
        assert_eq!(root.children.len(), 2);
        assert_eq!(root.children[0].attribute("a"), Some("1 & 2"));
        assert_eq!(root.children[0].text, "5 < 6 <b>A");
        assert_eq!(root.children[0].attribute("A"), None);
    }

    #[test]
    fn a_malformed_document_is_an_error() {
        for wrong in [
            "",
            "OK",
            " <?xml version=\"1.0\"?><Response/>",
            "<Response>",
            "<Response></response>",
            "<Response/><Response/>",
            "<Response/>text",
            "text<Response/>",
            "<Response a='1' a='2'/>",
            "<Response a=1/>",
            "<Response a='<'/>",
            "<Response>a & b</Response>",
            "<Response>&nbsp;</Response>",
            "<Response>\u{1}</Response>",
            "<!DOCTYPE html><html></html>",
            "<Response><Say></Response></Say>",
            "{\"a\": 1}",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_full_text_includes_descendants() {
        let root = parse("<Say>Hello <emphasis>you</emphasis></Say>").unwrap();
        assert_eq!(root.full_text(), "Hello you");
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "[<>/&;'\"= a-cR!?\\[\\]-]{0,40}") {
            let _parsed: Result<Element, String> = parse(&text);
        }
    }
}
