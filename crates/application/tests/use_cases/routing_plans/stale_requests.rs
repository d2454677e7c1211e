//! Stale requests have no effect, even if this process does not remember their call.

use super::planned::{FALLBACK_CHAIN, PlannedApp, call_sid, connects_to, ids};
use crate::prelude::*;

/// An app whose process does not remember calls 1 and 2, which another process has answered. Call 1
/// has ended.
async fn restarted(limits: &AgentLimits) -> PlannedApp {
    let before = PlannedApp::by(FALLBACK_CHAIN).await;
    for index in [1, 2] {
        before.call_as(&call_sid(index)).await;
    }
    before.completed(&call_sid(1)).await;
    let records = before.app.calls().await;
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    planned.limit(&planned.first, limits).await;
    planned.app.store.calls().record(&records).await.unwrap();
    planned
}

fn has_token(twiml: &str) -> bool {
    assert!(twiml.contains("sessionToken"), "{twiml}");
    !twiml.contains(r#"name="sessionToken" value="""#)
}

#[tokio::test]
async fn a_call_that_is_over_or_old_takes_no_place_and_gets_no_token_after_a_restart() {
    let limits = AgentLimits { capacity: Some(1), ..AgentLimits::default() };
    let planned = restarted(&limits).await;
    planned.app.clock.pass_seconds(61);
    for index in [1, 2] {
        let answer = planned.call_as(&call_sid(index)).await;
        assert_eq!([answer.agent], ids([&planned.first])[..], "{index}");
        assert!(!has_token(answer.twiml.as_str()), "{index}");
    }
    let fresh = planned.call_as(&call_sid(3)).await;
    assert_eq!([fresh.agent], ids([&planned.first])[..]);
    assert!(has_token(fresh.twiml.as_str()));
    let full = planned.call_as(&call_sid(4)).await;
    assert_eq!([full.agent], ids([&planned.second])[..]);
}

#[tokio::test]
async fn a_retry_within_the_window_gets_the_same_answer_and_counts_once() {
    let limits = AgentLimits { capacity: Some(1), ..AgentLimits::default() };
    let planned = restarted(&limits).await;
    for _ in 0..3 {
        planned.app.clock.pass_seconds(15);
        let again = planned.call_as(&call_sid(2)).await;
        assert_eq!([again.agent], ids([&planned.first])[..]);
        assert!(has_token(again.twiml.as_str()));
    }
    planned.completed(&call_sid(2)).await;
    assert_eq!([planned.call_as(&call_sid(3)).await.agent], ids([&planned.first])[..]);
}

#[tokio::test]
async fn replayed_failures_of_an_old_call_take_no_server_down_after_a_restart() {
    let planned = restarted(&AgentLimits::default()).await;
    planned.app.clock.pass_seconds(61);
    for index in [1, 2] {
        for _ in 0..3 {
            let sid = call_sid(index);
            let answer = planned.call_as(&sid).await;
            let failed = [("StreamEvent", "stream-error"), ("ErrorCode", "31920")];
            planned.over_with_as(&sid, &answer.twiml, &failed).await;
            planned.completed(&sid).await;
        }
        let fresh = planned.call_as(&call_sid(10 + index)).await;
        assert_eq!([fresh.agent], ids([&planned.first])[..], "{index}");
    }
}

#[tokio::test]
async fn a_request_is_stale_a_while_after_its_first_decision() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    let first = planned.call().await;
    assert!(has_token(first.twiml.as_str()));
    planned.app.clock.pass_seconds(60);
    assert!(has_token(planned.call().await.twiml.as_str()));
    planned.app.clock.pass_seconds(1);
    let late = planned.call().await;
    assert!(connects_to(&late.twiml, "first") && !has_token(late.twiml.as_str()));
    let attempts = planned.app.call_of(&planned.main).await.unwrap().attempts;
    assert!(attempts.iter().all(|attempt| attempt.at <= NOW.plus_seconds(60)));
}

#[tokio::test]
async fn a_token_for_a_request_that_was_sent_again_opens_no_session() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    planned.call().await;
    let records = planned.app.calls().await;
    // If the agent has no limit, an answer after a restart reads nothing.
    let restarted = PlannedApp::by(FALLBACK_CHAIN).await;
    restarted.app.store.calls().record(&records).await.unwrap();
    restarted.app.clock.pass_seconds(61);
    let asked = restarted.app.faults.requests();
    let answer = restarted.call().await;
    assert!(restarted.app.faults.requests() > asked, "the route is read once");
    let text = answer.twiml.as_str();
    let start = text.find(r#"name="sessionToken" value=""#).unwrap() + 27;
    let token = text[start..].split('"').next().unwrap();
    let call = switchboard_domain::sid::CallSid::parse(CALL).unwrap();
    let opened = restarted.app.open_session.open(call, token).await;
    assert!(matches!(opened, Err(SessionRefused::CallEnded)), "{token}");
}

#[tokio::test]
async fn a_call_of_a_number_without_a_plan_reads_nothing_and_gets_one_session() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    let place = switchboard_domain::ports::PlanPlace::Number(crate::fixture::sender(
        crate::fixture::NUMBER,
    ));
    planned.attach(&place, None).await;
    planned.call_as(&call_sid(1)).await;
    tokio::task::yield_now().await;
    let asked = planned.app.faults.requests();
    assert!(has_token(planned.call().await.twiml.as_str()));
    planned.app.clock.pass_seconds(61);
    let request = Request::post(VOICE, &planned.fields(CALL)).signed_by(&planned.main);
    let late = planned.app.voice(&request).await.unwrap();
    assert!(connects_to(&late.twiml, "own") && !has_token(late.twiml.as_str()));
    assert_eq!(planned.app.faults.requests(), asked);
}
