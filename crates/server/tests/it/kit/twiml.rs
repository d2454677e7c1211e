//! TwiML, read by an XML reader of another implementation.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// An element of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Element>,
    pub(crate) text: String,
}

impl Element {
    /// Reads a document: its one root.
    pub(crate) fn parse(document: &str) -> Self {
        let mut reader = Reader::from_str(document);
        reader.config_mut().check_end_names = true;
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => open.push(Self::started(&start)),
                Event::Empty(start) => {
                    let element = Self::started(&start);
                    open.last_mut().unwrap().children.push(element);
                }
                Event::End(_) => {
                    let closed = open.pop().unwrap();
                    open.last_mut().unwrap().children.push(closed);
                }
                Event::Text(text) => open.last_mut().unwrap().text.push_str(&text),
                Event::GeneralRef(reference) => {
                    let written = format!("&{};", &*reference);
                    let read = quick_xml::escape::unescape(&written).unwrap().into_owned();
                    open.last_mut().unwrap().text.push_str(&read);
                }
                Event::Decl(_) => {}
                Event::Eof => break,
                other => panic!("TwiML has no {other:?}"),
            }
        }
        assert_eq!(open.len(), 1, "{document}");
        let mut outside = open.remove(0);
        assert_eq!((outside.children.len(), outside.text.trim()), (1, ""), "{document}");
        outside.children.remove(0)
    }

    fn started(start: &BytesStart<'_>) -> Self {
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            let name = attribute.key.as_ref().to_owned();
            (name, quick_xml::escape::unescape(&attribute.value).unwrap().into_owned())
        });
        let name = start.name().as_ref().to_owned();
        Self { name, attributes: attributes.collect(), ..Self::default() }
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The only child, which has this name.
    pub(crate) fn only(&self, name: &str) -> &Self {
        assert_eq!(
            self.children.iter().map(|child| child.name.as_str()).collect::<Vec<_>>(),
            [name],
            "{self:?}"
        );
        &self.children[0]
    }

    /// The `<Stream>` to which a call is connected.
    pub(crate) fn stream(&self) -> &Self {
        self.only("Connect").only("Stream")
    }

    /// The value of a `<Parameter>`.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut named = self.children.iter().filter(|child| child.attribute("name") == Some(name));
        let parameter = named.next()?;
        assert!(named.next().is_none(), "{name} is repeated");
        assert_eq!(parameter.name, "Parameter");
        parameter.attribute("value")
    }
}
