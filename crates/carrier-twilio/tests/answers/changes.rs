//! The bodies of requests that write.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use serde_json::json;
use switchboard_domain::address::Address;
use switchboard_domain::carrier::{CallUpdate, OutgoingMessage};
use switchboard_domain::configuration::{Configuration, Field};
use switchboard_domain::message::Body;
use switchboard_domain::ports::carrier::{
    CallCarrier, MessageCarrier, NumberCarrier, SenderCarrier,
};
use switchboard_domain::sid::{CallSid, SenderSid};
use switchboard_domain::web_address::WebUrl;
use wiremock::matchers::{body_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fixture::{Fixture, access, account, answering, number, number_sid};

#[tokio::test]
async fn the_whole_webhook_is_sent_including_unknown_fields() {
    let sid = format!("XE{}", "1".repeat(32));
    let at = format!("/v2/Channels/Senders/{sid}");
    let server = MockServer::start().await;
    let sender = json!({
        "sid": sid,
        "sender_id": "whatsapp:+14155550142",
        "status": "ONLINE",
        "webhook": {
            "callback_url": "https://example.com/old",
            "callback_method": "POST",
            "fallback_url": "https://example.com/fallback",
            "status_callback_url": null,
            "a_field_of_tomorrow": 1,
        },
        "profile": {"name": "Brand"},
    });
    let found = ResponseTemplate::new(200).set_body_json(&sender);
    let asked = Mock::given(method("GET")).and(path(&*at)).respond_with(found);
    asked.expect(1).mount(&server).await;
    let expected = json!({"webhook": {
        "callback_url": "https://example.com/new",
        "callback_method": "POST",
        "fallback_url": null,
        "status_callback_url": null,
        "a_field_of_tomorrow": 1,
    }});
    let reported = Mock::given(method("POST")).and(path(&*at)).and(body_json(expected));
    let accepted = ResponseTemplate::new(202).set_body_json(&sender);
    reported.respond_with(accepted).expect(1).mount(&server).await;

    let changes = Configuration::new()
        .with(Field::SenderCallbackUrl, "https://example.com/new")
        .with(Field::SenderFallbackUrl, "");
    let carrier = Fixture::at(&server.uri()).carrier;
    let sender = SenderSid::parse(&sid).unwrap();
    SenderCarrier::update(&carrier, &access(), sender, &changes).await.unwrap();
}

/// Method, path and body of the only request.
async fn sent(server: &MockServer) -> (String, String, String) {
    let requests = server.received_requests().await.unwrap();
    let [request] = &requests[..] else { panic!("{} requests", requests.len()) };
    let body = String::from_utf8(request.body.clone()).unwrap();
    (request.method.to_string(), request.url.path().to_owned(), body)
}

#[tokio::test]
async fn only_fields_of_numbers_are_sent_and_no_request_without_any() {
    let path =
        format!("/2010-04-01/Accounts/{}/IncomingPhoneNumbers/{}.json", account(), number_sid());
    let foreign = Configuration::new()
        .with(Field::SenderCallbackUrl, "https://example.com/sender")
        .with(Field::ServiceDefers, "true");
    let own = Configuration::new()
        .with(Field::VoiceUrl, "https://example.com/a?b=c&d=\u{e9}+f")
        .with(Field::TrunkSid, "");
    let form = "VoiceUrl=https%3A%2F%2Fexample.com%2Fa%3Fb%3Dc%26d%3D%C3%A9%2Bf&TrunkSid=";
    for (changes, method, body) in [(own.or(&foreign), "POST", form), (foreign, "GET", "")] {
        let done = ResponseTemplate::new(200).set_body_json(number());
        let (fixture, server) = answering([done]).await;
        NumberCarrier::update(&fixture.carrier, &access(), number_sid(), &changes).await.unwrap();
        assert_eq!(sent(&server).await, (method.to_owned(), path.clone(), body.to_owned()));
    }
}

#[tokio::test]
async fn a_call_is_redirected_with_post_or_completed() {
    let call = CallSid::parse(&format!("CA{}", "1".repeat(32))).unwrap();
    let path = format!("/2010-04-01/Accounts/{}/Calls/{call}.json", account());
    let url = WebUrl::parse("https://example.com/next").unwrap();
    for (update, body) in [
        (CallUpdate::Redirect(url), "Url=https%3A%2F%2Fexample.com%2Fnext&Method=POST"),
        (CallUpdate::Complete, "Status=completed"),
    ] {
        let done = ResponseTemplate::new(200).set_body_json(json!({"sid": call.as_str()}));
        let (fixture, server) = answering([done]).await;
        CallCarrier::update(&fixture.carrier, &access(), call, &update).await.unwrap();
        assert_eq!(sent(&server).await, ("POST".to_owned(), path.clone(), body.to_owned()));
    }
}

#[tokio::test]
async fn a_message_is_sent_without_parameters_for_unset_fields() {
    let sid = format!("MM{}", "1".repeat(32));
    let created = ResponseTemplate::new(201).set_body_json(json!({"sid": sid}));
    let (fixture, server) = answering([created]).await;
    let message = OutgoingMessage {
        to: Address::parse("whatsapp:+14155559999").unwrap(),
        from: Address::parse("whatsapp:+14155550142").unwrap(),
        service: None,
        template: None,
        body: Body::new(""),
        media: ["one", "two"]
            .map(|name| WebUrl::parse(&format!("https://e.com/{name}")).unwrap())
            .to_vec(),
        status_callback: None,
    };
    let created = fixture.carrier.create(&access(), &message).await.unwrap().unwrap();
    assert_eq!(created.as_str(), sid);
    let (_, path, body) = sent(&server).await;
    assert_eq!(path, format!("/2010-04-01/Accounts/{}/Messages.json", account()));
    let expected = "To=whatsapp%3A%2B14155559999&From=whatsapp%3A%2B14155550142\
        &MediaUrl=https%3A%2F%2Fe.com%2Fone&MediaUrl=https%3A%2F%2Fe.com%2Ftwo";
    assert_eq!(body, expected);
}
