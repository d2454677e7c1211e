//! What a call does with TwiML.

use std::time::Duration;

use switchboard_twilio_simulator::phone::{
    CallReport, CallStatus, DialOutcome, Event, Extent, Fault, FaultOrder, InboundCall, Input,
    Purpose, Webhook,
};

use crate::customer::{Answer, Asked, Customer, FROM, TO, exchange};

async fn call(order: InboundCall) -> CallReport {
    exchange().call(order, &|_| {}).await
}

/// A customer whose first document has this content; every other one says the name of its path.
fn opening_with(content: &'static str) -> Customer {
    Customer::answering(move |asked| match asked.path() {
        "/voice" => Answer::twiml(content),
        path => Answer::twiml(&format!("<Say>{path}</Say>")),
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

fn asked_at(customer: &Customer, path: &str) -> Asked {
    customer.asked().into_iter().find(|asked| asked.path() == path).unwrap()
}

#[tokio::test]
async fn a_call_is_announced_as_twilio_announces_it() {
    let customer = opening_with("<Hangup/>");
    let report = call(customer.call()).await;
    assert_eq!(report.status, CallStatus::Completed);
    let [asked] = &customer.asked()[..] else { panic!() };
    assert!(asked.is_signed);
    assert_eq!(asked.method, "POST");
    let header = |name| asked.header(name).unwrap();
    assert_eq!(header("user-agent"), "TwilioProxy/1.1");
    assert_eq!(header("content-type"), "application/x-www-form-urlencoded; charset=UTF-8");
    assert_eq!(header("accept"), "*/*");
    assert_eq!(header("i-twilio-idempotency-token").len(), 36);
    let field = |name| asked.field(name).unwrap();
    assert_eq!((field("From"), field("To")), (FROM.to_owned(), TO.to_owned()));
    assert_eq!((field("CallStatus"), field("CallSid")), ("ringing".to_owned(), report.sid));
}

#[tokio::test]
async fn a_get_carries_its_fields_in_the_query_and_is_signed_with_them() {
    let customer = opening_with("<Hangup/>");
    let mut order = customer.call();
    order.voice = Webhook::get(customer.url("/voice?agentId=a%2Fb#rc=0"));
    call(order).await;
    let [asked] = &customer.asked()[..] else { panic!() };
    assert!(asked.is_signed && asked.target.starts_with("/voice?agentId=a%2Fb&Called=%2B1"));
    assert_eq!((asked.body.as_str(), asked.field("To").as_deref()), ("", Some(TO)));
}

#[tokio::test]
async fn verbs_are_followed_in_order_until_none_is_left() {
    let customer = opening_with("<Say>Hi</Say><Pause length='2'/><Play>/a.mp3</Play>");
    let report = call(customer.call()).await;
    assert_eq!(verbs(&report), ["Say: Hi", "Pause of 2 s", "Play /a.mp3"]);
    assert_eq!((report.status, report.seconds), (CallStatus::Completed, 6));
    let empty = opening_with("");
    assert_eq!(call(empty.call()).await.status, CallStatus::Completed);
}

#[tokio::test]
async fn a_rejected_call_is_never_answered() {
    for (content, status) in
        [("<Reject/>", CallStatus::NoAnswer), ("<Reject reason='busy'/>", CallStatus::Busy)]
    {
        let customer = opening_with(content);
        let mut order = customer.call();
        order.status_callback = Some(Webhook::post(customer.url("/status")));
        let report = call(order).await;
        assert_eq!((report.status, report.seconds), (status, 0));
        let told = asked_at(&customer, "/status");
        assert_eq!(told.field("CallStatus").as_deref(), Some(status.as_str()));
        assert_eq!(told.field("CallDuration").as_deref(), Some("0"));
    }
}

#[tokio::test]
async fn a_redirect_leads_to_another_document_relative_to_its_own() {
    let customer = Customer::answering(|asked| match asked.path() {
        "/voice" => Answer::twiml("<Redirect>a/b</Redirect><Say>never</Say>"),
        "/a/b" => Answer::twiml("<Redirect method='GET'>c?x=1</Redirect>"),
        _ => Answer::twiml("<Say>end</Say>"),
    });
    let report = call(customer.call()).await;
    assert_eq!(customer.paths(), ["/voice", "/a/b", "/a/c"]);
    assert_eq!(verbs(&report).last(), Some(&"Say: end"));
    let last = asked_at(&customer, "/a/c");
    assert_eq!((last.method.as_str(), last.is_signed), ("GET", true));
    assert!(last.target.starts_with("/a/c?x=1&Called="));
}

#[tokio::test]
async fn a_call_that_goes_in_circles_ends() {
    let customer = opening_with("<Redirect>/voice</Redirect>");
    let report = call(customer.call()).await;
    assert_eq!((customer.paths().len(), report.status), (100, CallStatus::Completed));
}

#[tokio::test]
async fn a_gather_gives_what_the_caller_enters_and_goes_on_without() {
    let customer = opening_with(
        "<Gather action='/got'><Say>Press</Say></Gather><Gather action='/got' timeout='9'/><Say>Nothing</Say>",
    );
    let mut order = customer.call();
    order.caller.inputs = vec![Input::Nothing, Input::Digits("12#".to_owned())];
    let report = call(order.clone()).await;
    assert_eq!(verbs(&report)[..2], ["Gather", "Say: Press"]);
    assert_eq!(asked_at(&customer, "/got").field("Digits").as_deref(), Some("12#"));
    order.caller.inputs = vec![Input::Speech("hello".to_owned())];
    call(order.clone()).await;
    let asked = customer.asked();
    assert_eq!(asked.last().unwrap().field("SpeechResult").as_deref(), Some("hello"));
    order.caller.inputs.clear();
    assert_eq!(verbs(&call(order).await).last(), Some(&"Say: Nothing"));
}

#[tokio::test]
async fn a_gather_without_an_action_asks_its_own_document_again() {
    let customer = Customer::answering(|asked| match asked.field("Digits") {
        Some(digits) => Answer::twiml(&format!("<Say>{digits}</Say>")),
        None => Answer::twiml("<Gather/>"),
    });
    let mut order = customer.call();
    order.caller.inputs = vec![Input::Digits("7".to_owned())];
    assert_eq!(verbs(&call(order).await).last(), Some(&"Say: 7"));
    assert_eq!(customer.paths(), ["/voice", "/voice"]);
}

#[tokio::test]
async fn a_dial_tells_its_action_what_came_of_it() {
    let customer = opening_with(
        "<Dial action='/dialled' timeout='7'><Number statusCallback='/leg' \
         statusCallbackEvent='initiated ringing answered completed'>+14155550123</Number></Dial>",
    );
    let outcomes = [
        (vec![DialOutcome::Answered(5)], "completed", "true", 4),
        (vec![DialOutcome::Busy], "busy", "false", 2),
        (vec![], "no-answer", "false", 3),
    ];
    for (dialled, status, bridged, callbacks) in outcomes {
        let before = customer.asked().len();
        let mut order = customer.call();
        order.caller.dialled = dialled;
        call(order).await;
        let asked = customer.asked().split_off(before);
        let action = asked.iter().find(|asked| asked.path() == "/dialled").unwrap();
        assert_eq!(action.field("DialCallStatus").as_deref(), Some(status));
        assert_eq!(action.field("DialBridged").as_deref(), Some(bridged));
        let legs: Vec<_> = asked.iter().filter(|asked| asked.path() == "/leg").collect();
        assert_eq!(legs.len(), callbacks, "{status}");
        let last = legs.last().unwrap();
        assert_eq!(last.field("CallStatus").as_deref(), Some(status));
        assert_eq!(last.field("ParentCallSid"), action.field("CallSid"));
        assert_eq!(last.field("To").as_deref(), Some("+14155550123"));
    }
}

#[tokio::test]
async fn a_withheld_caller_id_cannot_be_shown_to_who_is_dialled() {
    let customer = opening_with("<Dial>+14155550123</Dial><Say>after</Say>");
    let mut order = customer.call();
    order.from = "anonymous".to_owned();
    order.caller.dialled = vec![DialOutcome::Answered(5)];
    let report = call(order).await;
    assert!(report.transcript.to_string().contains("error 13214"), "{}", report.transcript);
    assert_eq!(verbs(&report)[1..], ["Dial: failed", "Say: after"]);
}

#[tokio::test]
async fn a_call_that_waits_for_an_answer_is_itself_not_answered() {
    let customer =
        opening_with("<Dial answerOnBridge='true' timeout='5'>+14155550123</Dial><Reject/>");
    let report = call(customer.call()).await;
    assert_eq!(report.status, CallStatus::NoAnswer);
}

#[tokio::test]
async fn a_recording_is_told_to_action_and_callback() {
    let customer = opening_with(
        "<Record action='/recorded' maxLength='2' recordingStatusCallback='/recording'/>",
    );
    call(customer.call()).await;
    assert_eq!(customer.paths(), ["/voice", "/recording", "/recorded"]);
    let recorded = asked_at(&customer, "/recorded");
    assert_eq!(recorded.field("RecordingDuration").as_deref(), Some("2"));
    let url = recorded.field("RecordingUrl").unwrap();
    assert!(url.ends_with(&recorded.field("RecordingSid").unwrap()), "{url}");
    assert_eq!(asked_at(&customer, "/recording").field("RecordingUrl"), Some(url));
}

#[tokio::test]
async fn who_loses_patience_hangs_up_between_two_verbs() {
    let customer = opening_with("<Pause length='600'/><Say>never</Say>");
    let mut order = customer.call();
    order.caller.patience = Duration::from_secs(30);
    let report = call(order).await;
    assert_eq!((verbs(&report).len(), report.seconds), (1, 30));
}

#[tokio::test]
async fn the_states_that_are_wanted_are_told_in_order_and_signed() {
    let customer = opening_with("<Pause length='61'/>");
    let mut order = customer.call();
    order.caller.patience = Duration::from_secs(100);
    order.status_callback = Some(Webhook::post(customer.url("/status")));
    order.status_events = vec![CallStatus::Ringing, CallStatus::InProgress];
    call(order).await;
    let asked = customer.asked();
    let told: Vec<_> = asked.iter().filter(|asked| asked.path() == "/status").collect();
    let field = |name: &'static str| told.iter().map(move |told| told.field(name).unwrap());
    assert_eq!(field("CallStatus").collect::<Vec<_>>(), ["ringing", "in-progress", "completed"]);
    assert_eq!(field("SequenceNumber").collect::<Vec<_>>(), ["0", "1", "2"]);
    assert!(told.iter().all(|told| told.is_signed));
    assert_eq!(told[2].field("CallDuration").as_deref(), Some("61"));
    assert_eq!(told[2].field("Duration").as_deref(), Some("2"));
    assert_eq!(told[1].field("CallDuration"), None);
}

#[tokio::test]
async fn a_reordered_status_comes_after_the_one_that_follows_it() {
    let customer = opening_with("<Hangup/>");
    let mut order = customer.call();
    order.status_callback = Some(Webhook::post(customer.url("/status")));
    order.status_events = vec![CallStatus::Ringing, CallStatus::InProgress];
    let purpose = Some(Purpose::Status);
    order.faults = vec![FaultOrder { fault: Fault::Reordered, purpose, times: 1 }];
    call(order).await;
    let asked = customer.asked();
    let told = asked.iter().filter(|asked| asked.path() == "/status");
    let numbers: Vec<_> = told.map(|told| told.field("SequenceNumber").unwrap()).collect();
    assert_eq!(numbers, ["1", "0", "2"]);
}

#[tokio::test]
async fn a_call_of_one_answer_follows_none_of_it() {
    let customer = opening_with("<Say>Hi</Say><Redirect>/next</Redirect>");
    let mut order = customer.call();
    order.status_callback = Some(Webhook::post(customer.url("/status")));
    order.extent = Extent::FirstAnswer;
    let report = call(order).await;
    assert_eq!((report.status, customer.paths()), (CallStatus::Ringing, vec!["/voice".to_owned()]));
    assert!(verbs(&report).is_empty(), "{}", report.transcript);
}
