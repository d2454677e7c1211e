//! Status callbacks arrive in any order, and repeatedly.

use itertools::Itertools as _;

use crate::prelude::*;
use switchboard_domain::address::Address;
use switchboard_domain::consent::ConsentState;
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::ports::CallTimelineStore;
use switchboard_domain::status::CallStatus;

fn call_status(account: &TestAccount, status: &str) -> Fields {
    let fields = with(call(account, CALLER, NUMBER), "CallStatus", status);
    with(fields, "CallbackSource", "call-progress-events")
}

fn message_status(account: &TestAccount, status: &str) -> Fields {
    fields(&[
        ("AccountSid", account.sid.as_str()),
        ("ApiVersion", "2010-04-01"),
        ("From", NUMBER),
        ("MessageSid", TEXT),
        ("MessageStatus", status),
        ("SmsSid", TEXT),
        ("SmsStatus", status),
        ("To", CALLER),
    ])
}

fn signed(account: &TestAccount, fields: &Fields) -> Request {
    Request::post(STATUS, fields).signed_by(account)
}

#[tokio::test]
async fn the_statuses_of_a_call_may_come_in_any_order_and_repeated() {
    let statuses = ["queued", "initiated", "ringing", "in-progress", "completed"];
    let main = account(1);
    for order in statuses.into_iter().permutations(statuses.len()) {
        let (app, _, _) = TestApp::with_one_number(AppOptions::default()).await;
        for status in order.iter().chain(&order) {
            let mut fields = call_status(&main, status);
            if *status == "completed" {
                fields = with(fields, "CallDuration", "42");
            }
            assert_eq!(app.status(&signed(&main, &fields)).await.unwrap(), StatusRecorded::Call);
        }
        let calls = app.calls().await;
        assert_eq!(calls.len(), 1);
        let progress = calls[0].progress.unwrap();
        assert_eq!(
            (progress.status, progress.duration_seconds),
            (CallStatus::Completed, Some(42)),
            "{order:?}"
        );
    }
}

#[tokio::test]
async fn the_statuses_of_a_message_may_come_in_any_order_and_repeated() {
    let statuses = ["queued", "sending", "sent", "delivered", "read"];
    let main = account(1);
    for order in statuses.into_iter().permutations(statuses.len()) {
        let (app, _, _) = TestApp::with_one_number(AppOptions::default()).await;
        for status in order.iter().chain(&order) {
            let request = signed(&main, &message_status(&main, status));
            assert_eq!(app.status(&request).await.unwrap(), StatusRecorded::Message);
        }
        let kept = app.message_of(&main).await.unwrap();
        assert_eq!(
            (kept.status, kept.direction),
            (MessageStatus::Read, Direction::Outbound),
            "{order:?}"
        );
    }
}

/// Twilio can find out about an opt-out after it accepted the message.
#[tokio::test]
async fn a_message_that_twilio_refuses_later_is_an_opt_out() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let key = ConversationKey::new(&parsed(NUMBER), &parsed(CALLER));
    let state = async || {
        let found = app.store.consents().find(&default_organization(), &key).await.unwrap();
        found.map(|consent| consent.state)
    };
    for (code, expected) in [("30003", None), ("21610", Some(ConsentState::OptedOut))] {
        let failed = with(message_status(&main, "failed"), "ErrorCode", code);
        app.status(&signed(&main, &failed)).await.unwrap();
        assert_eq!(state().await, expected, "{code}");
    }
    app.clock.pass_seconds(1);
    // The contact opts in again. A repeated callback is about the same message.
    let start = with(message(&main, CALLER, NUMBER, "START"), "MessageSid", &sid_of(77));
    app.message(&Request::post(MESSAGE, &start).signed_by(&main)).await.unwrap();
    let failed = with(message_status(&main, "failed"), "ErrorCode", "21610");
    app.status(&signed(&main, &failed)).await.unwrap();
    assert_eq!(state().await, Some(ConsentState::OptedIn));
}

fn parsed(address: &str) -> Address {
    Address::parse(address).unwrap()
}

fn sid_of(n: u32) -> String {
    format!("SM{n:032x}")
}

#[tokio::test]
async fn a_status_before_the_call_and_one_after_it_make_one_record() {
    let (app, main, sales) = TestApp::with_one_number(AppOptions::default()).await;
    app.status(&signed(&main, &call_status(&main, "completed"))).await.unwrap();
    let request = Request::post(VOICE, &call(&main, CALLER, NUMBER)).signed_by(&main);
    app.voice(&request).await.unwrap();
    app.status(&signed(&main, &call_status(&main, "ringing"))).await.unwrap();
    let calls = app.calls().await;
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].decision.as_ref().unwrap().agent, Some(sales.id));
    assert_eq!(calls[0].progress.unwrap().status, CallStatus::Completed);
}

#[tokio::test]
async fn a_message_that_came_in_stays_an_inbound_one_when_its_status_comes() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let request = Request::post(MESSAGE, &message(&main, CALLER, NUMBER, "hello")).signed_by(&main);
    app.message(&request).await.unwrap();
    let fields = with(message_status(&main, "read"), "From", CALLER);
    app.status(&signed(&main, &with(fields, "To", NUMBER))).await.unwrap();
    let kept = app.message_of(&main).await.unwrap();
    assert_eq!((kept.direction, kept.status), (Direction::Inbound, MessageStatus::Read));
    assert_eq!(kept.body.unwrap().as_str(), "hello");
}

#[tokio::test]
async fn a_failed_message_is_kept_with_its_error_code() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let fields = with(message_status(&main, "undelivered"), "ErrorCode", "30003");
    app.status(&signed(&main, &fields)).await.unwrap();
    assert_eq!(app.message_of(&main).await.unwrap().error_code, Some(30_003));
}

#[tokio::test]
async fn the_status_of_a_message_is_kept_before_the_answer() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let request = signed(&main, &message_status(&main, "sent"));
    app.status(&request).await.unwrap();
    app.faults.fail_every(Fault::Unavailable);
    assert_unavailable(app.status(&request).await);
}

#[tokio::test]
async fn a_status_of_another_accounts_number_is_refused_on_our_side_and_taken_on_theirs() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let other = account(2);
    app.add_account(&other).await;
    // The number is called, calls, or sends a message. Each time it is our side.
    let calls = with(with(call_status(&other, "ringing"), "From", NUMBER), "To", CALLER);
    let foreign = [
        call_status(&other, "ringing"),
        with(calls.clone(), "Direction", "outbound-api"),
        message_status(&other, "sent"),
    ];
    for fields in foreign {
        assert_eq!(
            refusal(app.status(&signed(&other, &fields)).await),
            Refusal::AccountMismatch,
            "{fields:?}"
        );
    }
    assert_eq!(app.calls().await, []);
    assert!(app.message_of(&main).await.is_none());
    // Our number calls, or receives a message from, a customer whose number is ours as well.
    app.add_number("+14155550102", &other, None).await;
    let called = with(call_status(&other, "ringing"), "From", NUMBER);
    let written = with(message_status(&other, "sent"), "To", NUMBER);
    for fields in [with(called, "To", "+14155550102"), with(written, "From", "+14155550102")] {
        app.status(&signed(&other, &fields)).await.unwrap();
    }
}

#[tokio::test]
async fn callbacks_of_recordings_are_acknowledged_and_not_kept() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let recording = fields(&[
        ("AccountSid", main.sid.as_str()),
        ("CallSid", CALL),
        ("RecordingSid", "RE0123456789abcdef0123456789abcdef"),
        ("RecordingStatus", "completed"),
        ("RecordingUrl", "https://api.twilio.com/2010-04-01/Recordings/RE1"),
    ]);
    let asked = app.faults.requests();
    assert_eq!(app.status(&signed(&main, &recording)).await.unwrap(), StatusRecorded::Ignored);
    assert_eq!(app.faults.requests(), asked);
    assert_eq!(app.recorder.waiting(), 0);
}

#[tokio::test]
async fn the_state_of_a_stream_is_kept_once_in_the_timeline_of_its_call() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let stream = fields(&[
        ("AccountSid", main.sid.as_str()),
        ("CallSid", CALL),
        ("StreamEvent", "stream-error"),
        ("StreamError", "31921 closed"),
        ("StreamSid", "MZ0123456789abcdef0123456789abcdef"),
        ("Timestamp", "2026-11-23T10:00:00Z"),
    ]);
    for _report in 0..2 {
        assert_eq!(app.status(&signed(&main, &stream)).await.unwrap(), StatusRecorded::Stream);
    }
    app.recorder.drain().await.unwrap();
    let call = CallSid::parse(CALL).unwrap();
    let timeline = CallTimelineStore::of_call(&*app.store, &operator(), main.sid, call).await;
    let kinds: Vec<_> = timeline.unwrap().iter().map(|entry| entry.event.kind()).collect();
    assert_eq!(kinds, ["stream_error"]);
}

#[tokio::test]
async fn an_unknown_status_is_accepted_and_not_stored() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    for fields in [
        with(call_status(&main, "ringing"), "CallStatus", "pondering"),
        with(message_status(&main, "sent"), "MessageStatus", "pondering"),
    ] {
        let heard = app.status(&signed(&main, &fields)).await.unwrap();
        assert_eq!(heard, StatusRecorded::Ignored);
    }
    assert_eq!(app.calls().await, []);
}

#[tokio::test]
async fn a_status_that_is_none_is_unreadable() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let call = call_status(&main, "ringing");
    let message = message_status(&main, "sent");
    let damaged = [
        with(call.clone(), "CallDuration", "long"),
        without(&call, "CallSid"),
        [call, fields(&[("Direction", "inbound")])].concat(),
        with(message.clone(), "ErrorCode", "E30003"),
        without(&without(&message, "MessageStatus"), "SmsStatus"),
        without(&message, "MessageSid"),
    ];
    for fields in damaged {
        assert_unreadable(app.status(&signed(&main, &fields)).await);
    }
}

#[tokio::test]
async fn the_status_of_a_known_number_is_recorded_behind_the_answer_while_the_store_is_away() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    app.status(&signed(&main, &call_status(&main, "ringing"))).await.unwrap();
    app.faults.fail_every(Fault::Unavailable);
    app.status(&signed(&main, &call_status(&main, "completed"))).await.unwrap();
    assert!(app.recorder.drain().await.is_err());
    app.faults.recover();
    assert_eq!(app.call_of(&main).await.unwrap().progress.unwrap().status, CallStatus::Completed);
}

#[tokio::test]
async fn an_end_that_finds_no_room_is_not_acknowledged() {
    let recorder = RecorderLimits { waiting: 0, ..RecorderLimits::default() };
    let (app, main, _) =
        TestApp::with_one_number(AppOptions { recorder, ..AppOptions::default() }).await;
    let ended = call_status(&main, "completed");
    assert_unavailable(app.status(&signed(&main, &ended)).await);
    let connected = Request::post(CONNECTED, &ended).signed_by(&main);
    assert_unavailable(app.connected(&connected).await);
    // Nothing is lost that a later status does not contain.
    app.status(&signed(&main, &call_status(&main, "ringing"))).await.unwrap();
}
