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

use crate::customer::{Answer, Asked, Customer, exchange};
use crate::voice::{Do, Voice};

/// A customer whose calls go to a stream, and then are thanked for.
fn streaming_to(url: &str) -> Customer {
    let connect =
        format!(r#"<Connect action="/connected"><Stream url="{url}"/></Connect><Say>never</Say>"#);
    Customer::answering(move |asked| match asked.path() {
        "/voice" => Answer::twiml(&connect),
        _ => Answer::twiml("<Say>Goodbye</Say>"),
    })
}

async fn only_stream(call: InboundCall) -> StreamReport {
    let report = exchange().call(call, &|_| {}).await;
    let [stream] = <[StreamReport; 1]>::try_from(report.streams).unwrap();
    stream
}

fn audio(sid: &Value, bytes: &[u8]) -> Do {
    Do::Say(
        json!({"event": "media", "streamSid": sid, "media": {"payload": STANDARD.encode(bytes)}}),
    )
}

fn mark(sid: &Value, name: &str) -> Do {
    Do::Say(json!({"event": "mark", "streamSid": sid, "mark": {"name": name}}))
}

/// Answers as switchboard does: with a session, and to who asks for it.
fn as_switchboard(asked: &Asked, voice: &str) -> Answer {
    let origin = format!("http://{}", asked.header("host").unwrap());
    match (asked.path(), asked.field("CallSid")) {
        ("/voice", Some(call)) => {
            let account = asked.field("AccountSid").unwrap();
            let claims = json!({"aud": "voice", "sub": call, "account": account}).to_string();
            let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
            Answer::twiml(&format!(
                r#"<Connect action="/connected"><Stream url="{voice}">
                <Parameter name="sessionUrl" value="{origin}/api/voice/sessions/{call}"/>
                <Parameter name="sessionToken" value="{token}"/></Stream></Connect>"#
            ))
        }
        (path, None) if path.starts_with("/api/voice/sessions/") => {
            let call = path.rsplit('/').next().unwrap();
            let session = json!({"callSid": call, "agentName": "Echo", "prompt": "Say it again."});
            match asked.header("authorization") {
                Some(value) if value.starts_with("Bearer e30.") => {
                    Answer::text("application/json", &session.to_string())
                }
                _ => Answer::status(401),
            }
        }
        _ => Answer::twiml("<Hangup/>"),
    }
}

/// The example's server, which reads its sessions from this customer.
async fn example(customer_url: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    tokio::spawn(voice_server::serve(listener, customer_url.parse().unwrap()));
    url
}

#[tokio::test]
async fn the_call_hears_itself_through_the_example() {
    let (sender, receiver) = std::sync::mpsc::channel::<String>();
    let voice = std::sync::Mutex::new((None, receiver));
    let customer = Customer::answering(move |asked| {
        let (url, receiver) = &mut *voice.lock().unwrap();
        as_switchboard(asked, url.get_or_insert_with(|| receiver.recv().unwrap()))
    });
    sender.send(example(&customer.url("")).await).unwrap();
    let mut call = customer.call();
    let tone = Sound::tone(440.0, Duration::from_secs(1));
    call.caller.speech = read_wave(&write_wave(tone.as_bytes())).unwrap();
    call.caller.hang_up = HangUp::AfterMarks(1);
    let report = exchange().call(call, &|_| {}).await;

    assert_eq!(report.status, CallStatus::Completed, "{}", report.transcript);
    let [stream] = &report.streams[..] else { panic!("{}", report.transcript) };
    assert_eq!((stream.frames_sent, stream.frames_received), (50, 50));
    assert_eq!(stream.heard, tone.as_bytes());
    assert_eq!(stream.marks, ["frame-50"]);
    assert_eq!(stream.ended_by, EndedBy::Caller);
    assert_eq!(stream.parameters[0].0, "sessionUrl");
    let asked = customer.asked();
    let session = asked.iter().find(|asked| asked.path().starts_with("/api/voice")).unwrap();
    assert!(session.path().ends_with(&report.sid));
    let connected = asked.iter().find(|asked| asked.path() == "/connected").unwrap();
    assert!(connected.is_signed);
    assert_eq!(connected.field("CallStatus").as_deref(), Some("completed"));
    let shown = report.transcript.to_string();
    assert!(shown.contains("stream           MZ") && shown.contains("mark played      frame-50"));
}

#[tokio::test]
async fn the_example_sends_away_whose_token_is_for_another_call() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let customer = Customer::answering(move |asked| {
        let mut other = asked.clone();
        other.body = other.body.replace("CallSid=CA", "CallSid=CB");
        as_switchboard(&other, &url)
    });
    tokio::spawn(voice_server::serve(listener, customer.url("").parse().unwrap()));
    let stream = only_stream(customer.call()).await;
    assert_eq!((stream.ended_by, stream.frames_received), (EndedBy::Server, 0));
    assert_eq!(customer.paths(), ["/voice", "/connected"]);
}

#[tokio::test]
async fn the_messages_come_in_the_documented_sequence() {
    let voice = Voice::answering(|_, _| Vec::new()).await;
    let customer = streaming_to(&voice.url);
    let mut call = customer.call();
    call.caller.speech = Sound::new(vec![1; 400]);
    call.caller.keys = vec![KeyPress { at_ms: 20, digit: '5' }];
    call.caller.hang_up = HangUp::AfterSpeech(Duration::from_millis(20));
    let stream = only_stream(call).await;
    assert_eq!(voice.signatures(), [true]);

    let told = voice.told();
    let events: Vec<_> = told.iter().map(|told| told["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["connected", "start", "media", "dtmf", "media", "media", "media", "stop"]);
    let numbers: Vec<_> =
        told[1..].iter().map(|told| told["sequenceNumber"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["1", "2", "3", "4", "5", "6", "7"]);
    assert!(told[1..].iter().all(|told| told["streamSid"] == stream.sid.as_str()));
    let times: Vec<_> =
        told.iter().filter_map(|told| told["media"]["timestamp"].as_str()).collect();
    assert_eq!(times, ["0", "20", "40", "60"]);
    let last = STANDARD.decode(told[5]["media"]["payload"].as_str().unwrap()).unwrap();
    assert_eq!((last.len(), last[79], last[80]), (160, 1, 0xff));
}

#[tokio::test]
async fn what_is_cleared_is_not_heard_and_its_marks_come_back() {
    let voice = Voice::answering(|told, number| {
        let sid = &told["streamSid"];
        match (told["event"].as_str().unwrap(), number) {
            ("start", _) => vec![audio(sid, &[7; 8_000]), mark(sid, "end")],
            ("media", 5) => vec![Do::Say(json!({"event": "clear", "streamSid": sid}))],
            _ => Vec::new(),
        }
    })
    .await;
    let customer = streaming_to(&voice.url);
    let mut call = customer.call();
    call.pace = Pace::RealTime;
    call.caller.speech = Sound::default();
    call.caller.hang_up = HangUp::AfterMarks(1);
    let report = exchange().call(call, &|_| {}).await;
    let cleared = report.transcript.events().find_map(|event| match event {
        Event::Cleared { bytes } => Some(*bytes),
        _ => None,
    });
    let heard = &report.streams[0].heard;
    assert_eq!(cleared.unwrap() + heard.len(), 8_000, "{}", report.transcript);
    assert!(cleared.unwrap() > 0 && heard.iter().all(|byte| *byte == 7));
    let came_back = voice.told().iter().any(|told| told["mark"]["name"] == "end");
    assert!(came_back);
}

#[tokio::test]
async fn when_the_server_closes_the_action_is_asked_and_the_call_goes_on() {
    let voice =
        Voice::answering(
            |told, _| {
                if told["event"] == "media" { vec![Do::Close] } else { Vec::new() }
            },
        )
        .await;
    let customer = streaming_to(&voice.url);
    let report = exchange().call(customer.call(), &|_| {}).await;
    assert_eq!(report.streams[0].ended_by, EndedBy::Server);
    let asked = customer.asked();
    assert_eq!(asked[1].field("CallStatus").as_deref(), Some("in-progress"));
    assert_eq!(asked[1].field("ErrorCode"), None);
    let said = |text: &str| {
        report
            .transcript
            .events()
            .any(|event| matches!(event, Event::Verb { text: verb } if verb == text))
    };
    assert!(said("Say: Goodbye") && !said("Say: never"), "{}", report.transcript);
}

#[tokio::test]
async fn a_stream_that_fails_is_told_to_the_action_with_twilios_code() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let vanishing =
        Voice::answering(|_, number| if number == 1 { vec![Do::Vanish] } else { Vec::new() }).await;
    for (url, code) in [
        (format!("ws://{closed}/"), "31902"),
        ("wss://v.example/s?agent=1".to_owned(), "31920"),
        ("/no-websocket".to_owned(), "31920"),
        ("ftp://v.example/s".to_owned(), "31922"),
        (vanishing.url.clone(), "31921"),
    ] {
        let customer = streaming_to(&url);
        let report = exchange().call(customer.call(), &|_| {}).await;
        let asked = customer.asked();
        let action = asked.iter().find(|asked| asked.path() == "/connected").unwrap();
        assert_eq!(action.field("ErrorCode").as_deref(), Some(code), "{}", report.transcript);
        assert_eq!(action.field("StreamEvent").as_deref(), Some("stream-error"));
        assert!(report.transcript.to_string().contains("Say: Goodbye"));
    }
}

#[tokio::test]
async fn messages_that_mean_nothing_are_warned_of_once_and_passed_over() {
    let voice = Voice::answering(|told, number| match number {
        1 => {
            let other = json!("MZother");
            let bytes = || Do::SayBytes(vec![1]);
            vec![
                bytes(),
                bytes(),
                audio(&other, &[1]),
                audio(&told["streamSid"], &[2, 2]),
                Do::Close,
            ]
        }
        _ => Vec::new(),
    })
    .await;
    let customer = streaming_to(&voice.url);
    let report = exchange().call(customer.call(), &|_| {}).await;
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
async fn the_callback_of_a_stream_hears_of_its_start_and_its_end() {
    let voice = Voice::answering(|_, _| Vec::new()).await;
    let stream = format!(
        r#"<Connect><Stream url="{}" name="n" statusCallback="/stream"/></Connect>"#,
        voice.url
    );
    let customer = Customer::answering(move |_| Answer::twiml(&stream));
    let mut call = customer.call();
    call.caller.hang_up = HangUp::AfterSpeech(Duration::ZERO);
    exchange().call(call, &|_| {}).await;
    let asked = customer.asked();
    let told: Vec<_> = asked.iter().filter(|asked| asked.path() == "/stream").collect();
    let events: Vec<_> = told.iter().map(|told| told.field("StreamEvent").unwrap()).collect();
    assert_eq!(events, ["stream-started", "stream-stopped"]);
    assert!(told.iter().all(|told| told.is_signed && told.field("StreamName").unwrap() == "n"));
}

#[tokio::test]
async fn a_caller_who_never_hangs_up_stays_as_long_as_his_patience() {
    let voice = Voice::answering(|_, _| Vec::new()).await;
    let customer = streaming_to(&voice.url);
    let mut call = customer.call();
    call.caller.patience = Duration::from_millis(100);
    assert_eq!(only_stream(call).await.ended_by, EndedBy::Limit);
    assert_eq!(voice.told().last().unwrap()["event"], "stop");
}
