//! Whole calls, from the simulator through a running server to an echoing voice server and back.

use crate::prelude::*;
use std::os::unix::fs::PermissionsExt as _;

use switchboard_twilio_simulator::phone::audio::{read_wave, write_wave};
use switchboard_twilio_simulator::{CallRequest, Dispatcher, MessageRequest};

const CALLER: &str = "+14155550199";

/// A server behind its public URL, with number 0 assigned to Sales, whose voice server echoes.
struct Line {
    app: TestApp,
    _server: Server,
    url: String,
}

impl Line {
    async fn over(store: Store) -> Self {
        let mut app = TestApp::with_fleet(store, three_accounts());
        let public = PublicUrl::new().await;
        app.set("SWITCHBOARD_PUBLIC_URL", &public.url);
        let echo = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = format!("ws://{}/stream", echo.local_addr().unwrap());
        tokio::spawn(voice_server::serve(echo, Url::parse(&public.url).unwrap()));
        app.run(&format!("agent set Sales --stream-url {stream}")).exits(0);
        let nowhere = "agent set Support --stream-url ws://127.0.0.1:9/stream";
        app.run(&nowhere).exits(0);
        for (index, agent) in [(0, "Sales"), (1, "Support")] {
            let text = number(index).as_str().to_owned();
            app.run(&format!("number assign {text} --agent {agent}")).exits(0);
        }
        let server = app.serve().await;
        let url = format!("http://{}", server.address);
        public.leads_to(server.address);
        Self { app, _server: server, url }
    }

    fn simulation<'a>(&'a self, to: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let shared = ["simulate", "voice", "--from", CALLER, "--url", &self.url, "--to", to];
        [&shared[..], more].concat()
    }
}

#[apply(on_both_stores!)]
async fn a_call_reaches_the_voice_server_and_hears_itself(store: Store) {
    let line = Line::over(store).await;
    let network = phone_network();
    let dispatcher = Dispatcher::new(Arc::clone(&line.app.twilio().simulator), Arc::new(network));
    let order = CallRequest {
        from: CALLER.to_owned(),
        to: number(0).as_str().to_owned(),
        speech_ms: Some(400),
        hang_up_after_ms: Some(1_000),
        ..CallRequest::default()
    };
    let report = dispatcher.call(order, &|_entry| {}).await.unwrap();
    assert_eq!(report.status, CallStatus::Completed, "{}", report.transcript);
    let [stream] = &report.streams[..] else { panic!("{}", report.transcript) };
    let parameter = |name: &str| {
        let found = stream.parameters.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    assert_eq!((parameter("agentName"), parameter("externalId")), ("Sales", "sales"));
    assert!(parameter("sessionUrl").ends_with(&format!("/api/voice/sessions/{}", report.sid)));
    // It echoes only once it has read the agent's configuration with the session's token.
    let said = Sound::tone(440.0, Duration::from_millis(400));
    assert!(stream.heard.starts_with(said.as_bytes()), "{}", report.transcript);
    let answered = |purpose| {
        let of = |event: &Event| match event {
            Event::Request(request) if request.purpose == purpose => request.status,
            _ => None,
        };
        report.transcript.events().find_map(of)
    };
    let reported = [Purpose::Incoming, Purpose::Action, Purpose::Status].map(answered);
    assert_eq!(reported, [Some(200), Some(200), Some(204)], "{}", report.transcript);

    let order = MessageRequest {
        from: CALLER.to_owned(),
        to: number(0).as_str().to_owned(),
        body: "Are you open?".to_owned(),
        ..MessageRequest::default()
    };
    let report = dispatcher.message(order, &|_entry| {}).await.unwrap();
    assert_eq!(report.replies.len(), 1, "{}", report.transcript);
    assert_eq!(report.replies[0].body, "Hello");
}

fn events<'a>(report: &'a Value, name: &str) -> Vec<&'a Value> {
    let call = report["call"].as_array().unwrap();
    call.iter().filter(|entry| entry["event"] == name).collect()
}

#[apply(on_both_stores!)]
async fn a_simulated_call_is_shown_whole(store: Store) {
    let line = Line::over(store).await;
    let to = number(0).as_str().to_owned();
    let shown = line.app.run(&line.simulation(&to, &["--fast"])).exits(0);
    shown.shows(&[
        "status 200, text/xml",
        "answered by Sales (agt_",
        "agentName = Sales",
        "sessionToken = ",
        "action           POST ",
        "status callback  POST ",
        "ended            completed",
        "audio from the agent: 1.0 s, 50 frames received",
    ]);
    let report = line.app.run(&line.simulation(&to, &["--fast", "--json"])).exits(0).json();
    assert_eq!(
        (&report["status"], &report["decision"]["agent_name"]),
        (&200.into(), &"Sales".into())
    );
    assert!(report["twiml"].as_str().unwrap().contains("<Stream url=\"ws://"), "{report}");
    let asked: Vec<_> =
        events(&report, "request").iter().map(|entry| entry["purpose"].clone()).collect();
    let all = ["incoming", "stream_status", "stream_status", "action", "status"];
    assert_eq!(asked, all, "the first request is sent once");
    assert_eq!(events(&report, "stream_opened").len(), 1);
    assert_eq!(report["streams"][0]["heard_seconds"], 1.0);

    let first = ["--no-stream", "--json"];
    let report = line.app.run(&line.simulation(&to, &first)).exits(0).json();
    let asked: Vec<_> =
        events(&report, "request").iter().map(|entry| entry["purpose"].clone()).collect();
    assert_eq!(asked, ["incoming", "status"], "the call ends");
    assert!(events(&report, "verb").is_empty(), "{report}");
    assert!(report["twiml"].as_str().unwrap().contains("<Stream"), "{report}");
}

#[apply(on_both_stores!)]
async fn a_stream_that_cannot_be_opened_is_shown_and_does_not_hang(store: Store) {
    let line = Line::over(store).await;
    let to = number(1).as_str().to_owned();
    let shown = line.app.run(&line.simulation(&to, &[])).exits(1);
    shown.shows(&[
        "answered by Support (agt_",
        "error 31902: ",
        "action           POST ",
        "We are sorry. Your call cannot be completed",
        "failed: the stream to the agent failed",
    ]);
    let report = line.app.run(&line.simulation(&to, &["--json"])).exits(1).json();
    assert_eq!(events(&report, "alert")[0]["code"], 31_902, "{report}");
    let requests = events(&report, "request");
    let action = requests.iter().find(|entry| entry["purpose"] == "action").unwrap();
    assert_eq!(action["status"], 200);
    assert!(action["fields"].to_string().contains("31902"), "{action}");
    assert!(report["streams"].as_array().unwrap().is_empty());

    let record = ["--record", "heard.wav"];
    let ended = line.app.run(&line.simulation(&to, &record)).exits(1);
    ended.shows(&["no stream was opened"]);
    assert!(!line.app.path("heard.wav").exists());
}

#[apply(on_both_stores!)]
async fn what_is_said_and_heard_can_be_files(store: Store) {
    let line = Line::over(store).await;
    let to = number(0).as_str().to_owned();
    let said = Sound::tone(1_000.0, Duration::from_millis(300));
    let path = |name: &str| line.app.path(name);
    std::fs::write(path("said.wav"), write_wave(said.as_bytes())).unwrap();
    let files = ["--fast", "--say", "said.wav", "--record", "heard.wav"];
    // A link is replaced, not followed.
    line.app.write("precious.txt", "precious");
    std::os::unix::fs::symlink(path("precious.txt"), path("heard.wav")).unwrap();
    line.app.run(&line.simulation(&to, &files)).exits(0);
    assert_eq!(std::fs::read_to_string(path("precious.txt")).unwrap(), "precious");
    let mode = std::fs::symlink_metadata(path("heard.wav")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let heard = read_wave(&std::fs::read(path("heard.wav")).unwrap()).unwrap();
    assert_eq!(heard, said);

    line.app.write("noise.wav", "RIFF");
    for (say, words) in
        [("noise.wav", "is not a complete WAVE file"), ("none.wav", "cannot be read")]
    {
        let refused = line.app.run(&line.simulation(&to, &["--say", say])).exits(1);
        refused.shows(&[say, words]);
    }
    let both = ["--say", "said.wav", "--no-stream"];
    line.app.run(&line.simulation(&to, &both)).exits(2);
}

#[apply(on_both_stores!)]
async fn a_refused_call_is_a_failure(store: Store) {
    let line = Line::over(store).await;
    let to = number(0).as_str().to_owned();
    line.app.write("wrong.txt", "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f");
    let wrong = ["--token-file", "wrong.txt"];
    let refused = line.app.run(&line.simulation(&to, &wrong)).exits(1);
    refused.shows(&["status 403", "has another token for it", MAIN_SID, "error 11200: "]);
}
