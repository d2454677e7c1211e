//! Calls that are changed from outside, and many calls at once.

use std::sync::Arc;
use std::time::Duration;

use switchboard_twilio_simulator::phone::{
    CallControl, CallStatus, EndedBy, Event, HangUp, InboundCall, Pace, Webhook,
};

use crate::customer::{Answer, Customer, exchange};
use crate::voice::Voice;

/// A call into a stream that goes on until it is changed, as soon as the stream is open.
async fn changed(change: impl Fn(&CallControl, &Customer) + Send + Sync) -> (Customer, String) {
    let voice = Voice::answering(|_, _| Vec::new()).await;
    let connect = format!(r#"<Connect action="/never"><Stream url="{}"/></Connect>"#, voice.url);
    let customer = Customer::answering(move |asked| match asked.path() {
        "/voice" => Answer::twiml(&connect),
        path => Answer::twiml(&format!("<Say>{path}</Say>")),
    });
    let mut order = customer.call();
    let control = order.control();
    let watch = |entry: &switchboard_twilio_simulator::phone::Entry| {
        if matches!(entry.event, Event::StreamOpened { .. }) {
            change(&control, &customer);
        }
    };
    let report = exchange().call(order, &watch).await;
    assert_eq!(report.status, CallStatus::Completed);
    assert_eq!(report.streams[0].ended_by, EndedBy::Change);
    assert_eq!(voice.told().last().unwrap()["event"], "stop");
    (customer, report.transcript.to_string())
}

#[tokio::test]
async fn a_call_in_a_stream_is_ended_from_outside() {
    let (customer, shown) = changed(|control, _| control.hang_up()).await;
    assert_eq!(customer.paths(), ["/voice"]);
    assert!(shown.contains("ended from outside"), "{shown}");
}

#[tokio::test]
async fn a_call_in_a_stream_is_led_to_another_document() {
    let (customer, shown) = changed(|control, customer| {
        control.follow(Webhook::post(customer.url("/elsewhere")));
    })
    .await;
    assert_eq!(customer.paths(), ["/voice", "/elsewhere"]);
    assert!(customer.asked()[1].is_signed && shown.contains("Say: /elsewhere"), "{shown}");
    let twiml = "<Response><Redirect>/there</Redirect></Response>";
    let (customer, shown) = changed(|control, _| control.follow_twiml(twiml)).await;
    assert_eq!(customer.paths(), ["/voice", "/there"], "{shown}");
    let (_, shown) = changed(|control, _| control.follow_twiml("<Response>")).await;
    assert!(shown.contains("error 12100") && shown.contains("application error"), "{shown}");
}

#[tokio::test]
async fn a_pause_ends_when_the_call_is_changed() {
    let customer = Customer::answering(|_| Answer::twiml("<Pause length='600'/><Say>never</Say>"));
    let mut order = customer.call();
    order.pace = Pace::RealTime;
    order.caller.patience = Duration::from_secs(600);
    let control = order.control();
    let watch = |entry: &switchboard_twilio_simulator::phone::Entry| {
        if matches!(entry.event, Event::Verb { .. }) {
            control.hang_up();
        }
    };
    let report = exchange().call(order, &watch).await;
    assert!(report.transcript.to_string().contains("ended from outside"));
}

#[tokio::test]
async fn many_calls_go_on_at_once_and_each_hears_itself() {
    const CALLS: usize = 40;
    let voice = Voice::answering(|told, _| match told["event"].as_str() {
        Some("media") => vec![crate::voice::Do::Say(serde_json::json!({
            "event": "media", "streamSid": told["streamSid"],
            "media": {"payload": told["media"]["payload"]},
        }))],
        _ => Vec::new(),
    })
    .await;
    let connect = format!(r#"<Connect><Stream url="{}"/></Connect>"#, voice.url);
    let customer = Customer::answering(move |_| Answer::twiml(&connect));
    let exchange = Arc::new(exchange());
    let calls: Vec<_> = (0..CALLS)
        .map(|_| {
            let exchange = Arc::clone(&exchange);
            let mut order: InboundCall = customer.call();
            order.caller.hang_up = HangUp::AfterHearing(order.caller.speech.length());
            tokio::spawn(async move {
                let speech = order.caller.speech.clone();
                let report = exchange.call(order, &|_| {}).await;
                assert_eq!(report.streams[0].heard, speech.as_bytes(), "{}", report.transcript);
                report.sid
            })
        })
        .collect();
    let mut sids = Vec::new();
    for call in calls {
        sids.push(call.await.unwrap());
    }
    sids.sort();
    sids.dedup();
    assert_eq!(sids.len(), CALLS);
}
