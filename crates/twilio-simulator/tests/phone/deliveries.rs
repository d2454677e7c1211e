//! Requests that do not go well.

use std::net::TcpListener;
use std::time::Duration;

use switchboard_twilio_simulator::phone::{
    CallReport, Detour, Event, Exchange, Fault, FaultOrder, InboundCall, Purpose, Request, Sids,
    Webhook,
};

use crate::customer::{Answer, Customer, exchange};

/// A call with a fallback, to a customer that answers with this at first.
async fn failing(answer: Answer) -> (Customer, CallReport) {
    let customer = Customer::answering(move |asked| match asked.path() {
        "/fallback" => Answer::twiml("<Say>fallback</Say>"),
        _ => answer.clone(),
    });
    let report = with_fallback(&customer, customer.call()).await;
    (customer, report)
}

async fn with_fallback(customer: &Customer, mut order: InboundCall) -> CallReport {
    order.fallback = Some(Webhook::post(customer.url("/fallback")));
    exchange().call(order, &|_| {}).await
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

fn ordered(fault: Fault) -> Vec<FaultOrder> {
    vec![FaultOrder { fault, purpose: Some(Purpose::Incoming), times: 1 }]
}

/// An address where nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/voice", listener.local_addr().unwrap())
}

#[tokio::test]
async fn what_twilio_cannot_take_leads_to_the_fallback_with_its_code() {
    for (answer, code) in [
        (Answer::status(500), "11200"),
        (Answer::status(403), "11200"),
        (Answer::status(200), "11770"),
        (Answer::text("text/xml", "<Response><Say></Response>"), "12100"),
        (Answer::text("text/html", "<html></html>"), "12102"),
        (Answer::text("application/json", "{}"), "12300"),
        (
            Answer::text("text/xml", &format!("<Response>{}</Response>", " ".repeat(65_536))),
            "11750",
        ),
        (Answer::status(302).with("Location", "/voice"), "11215"),
        (Answer::status(302), "11216"),
    ] {
        let (customer, report) = failing(answer).await;
        let asked = customer.asked();
        let fallback = asked.last().unwrap();
        assert_eq!(fallback.path(), "/fallback", "{}", report.transcript);
        assert!(fallback.is_signed);
        assert_eq!(fallback.field("ErrorCode").as_deref(), Some(code));
        assert_eq!(fallback.field("ErrorUrl"), Some(customer.url("/voice")));
        assert!(report.transcript.to_string().contains("Say: fallback"));
    }
}

#[tokio::test]
async fn without_a_fallback_the_caller_hears_that_there_was_an_error() {
    let customer = Customer::answering(|_| Answer::status(500));
    let report = exchange().call(customer.call(), &|_| {}).await;
    assert_eq!(customer.paths(), ["/voice"]);
    assert!(report.transcript.to_string().contains("application error"));
}

#[tokio::test]
async fn only_a_connection_that_fails_is_tried_again_and_only_once() {
    let customer = Customer::answering(|_| Answer::twiml(""));
    let mut order = customer.call();
    order.voice = Webhook::post(nobody());
    let report = with_fallback(&customer, order).await;
    let requests = requests(&report);
    let purposes: Vec<_> =
        requests.iter().map(|request| (request.purpose, request.attempt)).collect();
    let expected = [(Purpose::Incoming, 1), (Purpose::Incoming, 2), (Purpose::Fallback, 1)];
    assert_eq!(purposes, expected);
    assert_eq!(requests[0].idempotency_token, requests[1].idempotency_token);
    assert_eq!(requests[0].failure.as_ref().unwrap().code, 11_202);
}

#[tokio::test]
async fn the_fragment_of_a_url_orders_more_attempts_and_less_patience() {
    let customer = Customer::answering(|asked| match asked.path() {
        "/late" => Answer::twiml("").after(Duration::from_secs(30)),
        _ => Answer::status(503),
    });
    let mut order = customer.call();
    order.voice = Webhook::post(customer.url("/voice#rc=2&rp=5xx"));
    let report = exchange().call(order.clone(), &|_| {}).await;
    assert_eq!(customer.paths(), ["/voice"; 3], "{}", report.transcript);
    assert!(customer.asked().iter().all(|asked| asked.is_signed));
    order.voice = Webhook::post(customer.url("/late#rt=100"));
    let report = exchange().call(order.clone(), &|_| {}).await;
    assert_eq!(requests(&report)[0].failure.as_ref().unwrap().code, 11_203);
    order.voice = Webhook::post(customer.url("/voice#rc=9"));
    let report = exchange().call(order, &|_| {}).await;
    assert!(report.transcript.to_string().contains("error 11242"));
}

#[tokio::test]
async fn a_redirect_is_followed_as_browsers_do() {
    let customer = Customer::answering(|asked| match asked.path() {
        "/voice" => Answer::status(307).with("Location", "/kept"),
        "/kept" => Answer::status(302).with("Location", "/lost?a=1"),
        _ => Answer::twiml("<Redirect>next</Redirect>"),
    });
    let mut order = customer.call();
    order.caller.patience = Duration::ZERO;
    exchange().call(order, &|_| {}).await;
    let asked = customer.asked();
    assert!(asked[..3].iter().all(|asked| asked.is_signed));
    assert_eq!((asked[1].method.as_str(), asked[1].field("To").is_some()), ("POST", true));
    assert_eq!((asked[2].method.as_str(), asked[2].target.as_str()), ("GET", "/lost?a=1"));
}

#[tokio::test]
async fn credentials_are_given_only_when_they_are_asked_for_and_never_signed() {
    let customer = Customer::answering(|asked| match asked.header("authorization") {
        Some("Basic dXNlcjpwYXNz") => Answer::twiml("<Hangup/>"),
        _ => Answer::status(401).with("WWW-Authenticate", "Basic"),
    });
    let mut order = customer.call();
    order.voice = Webhook::post(customer.url("/voice").replace("http://", "http://user:pass@"));
    let report = exchange().call(order, &|_| {}).await;
    let asked = customer.asked();
    assert_eq!(asked.len(), 2, "{}", report.transcript);
    assert!(asked.iter().all(|asked| asked.is_signed));
    assert_eq!(asked[0].header("authorization"), None);
    assert!(!report.transcript.to_string().contains("pass"));
}

#[tokio::test]
async fn a_duplicate_has_the_same_token_and_only_the_first_answer_counts() {
    let customer = Customer::answering(|_| Answer::twiml("<Hangup/>"));
    let mut order = customer.call();
    order.faults = ordered(Fault::Duplicate);
    let report = exchange().call(order, &|_| {}).await;
    let asked = customer.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].body, asked[1].body);
    let token = "i-twilio-idempotency-token";
    assert_eq!(asked[0].header(token), asked[1].header(token));
    let documents = report.transcript.events().filter(|event| matches!(event, Event::Twiml { .. }));
    assert_eq!(documents.count(), 1);
}

#[tokio::test]
async fn a_wrong_token_signs_and_a_request_that_is_cut_off_never_arrives() {
    let customer = Customer::answering(|asked| {
        if asked.is_signed { Answer::twiml("<Hangup/>") } else { Answer::status(403) }
    });
    let mut order = customer.call();
    order.faults = ordered(Fault::WrongToken);
    let report = with_fallback(&customer, order.clone()).await;
    let statuses: Vec<_> = requests(&report).iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(403), Some(200)]);
    order.faults = ordered(Fault::CutOff);
    let report = with_fallback(&customer, order).await;
    assert_eq!(customer.paths(), ["/voice", "/fallback", "/fallback"]);
    assert_eq!(requests(&report)[0].fault, Some("cut off"));
}

#[tokio::test]
async fn what_is_late_arrives_later() {
    let customer = Customer::answering(|_| Answer::twiml("<Hangup/>"));
    let mut order = customer.call();
    order.faults = ordered(Fault::Late(60));
    let report = exchange().call(order, &|_| {}).await;
    let entries = &report.transcript.entries;
    let request = entries.iter().find(|entry| matches!(entry.event, Event::Request(_))).unwrap();
    assert!(request.at_ms >= 60, "{}", report.transcript);
}

#[tokio::test]
async fn a_public_url_is_signed_though_the_server_is_elsewhere() {
    let customer = Customer::answering(|_| Answer::twiml("<Redirect>next</Redirect>"));
    let detour = Detour {
        public: "https://voice.example.com:8443/x".parse().unwrap(),
        server: customer.url("").parse().unwrap(),
    };
    let exchange = Exchange::new(Sids::seeded(1), vec![detour]).unwrap();
    let mut order = customer.call();
    order.caller.patience = Duration::ZERO;
    order.voice = Webhook::post("https://voice.example.com:8443/x/voice?a=b");
    exchange.call(order, &|_| {}).await;
    let asked = customer.asked();
    assert_eq!(asked[0].header("host"), Some("voice.example.com:8443"));
    // For calls over HTTPS the port is not signed.
    let form = switchboard_domain::form::Form::parse(asked[0].body.as_bytes()).unwrap();
    let token = switchboard_domain::secret::Secret::new(crate::customer::TOKEN.to_owned());
    let key = switchboard_domain::signature::SigningKey::new(&token).unwrap();
    let url = "https://voice.example.com/x/voice?a=b";
    let expected = switchboard_domain::signature::sign_url(&key, url, form.fields());
    assert_eq!(asked[0].header("x-twilio-signature"), Some(expected.as_str()));
    assert_eq!(asked[1].target, "/next");
}
