//! Which agent takes a call, depending on availability.

use super::planned::{FALLBACK_CHAIN, PlannedApp, call_sid, connects_to, ids};
use crate::prelude::*;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::sid::AccountSid;

/// Concurrent calls with these indices, and the agents that take them.
async fn calls(planned: &PlannedApp, indices: std::ops::Range<u32>) -> Vec<AgentId> {
    let calls = indices.map(|index| async move { planned.call_as(&call_sid(index)).await.agent });
    join_all(calls).await.into_iter().flatten().collect()
}

fn count(taken: &[AgentId], agent: &AgentId) -> usize {
    taken.iter().filter(|destination| *destination == agent).count()
}

#[tokio::test]
async fn of_twenty_calls_at_once_five_reach_an_agent_with_room_for_five_and_the_others_the_next() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    planned.limit_first(5).await;
    let taken = calls(&planned, 0..20).await;
    assert_eq!((count(&taken, &planned.first.id), count(&taken, &planned.second.id)), (5, 15));
    planned.completed(&call_sid(0)).await;
    let taken = calls(&planned, 20..25).await;
    assert_eq!((count(&taken, &planned.first.id), count(&taken, &planned.second.id)), (1, 4));
}

#[tokio::test]
async fn the_count_heals_when_the_ends_of_calls_are_lost() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    planned.limit_first(5).await;
    calls(&planned, 0..5).await;
    planned.app.recorder.drain().await.unwrap();
    planned.app.clock.pass_seconds(60);
    planned.app.health_check.once().await;
    assert_eq!(
        calls(&planned, 5..6).await,
        std::slice::from_ref(&planned.second.id),
        "they are still there"
    );
    // Another process received the ends of the calls, which were lost in this process.
    let mut records = planned.app.calls().await;
    records.truncate(3);
    for record in &mut records {
        record.disconnection = Some(switchboard_domain::call::Disconnection {
            error_code: None,
            at: record.first_seen_at,
        });
    }
    planned.app.store.calls().record(&records).await.unwrap();
    planned.app.health_check.once().await;
    let taken = calls(&planned, 10..20).await;
    assert_eq!(count(&taken, &planned.first.id), 3);
}

#[tokio::test]
async fn calls_that_another_process_has_decided_count() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    planned.limit_first(5).await;
    calls(&planned, 0..4).await;
    let records = planned.app.calls().await;
    let other = PlannedApp::by(FALLBACK_CHAIN).await;
    other.limit_first(5).await;
    other.app.store.calls().record(&records).await.unwrap();
    assert_eq!(calls(&other, 10..11).await, std::slice::from_ref(&other.first.id));
    other.app.health_check.once().await;
    assert_eq!(calls(&other, 11..13).await, [other.second.id.clone(), other.second.id.clone()]);
}

/// Attack 6: another organization has more live calls than one read tells, all of them newer.
#[tokio::test]
async fn a_flood_of_another_organization_hides_no_live_call() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    planned.limit_first(5).await;
    calls(&planned, 0..5).await;
    let records = planned.app.calls().await;
    let restarted = PlannedApp::by(FALLBACK_CHAIN).await;
    restarted.limit_first(5).await;
    let flood = (0..50_010_u32).map(|index| {
        let mut call = records[0].clone();
        call.organization = OrganizationId::new(NOW, [9; 10]);
        call.account = AccountSid::parse("AC000000000000000000000000000000ff").unwrap();
        call.call = CallSid::parse(&format!("CAff{index:030x}")).unwrap();
        if let Some(decision) = &mut call.decision {
            decision.at = decision.at.plus_seconds(1);
            decision.agent = Some(AgentId::new(NOW, [99; 10]));
        }
        call.attempts.clear();
        call
    });
    let all: Vec<_> = records.iter().cloned().chain(flood).collect();
    restarted.app.store.calls().record(&all).await.unwrap();
    restarted.app.health_check.once().await;
    assert_eq!(calls(&restarted, 10..11).await, std::slice::from_ref(&restarted.second.id));
}

#[tokio::test]
async fn a_failed_voice_server_keeps_its_circuit_open_until_a_trial_call_succeeds() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    let [first, second] = [&planned.first.id, &planned.second.id];
    planned.fails(&planned.call().await.twiml).await;
    assert_eq!(&calls(&planned, 1..2).await[0], second, "it is down");
    planned.app.probe.find_nothing.store(true, Ordering::SeqCst);
    planned.app.health_check.once().await;
    assert_eq!(&calls(&planned, 2..3).await[0], second, "nobody is there");
    planned.app.probe.find_nothing.store(false, Ordering::SeqCst);
    planned.app.health_check.once().await;
    let taken = calls(&planned, 3..13).await;
    assert_eq!((count(&taken, first), count(&taken, second)), (1, 9), "one call shows it");
    planned.app.clock.pass_seconds(3);
    let taken = calls(&planned, 13..23).await;
    assert_eq!(count(&taken, first), 10, "it has gone well");
}

#[tokio::test]
async fn a_failed_trial_call_falls_back_and_opens_the_circuit_again() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    planned.fails(&planned.call().await.twiml).await;
    planned.app.health_check.once().await;
    let trial = call_sid(1);
    let answer = planned.call_as(&trial).await;
    assert!(connects_to(&answer.twiml, "first"));
    let next = planned.over_with_as(&trial, &answer.twiml, &[("ErrorCode", "31920")]).await;
    assert!(connects_to(&next, "second"));
    planned.app.clock.pass_seconds(60);
    assert_eq!(calls(&planned, 2..3).await, std::slice::from_ref(&planned.second.id));
}

#[tokio::test]
async fn an_unreachable_voice_server_opens_its_circuit_before_any_call() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    planned.completed(CALL).await;
    calls(&planned, 0..1).await;
    planned.app.probe.find_nothing.store(true, Ordering::SeqCst);
    planned.app.health_check.once().await;
    assert_eq!(
        calls(&planned, 1..2).await,
        std::slice::from_ref(&planned.first.id),
        "one look may be chance"
    );
    planned.app.health_check.once().await;
    let answer = planned.call_as(&call_sid(2)).await;
    assert!(answer.twiml.as_str().contains("<Number>+14155550142</Number>"), "all are down");
}

#[tokio::test]
async fn whoever_is_disabled_off_duty_or_without_a_voice_target_is_passed_over() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    assert_eq!([planned.call_as(&call_sid(1)).await.agent], ids([&planned.first])[..]);
    let mut first = planned.first.clone();
    first.profile.state = AgentState::Disabled;
    planned.change(&first).await;
    assert_eq!([planned.call_as(&call_sid(2)).await.agent], ids([&planned.second])[..]);
    first.profile.state = AgentState::Enabled;
    first.profile.voice_target = None;
    planned.change(&first).await;
    assert_eq!([planned.call_as(&call_sid(3)).await.agent], ids([&planned.second])[..]);
    planned.change(&planned.first).await;
    assert_eq!([planned.call_as(&call_sid(4)).await.agent], ids([&planned.first])[..]);
    let hours = r#"{"time_zone": "Etc/UTC", "weekly": [{"from": "12:00", "to": "17:00"}]}"#;
    let limits = AgentLimits { hours: Some(hours.into()), ..AgentLimits::default() };
    planned.limit(&planned.first, &limits).await;
    assert_eq!([planned.call_as(&call_sid(5)).await.agent], ids([&planned.second])[..]);
    planned.app.clock.pass_seconds(3_600);
    assert_eq!([planned.call_as(&call_sid(6)).await.agent], ids([&planned.first])[..]);
}

#[tokio::test]
async fn a_change_of_an_agents_server_counts_for_the_next_call() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    planned.fails(&planned.call().await.twiml).await;
    assert_eq!([planned.call_as(&call_sid(1)).await.agent], ids([&planned.second])[..]);
    let mut first = planned.first.clone();
    first.profile.voice_target = Some(crate::fixture::stream("wss://moved.example.net/stream"));
    planned.change(&first).await;
    let answer = planned.call_as(&call_sid(2)).await;
    assert!(connects_to(&answer.twiml, "moved"), "what failed was the old one");
}
