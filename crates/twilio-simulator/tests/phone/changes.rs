//! Updates to calls in progress, and concurrent calls.

use std::sync::Arc;
use std::time::Duration;

use switchboard_twilio_simulator::phone::{
    CallControl, CallStatus, EndedBy, Event, HangUp, InboundCall, Pace, Webhook,
};

use crate::voice_server::VoiceServer;
use crate::webhook_server::{MockResponse, WebhookServer, network};

/// Runs a call that is updated as soon as its stream is open.
async fn changed(
    change: impl Fn(&CallControl, &WebhookServer) + Send + Sync,
) -> (WebhookServer, String) {
    let voice = VoiceServer::responding_with(|_, _| Vec::new()).await;
    let connect = format!(r#"<Connect action="/never"><Stream url="{}"/></Connect>"#, voice.url);
    let server = WebhookServer::responding_with(move |request| match request.path() {
        "/voice" => MockResponse::twiml(&connect),
        path => MockResponse::twiml(&format!("<Say>{path}</Say>")),
    });
    let mut call = server.call();
    let control = call.control();
    let watch = |entry: &switchboard_twilio_simulator::phone::Entry| {
        if matches!(entry.event, Event::StreamOpened { .. }) {
            change(&control, &server);
        }
    };
    let report = network().call(call, &watch).await;
    assert_eq!(report.status, CallStatus::Completed);
    assert_eq!(report.streams[0].ended_by, EndedBy::Change);
    assert_eq!(voice.received().last().unwrap()["event"], "stop");
    (server, report.transcript.to_string())
}

#[tokio::test]
async fn a_call_in_a_stream_can_be_ended() {
    let (server, shown) = changed(|control, _| control.hang_up()).await;
    assert_eq!(server.paths(), ["/voice"]);
    assert!(shown.contains("ended through the REST API"), "{shown}");
}

#[tokio::test]
async fn a_call_in_a_stream_can_be_redirected() {
    let (server, shown) = changed(|control, server| {
        control.follow(Webhook::post(server.url("/elsewhere")));
    })
    .await;
    assert_eq!(server.paths(), ["/voice", "/elsewhere"]);
    assert!(server.requests()[1].is_signed && shown.contains("Say: /elsewhere"), "{shown}");
    let twiml = "<Response><Redirect>/there</Redirect></Response>";
    let (server, shown) = changed(|control, _| control.follow_twiml(twiml)).await;
    assert_eq!(server.paths(), ["/voice", "/there"], "{shown}");
    let (_, shown) = changed(|control, _| control.follow_twiml("<Response>")).await;
    assert!(shown.contains("error 12100") && shown.contains("application error"), "{shown}");
}

#[tokio::test]
async fn a_pause_ends_when_the_call_is_updated() {
    let server = WebhookServer::responding_with(|_| {
        MockResponse::twiml("<Pause length='600'/><Say>never</Say>")
    });
    let mut call = server.call();
    call.pace = Pace::RealTime;
    call.caller.max_duration = Duration::from_secs(600);
    let control = call.control();
    let watch = |entry: &switchboard_twilio_simulator::phone::Entry| {
        if matches!(entry.event, Event::Verb { .. }) {
            control.hang_up();
        }
    };
    let report = network().call(call, &watch).await;
    assert!(report.transcript.to_string().contains("ended through the REST API"));
}

#[tokio::test]
async fn concurrent_calls_do_not_mix_their_audio() {
    const CALLS: usize = 40;
    let voice = VoiceServer::responding_with(|message, _| match message["event"].as_str() {
        Some("media") => vec![crate::voice_server::Action::Send(serde_json::json!({
            "event": "media", "streamSid": message["streamSid"],
            "media": {"payload": message["media"]["payload"]},
        }))],
        _ => Vec::new(),
    })
    .await;
    let connect = format!(r#"<Connect><Stream url="{}"/></Connect>"#, voice.url);
    let server = WebhookServer::responding_with(move |_| MockResponse::twiml(&connect));
    let network = Arc::new(network());
    let calls: Vec<_> = (0..CALLS)
        .map(|_| {
            let network = Arc::clone(&network);
            let mut call: InboundCall = server.call();
            call.caller.hang_up = HangUp::AfterHearing(call.caller.speech.length());
            tokio::spawn(async move {
                let speech = call.caller.speech.clone();
                let report = network.call(call, &|_| {}).await;
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
