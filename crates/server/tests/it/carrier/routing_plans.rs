//! Routing plans in whole calls: fallback when voice servers are down, full, or removed.

use crate::prelude::*;
use switchboard_twilio_simulator::phone::{
    CallControl, CallReport, DialOutcome, Entry, HangUp, InboundCall, Method, Pace, Signer, Webhook,
};
use tokio::net::TcpSocket;

/// Sales, then Support, then a person, then a sentence.
const FALLBACK_CHAIN: &str = r#"{"rules": [], "otherwise": {
    "agents": ["Sales", "Support"], "strategy": "priority",
    "next": [{"dial": {"number": "+14155550142", "timeout_seconds": 5}},
             {"say": {"text": "Nobody is here. Please call later."}}]}}"#;

/// A voice server that is down until it is started. Its port is reserved from the beginning.
struct VoiceServer {
    socket: TcpSocket,
    stream: String,
}

impl VoiceServer {
    fn down() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let stream = format!("ws://{}/stream", socket.local_addr().unwrap());
        Self { socket, stream }
    }

    fn start(self, switchboard: &str) {
        let listener = self.socket.listen(1_024).unwrap();
        tokio::spawn(voice_server::serve(listener, Url::parse(switchboard).unwrap()));
    }
}

/// A server behind its public URL, and the number 0, for which a plan decides.
struct Line {
    app: TestApp,
    server: Server,
    public: PublicUrl,
    network: PhoneNetwork,
}

impl Line {
    /// Sales has a voice server, and whatever else these options say; Support has another one.
    async fn over(
        store: Store,
        (sales, options): (&VoiceServer, &[&str]),
        support: &VoiceServer,
    ) -> Self {
        let mut app = TestApp::with_fleet(store, three_accounts());
        let public = PublicUrl::new().await;
        app.set("SWITCHBOARD_PUBLIC_URL", &public.url);
        for (agent, server, more) in [("Sales", sales, options), ("Support", support, &[])] {
            let set = ["agent", "set", agent, "--stream-url", &server.stream];
            app.run(&[&set[..], more].concat()).exits(0);
        }
        app.write("plan.json", FALLBACK_CHAIN);
        let save = "route plan save plan.json --name Chain";
        app.run(&save).exits(0);
        let planned = number(0);
        let attach = ["route", "attach", "Chain", "--number", planned.as_str()];
        app.run(&attach).exits(0);
        let server = app.serve().await;
        public.leads_to(server.address);
        let network = phone_network();
        Self { app, server, public, network }
    }

    /// A short call without pauses.
    fn call(&self) -> InboundCall {
        let to = |path: &str| Webhook {
            url: format!("{}{path}", self.public.url),
            method: Method::Post,
        };
        let signer =
            Signer { account: account_sid(MAIN_SID), token: Secret::new(MAIN_TOKEN.to_owned()) };
        let number = number(0).as_str().to_owned();
        let mut call = InboundCall::new(signer, "+14155550199", number, to("/api/twilio/voice"));
        call.status_callback = Some(to("/api/twilio/status"));
        call.pace = Pace::NoWait;
        call.caller.speech = Sound::tone(440.0, Duration::from_millis(100));
        call
    }

    async fn put_through(&self, call: InboundCall) -> CallReport {
        self.network.call(call, &|_entry| {}).await
    }
}

/// What was tried, one after the other, and whether each answer was taken.
fn steps(report: &CallReport) -> Vec<String> {
    let step = |event: &Event| match event {
        Event::Verb { text } => Some(text.clone()),
        Event::Request(request) => {
            assert_ne!(request.purpose, Purpose::Fallback, "{}", report.transcript);
            None
        }
        _ => None,
    };
    report.transcript.events().filter_map(step).collect()
}

/// The agent named in the stream of the call, if a voice server was reached.
fn agent(report: &CallReport) -> Option<&str> {
    let parameters = &report.streams.first()?.parameters;
    parameters.iter().find(|(name, _)| name == "agentName").map(|(_, value)| value.as_str())
}

#[apply(on_both_stores!)]
async fn a_call_falls_back_to_a_sentence_while_voice_servers_are_down_and_the_first_agent_recovers(
    store: Store,
) {
    let (sales, support) = (VoiceServer::down(), VoiceServer::down());
    let line = Line::over(store, (&sales, &[]), &support).await;
    let report = line.put_through(line.call()).await;
    assert_eq!(report.status, CallStatus::Completed, "{}", report.transcript);
    let expected = [
        format!("Connect to the stream {}", sales.stream),
        format!("Connect to the stream {}", support.stream),
        "Dial Number +14155550142".to_owned(),
        "Dial: no-answer".to_owned(),
        "Say: Nobody is here. Please call later.".to_owned(),
        "Hangup".to_owned(),
    ];
    assert_eq!(steps(&report), expected, "{}", report.transcript);

    // Both are known to be down now, so the person is next, who answers this time.
    let mut call = line.call();
    call.caller.dial_outcomes = vec![DialOutcome::Answered(30)];
    let report = line.put_through(call).await;
    assert_eq!(steps(&report)[0], "Dial Number +14155550142", "{}", report.transcript);
    assert_eq!((report.status, agent(&report)), (CallStatus::Completed, None));

    sales.start(&line.public.url);
    support.start(&line.public.url);
    let promise = Duration::from_secs(30);
    within(promise, "a look finds the first agent's server, and a call tries it", async || {
        let report = line.put_through(line.call()).await;
        (agent(&report) == Some("Sales")).then_some(())
    })
    .await;
    // Nothing is heard of a failure, so it takes all calls again.
    within(promise, "two calls in a row reach the first agent", async || {
        let reports = [line.put_through(line.call()).await, line.put_through(line.call()).await];
        reports.iter().all(|report| agent(report) == Some("Sales")).then_some(())
    })
    .await;
}

#[apply(on_both_stores!)]
async fn of_twenty_concurrent_calls_five_reach_the_first_agent_and_fifteen_the_next(store: Store) {
    let (sales, support) = (VoiceServer::down(), VoiceServer::down());
    let line = Line::over(store, (&sales, &["--capacity", "5"]), &support).await;
    sales.start(&line.public.url);
    support.start(&line.public.url);

    // Whoever comes last hangs all of them up.
    let connected = Arc::new(AtomicUsize::new(0));
    let mut calls = Vec::new();
    let mut controls = Vec::new();
    for _ in 0..20 {
        let mut call = line.call();
        call.caller.hang_up = HangUp::Never;
        controls.push(call.control());
        calls.push(call);
    }
    let watch = |entry: &Entry| {
        let is_connected = matches!(entry.event, Event::StreamOpened { .. });
        if is_connected && connected.fetch_add(1, Ordering::SeqCst) + 1 == 20 {
            controls.iter().for_each(CallControl::hang_up);
        }
    };
    let reports = join_all(calls.into_iter().map(|call| line.network.call(call, &watch))).await;
    let reached = |name| reports.iter().filter(|report| agent(report) == Some(name)).count();
    assert_eq!((reached("Sales"), reached("Support")), (5, 15));

    // They are over, so there is room again.
    let report = line.put_through(line.call()).await;
    assert_eq!(agent(&report), Some("Sales"), "{}", report.transcript);
}

#[apply(on_both_stores!)]
async fn a_damaged_plan_leaves_the_number_to_its_own_agent_loudly(store: Store) {
    let (sales, support) = (VoiceServer::down(), VoiceServer::down());
    let mut line = Line::over(store, (&sales, &[]), &support).await;
    sales.start(&line.public.url);
    let number = number(0).as_str().to_owned();
    line.app.run(&format!("number assign {number} --agent Sales")).exits(0);
    let damage = "UPDATE routing_plan_versions SET document = '{}'";
    line.app.store.execute(damage).await;
    // Any change of a calendar has the server read plans again.
    line.app.write("days.txt", "2026-12-25\n");
    line.app.run("route calendar set days days.txt").exits(0);
    let reported =
        |line: &str| line.contains("routing plan is unreadable").then(|| line.to_owned());
    let promise = Duration::from_secs(30);
    within(promise, "the plan is read again", async || {
        let report = line.put_through(line.call()).await;
        assert_eq!(agent(&report), Some("Sales"), "{}", report.transcript);
        line.server.log().iter().find_map(|line| reported(line))
    })
    .await;
    let log = line.server.line("operators are reported", reported).await;
    assert!(log.contains("ERROR") && log.contains("otherwise"), "{log}");
    assert!(line.server.counted("switchboard_plans_unreadable_total", &[]).await > 0);
}

#[apply(on_both_stores!)]
async fn what_is_left_on_voicemail_is_announced(store: Store) {
    let (sales, support) = (VoiceServer::down(), VoiceServer::down());
    let line = Line::over(store, (&sales, &[]), &support).await;
    // No endpoint handles the announcement, but the request is seen.
    let announce = format!("{}/voicemail", line.public.url);
    let voicemail = FALLBACK_CHAIN.replace(
        r#"{"say": {"text": "Nobody is here. Please call later."}}"#,
        &format!(r#"{{"voicemail": {{"greeting": "Please speak.", "announce": "{announce}"}}}}"#),
    );
    line.app.write("plan.json", &voicemail);
    let save = "route plan save plan.json --plan Chain";
    line.app.run(&save).exits(0);
    let promise = Duration::from_secs(30);
    let report = within(promise, "the new version decides", async || {
        let report = line.put_through(line.call()).await;
        steps(&report).iter().any(|step| step == "Say: Please speak.").then_some(report)
    })
    .await;
    let reported = |event: &Event| match event {
        Event::Request(request) if request.purpose == Purpose::RecordingStatus => {
            Some((request.url.clone(), request.fields.clone()))
        }
        _ => None,
    };
    let (url, fields) = report.transcript.events().find_map(reported).unwrap();
    let field = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value);
    assert_eq!((url, field("CallSid")), (announce, Some(&report.sid)));
    let recording = field("RecordingUrl").unwrap();
    assert_eq!(steps(&report).last().map(String::as_str), Some("Hangup"), "{}", report.transcript);
    assert!(
        !line.server.log().join("\n").contains(recording.as_str()),
        "it lets whoever has it listen"
    );
}
