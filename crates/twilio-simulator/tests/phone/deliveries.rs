//! Failing webhook requests.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use switchboard_twilio_simulator::phone::{
    CallReport, Event, Fault, InboundCall, InjectedFault, PhoneNetwork, Purpose, Request, Sids,
    UrlOverride, Webhook,
};

use crate::webhook_server::{MockResponse, NOW, WebhookServer, network};

/// A call with a fallback to a server whose first response is `answer`.
async fn failing(answer: MockResponse) -> (WebhookServer, CallReport) {
    let server = WebhookServer::responding_with(move |request| match request.path() {
        "/fallback" => MockResponse::twiml("<Say>fallback</Say>"),
        _ => answer.clone(),
    });
    let report = with_fallback(&server, server.call()).await;
    (server, report)
}

async fn with_fallback(server: &WebhookServer, mut call: InboundCall) -> CallReport {
    call.fallback = Some(Webhook::post(server.url("/fallback")));
    network().call(call, &|_| {}).await
}

fn requests(report: &CallReport) -> Vec<&Request> {
    let events = report.transcript.events();
    events
        .filter_map(|event| match event {
            Event::Request(request) => Some(request),
            _ => None,
        })
        .collect()
}

fn ordered(fault: Fault) -> Vec<InjectedFault> {
    vec![InjectedFault { fault, purpose: Some(Purpose::Incoming), times: 1 }]
}

/// A URL without a listening server.
fn unreachable_url() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/voice", listener.local_addr().unwrap())
}

#[tokio::test]
async fn an_invalid_response_leads_to_the_fallback_with_its_error_code() {
    for (answer, code) in [
        (MockResponse::status(500), "11200"),
        (MockResponse::status(403), "11200"),
        (MockResponse::status(200), "11770"),
        (MockResponse::text("text/xml", "<Response><Say></Response>"), "12100"),
        (MockResponse::text("text/html", "<html></html>"), "12102"),
        (MockResponse::text("application/json", "{}"), "12300"),
        (
            MockResponse::text("text/xml", &format!("<Response>{}</Response>", " ".repeat(65_536))),
            "11750",
        ),
        (MockResponse::status(302).with("Location", "/voice"), "11215"),
        (MockResponse::status(302), "11216"),
    ] {
        let (server, report) = failing(answer).await;
        let requests = server.requests();
        let fallback = requests.last().unwrap();
        assert_eq!(fallback.path(), "/fallback", "{}", report.transcript);
        assert!(fallback.is_signed);
        assert_eq!(fallback.field("ErrorCode").as_deref(), Some(code));
        assert_eq!(fallback.field("ErrorUrl"), Some(server.url("/voice")));
        assert!(report.transcript.to_string().contains("Say: fallback"));
    }
}

#[tokio::test]
async fn without_a_fallback_an_error_message_is_played() {
    let server = WebhookServer::responding_with(|_| MockResponse::status(500));
    let report = network().call(server.call(), &|_| {}).await;
    assert_eq!(server.paths(), ["/voice"]);
    assert!(report.transcript.to_string().contains("application error"));
}

#[tokio::test]
async fn only_a_failed_connection_is_retried_and_only_once() {
    let server = WebhookServer::responding_with(|_| MockResponse::twiml(""));
    let mut call = server.call();
    call.voice = Webhook::post(unreachable_url());
    let report = with_fallback(&server, call).await;
    let requests = requests(&report);
    let purposes: Vec<_> =
        requests.iter().map(|request| (request.purpose, request.attempt)).collect();
    let expected = [(Purpose::Incoming, 1), (Purpose::Incoming, 2), (Purpose::Fallback, 1)];
    assert_eq!(purposes, expected);
    assert_eq!(requests[0].idempotency_token, requests[1].idempotency_token);
    assert_eq!(requests[0].failure.as_ref().unwrap().code, 11_202);
}

#[tokio::test]
async fn the_fragment_of_a_url_sets_retries_and_timeouts() {
    let server = WebhookServer::responding_with(|request| match request.path() {
        "/late" => MockResponse::twiml("").after(Duration::from_secs(30)),
        _ => MockResponse::status(503),
    });
    let mut call = server.call();
    call.voice = Webhook::post(server.url("/voice#rc=2&rp=5xx"));
    let report = network().call(call.clone(), &|_| {}).await;
    assert_eq!(server.paths(), ["/voice"; 3], "{}", report.transcript);
    assert!(server.requests().iter().all(|request| request.is_signed));
    call.voice = Webhook::post(server.url("/late#rt=100"));
    let report = network().call(call.clone(), &|_| {}).await;
    assert_eq!(requests(&report)[0].failure.as_ref().unwrap().code, 11_203);
    call.voice = Webhook::post(server.url("/voice#rc=9"));
    let report = network().call(call, &|_| {}).await;
    assert!(report.transcript.to_string().contains("error 11242"));
}

#[tokio::test]
async fn http_redirects_are_followed_as_in_browsers() {
    let server = WebhookServer::responding_with(|request| match request.path() {
        "/voice" => MockResponse::status(307).with("Location", "/kept"),
        "/kept" => MockResponse::status(302).with("Location", "/lost?a=1"),
        _ => MockResponse::twiml("<Redirect>next</Redirect>"),
    });
    let mut call = server.call();
    call.caller.max_duration = Duration::ZERO;
    network().call(call, &|_| {}).await;
    let requests = server.requests();
    assert!(requests[..3].iter().all(|request| request.is_signed));
    assert_eq!((requests[1].method.as_str(), requests[1].field("To").is_some()), ("POST", true));
    assert_eq!((requests[2].method.as_str(), requests[2].target.as_str()), ("GET", "/lost?a=1"));
}

#[tokio::test]
async fn credentials_are_sent_only_on_request_and_never_signed() {
    let server = WebhookServer::responding_with(|request| match request.header("authorization") {
        Some("Basic dXNlcjpwYXNz") => MockResponse::twiml("<Hangup/>"),
        _ => MockResponse::status(401).with("WWW-Authenticate", "Basic"),
    });
    let mut call = server.call();
    call.voice = Webhook::post(server.url("/voice").replace("http://", "http://user:pass@"));
    let report = network().call(call, &|_| {}).await;
    let requests = server.requests();
    assert_eq!(requests.len(), 2, "{}", report.transcript);
    assert!(requests.iter().all(|request| request.is_signed));
    assert_eq!(requests[0].header("authorization"), None);
    assert!(!report.transcript.to_string().contains("pass"));
}

#[tokio::test]
async fn a_duplicate_has_the_same_idempotency_token_and_only_the_first_response_is_used() {
    let server = WebhookServer::responding_with(|_| MockResponse::twiml("<Hangup/>"));
    let mut call = server.call();
    call.faults = ordered(Fault::Duplicate);
    let report = network().call(call, &|_| {}).await;
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body, requests[1].body);
    let token = "i-twilio-idempotency-token";
    assert_eq!(requests[0].header(token), requests[1].header(token));
    let documents = report.transcript.events().filter(|event| matches!(event, Event::Twiml { .. }));
    assert_eq!(documents.count(), 1);
}

#[tokio::test]
async fn requests_can_be_signed_with_a_wrong_token_or_truncated() {
    let server = WebhookServer::responding_with(|request| {
        if request.is_signed { MockResponse::twiml("<Hangup/>") } else { MockResponse::status(403) }
    });
    let mut call = server.call();
    call.faults = ordered(Fault::WrongToken);
    let report = with_fallback(&server, call.clone()).await;
    let statuses: Vec<_> = requests(&report).iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(403), Some(200)]);
    call.faults = ordered(Fault::CutOff);
    let report = with_fallback(&server, call).await;
    assert_eq!(server.paths(), ["/voice", "/fallback", "/fallback"]);
    assert_eq!(requests(&report)[0].fault, Some("cut off"));
}

#[tokio::test]
async fn a_request_can_be_delayed() {
    let server = WebhookServer::responding_with(|_| MockResponse::twiml("<Hangup/>"));
    let mut call = server.call();
    call.faults = ordered(Fault::Late(60));
    let report = network().call(call, &|_| {}).await;
    let entries = &report.transcript.entries;
    let request = entries.iter().find(|entry| matches!(entry.event, Event::Request(_))).unwrap();
    assert!(request.at_ms >= 60, "{}", report.transcript);
}

#[tokio::test]
async fn an_overridden_url_is_signed_with_its_public_address() {
    let server =
        WebhookServer::responding_with(|_| MockResponse::twiml("<Redirect>next</Redirect>"));
    let url_override = UrlOverride {
        public: "https://voice.example.com:8443/x".parse().unwrap(),
        server: server.url("").parse().unwrap(),
    };
    let network = PhoneNetwork::new(Sids::seeded(1), vec![url_override], Arc::new(NOW)).unwrap();
    let mut call = server.call();
    call.caller.max_duration = Duration::ZERO;
    call.voice = Webhook::post("https://voice.example.com:8443/x/voice?a=b");
    network.call(call, &|_| {}).await;
    let requests = server.requests();
    assert_eq!(requests[0].header("host"), Some("voice.example.com:8443"));
    // For calls over HTTPS the port is not signed.
    let form = switchboard_domain::form::Form::parse(requests[0].body.as_bytes()).unwrap();
    let token = switchboard_domain::secret::Secret::new(crate::webhook_server::TOKEN.to_owned());
    let key = switchboard_domain::signature::SigningKey::new(&token).unwrap();
    let url = "https://voice.example.com/x/voice?a=b";
    let expected = switchboard_domain::signature::sign_url(&key, url, form.fields());
    assert_eq!(requests[0].header("x-twilio-signature"), Some(expected.as_str()));
    assert_eq!(requests[1].target, "/next");
}
