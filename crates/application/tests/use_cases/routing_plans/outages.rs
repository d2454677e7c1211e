//! Routing plans while the store is unavailable.

use super::planned::{FALLBACK_CHAIN, PlannedApp, call_sid, connects_to, ids, plan_id};
use crate::prelude::*;

#[tokio::test]
async fn a_known_number_is_answered_by_its_plan_without_a_read() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    planned.call_as(&call_sid(1)).await;
    // The agent of a first call is prefetched after the answer.
    tokio::task::yield_now().await;
    let asked = planned.app.faults.requests();
    planned.app.faults.fail_every(Fault::Unavailable);
    let answer = planned.call().await;
    assert_eq!([answer.agent], ids([&planned.first])[..]);
    assert_eq!(planned.app.faults.requests(), asked);
    // Only the failure of a voice server is compared with the record of the call.
    let next = planned.fails(&answer.twiml).await;
    assert!(connects_to(&next, "second"));
    assert_eq!(planned.app.faults.requests(), asked + 1);
}

#[tokio::test]
async fn a_plan_that_is_old_answers_as_it_was_until_it_can_be_read() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    assert_eq!([planned.call_as(&call_sid(1)).await.agent], ids([&planned.first])[..]);
    planned.save(plan_id(1), 2, r#"{"rules": [], "otherwise": {"agents": ["Second"]}}"#).await;
    planned.app.faults.fail_every(Fault::Unavailable);
    assert_eq!([planned.call_as(&call_sid(2)).await.agent], ids([&planned.first])[..]);
    planned.app.faults.recover();
    assert_eq!([planned.call_as(&call_sid(3)).await.agent], ids([&planned.second])[..]);
}

#[tokio::test(start_paused = true)]
async fn a_hanging_store_does_not_delay_known_numbers() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    planned.call_as(&call_sid(1)).await;
    planned.app.routes.everything_changed();
    planned.app.faults.fail_every(Fault::Hang);
    let begun = tokio::time::Instant::now();
    assert_eq!([planned.call_as(&call_sid(2)).await.agent], ids([&planned.first])[..]);
    assert!(begun.elapsed().as_millis() <= 301);
}

#[tokio::test]
async fn a_planned_number_that_is_not_known_yet_waits_for_the_store() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    planned.app.faults.fail_every(Fault::Unavailable);
    let request = Request::post(VOICE, &planned.fields(CALL)).signed_by(&planned.main);
    assert_unavailable(planned.app.voice(&request).await);
}

#[tokio::test]
async fn calls_that_cannot_be_counted_now_are_counted_as_they_were() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    planned.limit_first(1).await;
    planned.call_as(&call_sid(1)).await;
    planned.app.clock.pass_seconds(60);
    planned.app.faults.fail_every(Fault::Unavailable);
    planned.app.health_check.once().await;
    assert_eq!([planned.call_as(&call_sid(2)).await.agent], ids([&planned.second])[..]);
}
