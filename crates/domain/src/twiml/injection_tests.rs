//! XML injection: whatever the input, an independent parser finds exactly the intended elements and values.

use proptest::prelude::*;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::escape::is_allowed;
use super::{
    Connect, Dial, DialTarget, MessageResponse, MessageVerb, Noun, Parameter, VoiceResponse,
    VoiceVerb,
};

/// What a parser finds: elements with their attributes and text.
#[derive(Debug, PartialEq, Eq)]
enum Node {
    Start(String, Vec<(String, String)>),
    Text(String),
    End(String),
}

fn read(xml: &str) -> Vec<Node> {
    let mut reader = Reader::from_str(xml);
    let mut nodes = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Decl(_) => assert!(nodes.is_empty(), "a declaration inside the document"),
            Event::Start(element) => nodes.push(start(&element)),
            Event::Empty(element) => {
                nodes.push(start(&element));
                nodes.push(Node::End(element.name().into_inner().to_owned()));
            }
            Event::End(element) => nodes.push(Node::End(element.name().into_inner().to_owned())),
            Event::Text(text) => push_text(&mut nodes, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let text = quick_xml::escape::unescape(&format!("&{};", &*reference))
                    .unwrap()
                    .into_owned();
                push_text(&mut nodes, &text);
            }
            Event::Eof => return nodes,
            other => panic!("unexpected {other:?}"),
        }
    }
}

fn start(element: &BytesStart<'_>) -> Node {
    let attributes = element
        .attributes()
        .map(|attribute| {
            let attribute = attribute.unwrap();
            let value = attribute.normalized_value(XmlVersion::Explicit1_0).unwrap().into_owned();
            (attribute.key.into_inner().to_owned(), value)
        })
        .collect();
    Node::Start(element.name().into_inner().to_owned(), attributes)
}

fn push_text(nodes: &mut Vec<Node>, text: &str) {
    match nodes.last_mut() {
        Some(Node::Text(before)) => before.push_str(text),
        _ => nodes.push(Node::Text(text.to_owned())),
    }
}

/// The characters of `raw` that XML allows.
fn allowed(raw: &str) -> String {
    raw.chars().filter(|character| is_allowed(*character)).collect()
}

/// The same as content of an element, in which parsers read every line end as a line feed.
fn content(raw: &str) -> String {
    allowed(raw).replace("\r\n", "\n").replace('\r', "\n")
}

fn element(name: &str, attributes: &[(&str, &str)], inside: Vec<Node>) -> Vec<Node> {
    let attributes =
        attributes.iter().map(|(name, value)| ((*name).to_owned(), allowed(value))).collect();
    let mut nodes = vec![Node::Start(name.to_owned(), attributes)];
    nodes.extend(inside.into_iter().filter(|node| *node != Node::Text(String::new())));
    nodes.push(Node::End(name.to_owned()));
    nodes
}

fn check_voice(a: &str, b: &str) {
    let parameters = vec![Parameter { name: "voice".into(), value: b.to_owned() }];
    let noun = Noun::Stream { url: a.to_owned(), status_callback: b.to_owned(), parameters };
    let dial = Dial {
        target: DialTarget::Sip(b.to_owned()),
        caller_id: None,
        timeout_seconds: None,
        answer_on_bridge: false,
        action: None,
    };
    let answer = VoiceResponse::new()
        .then(VoiceVerb::Connect(Connect { action: b.to_owned(), noun }))
        .then(VoiceVerb::Dial(dial))
        .then(VoiceVerb::Redirect { url: a.to_owned() });
    let parameter = match allowed(b).encode_utf16().count() {
        1..=494 => element("Parameter", &[("name", "voice"), ("value", b)], vec![]),
        _ => vec![],
    };
    let attributes = [("url", a), ("statusCallback", b), ("statusCallbackMethod", "POST")];
    let stream = element("Stream", &attributes, parameter);
    let mut expected = element("Connect", &[("action", b), ("method", "POST")], stream);
    expected.extend(element("Dial", &[], element("Sip", &[], vec![Node::Text(content(b))])));
    expected.extend(element("Redirect", &[("method", "POST")], vec![Node::Text(content(a))]));
    assert_eq!(read(answer.render().unwrap().as_str()), element("Response", &[], expected));
}

fn check_message(body: &str) {
    let answer = MessageResponse::new().then(MessageVerb::text(body));
    let body = allowed(body);
    let expected = match body.trim() {
        "" => vec![],
        text => element("Message", &[], vec![Node::Text(content(text))]),
    };
    assert_eq!(read(answer.render().unwrap().as_str()), element("Response", &[], expected));
}

/// Fragments of attacks. A few of them in sequence reach more cases than random strings.
const HOSTILE: [&str; 32] = [
    "\"/>",
    "<Dial>+19005550100</Dial>",
    "</Stream>",
    "</Connect>",
    "</Response>",
    "<Response>",
    "'",
    "\"",
    "<",
    ">",
    "&",
    "&amp;",
    "&#60;",
    "&#x3c;",
    "&lt;script&gt;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?xml version=\"1.0\"?>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>",
    "&e;",
    "\r\n",
    "\t",
    "\0",
    "\u{8}",
    "\u{1b}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{feff}",
    "😀",
    " ",
];

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(&HOSTILE[..]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

#[test]
fn an_injected_verb_remains_text() {
    for attack in [
        "\"/><Dial>+19005550100</Dial>",
        "</Stream></Connect><Dial>+19005550100</Dial><Connect><Stream url=\"",
        "]]></Redirect><Hangup/>",
        "'><Hangup/>",
        "x\" statusCallback=\"https://evil.example",
    ] {
        check_voice(attack, attack);
        check_message(attack);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn hostile_strings_do_not_change_the_elements_of_an_answer(a in hostile(), b in hostile()) {
        check_voice(&a, &b);
        check_message(&a);
    }
}

proptest! {
    #[test]
    fn arbitrary_strings_are_parsed_back_unchanged(a: String, b: String) {
        check_voice(&a, &b);
        check_message(&b);
    }
}
