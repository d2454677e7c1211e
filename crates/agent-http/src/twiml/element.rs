//! A strict XML parser for small documents of unknown origin: no document type, no entities but the five that XML
//! predefines, and a maximum depth. The caller bounds the size.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use switchboard_domain::twiml::{Element, Node};

/// The maximum nesting depth; valid TwiML is shallower.
const MAX_DEPTH: usize = 16;
const MALFORMED: &str = "is not well-formed XML";

/// Parses a document with one root. The error says what is wrong, after "the response".
pub(crate) fn parse(text: &str) -> Result<Element, &'static str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_ascii();
    must_be_allowed(text)?;
    let mut reader = Reader::from_str(text);
    reader.config_mut().enable_all_checks(true);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let at_start = reader.buffer_position() == 0;
        match reader.read_event().map_err(malformed)? {
            Event::Eof if !open.is_empty() => return Err(MALFORMED),
            Event::Eof => return root.ok_or(MALFORMED),
            Event::Decl(_) if at_start => {}
            Event::Decl(_) => return Err(MALFORMED),
            Event::Comment(_) | Event::PI(_) => {}
            Event::DocType(_) => return Err("has a document type, which TwiML cannot have"),
            Event::Start(start) => {
                if open.len() == MAX_DEPTH {
                    return Err("has elements that are nested too deeply");
                }
                open.push(element(&start)?);
            }
            Event::Empty(start) => close(element(&start)?, &mut open, &mut root)?,
            Event::End(_) => {
                // The reader has checked that the names match.
                let ended = open.pop().ok_or(MALFORMED)?;
                close(ended, &mut open, &mut root)?;
            }
            Event::Text(text) => add(&text.xml10_content(), &mut open)?,
            Event::CData(text) => add(&text.xml10_content(), &mut open)?,
            Event::GeneralRef(reference) => {
                let text = quick_xml::escape::unescape(&format!("&{};", &*reference))
                    .map_err(malformed)?
                    .into_owned();
                must_be_allowed(&text)?;
                add(&text, &mut open)?;
            }
        }
    }
}

/// The cause may quote the text.
fn malformed<E>(_may_quote_the_text: E) -> &'static str {
    MALFORMED
}

fn element(start: &BytesStart<'_>) -> Result<Element, &'static str> {
    let name = start.name().into_inner().to_owned();
    let is_name = |first: char| first.is_alphabetic() || first == '_' || first == ':';
    if !name.starts_with(is_name) {
        return Err(MALFORMED);
    }
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(malformed)?;
        if attribute.value.contains('<') {
            return Err(MALFORMED);
        }
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(malformed)?;
        must_be_allowed(&value)?;
        attributes.push((attribute.key.into_inner().to_owned(), value.into_owned()));
    }
    Ok(Element { name, attributes, ..Element::default() })
}

fn close(
    element: Element,
    open: &mut [Element],
    root: &mut Option<Element>,
) -> Result<(), &'static str> {
    match open.last_mut() {
        Some(parent) => parent.children.push(Node::Element(element)),
        None if root.is_some() => return Err(MALFORMED),
        None => *root = Some(element),
    }
    Ok(())
}

fn add(text: &str, open: &mut [Element]) -> Result<(), &'static str> {
    match open.last_mut() {
        Some(parent) => match parent.children.last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            _ if text.is_empty() => {}
            _ => parent.children.push(Node::Text(text.to_owned())),
        },
        None if text.trim().is_empty() => {}
        None => return Err(MALFORMED),
    }
    Ok(())
}

fn must_be_allowed(text: &str) -> Result<(), &'static str> {
    if text.chars().all(is_allowed) { Ok(()) } else { Err(MALFORMED) }
}

/// Whether XML 1.0 allows a character, also as a reference.
const fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MAX_DEPTH, parse};

    #[test]
    fn elements_attributes_and_text_are_read() {
        let root = parse(
            "\u{feff}\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c --><Response><Say a='1 &amp; 2'>5 &lt; 6 \
             <![CDATA[<b>]]>&#x41;</Say><Hangup/></Response>\n",
        )
        .unwrap();
        let verbs: Vec<_> = root.elements().collect();
        let names: Vec<_> = verbs.iter().map(|verb| verb.name.as_str()).collect();
        assert_eq!(names, ["Say", "Hangup"]);
        assert_eq!(verbs[0].attribute("a"), Some("1 & 2"));
        assert_eq!(verbs[0].text(), "5 < 6 <b>A");
        assert_eq!(verbs[0].attribute("A"), None);
    }

    #[test]
    fn a_malformed_document_is_refused() {
        for wrong in [
            "",
            "OK",
            "<!-- c --><?xml version=\"1.0\"?><Response/>",
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
            "<Response>&#1;</Response>",
            "<Response><Say></Response></Say>",
            "<1/>",
            "{\"a\": 1}",
        ] {
            assert_eq!(parse(wrong).unwrap_err(), super::MALFORMED, "{wrong}");
        }
    }

    #[test]
    fn entities_cannot_be_declared() {
        let bomb = "<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><Response>&b;</Response>";
        let file =
            "<!DOCTYPE r [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><Response>&a;</Response>";
        for document in [bomb, file, "<!DOCTYPE html><html></html>"] {
            let error = parse(document).unwrap_err();
            assert_eq!(error, "has a document type, which TwiML cannot have", "{document}");
        }
    }

    #[test]
    fn the_depth_is_limited() {
        let nested = |depth| "<a>".repeat(depth) + &"</a>".repeat(depth);
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert!(parse(&nested(MAX_DEPTH + 1)).unwrap_err().contains("too deeply"));
        assert!(parse(&nested(20_000)).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[<>/&;'\"= a-cR!?\\[\\]-]{0,40}") {
            let _never_panics = parse(&text);
        }
    }
}
