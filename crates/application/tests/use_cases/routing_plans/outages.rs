//! Plans while the store is away.

use super::rig::{FALLBACK_CHAIN, Planned, call_sid, connects_to, ids, plan_id};
use crate::requests::{CALL, Request, VOICE};
use crate::rig::assert_unavailable;

#[tokio::test]
async fn a_known_number_is_answered_by_its_plan_without_a_read() {
    let desk = Planned::by(FALLBACK_CHAIN).await;
    desk.call_as(&call_sid(1)).await;
    // The agent of a first call is read ahead, behind the answer.
    tokio::task::yield_now().await;
    let asked = desk.rig.gate.asked();
    desk.rig.gate.away();
    let answer = desk.call().await;
    assert_eq!([answer.agent], ids([&desk.first])[..]);
    let next = desk.fails(&answer.twiml).await;
    assert!(connects_to(&next, "second"));
    assert_eq!(desk.rig.gate.asked(), asked);
}

#[tokio::test]
async fn a_plan_that_is_old_answers_as_it_was_until_it_can_be_read() {
    let desk = Planned::by(FALLBACK_CHAIN).await;
    assert_eq!([desk.call_as(&call_sid(1)).await.agent], ids([&desk.first])[..]);
    desk.save(plan_id(1), 2, r#"{"rules": [], "otherwise": {"agents": ["Second"]}}"#).await;
    desk.rig.gate.away();
    assert_eq!([desk.call_as(&call_sid(2)).await.agent], ids([&desk.first])[..]);
    desk.rig.gate.open();
    assert_eq!([desk.call_as(&call_sid(3)).await.agent], ids([&desk.second])[..]);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_holds_nobody_up_who_is_known() {
    let desk = Planned::by(FALLBACK_CHAIN).await;
    desk.call_as(&call_sid(1)).await;
    desk.rig.routes.everything_changed();
    desk.rig.gate.hanging();
    let begun = tokio::time::Instant::now();
    assert_eq!([desk.call_as(&call_sid(2)).await.agent], ids([&desk.first])[..]);
    assert!(begun.elapsed().as_millis() <= 301);
}

#[tokio::test]
async fn a_planned_number_that_is_not_known_yet_waits_for_the_store() {
    let desk = Planned::by(FALLBACK_CHAIN).await;
    desk.rig.gate.away();
    let request = Request::post(VOICE, &desk.fields(CALL)).signed_by(&desk.main);
    assert_unavailable(desk.rig.voice(&request).await);
}

#[tokio::test]
async fn calls_that_cannot_be_counted_now_are_counted_as_they_were() {
    let desk = Planned::by(FALLBACK_CHAIN).await;
    desk.limit_first(1).await;
    desk.call_as(&call_sid(1)).await;
    desk.rig.clock.pass_seconds(60);
    desk.rig.gate.away();
    desk.rig.health_check.once().await;
    assert_eq!([desk.call_as(&call_sid(2)).await.agent], ids([&desk.second])[..]);
}
