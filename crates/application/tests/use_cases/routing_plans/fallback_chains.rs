//! Which destination takes a call after another one did not.

use super::planned::{APOLOGY, FALLBACK_CHAIN, HANG_UP, PlannedApp, action, connects_to, plan_id};
use crate::prelude::*;

const NOBODY: &str = "Nobody is here. Please call later.";

#[tokio::test]
async fn a_call_falls_back_from_agent_to_agent_to_a_person_to_a_sentence() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    let answer = planned.call().await;
    assert_eq!((answer.agent, answer.reason), (Some(planned.first.id.clone()), Reason::Planned));
    assert!(connects_to(&answer.twiml, "first"));
    assert_eq!(action(&answer.twiml), format!("{CONNECTED}?tried={}", planned.first.id));

    let second = planned.fails(&answer.twiml).await;
    assert!(connects_to(&second, "second"), "{}", second.as_str());
    let tried = format!("{CONNECTED}?tried={}.{}", planned.first.id, planned.second.id);
    assert_eq!(action(&second), format!("{tried}&at={}", NOW.seconds()));

    let person = planned.fails(&second).await;
    assert!(person.as_str().contains("<Number>+14155550142</Number>"), "{}", person.as_str());
    assert!(person.as_str().contains(r#"timeout="20""#));
    assert_eq!(action(&person), format!("{tried}&done=1&at={}", NOW.seconds()));

    let sentence = planned.not_answered(&person).await;
    assert!(
        sentence.as_str().contains(&format!(r#"<Say language="en-US">{NOBODY}</Say><Hangup/>"#))
    );

    let record = planned.app.call_of(&planned.main).await.unwrap();
    let decision = record.decision.unwrap();
    let rule = RuleRef { plan: plan_id(1), version: 1, rule: None };
    assert_eq!((decision.agent, decision.rule), (Some(planned.first.id.clone()), Some(rule)));
    let destinations: Vec<_> =
        record.attempts.into_iter().map(|attempt| attempt.destination).collect();
    let mut expected = vec![
        AttemptDestination::Agent(planned.first.id.clone()),
        AttemptDestination::Agent(planned.second.id.clone()),
        AttemptDestination::Action("dial"),
        AttemptDestination::Action("say"),
    ];
    // The clock does not advance, so all attempts have the same time.
    expected.sort_unstable();
    assert_eq!(destinations, expected);
    let facts = "country=US&state=CA&city=OAKLAND&postal_code=94601&attestation=A";
    assert_eq!(record.facts, Some(CallerFacts::parse(facts)));
}

#[tokio::test]
async fn an_agent_that_is_done_and_a_person_who_has_hung_up_end_the_call() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    let answer = planned.call().await;
    planned.app.clock.pass_seconds(60);
    let end = planned.over_with(&answer.twiml, &[("StreamEvent", "stream-stopped")]).await;
    assert_eq!(end.as_str(), HANG_UP);
    let record = planned.app.call_of(&planned.main).await.unwrap();
    assert_eq!(record.disconnection.unwrap().at, NOW.plus_seconds(60));
    assert_eq!(record.attempts.len(), 1);

    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    let person = planned.fails(&planned.fails(&planned.call().await.twiml).await).await;
    let end = planned.over_with(&person, &[("DialCallStatus", "completed")]).await;
    assert_eq!(end.as_str(), HANG_UP);
}

#[tokio::test]
async fn a_caller_who_has_hung_up_is_not_connected() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    let failed = [("StreamEvent", "stream-error"), ("CallStatus", "completed")];
    let end = planned.over_with(&planned.call().await.twiml, &failed).await;
    assert_eq!(end.as_str(), HANG_UP);
    let record = planned.app.call_of(&planned.main).await.unwrap();
    assert_eq!((record.attempts.len(), record.disconnection.is_some()), (1, true));
    // The server has failed nevertheless.
    let next = planned.call_as(&super::planned::call_sid(2)).await;
    assert_eq!(next.agent, Some(planned.second.id.clone()));
}

#[tokio::test]
async fn a_fallback_chain_ends_and_has_no_cycle() {
    let only_agents = r#"{"rules": [], "otherwise": {"agents": ["First", "Second"]}}"#;
    let planned = PlannedApp::by(only_agents).await;
    let first = planned.call().await.twiml;
    let second = planned.fails(&first).await;
    assert_ne!(connects_to(&first, "first"), connects_to(&second, "first"));
    // Both are available again, but neither is tried twice.
    planned.app.health_check.once().await;
    let end = planned.fails(&second).await;
    assert_eq!(end.as_str(), APOLOGY, "the call was answered, so it cannot be refused");
    let record = planned.app.call_of(&planned.main).await.unwrap();
    assert!(
        record.attempts.iter().any(|attempt| attempt.destination == AttemptDestination::Exhausted)
    );
}

#[tokio::test]
async fn a_call_is_refused_only_while_it_is_not_answered() {
    let reject =
        r#"{"rules": [], "otherwise": {"agents": ["First"], "next": [{"reject": "rejected"}]}}"#;
    let planned = PlannedApp::by(reject).await;
    let after_the_agent = planned.fails(&planned.call().await.twiml).await;
    assert_eq!(after_the_agent.as_str(), APOLOGY, "an answered call does not end in silence");
    // The agent's server is down now, so the next call is not answered at all.
    let answer = planned.call_as(&super::planned::call_sid(2)).await;
    assert!(answer.twiml.as_str().contains(r#"<Reject reason="rejected"/>"#));
    assert_eq!((answer.agent, answer.reason), (None, Reason::PlannedAction));
}

#[tokio::test]
async fn a_call_that_we_began_is_ended_where_another_one_would_be_refused() {
    let reject = r#"{"rules": [], "otherwise": {"next": [{"reject": "busy"}]}}"#;
    let planned = PlannedApp::by(reject).await;
    let outbound = with(planned.fields(CALL), "Direction", "outbound-api");
    let outbound = ["From", "Caller"]
        .iter()
        .fold(outbound, |fields, side| with(fields, side, crate::fixture::NUMBER));
    let outbound = ["To", "Called"]
        .iter()
        .fold(outbound, |fields, side| with(fields, side, crate::requests::CALLER));
    let request = Request::post(VOICE, &outbound).signed_by(&planned.main);
    assert_eq!(planned.app.voice(&request).await.unwrap().twiml.as_str(), HANG_UP);
}

#[tokio::test]
async fn a_duplicate_request_is_answered_the_same_and_changes_nothing() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    let answer = planned.call().await;
    assert_eq!(planned.call().await.twiml, answer.twiml, "the call itself");
    let second = planned.fails(&answer.twiml).await;
    assert_eq!(planned.fails(&answer.twiml).await, second, "the failure of the first");
    assert!(connects_to(&second, "second"));
    let record = planned.app.call_of(&planned.main).await.unwrap();
    assert_eq!(record.attempts.len(), 2);
    // The second agent is not blamed for the failure of the first one, so it gets the next call.
    let next = planned.call_as(&super::planned::call_sid(2)).await;
    assert_eq!(next.agent, Some(planned.second.id.clone()));
}

#[tokio::test]
async fn an_agent_with_room_for_one_call_keeps_it_however_often_twilio_asks() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    planned.limit_first(1).await;
    let answer = planned.call().await;
    assert_eq!(answer.agent, Some(planned.first.id.clone()));
    assert_eq!(planned.call().await.twiml, answer.twiml);
    assert_eq!(
        planned.call_as(&super::planned::call_sid(2)).await.agent,
        Some(planned.second.id.clone())
    );
}

#[tokio::test]
async fn what_was_tried_cannot_be_changed_on_the_way() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    let answer = planned.call().await;
    let fields = with(planned.fields(CALL), "ErrorCode", "31920");
    let mut request = Request::post(&action(&answer.twiml), &fields).signed_by(&planned.main);
    request.target = format!("{CONNECTED}?tried=");
    assert!(planned.app.connected(&request).await.is_err());
}

#[tokio::test]
async fn the_rule_that_began_a_fallback_chain_continues_after_its_hours() {
    // The local time is 11:06:40 on a Wednesday.
    let until_soon = r#"{"time_zone": "Etc/UTC", "rules": [{
        "when": {"schedule": {"weekly": [{"from": "09:00", "to": "11:07"}]}},
        "then": {"next": [{"dial": {"number": "+14155550142"}}, {"say": {"text": "By day."}}]}}],
        "otherwise": {"next": [{"say": {"text": "By night."}}]}}"#;
    let planned = PlannedApp::by(until_soon).await;
    let person = planned.call().await.twiml;
    planned.app.clock.pass_seconds(30);
    let sentence = planned.not_answered(&person).await;
    assert!(sentence.as_str().contains("By day."), "{}", sentence.as_str());
    let other = planned.call_as(&super::planned::call_sid(2)).await;
    assert!(other.twiml.as_str().contains("By night."));
}

#[tokio::test]
async fn every_action_has_its_verb() {
    let actions = [
        (
            r#"{"dial": {"sip": "sip:desk@example.com", "timeout_seconds": 9}}"#,
            "<Sip>sip:desk@example.com</Sip>",
        ),
        (
            r#"{"voicemail": {"greeting": "Speak.", "most_seconds": 60}}"#,
            "<Say>Speak.</Say><Record action=",
        ),
        (
            r#"{"voicemail": {"greeting": "Speak.", "announce": "https://heard.example.net/m?a=1&b=2"}}"#,
            r#" recordingStatusCallback="https://heard.example.net/m?a=1&amp;b=2" recordingStatusCallbackMethod="POST"/>"#,
        ),
        (r#"{"say": {"text": "Closed & dark."}}"#, "<Say>Closed &amp; dark.</Say><Hangup/>"),
        (
            r#"{"redirect": "https://flows.example.net/f?a=1"}"#,
            r#"<Redirect method="POST">https://flows.example.net/f?a=1</Redirect>"#,
        ),
        (r#"{"enqueue": "support"}"#, ">support</Enqueue>"),
    ];
    for (action, verb) in actions {
        let document = format!(r#"{{"rules": [], "otherwise": {{"next": [{action}]}}}}"#);
        let planned = PlannedApp::over(&document, AppOptions::default()).await;
        let answer = planned.call().await;
        assert_eq!(answer.reason, Reason::PlannedAction, "{action}");
        assert!(answer.twiml.as_str().contains(verb), "{action}: {}", answer.twiml.as_str());
    }
}

#[tokio::test]
async fn a_person_sees_the_called_number_where_the_callers_is_withheld() {
    let planned = PlannedApp::by(
        r#"{"rules": [], "otherwise": {"next": [{"dial": {"number": "+14155550142"}}]}}"#,
    )
    .await;
    let withheld = ["From", "Caller"]
        .iter()
        .fold(planned.fields(CALL), |fields, side| with(fields, side, "anonymous"));
    let request = Request::post(VOICE, &withheld).signed_by(&planned.main);
    let answer = planned.app.voice(&request).await.unwrap();
    assert!(answer.twiml.as_str().contains(r#"callerId="+14155550100""#));
    assert!(
        !planned.call_as(&super::planned::call_sid(2)).await.twiml.as_str().contains("callerId")
    );
}
