//! An answer is sent before Twilio's timeout, whichever port hangs.

use crate::prelude::*;

/// Twilio's timeout (Twilio, error 11205).
const PATIENCE: Duration = Duration::from_secs(15);

#[tokio::test(start_paused = true)]
async fn a_store_that_never_answers_a_read_is_away_after_the_deadline() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    app.faults.fail_every(Fault::Hang);
    let inbound = call(&main, CALLER, NUMBER);
    let read = Deadlines::default().read;
    let begun = Instant::now();
    assert_unavailable(app.voice(&Request::post(VOICE, &inbound).signed_by(&main)).await);
    assert_eq!(begun.elapsed(), read);
    let text = message(&main, CALLER, NUMBER, "hello");
    assert_unavailable(app.message(&Request::post(MESSAGE, &text).signed_by(&main)).await);
    assert_eq!(begun.elapsed(), 2 * read);
}

#[tokio::test(start_paused = true)]
async fn what_only_adds_to_the_records_of_a_call_is_taken_though_the_store_never_answers() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    app.faults.fail_every(Fault::Hang);
    let inbound = call(&main, CALLER, NUMBER);
    let begun = Instant::now();
    app.connected(&Request::post(CONNECTED, &inbound).signed_by(&main)).await.unwrap();
    app.status(&Request::post(STATUS, &inbound).signed_by(&main)).await.unwrap();
    assert_eq!(begun.elapsed(), 2 * Deadlines::default().read);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_never_answers_a_write_is_away_after_the_deadline() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let text = message(&main, CALLER, NUMBER, "hello");
    let request = Request::post(MESSAGE, &text).signed_by(&main);
    app.message(&request).await.unwrap();
    app.faults.fail_next("message.insert", 1, Fault::Hang);
    let begun = Instant::now();
    assert_unavailable(app.message(&request).await);
    assert_eq!(begun.elapsed(), Deadlines::default().write);
    app.faults.fail_every(Fault::Hang);
    let status = with(with(text, "MessageStatus", "read"), "From", NUMBER);
    assert_unavailable(app.status(&Request::post(STATUS, &status).signed_by(&main)).await);
    assert_eq!(begun.elapsed(), 2 * Deadlines::default().write);
}

#[tokio::test(start_paused = true)]
async fn the_session_of_an_agent_that_cannot_be_read_is_away_after_the_deadline() {
    let (app, main, sales) = TestApp::with_one_number(AppOptions::default()).await;
    let call = CallSid::parse(CALL).unwrap();
    let token = app.sessions.mint(&SessionClaims {
        call,
        agent: sales.id,
        account: main.sid,
        issued_at: NOW,
        expires_at: NOW.plus_seconds(600),
    });
    app.faults.fail_every(Fault::Hang);
    let begun = Instant::now();
    assert!(matches!(app.open_session.open(call, &token).await, Err(SessionRefused::Store(_))));
    assert_eq!(begun.elapsed(), Deadlines::default().read);
}

#[tokio::test(start_paused = true)]
async fn many_who_wait_for_one_number_of_a_store_that_hangs_all_leave_in_time() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    app.faults.fail_every(Fault::Hang);
    let request = Request::post(VOICE, &call(&main, CALLER, NUMBER)).signed_by(&main);
    let begun = Instant::now();
    let waiting = (0..50).map(async |index| {
        tokio::time::sleep(Duration::from_millis(index * 100)).await;
        let begun = Instant::now();
        assert_unavailable(app.voice(&request).await);
        begun.elapsed()
    });
    let longest = join_all(waiting).await.into_iter().max().unwrap();
    assert!(longest <= Deadlines::default().read, "{longest:?}");
    assert!(begun.elapsed() < PATIENCE);
}

#[tokio::test(start_paused = true)]
async fn many_who_wait_for_one_session_of_a_store_that_hangs_all_leave_in_time() {
    let (app, main, sales) = TestApp::with_one_number(AppOptions::default()).await;
    let call = CallSid::parse(CALL).unwrap();
    let claims = SessionClaims {
        call,
        agent: sales.id,
        account: main.sid,
        issued_at: NOW,
        expires_at: NOW.plus_seconds(600),
    };
    let token = app.sessions.mint(&claims);
    app.faults.fail_every(Fault::Hang);
    let app = Arc::new(app);
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (app, token) = (Arc::clone(&app), token.clone());
        waiting.spawn(async move {
            let begun = Instant::now();
            assert!(app.open_session.open(call, &token).await.is_err());
            begun.elapsed()
        });
    }
    let longest = waiting.join_all().await.into_iter().max().unwrap();
    assert!(longest <= Deadlines::default().read, "{longest:?}");
}

#[tokio::test(start_paused = true)]
async fn a_known_number_is_answered_at_once_while_the_store_hangs() {
    let (app, main, sales) = TestApp::with_one_number(AppOptions::default()).await;
    let request = Request::post(VOICE, &call(&main, CALLER, NUMBER)).signed_by(&main);
    app.voice(&request).await.unwrap();
    app.faults.fail_every(Fault::Hang);
    let begun = Instant::now();
    assert_eq!(app.voice(&request).await.unwrap().agent, Some(sales.id));
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn refusals_that_a_store_never_takes_do_not_hold_up_the_log() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    assert!(app.voice(&Request::post(VOICE, &call(&main, CALLER, NUMBER))).await.is_err());
    app.faults.fail_every(Fault::Hang);
    let begun = Instant::now();
    assert!(app.rejection_log.flush().await.is_err());
    assert!(begun.elapsed() < PATIENCE);
}

#[test]
fn what_one_request_may_wait_for_is_less_than_what_twilio_waits() {
    let deadlines = Deadlines::default();
    assert!(deadlines.read + deadlines.write < PATIENCE);
}
