//! Execution of TwiML.

use std::time::Duration;

use switchboard_twilio_simulator::phone::{
    CallReport, CallStatus, DialOutcome, Event, Extent, Fault, InboundCall, InjectedFault, Input,
    Purpose, Webhook,
};

use crate::webhook_server::{FROM, MockResponse, ReceivedRequest, TO, WebhookServer, network};

async fn run(call: InboundCall) -> CallReport {
    network().call(call, &|_| {}).await
}

/// A server whose first document has this content; every other document says its path.
fn opening_with(content: &'static str) -> WebhookServer {
    WebhookServer::responding_with(move |request| match request.path() {
        "/voice" => MockResponse::twiml(content),
        path => MockResponse::twiml(&format!("<Say>{path}</Say>")),
    })
}

fn verbs(report: &CallReport) -> Vec<&str> {
    let events = report.transcript.events();
    events
        .filter_map(|event| match event {
            Event::Verb { text } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

fn request_to(server: &WebhookServer, path: &str) -> ReceivedRequest {
    server.requests().into_iter().find(|request| request.path() == path).unwrap()
}

#[tokio::test]
async fn an_incoming_call_is_announced_as_twilio_does() {
    let server = opening_with("<Hangup/>");
    let report = run(server.call()).await;
    assert_eq!(report.status, CallStatus::Completed);
    let [request] = &server.requests()[..] else { panic!() };
    assert!(request.is_signed);
    assert_eq!(request.method, "POST");
    let header = |name| request.header(name).unwrap();
    assert_eq!(header("user-agent"), "TwilioProxy/1.1");
    assert_eq!(header("content-type"), "application/x-www-form-urlencoded; charset=UTF-8");
    assert_eq!(header("accept"), "*/*");
    assert_eq!(header("i-twilio-idempotency-token").len(), 36);
    let field = |name| request.field(name).unwrap();
    assert_eq!((field("From"), field("To")), (FROM.to_owned(), TO.to_owned()));
    assert_eq!((field("CallStatus"), field("CallSid")), ("ringing".to_owned(), report.sid));
}

#[tokio::test]
async fn a_get_has_its_parameters_in_the_query_and_is_signed_with_them() {
    let server = opening_with("<Hangup/>");
    let mut call = server.call();
    call.voice = Webhook::get(server.url("/voice?agentId=a%2Fb#rc=0"));
    run(call).await;
    let [request] = &server.requests()[..] else { panic!() };
    assert!(request.is_signed && request.target.starts_with("/voice?agentId=a%2Fb&Called=%2B1"));
    assert_eq!((request.body.as_str(), request.field("To").as_deref()), ("", Some(TO)));
}

#[tokio::test]
async fn verbs_are_executed_in_order_until_none_is_left() {
    let server = opening_with("<Say>Hi</Say><Pause length='2'/><Play>/a.mp3</Play>");
    let report = run(server.call()).await;
    assert_eq!(verbs(&report), ["Say: Hi", "Pause of 2 s", "Play /a.mp3"]);
    assert_eq!((report.status, report.seconds), (CallStatus::Completed, 6));
    let empty = opening_with("");
    assert_eq!(run(empty.call()).await.status, CallStatus::Completed);
}

#[tokio::test]
async fn a_rejected_call_is_never_answered() {
    for (content, status) in
        [("<Reject/>", CallStatus::NoAnswer), ("<Reject reason='busy'/>", CallStatus::Busy)]
    {
        let server = opening_with(content);
        let mut call = server.call();
        call.status_callback = Some(Webhook::post(server.url("/status")));
        let report = run(call).await;
        assert_eq!((report.status, report.seconds), (status, 0));
        let request = request_to(&server, "/status");
        assert_eq!(request.field("CallStatus").as_deref(), Some(status.as_str()));
        assert_eq!(request.field("CallDuration").as_deref(), Some("0"));
    }
}

#[tokio::test]
async fn a_redirect_is_relative_to_its_own_document() {
    let server = WebhookServer::responding_with(|request| match request.path() {
        "/voice" => MockResponse::twiml("<Redirect>a/b</Redirect><Say>never</Say>"),
        "/a/b" => MockResponse::twiml("<Redirect method='GET'>c?x=1</Redirect>"),
        _ => MockResponse::twiml("<Say>end</Say>"),
    });
    let report = run(server.call()).await;
    assert_eq!(server.paths(), ["/voice", "/a/b", "/a/c"]);
    assert_eq!(verbs(&report).last(), Some(&"Say: end"));
    let last = request_to(&server, "/a/c");
    assert_eq!((last.method.as_str(), last.is_signed), ("GET", true));
    assert!(last.target.starts_with("/a/c?x=1&Called="));
}

#[tokio::test]
async fn a_call_that_redirects_endlessly_ends() {
    let server = opening_with("<Redirect>/voice</Redirect>");
    let report = run(server.call()).await;
    assert_eq!((server.paths().len(), report.status), (100, CallStatus::Completed));
}

#[tokio::test]
async fn a_gather_sends_the_input_or_continues_without_it() {
    let server = opening_with(
        "<Gather action='/got'><Say>Press</Say></Gather><Gather action='/got' timeout='9'/><Say>Nothing</Say>",
    );
    let mut call = server.call();
    call.caller.inputs = vec![Input::Nothing, Input::Digits("12#".to_owned())];
    let report = run(call.clone()).await;
    assert_eq!(verbs(&report)[..2], ["Gather", "Say: Press"]);
    assert_eq!(request_to(&server, "/got").field("Digits").as_deref(), Some("12#"));
    call.caller.inputs = vec![Input::Speech("hello".to_owned())];
    run(call.clone()).await;
    let requests = server.requests();
    assert_eq!(requests.last().unwrap().field("SpeechResult").as_deref(), Some("hello"));
    call.caller.inputs.clear();
    assert_eq!(verbs(&run(call).await).last(), Some(&"Say: Nothing"));
}

#[tokio::test]
async fn a_gather_without_an_action_calls_its_own_document_again() {
    let server = WebhookServer::responding_with(|request| match request.field("Digits") {
        Some(digits) => MockResponse::twiml(&format!("<Say>{digits}</Say>")),
        None => MockResponse::twiml("<Gather/>"),
    });
    let mut call = server.call();
    call.caller.inputs = vec![Input::Digits("7".to_owned())];
    assert_eq!(verbs(&run(call).await).last(), Some(&"Say: 7"));
    assert_eq!(server.paths(), ["/voice", "/voice"]);
}

#[tokio::test]
async fn a_dial_reports_its_outcome_to_its_action() {
    let server = opening_with(
        "<Dial action='/dialed' timeout='7'><Number statusCallback='/leg' \
         statusCallbackEvent='initiated ringing answered completed'>+14155550123</Number></Dial>",
    );
    let outcomes = [
        (vec![DialOutcome::Answered(5)], "completed", "true", 4),
        (vec![DialOutcome::Busy], "busy", "false", 2),
        (vec![], "no-answer", "false", 3),
    ];
    for (dial_outcomes, status, bridged, callbacks) in outcomes {
        let before = server.requests().len();
        let mut call = server.call();
        call.caller.dial_outcomes = dial_outcomes;
        run(call).await;
        let requests = server.requests().split_off(before);
        let action = requests.iter().find(|request| request.path() == "/dialed").unwrap();
        assert_eq!(action.field("DialCallStatus").as_deref(), Some(status));
        assert_eq!(action.field("DialBridged").as_deref(), Some(bridged));
        let legs: Vec<_> = requests.iter().filter(|request| request.path() == "/leg").collect();
        assert_eq!(legs.len(), callbacks, "{status}");
        let last = legs.last().unwrap();
        assert_eq!(last.field("CallStatus").as_deref(), Some(status));
        assert_eq!(last.field("ParentCallSid"), action.field("CallSid"));
        assert_eq!(last.field("To").as_deref(), Some("+14155550123"));
    }
}

#[tokio::test]
async fn a_withheld_caller_id_cannot_be_used_to_dial() {
    let server = opening_with("<Dial>+14155550123</Dial><Say>after</Say>");
    let mut call = server.call();
    call.from = "anonymous".to_owned();
    call.caller.dial_outcomes = vec![DialOutcome::Answered(5)];
    let report = run(call).await;
    assert!(report.transcript.to_string().contains("error 13214"), "{}", report.transcript);
    assert_eq!(verbs(&report)[1..], ["Dial: failed", "Say: after"]);
}

#[tokio::test]
async fn with_answer_on_bridge_the_call_is_answered_only_when_the_dialed_party_answers() {
    let server =
        opening_with("<Dial answerOnBridge='true' timeout='5'>+14155550123</Dial><Reject/>");
    let report = run(server.call()).await;
    assert_eq!(report.status, CallStatus::NoAnswer);
}

#[tokio::test]
async fn a_recording_is_reported_to_action_and_callback() {
    let server = opening_with(
        "<Record action='/recorded' maxLength='2' recordingStatusCallback='/recording'/>",
    );
    run(server.call()).await;
    assert_eq!(server.paths(), ["/voice", "/recording", "/recorded"]);
    let recorded = request_to(&server, "/recorded");
    assert_eq!(recorded.field("RecordingDuration").as_deref(), Some("2"));
    let url = recorded.field("RecordingUrl").unwrap();
    assert!(url.ends_with(&recorded.field("RecordingSid").unwrap()), "{url}");
    assert_eq!(request_to(&server, "/recording").field("RecordingUrl"), Some(url));
}

#[tokio::test]
async fn a_call_ends_between_two_verbs_at_its_maximum_duration() {
    let server = opening_with("<Pause length='600'/><Say>never</Say>");
    let mut call = server.call();
    call.caller.max_duration = Duration::from_secs(30);
    let report = run(call).await;
    assert_eq!((verbs(&report).len(), report.seconds), (1, 30));
}

#[tokio::test]
async fn requested_statuses_are_reported_in_order_and_signed() {
    let server = opening_with("<Pause length='61'/>");
    let mut call = server.call();
    call.caller.max_duration = Duration::from_secs(100);
    call.status_callback = Some(Webhook::post(server.url("/status")));
    call.status_events = vec![CallStatus::Ringing, CallStatus::InProgress];
    run(call).await;
    let requests = server.requests();
    let received: Vec<_> = requests.iter().filter(|request| request.path() == "/status").collect();
    let field =
        |name: &'static str| received.iter().map(move |request| request.field(name).unwrap());
    assert_eq!(field("CallStatus").collect::<Vec<_>>(), ["ringing", "in-progress", "completed"]);
    assert_eq!(field("SequenceNumber").collect::<Vec<_>>(), ["0", "1", "2"]);
    assert!(received.iter().all(|request| request.is_signed));
    assert_eq!(received[2].field("CallDuration").as_deref(), Some("61"));
    assert_eq!(received[2].field("Duration").as_deref(), Some("2"));
    assert_eq!(received[1].field("CallDuration"), None);
}

#[tokio::test]
async fn a_reordered_status_arrives_after_the_next_one() {
    let server = opening_with("<Hangup/>");
    let mut call = server.call();
    call.status_callback = Some(Webhook::post(server.url("/status")));
    call.status_events = vec![CallStatus::Ringing, CallStatus::InProgress];
    let purpose = Some(Purpose::Status);
    call.faults = vec![InjectedFault { fault: Fault::Reordered, purpose, times: 1 }];
    run(call).await;
    let requests = server.requests();
    let received = requests.iter().filter(|request| request.path() == "/status");
    let numbers: Vec<_> =
        received.map(|request| request.field("SequenceNumber").unwrap()).collect();
    assert_eq!(numbers, ["1", "0", "2"]);
}

#[tokio::test]
async fn a_call_limited_to_its_first_response_executes_no_verb() {
    let server = opening_with("<Say>Hi</Say><Redirect>/next</Redirect>");
    let mut call = server.call();
    call.status_callback = Some(Webhook::post(server.url("/status")));
    call.extent = Extent::FirstAnswer;
    let report = run(call).await;
    let paths = ["/voice", "/status"].map(ToOwned::to_owned);
    assert_eq!((report.status, server.paths()), (CallStatus::Completed, paths.to_vec()));
    assert!(verbs(&report).is_empty(), "{}", report.transcript);
}
