//! Who takes a call, by who is there.

use std::sync::atomic::Ordering;

use futures_util::future::join_all;
use switchboard_domain::agent::AgentState;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::ports::AgentLimits;

use super::rig::{FALLBACK_CHAIN, Planned, call_sid, connects_to, ids};
use crate::requests::CALL;

/// Calls of these indices, all at once, and who takes them.
async fn calls(desk: &Planned, indices: std::ops::Range<u32>) -> Vec<AgentId> {
    let calls = indices.map(|index| async move { desk.call_as(&call_sid(index)).await.agent });
    join_all(calls).await.into_iter().flatten().collect()
}

fn count(taken: &[AgentId], agent: &AgentId) -> usize {
    taken.iter().filter(|destination| *destination == agent).count()
}

#[tokio::test]
async fn of_twenty_calls_at_once_five_reach_an_agent_with_room_for_five_and_the_others_the_next() {
    let desk = Planned::by(FALLBACK_CHAIN).await;
    desk.limit_first(5).await;
    let taken = calls(&desk, 0..20).await;
    assert_eq!((count(&taken, &desk.first.id), count(&taken, &desk.second.id)), (5, 15));
    desk.completed(&call_sid(0)).await;
    let taken = calls(&desk, 20..25).await;
    assert_eq!((count(&taken, &desk.first.id), count(&taken, &desk.second.id)), (1, 4));
}

#[tokio::test]
async fn the_count_heals_when_the_ends_of_calls_are_lost() {
    let desk = Planned::by(FALLBACK_CHAIN).await;
    desk.limit_first(5).await;
    calls(&desk, 0..5).await;
    desk.rig.recorder.drain().await.unwrap();
    desk.rig.clock.pass_seconds(60);
    desk.rig.health_check.once().await;
    assert_eq!(
        calls(&desk, 5..6).await,
        std::slice::from_ref(&desk.second.id),
        "they are still there"
    );
    // Another process heard of the ends; here they were lost.
    let mut records = desk.rig.calls().await;
    records.truncate(3);
    for record in &mut records {
        record.disconnection = Some(switchboard_domain::call::Disconnection {
            error_code: None,
            at: record.first_seen_at,
        });
    }
    desk.rig.stores.calls.record(&records).await.unwrap();
    desk.rig.health_check.once().await;
    let taken = calls(&desk, 10..20).await;
    assert_eq!(count(&taken, &desk.first.id), 3);
}

#[tokio::test]
async fn calls_that_another_process_has_decided_count() {
    let desk = Planned::by(FALLBACK_CHAIN).await;
    desk.limit_first(5).await;
    calls(&desk, 0..4).await;
    let records = desk.rig.calls().await;
    let other = Planned::by(FALLBACK_CHAIN).await;
    other.limit_first(5).await;
    other.rig.stores.calls.record(&records).await.unwrap();
    assert_eq!(calls(&other, 10..11).await, std::slice::from_ref(&other.first.id));
    other.rig.health_check.once().await;
    assert_eq!(calls(&other, 11..13).await, [other.second.id.clone(), other.second.id.clone()]);
}

#[tokio::test]
async fn a_server_that_failed_is_passed_over_until_one_call_after_a_look_has_gone_well() {
    let desk = Planned::by(FALLBACK_CHAIN).await;
    let [first, second] = [&desk.first.id, &desk.second.id];
    desk.fails(&desk.call().await.twiml).await;
    assert_eq!(&calls(&desk, 1..2).await[0], second, "it is down");
    desk.rig.probe.find_nothing.store(true, Ordering::SeqCst);
    desk.rig.health_check.once().await;
    assert_eq!(&calls(&desk, 2..3).await[0], second, "nobody is there");
    desk.rig.probe.find_nothing.store(false, Ordering::SeqCst);
    desk.rig.health_check.once().await;
    let taken = calls(&desk, 3..13).await;
    assert_eq!((count(&taken, first), count(&taken, second)), (1, 9), "one call shows it");
    desk.rig.clock.pass_seconds(3);
    let taken = calls(&desk, 13..23).await;
    assert_eq!(count(&taken, first), 10, "it has gone well");
}

#[tokio::test]
async fn a_trial_that_fails_goes_on_to_the_next_agent_and_the_server_is_passed_over_again() {
    let desk = Planned::by(FALLBACK_CHAIN).await;
    desk.fails(&desk.call().await.twiml).await;
    desk.rig.health_check.once().await;
    let trial = call_sid(1);
    let answer = desk.call_as(&trial).await;
    assert!(connects_to(&answer.twiml, "first"));
    let next = desk.over_with_as(&trial, &answer.twiml, &[("ErrorCode", "31920")]).await;
    assert!(connects_to(&next, "second"));
    desk.rig.clock.pass_seconds(60);
    assert_eq!(calls(&desk, 2..3).await, std::slice::from_ref(&desk.second.id));
}

#[tokio::test]
async fn a_server_that_nobody_finds_is_down_before_any_caller_notices() {
    let desk = Planned::by(FALLBACK_CHAIN).await;
    desk.completed(CALL).await;
    calls(&desk, 0..1).await;
    desk.rig.probe.find_nothing.store(true, Ordering::SeqCst);
    desk.rig.health_check.once().await;
    assert_eq!(
        calls(&desk, 1..2).await,
        std::slice::from_ref(&desk.first.id),
        "one look may be chance"
    );
    desk.rig.health_check.once().await;
    let answer = desk.call_as(&call_sid(2)).await;
    assert!(answer.twiml.as_str().contains("<Number>+14155550142</Number>"), "all are down");
}

#[tokio::test]
async fn whoever_is_disabled_off_duty_or_without_a_voice_target_is_passed_over() {
    let desk = Planned::by(FALLBACK_CHAIN).await;
    assert_eq!([desk.call_as(&call_sid(1)).await.agent], ids([&desk.first])[..]);
    let mut first = desk.first.clone();
    first.profile.state = AgentState::Disabled;
    desk.change(&first).await;
    assert_eq!([desk.call_as(&call_sid(2)).await.agent], ids([&desk.second])[..]);
    first.profile.state = AgentState::Enabled;
    first.profile.voice_target = None;
    desk.change(&first).await;
    assert_eq!([desk.call_as(&call_sid(3)).await.agent], ids([&desk.second])[..]);
    desk.change(&desk.first).await;
    assert_eq!([desk.call_as(&call_sid(4)).await.agent], ids([&desk.first])[..]);
    let hours = r#"{"time_zone": "Etc/UTC", "weekly": [{"from": "12:00", "to": "17:00"}]}"#;
    let limits = AgentLimits { hours: Some(hours.to_owned()), ..AgentLimits::default() };
    desk.limit(&desk.first, &limits).await;
    assert_eq!([desk.call_as(&call_sid(5)).await.agent], ids([&desk.second])[..]);
    desk.rig.clock.pass_seconds(3_600);
    assert_eq!([desk.call_as(&call_sid(6)).await.agent], ids([&desk.first])[..]);
}

#[tokio::test]
async fn a_change_of_an_agents_server_counts_for_the_next_call() {
    let desk = Planned::by(FALLBACK_CHAIN).await;
    desk.fails(&desk.call().await.twiml).await;
    assert_eq!([desk.call_as(&call_sid(1)).await.agent], ids([&desk.second])[..]);
    let mut first = desk.first.clone();
    first.profile.voice_target = Some(crate::rig::stream("wss://moved.example.net/stream"));
    desk.change(&first).await;
    let answer = desk.call_as(&call_sid(2)).await;
    assert!(connects_to(&answer.twiml, "moved"), "what failed was the old one");
}
