use proptest::prelude::*;
use url::Url;

use super::LinkUse;
use crate::twiml::{Element, Node, VoiceDocument};
use crate::web_address::WebUrl;

const DOCUMENT: &str = "https://handler.example.com/voice/start?bot=1";

/// Our URL of a URL of the handler: its use and its path.
fn ours(url: &Url, used: LinkUse) -> Option<String> {
    let path = &url.as_str()["https://handler.example.com".len()..];
    let used = if used == LinkUse::Twiml { "twiml" } else { "callback" };
    (path.len() < 100).then(|| format!("ours:{used}:{path}"))
}

fn render(response: Element) -> Result<String, &'static str> {
    let document = WebUrl::parse(DOCUMENT).unwrap();
    let twiml = VoiceDocument::new(response).unwrap().render(&document, &ours)?;
    let body = twiml.as_str().strip_prefix(r#"<?xml version="1.0" encoding="UTF-8"?>"#).unwrap();
    let body = body.strip_prefix("<Response>").and_then(|body| body.strip_suffix("</Response>"));
    Ok(body.unwrap_or("").to_owned())
}

fn element(name: &str, attributes: &[(&str, &str)], children: Vec<Node>) -> Element {
    let attributes = attributes.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    Element { name: name.to_owned(), attributes: attributes.collect(), children }
}

fn with_verb(verb: Element) -> Element {
    element("Response", &[], vec![Node::Element(verb)])
}

fn text(text: &str) -> Vec<Node> {
    vec![Node::Text(text.to_owned())]
}

/// The value of an attribute of the only verb.
fn attribute(verb: &str, name: &str, value: &str) -> String {
    let rendered = render(with_verb(element(verb, &[(name, value)], text("x")))).unwrap();
    let start = rendered.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
    rendered[start..].split('"').next().unwrap().to_owned()
}

/// Every URL that an element of Twilio's documentation has, and what follows from its response.
const URLS: &[(&str, &str, &str)] = &[
    ("Application", "statusCallback", "callback"),
    ("Application", "url", "twiml"),
    ("Client", "statusCallback", "callback"),
    ("Client", "url", "twiml"),
    ("Conference", "eventCallbackUrl", "callback"),
    ("Conference", "recordingStatusCallback", "callback"),
    ("Conference", "statusCallback", "callback"),
    ("Conference", "waitUrl", "twiml"),
    ("Connect", "action", "twiml"),
    ("Conversation", "recordingStatusCallback", "callback"),
    ("Conversation", "statusCallback", "callback"),
    ("Conversation", "url", "twiml"),
    ("Dial", "action", "twiml"),
    ("Dial", "recordingStatusCallback", "callback"),
    ("Dial", "referUrl", "twiml"),
    ("Enqueue", "action", "twiml"),
    ("Enqueue", "waitUrl", "twiml"),
    ("Gather", "action", "twiml"),
    ("Gather", "partialResultCallback", "callback"),
    ("Number", "amdStatusCallback", "callback"),
    ("Number", "statusCallback", "callback"),
    ("Number", "url", "twiml"),
    ("Pay", "action", "twiml"),
    ("Pay", "statusCallback", "callback"),
    ("Queue", "url", "twiml"),
    ("Record", "action", "twiml"),
    ("Record", "recordingStatusCallback", "callback"),
    ("Record", "transcribeCallback", "callback"),
    ("Recording", "recordingStatusCallback", "callback"),
    ("Refer", "action", "twiml"),
    ("Sip", "amdStatusCallback", "callback"),
    ("Sip", "statusCallback", "callback"),
    ("Sip", "url", "twiml"),
    ("Siprec", "statusCallback", "callback"),
    ("Sms", "action", "twiml"),
    ("Sms", "statusCallback", "callback"),
    ("Start", "action", "twiml"),
    ("Stream", "statusCallback", "callback"),
    ("Transcription", "statusCallbackUrl", "callback"),
    ("VirtualAgent", "statusCallback", "callback"),
    ("WhatsApp", "statusCallback", "callback"),
    ("WhatsApp", "url", "twiml"),
];

#[test]
fn every_url_of_the_handler_leads_through_us() {
    for (verb, name, used) in URLS {
        for (written, path) in [
            ("/menu?x=1", "/menu?x=1"),
            ("next", "/voice/next"),
            ("?step=2", "/voice/start?step=2"),
            (" https://HANDLER.example.com:443/a ", "/a"),
        ] {
            let found = attribute(verb, name, written);
            assert_eq!(found, format!("ours:{used}:{path}"), "{verb} {name} {written}");
        }
    }
}

#[test]
fn a_url_of_another_server_is_passed_on() {
    for (verb, name, _) in URLS {
        for other in [
            "https://other.example.com/a",
            "http://handler.example.com/a",
            "https://handler.example.com:8443/a",
            "https://user:password@handler.example.com/a",
        ] {
            assert_eq!(attribute(verb, name, other), other, "{verb} {name}");
        }
        assert_eq!(attribute(verb, name, "//other.example.com/a"), "https://other.example.com/a");
    }
}

#[test]
fn an_empty_url_means_none_except_for_an_action() {
    for (verb, name, _) in URLS.iter().filter(|(_, name, _)| *name != "action") {
        assert_eq!(attribute(verb, name, ""), "", "{verb} {name}");
    }
    assert_eq!(attribute("Dial", "action", ""), "ours:twiml:/voice/start?bot=1");
}

#[test]
fn connection_overrides_stay_at_the_end() {
    assert_eq!(attribute("Dial", "action", "/a#rc=2&rp=all"), "ours:twiml:/a#rc=2&amp;rp=all");
}

#[test]
fn a_verb_that_repeats_its_document_names_it() {
    for verb in ["Gather", "Record"] {
        let rendered = render(with_verb(element(verb, &[("timeout", "3")], Vec::new()))).unwrap();
        let expected = format!("<{verb} timeout=\"3\" action=\"ours:twiml:/voice/start?bot=1\"/>");
        assert_eq!(rendered, expected);
    }
    for verb in ["Dial", "Connect", "Enqueue", "Pay"] {
        let rendered = render(with_verb(element(verb, &[], Vec::new()))).unwrap();
        assert_eq!(rendered, format!("<{verb}/>"));
    }
}

#[test]
fn a_redirect_leads_through_us_and_media_is_fetched_directly() {
    let of = |verb: &str, url: &str| render(with_verb(element(verb, &[], text(url)))).unwrap();
    assert_eq!(of("Redirect", "\n /next "), "<Redirect>ours:twiml:/next</Redirect>");
    assert_eq!(
        of("Redirect", "https://other.example.com/?a=1&b"),
        "<Redirect>https://other.example.com/?a=1&amp;b</Redirect>"
    );
    assert_eq!(of("Play", "a.mp3"), "<Play>https://handler.example.com/voice/a.mp3</Play>");
    assert_eq!(of("Play", " "), "<Play> </Play>");
}

#[test]
fn a_socket_is_only_made_absolute() {
    for (written, expected) in [
        ("/media", "wss://handler.example.com/media"),
        ("wss://handler.example.com/media", "wss://handler.example.com/media"),
        ("wss://other.example.com/media", "wss://other.example.com/media"),
    ] {
        for noun in ["Stream", "ConversationRelay"] {
            assert_eq!(attribute(noun, "url", written), expected, "{noun}");
        }
    }
}

#[test]
fn an_unreadable_url_is_left_to_twilio_and_a_long_one_is_refused() {
    assert_eq!(attribute("Dial", "action", "https://[x"), "https://[x");
    let long = format!("/{}", "a".repeat(100));
    let verb = element("Dial", &[("action", &long)], Vec::new());
    assert_eq!(render(with_verb(verb)).unwrap_err(), "has a URL that is too long");
}

#[test]
fn a_document_that_is_too_large_when_it_is_written_is_refused() {
    let long = "&".repeat(13_000);
    let refused = render(with_verb(element("Say", &[], text(&long)))).unwrap_err();
    assert!(refused.contains("64 kB"), "{refused}");
}

#[test]
fn text_between_elements_keeps_its_place() {
    let brk = Node::Element(element("break", &[("time", "1s")], Vec::new()));
    let children = [text("5 < 6 "), vec![brk], text(" & \"more\"")].concat();
    let rendered = render(with_verb(element("Say", &[("voice", "a\"b")], children))).unwrap();
    assert_eq!(
        rendered,
        "<Say voice=\"a&quot;b\">5 &lt; 6 <break time=\"1s\"/> &amp; \"more\"</Say>"
    );
}

/// An element without URLs.
fn any_element() -> impl Strategy<Value = Element> {
    let name = "[A-Z][a-z]{1,6}".prop_filter("has URLs", |name| {
        !["Redirect", "Play", "Gather", "Record"].contains(&name.as_str())
    });
    let attributes = proptest::collection::vec(("[a-z][A-Z]{1,5}", "\\PC{0,8}"), 0..3);
    let text = "\\PC{1,8}".prop_map(Node::Text);
    let leaf = (name.clone(), attributes.clone(), proptest::collection::vec(text.clone(), 0..2));
    let made = |(name, mut attributes, children): (String, Vec<(String, String)>, Vec<Node>)| {
        attributes.sort_unstable();
        attributes.dedup_by(|one, two| one.0 == two.0);
        Element { name, attributes, children }
    };
    leaf.prop_map(made).prop_recursive(3, 12, 3, move |inner| {
        let child = prop_oneof![inner.prop_map(Node::Element), text.clone()];
        (name.clone(), attributes.clone(), proptest::collection::vec(child, 0..3)).prop_map(made)
    })
}

/// What an element looks like, with the escapes of XML.
fn plain(element: &Element) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let attributes = element
        .attributes
        .iter()
        .map(|(name, value)| format!(" {name}=\"{}\"", escape(value).replace('"', "&quot;")))
        .collect::<Vec<_>>()
        .concat();
    let children: String = element
        .children
        .iter()
        .map(|child| match child {
            Node::Element(element) => plain(element),
            Node::Text(text) => escape(text),
        })
        .collect();
    let name = &element.name;
    if element.children.is_empty() {
        format!("<{name}{attributes}/>")
    } else {
        format!("<{name}{attributes}>{children}</{name}>")
    }
}

proptest! {
    #[test]
    fn everything_but_urls_is_written_as_it_was(verb in any_element()) {
        let expected = plain(&verb);
        prop_assume!(!expected.contains(['\u{fffe}', '\u{ffff}']));
        prop_assert_eq!(render(with_verb(verb)).unwrap(), expected);
    }
}
