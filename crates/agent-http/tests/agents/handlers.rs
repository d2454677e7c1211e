//! Handlers of calls.
#![expect(clippy::unwrap_used, reason = "a fixture fails by panicking")]

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use switchboard_agent_http::{Limits, Network, TwilioFormHandler};
use switchboard_domain::form::Form;
use switchboard_domain::ports::{HandlerError, HandlerMethod, HandlerRequest, VoiceHandler as _};
use switchboard_domain::secret::Secret;
use switchboard_domain::signature::{SigningKey, sign_url};
use switchboard_domain::target_networks::TargetNetworks;
use switchboard_domain::twiml::VoiceDocument;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fixture::{network, organization, web};
use crate::servers::{Authority, closed_port};

const FIELDS: &str =
    "AccountSid=AC1&Body=Gr%C3%BC%C3%9Fe+%26+%22x%22&Empty=&From=%2B14155550199&Name%5B0%5D=%3D";

fn handler() -> TwilioFormHandler {
    TwilioFormHandler::new(&network(Authority::new().certificate()), Limits::default()).unwrap()
}

fn request(url: &str, method: HandlerMethod) -> HandlerRequest {
    HandlerRequest {
        organization: organization(1),
        url: web(url),
        method,
        form: Form::parse(FIELDS.as_bytes()).unwrap(),
        secret: Some(Secret::new("whsec_secret".to_owned())),
        idempotency_token: "a-b".to_owned(),
    }
}

async fn ask(url: &str, method: HandlerMethod) -> Result<VoiceDocument, HandlerError> {
    handler().ask(&request(url, method)).await
}

async fn answering(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(response).mount(&server).await;
    server
}

fn twiml() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw("<Response/>", "text/xml; charset=utf-8")
}

/// The URL that was requested.
fn requested(server: &MockServer, received: &wiremock::Request) -> String {
    let query = received.url.query().unwrap();
    format!("{}{}?{query}", server.uri(), received.url.path())
}

fn signature(url: &str, form: &Form) -> String {
    let key = SigningKey::new(&Secret::new("whsec_secret".to_owned())).unwrap();
    sign_url(&key, url, form.fields())
}

#[tokio::test]
async fn a_post_carries_every_field_and_is_signed_over_the_url_and_the_fields() {
    let server = answering(twiml()).await;
    let url = format!("{}/voice?bot=1&b=%20", server.uri());
    let answer = ask(&format!("{url}#rc=2"), HandlerMethod::Post).await.unwrap();
    assert_eq!(answer, VoiceDocument::empty());
    let received = server.received_requests().await.unwrap();
    let [received] = &received[..] else { panic!("{received:?}") };
    assert_eq!(requested(&server, received), url);
    let form = Form::parse(FIELDS.as_bytes()).unwrap();
    let body = Form::parse(&received.body).unwrap();
    assert_eq!(body, form);
    assert_eq!(received.headers["x-twilio-signature"], signature(&url, &form).as_str());
    assert_eq!(received.headers["i-twilio-idempotency-token"], "a-b");
    let content_type = received.headers["content-type"].to_str().unwrap();
    assert!(content_type.starts_with("application/x-www-form-urlencoded"), "{content_type}");
}

#[tokio::test]
async fn a_get_carries_every_field_in_the_signed_url() {
    let server = answering(twiml()).await;
    ask(&format!("{}/voice?bot=1", server.uri()), HandlerMethod::Get).await.unwrap();
    let received = server.received_requests().await.unwrap();
    let [received] = &received[..] else { panic!("{received:?}") };
    let url = requested(&server, received);
    let (_, query) = url.split_once("?bot=1&").unwrap();
    assert_eq!(Form::parse(query.as_bytes()).unwrap(), Form::parse(FIELDS.as_bytes()).unwrap());
    let signed = signature(&url, &Form::EMPTY);
    assert_eq!(received.headers["x-twilio-signature"], signed.as_str());
    assert!(received.body.is_empty());
}

#[tokio::test]
async fn a_request_without_a_secret_is_not_signed() {
    let server = answering(twiml()).await;
    for method in [HandlerMethod::Get, HandlerMethod::Post] {
        let unsigned = HandlerRequest { secret: None, ..request(&server.uri(), method) };
        handler().ask(&unsigned).await.unwrap();
    }
    for received in server.received_requests().await.unwrap() {
        assert!(!received.headers.contains_key("x-twilio-signature"), "{received:?}");
    }
}

#[tokio::test]
async fn a_response_that_is_no_twiml_is_an_error_that_says_why() {
    let large = " ".repeat(70_000);
    for (response, expected) in [
        (ResponseTemplate::new(503), "the handler answered 503"),
        (
            ResponseTemplate::new(302).insert_header("location", "http://169.254.169.254/"),
            "the handler answered 302",
        ),
        (
            ResponseTemplate::new(200).set_body_raw(large.as_str(), "text/xml"),
            "the response of the handler is larger than 64 KiB",
        ),
        (
            ResponseTemplate::new(200).set_body_raw("<html/>", "text/html"),
            "the response of the handler is not TwiML: its root element is not <Response>",
        ),
    ] {
        let server = answering(response).await;
        let error = ask(&server.uri(), HandlerMethod::Post).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn audio_is_played_without_being_read() {
    let audio = ResponseTemplate::new(200).set_body_raw(vec![0; 300_000], "audio/mpeg");
    let server = answering(audio).await;
    let url = format!("{}/hold.mp3", server.uri());
    let answer = ask(&url, HandlerMethod::Post).await.unwrap();
    assert_eq!(answer, VoiceDocument::play(&url));
}

#[tokio::test]
async fn a_handler_that_cannot_be_reached_or_may_not_be_is_reported_without_its_url() {
    let (_reserved, closed) = closed_port();
    let error = ask(&format!("http://{closed}/s3cret"), HandlerMethod::Post).await.unwrap_err();
    assert!(matches!(error, HandlerError::Unreachable { .. }), "{error:?}");
    assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    let public_only = Network::native(TargetNetworks::default()).unwrap();
    let handler = TwilioFormHandler::new(&public_only, Limits::default()).unwrap();
    let refused = request("http://169.254.169.254/latest", HandlerMethod::Post);
    let asked = tokio::time::timeout(Duration::from_secs(10), handler.ask(&refused)).await;
    let error = asked.unwrap().unwrap_err();
    assert!(matches!(error, HandlerError::AddressRefused { .. }), "{error:?}");
}

#[tokio::test]
async fn a_handler_that_does_not_answer_leaves_room_for_others() {
    let slow = answering(twiml().set_delay(Duration::from_secs(3_600))).await;
    let other = answering(twiml()).await;
    let one = NonZeroUsize::MIN;
    let limits = Limits { max_concurrent: one.saturating_add(7), max_concurrent_per_service: one };
    let network = network(Authority::new().certificate());
    let handler = Arc::new(TwilioFormHandler::new(&network, limits).unwrap());
    let asking = Arc::clone(&handler);
    let first = request(&slow.uri(), HandlerMethod::Post);
    let first = tokio::spawn(async move { asking.ask(&first).await });
    while slow.received_requests().await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let second = handler.ask(&request(&slow.uri(), HandlerMethod::Post)).await;
    assert!(matches!(second, Err(HandlerError::AtLimit)), "{second:?}");
    handler.ask(&request(&other.uri(), HandlerMethod::Post)).await.unwrap();
    assert_eq!(slow.received_requests().await.unwrap().len(), 1);
    first.abort();
}
