//! Media streams.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use switchboard_twilio_simulator::phone::audio::{Sound, read_wave, write_wave};
use switchboard_twilio_simulator::phone::{
    CallStatus, EndedBy, Event, HangUp, InboundCall, KeyPress, Pace, StreamReport,
};
use tokio::net::TcpListener;

use crate::voice_server::{Action, VoiceServer};
use crate::webhook_server::{MockResponse, ReceivedRequest, WebhookServer, network};

/// A server that connects calls to a stream and says goodbye afterwards.
fn streaming_to(url: &str) -> WebhookServer {
    let connect =
        format!(r#"<Connect action="/connected"><Stream url="{url}"/></Connect><Say>never</Say>"#);
    WebhookServer::responding_with(move |request| match request.path() {
        "/voice" => MockResponse::twiml(&connect),
        _ => MockResponse::twiml("<Say>Goodbye</Say>"),
    })
}

async fn only_stream(call: InboundCall) -> StreamReport {
    let report = network().call(call, &|_| {}).await;
    let [stream] = <[StreamReport; 1]>::try_from(report.streams).unwrap();
    stream
}

fn audio(sid: &Value, bytes: &[u8]) -> Action {
    Action::Send(
        json!({"event": "media", "streamSid": sid, "media": {"payload": STANDARD.encode(bytes)}}),
    )
}

fn mark(sid: &Value, name: &str) -> Action {
    Action::Send(json!({"event": "mark", "streamSid": sid, "mark": {"name": name}}))
}

/// Answers as switchboard does: webhooks with a session, and session requests.
fn as_switchboard(request: &ReceivedRequest, voice: &str) -> MockResponse {
    let origin = format!("http://{}", request.header("host").unwrap());
    match (request.path(), request.field("CallSid")) {
        ("/voice", Some(call)) => {
            let account = request.field("AccountSid").unwrap();
            let claims = json!({"aud": "voice", "sub": call, "account": account}).to_string();
            let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
            MockResponse::twiml(&format!(
                r#"<Connect action="/connected"><Stream url="{voice}">
                <Parameter name="sessionUrl" value="{origin}/api/voice/sessions/{call}"/>
                <Parameter name="sessionToken" value="{token}"/></Stream></Connect>"#
            ))
        }
        (path, None) if path.starts_with("/api/voice/sessions/") => {
            let call = path.rsplit('/').next().unwrap();
            let session = json!({"call": {"sid": call}, "agent": {"name": "Echo", "prompt": "Say it again.", "voice": null}});
            match request.header("authorization") {
                Some(value) if value.starts_with("Bearer e30.") => {
                    MockResponse::text("application/json", &session.to_string())
                }
                _ => MockResponse::status(401),
            }
        }
        _ => MockResponse::twiml("<Hangup/>"),
    }
}

/// Starts the example voice server, which reads its sessions from `server_url`.
async fn example(customer_url: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    tokio::spawn(voice_server::serve(listener, customer_url.parse().unwrap()));
    url
}

#[tokio::test]
async fn the_example_voice_server_echoes_the_call() {
    let (sender, receiver) = std::sync::mpsc::channel::<String>();
    let voice = std::sync::Mutex::new((None, receiver));
    let server = WebhookServer::responding_with(move |request| {
        let (url, receiver) = &mut *voice.lock().unwrap();
        as_switchboard(request, url.get_or_insert_with(|| receiver.recv().unwrap()))
    });
    sender.send(example(&server.url("")).await).unwrap();
    let mut call = server.call();
    let tone = Sound::tone(440.0, Duration::from_secs(1));
    call.caller.speech = read_wave(&write_wave(tone.as_bytes())).unwrap();
    call.caller.hang_up = HangUp::AfterMarks(1);
    let report = network().call(call, &|_| {}).await;

    assert_eq!(report.status, CallStatus::Completed, "{}", report.transcript);
    let [stream] = &report.streams[..] else { panic!("{}", report.transcript) };
    assert_eq!((stream.frames_sent, stream.frames_received), (50, 50));
    assert_eq!(stream.heard, tone.as_bytes());
    assert_eq!(stream.marks, ["frame-50"]);
    assert_eq!(stream.ended_by, EndedBy::Caller);
    assert_eq!(stream.parameters[0].0, "sessionUrl");
    let requests = server.requests();
    let session = requests.iter().find(|request| request.path().starts_with("/api/voice")).unwrap();
    assert!(session.path().ends_with(&report.sid));
    let connected = requests.iter().find(|request| request.path() == "/connected").unwrap();
    assert!(connected.is_signed);
    assert_eq!(connected.field("CallStatus").as_deref(), Some("completed"));
    let shown = report.transcript.to_string();
    assert!(shown.contains("stream           MZ") && shown.contains("mark played      frame-50"));
}

#[tokio::test]
async fn the_example_voice_server_rejects_a_token_for_another_call() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = WebhookServer::responding_with(move |request| {
        let mut other = request.clone();
        other.body = other.body.replace("CallSid=CA", "CallSid=CB");
        as_switchboard(&other, &url)
    });
    tokio::spawn(voice_server::serve(listener, server.url("").parse().unwrap()));
    let stream = only_stream(server.call()).await;
    assert_eq!((stream.ended_by, stream.frames_received), (EndedBy::Server, 0));
    assert_eq!(server.paths(), ["/voice", "/connected"]);
}

#[tokio::test]
async fn the_messages_have_the_documented_sequence() {
    let voice = VoiceServer::responding_with(|_, _| Vec::new()).await;
    let server = streaming_to(&voice.url);
    let mut call = server.call();
    call.caller.speech = Sound::new(vec![1; 400]);
    call.caller.keys = vec![KeyPress { at_ms: 20, digit: '5' }];
    call.caller.hang_up = HangUp::AfterSpeech(Duration::from_millis(20));
    let stream = only_stream(call).await;
    assert_eq!(voice.signatures(), [true]);

    let received = voice.received();
    let events: Vec<_> =
        received.iter().map(|message| message["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["connected", "start", "media", "dtmf", "media", "media", "media", "stop"]);
    let numbers: Vec<_> =
        received[1..].iter().map(|message| message["sequenceNumber"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["1", "2", "3", "4", "5", "6", "7"]);
    assert!(received[1..].iter().all(|message| message["streamSid"] == stream.sid.as_str()));
    let times: Vec<_> =
        received.iter().filter_map(|message| message["media"]["timestamp"].as_str()).collect();
    assert_eq!(times, ["0", "20", "40", "60"]);
    let last = STANDARD.decode(received[5]["media"]["payload"].as_str().unwrap()).unwrap();
    assert_eq!((last.len(), last[79], last[80]), (160, 1, 0xff));
}

#[tokio::test]
async fn cleared_audio_is_not_played_and_its_marks_are_returned() {
    let voice = VoiceServer::responding_with(|message, number| {
        let sid = &message["streamSid"];
        match (message["event"].as_str().unwrap(), number) {
            ("start", _) => vec![audio(sid, &[7; 8_000]), mark(sid, "end")],
            ("media", 5) => vec![Action::Send(json!({"event": "clear", "streamSid": sid}))],
            _ => Vec::new(),
        }
    })
    .await;
    let server = streaming_to(&voice.url);
    let mut call = server.call();
    call.pace = Pace::RealTime;
    call.caller.speech = Sound::default();
    call.caller.hang_up = HangUp::AfterMarks(1);
    let report = network().call(call, &|_| {}).await;
    let cleared = report.transcript.events().find_map(|event| match event {
        Event::Cleared { bytes } => Some(*bytes),
        _ => None,
    });
    let heard = &report.streams[0].heard;
    assert_eq!(cleared.unwrap() + heard.len(), 8_000, "{}", report.transcript);
    assert!(cleared.unwrap() > 0 && heard.iter().all(|byte| *byte == 7));
    let came_back = voice.received().iter().any(|message| message["mark"]["name"] == "end");
    assert!(came_back);
}

#[tokio::test]
async fn when_the_server_closes_the_stream_the_action_is_called() {
    let voice = VoiceServer::responding_with(|message, _| {
        if message["event"] == "media" { vec![Action::Close] } else { Vec::new() }
    })
    .await;
    let server = streaming_to(&voice.url);
    let report = network().call(server.call(), &|_| {}).await;
    assert_eq!(report.streams[0].ended_by, EndedBy::Server);
    let requests = server.requests();
    assert_eq!(requests[1].field("CallStatus").as_deref(), Some("in-progress"));
    assert_eq!(requests[1].field("ErrorCode"), None);
    let said = |text: &str| {
        report
            .transcript
            .events()
            .any(|event| matches!(event, Event::Verb { text: verb } if verb == text))
    };
    assert!(said("Say: Goodbye") && !said("Say: never"), "{}", report.transcript);
}

#[tokio::test]
async fn a_failed_stream_is_reported_to_the_action_with_twilios_error_code() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let vanishing =
        VoiceServer::responding_with(
            |_, number| if number == 1 { vec![Action::Drop] } else { Vec::new() },
        )
        .await;
    for (url, code) in [
        (format!("ws://{closed}/"), "31902"),
        ("wss://v.example/s?agent=1".to_owned(), "31920"),
        ("/no-websocket".to_owned(), "31920"),
        ("ftp://v.example/s".to_owned(), "31922"),
        (vanishing.url.clone(), "31921"),
    ] {
        let server = streaming_to(&url);
        let report = network().call(server.call(), &|_| {}).await;
        let requests = server.requests();
        let action = requests.iter().find(|request| request.path() == "/connected").unwrap();
        assert_eq!(action.field("ErrorCode").as_deref(), Some(code), "{}", report.transcript);
        assert_eq!(action.field("StreamEvent").as_deref(), Some("stream-error"));
        assert!(report.transcript.to_string().contains("Say: Goodbye"));
    }
}

#[tokio::test]
async fn invalid_messages_cause_one_warning_and_are_ignored() {
    let voice = VoiceServer::responding_with(|message, number| match number {
        1 => {
            let other = json!("MZother");
            let bytes = || Action::SendBytes(vec![1]);
            vec![
                bytes(),
                bytes(),
                audio(&other, &[1]),
                audio(&message["streamSid"], &[2, 2]),
                Action::Close,
            ]
        }
        _ => Vec::new(),
    })
    .await;
    let server = streaming_to(&voice.url);
    let report = network().call(server.call(), &|_| {}).await;
    assert_eq!(report.streams[0].heard, [2, 2]);
    let codes: Vec<_> = report
        .transcript
        .events()
        .filter_map(|event| match event {
            Event::Alert(alert) => Some(alert.code),
            _ => None,
        })
        .collect();
    assert_eq!(codes, [31_950, 31_951]);
}

#[tokio::test]
async fn the_stream_callback_reports_start_and_end() {
    let voice = VoiceServer::responding_with(|_, _| Vec::new()).await;
    let stream = format!(
        r#"<Connect><Stream url="{}" name="n" statusCallback="/stream"/></Connect>"#,
        voice.url
    );
    let server = WebhookServer::responding_with(move |_| MockResponse::twiml(&stream));
    let mut call = server.call();
    call.caller.hang_up = HangUp::AfterSpeech(Duration::ZERO);
    network().call(call, &|_| {}).await;
    let requests = server.requests();
    let received: Vec<_> = requests.iter().filter(|request| request.path() == "/stream").collect();
    let events: Vec<_> =
        received.iter().map(|request| request.field("StreamEvent").unwrap()).collect();
    assert_eq!(events, ["stream-started", "stream-stopped"]);
    assert!(
        received
            .iter()
            .all(|request| request.is_signed && request.field("StreamName").unwrap() == "n")
    );
}

#[tokio::test]
async fn a_stream_ends_at_the_maximum_duration() {
    let voice = VoiceServer::responding_with(|_, _| Vec::new()).await;
    let server = streaming_to(&voice.url);
    let mut call = server.call();
    call.caller.max_duration = Duration::from_millis(100);
    assert_eq!(only_stream(call).await.ended_by, EndedBy::Limit);
    assert_eq!(voice.received().last().unwrap()["event"], "stop");
}
