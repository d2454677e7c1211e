use std::time::Duration;

use proptest::prelude::*;
use switchboard_domain::twiml as ours;
use url::Url;

use super::{read_messages, read_voice};
use crate::phone::delivery::WebhookResponse;
use crate::phone::twiml::{MessageVerb, Noun, Verb};
use crate::phone::webhook::Method;

fn answer(content_type: &str, body: &str) -> WebhookResponse {
    WebhookResponse {
        url: Url::parse("https://a.example/voice").unwrap(),
        content_type: Some(content_type.to_owned()).filter(|given| !given.is_empty()),
        body: body.as_bytes().to_vec(),
    }
}

fn verbs(content: &str) -> Vec<Verb> {
    let document = format!("<Response>{content}</Response>");
    read_voice(&answer("text/xml", &document)).unwrap().verbs
}

fn code(content_type: &str, body: &str) -> u32 {
    read_voice(&answer(content_type, body)).unwrap_err().code
}

#[test]
fn the_content_type_determines_how_a_response_is_interpreted() {
    let response = "<Response><Hangup/></Response>";
    for kind in ["text/xml; charset=utf-8", "Application/XML", "text/html", "text/plain"] {
        assert_eq!(read_voice(&answer(kind, response)).unwrap().verbs, [Verb::Hangup], "{kind}");
    }
    let frames_sent = read_voice(&answer("text/plain", "Hello ")).unwrap().verbs;
    assert_eq!(frames_sent, [Verb::Say { text: "Hello".to_owned() }]);
    let played = read_voice(&answer("audio/mpeg", "ID3")).unwrap().verbs;
    assert_eq!(played, [Verb::Play { url: "https://a.example/voice".to_owned() }]);
}

#[test]
fn an_invalid_response_has_twilios_error_code() {
    assert_eq!(code("application/json", "{}"), 12_300);
    assert_eq!(code("", "<Response/>"), 12_300);
    assert_eq!(code("text/xml", ""), 11_770);
    assert_eq!(code("text/xml", " <?xml version='1.0'?><Response/>"), 12_100);
    assert_eq!(code("text/html", "<html><body></body></html>"), 12_102);
}

#[test]
fn unknown_elements_and_attributes_cause_warnings_and_are_ignored() {
    let document = "<Response><say>a</say><Say color='red'>b <break/></Say><Stream/></Response>";
    let read = read_voice(&answer("text/xml", document)).unwrap();
    assert_eq!(read.verbs, [Verb::Say { text: "b".to_owned() }]);
    let codes: Vec<_> = read.warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, [12_200; 3]);
}

#[test]
fn unsupported_verbs_are_reported() {
    let unsupported_verb = |name: &str| Verb::Unsupported { name: name.to_owned() };
    let document = "<Response><Start><Stream url='wss://a'/></Start><Connect><Room>r</Room></Connect></Response>";
    let read = read_voice(&answer("text/xml", document)).unwrap();
    assert_eq!(read.verbs, [unsupported_verb("Start Stream"), unsupported_verb("Connect Room")]);
}

proptest! {
    #[test]
    fn reading_never_panics(pieces in prop::collection::vec(0_usize..14, 0..12)) {
        const PIECES: [&str; 14] = [
            "<Response>", "</Response>", "<Say>", "</Say>", "<Dial timeout='99999999999999999999'>", "</Dial>",
            "<Gather timeout='-1'>", "</Gather>", "<Number/>", "<Connect><Stream url=''>", "</Stream></Connect>",
            "<Pause length='1e9'/>", "&amp;", "<Message><Body>",
        ];
        let text: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        let _read = read_voice(&answer("text/xml", &text));
        let _read = read_messages(&answer("text/xml", &text));
    }
}

#[test]
fn verbs_have_twilios_defaults() {
    assert_eq!(verbs("<Pause/>"), [Verb::Pause { length: Duration::from_secs(1) }]);
    assert_eq!(verbs("<Reject/>"), [Verb::Reject { is_busy: false }]);
    let [Verb::Gather(gather)] = &verbs("<Gather><Say>Press</Say></Gather>")[..] else { panic!() };
    assert_eq!((gather.timeout, &gather.action), (Duration::from_secs(5), &None));
    assert_eq!(gather.prompts.len(), 1);
    let [Verb::Dial(dial)] = &verbs("<Dial>+14155550123</Dial>")[..] else { panic!() };
    assert_eq!((dial.timeout.as_secs(), dial.nouns[0].address.as_str()), (30, "+14155550123"));
    let [Verb::Redirect(redirect)] = &verbs("<Redirect method='get'>\n/x\n</Redirect>")[..] else {
        panic!()
    };
    assert_eq!((redirect.url.as_str(), redirect.method), ("/x", Method::Get));
}

#[test]
fn responses_rendered_by_the_domain_are_parsed_without_loss() {
    let parameters =
        vec![ours::Parameter { name: "agentName".into(), value: "A & \"B\"".to_owned() }];
    let connect = ours::Connect {
        action: "https://s.example/connected".to_owned(),
        noun: ours::Noun::Stream {
            url: "wss://v.example/s".to_owned(),
            status_callback: "https://x/status".to_owned(),
            parameters,
        },
    };
    let response = ours::VoiceResponse::new().then(ours::VoiceVerb::Connect(connect));
    let text = response.render().unwrap();
    let read = read_voice(&answer("text/xml", text.as_str())).unwrap();
    assert_eq!(read.warnings, []);
    let [Verb::Connect(connect)] = &read.verbs[..] else { panic!("{:?}", read.verbs) };
    assert_eq!(connect.action.as_ref().unwrap().url, "https://s.example/connected");
    let Noun::Stream(stream) = &connect.noun else { panic!() };
    assert_eq!(stream.url, "wss://v.example/s");
    assert_eq!(stream.parameters, [("agentName".to_owned(), "A & \"B\"".to_owned())]);
}

#[test]
fn message_text_is_read_from_a_body_element_or_directly() {
    let document = "<Response><Message to='+1'><Body>a</Body><Media>https://m</Media></Message>\
                    <Message>b</Message><Redirect>/next</Redirect></Response>";
    let verbs = read_messages(&answer("text/xml", document)).unwrap().verbs;
    let [
        MessageVerb::Message { to, body, media, .. },
        MessageVerb::Message { body: second, .. },
        _,
    ] = &verbs[..]
    else {
        panic!("{verbs:?}")
    };
    assert_eq!((to.as_deref(), body.as_str(), media.len()), (Some("+1"), "a", 1));
    assert_eq!(second, "b");
    let plain = read_messages(&answer("text/plain", "OK")).unwrap().verbs;
    assert!(matches!(&plain[..], [MessageVerb::Message { body, .. }] if body == "OK"));
    assert_eq!(read_messages(&answer("", "")).unwrap().verbs, []);
}
