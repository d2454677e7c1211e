use std::ops::Range;
use std::sync::Arc;

use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::sid::CallSid;
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::StreamUrl;

use super::{AgentLoadLimits, AgentLoadTracker, Outcome, TrackedAgent};

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(second)
}

fn call(index: u32) -> CallSid {
    CallSid::parse(&format!("CA{index:032x}")).unwrap()
}

fn agent() -> AgentId {
    AgentId::new(at(0), [1; 10])
}

fn calls(load: &TrackedAgent) -> u32 {
    load.agent_load(at(0)).calls
}

fn stream(host: &str) -> VoiceTarget {
    VoiceTarget::Stream(StreamUrl::parse(&format!("wss://{host}/stream")).unwrap())
}

fn agent_load() -> (AgentLoadTracker, Arc<TrackedAgent>) {
    let agent_load = AgentLoadTracker::new(AgentLoadLimits::default());
    let load = agent_load.of(&agent(), Some(&stream("a.example")), None);
    (agent_load, load)
}

/// How many of these calls the agent takes, one after the other.
fn taken(
    agent_load: &AgentLoadTracker,
    load: &Arc<TrackedAgent>,
    calls: Range<u32>,
    second: i64,
) -> usize {
    calls.filter(|index| agent_load.begins(call(*index), load, Some(5), at(second))).count()
}

#[test]
fn a_call_counts_from_its_beginning_to_its_end_and_once_however_often_twilio_asks() {
    let (agent_load, load) = agent_load();
    for index in [1, 1, 2] {
        assert!(agent_load.begins(call(index), &load, None, at(0)));
    }
    assert_eq!((calls(&load), agent_load.holder(call(1))), (2, Some(agent())));
    agent_load.ends(call(1), at(60));
    agent_load.ends(call(1), at(60));
    assert_eq!((calls(&load), agent_load.holder(call(1))), (1, None));
    assert!(agent_load.parts(call(2), &agent(), Outcome::Failed, at(60)));
    assert_eq!(calls(&load), 0);
    assert!(load.agent_load(at(60)).is_down);
}

#[test]
fn what_an_agent_did_that_has_the_call_no_more_is_old_and_blames_nobody() {
    let (agent_load, load) = agent_load();
    let other = AgentId::new(at(0), [2; 10]);
    let next = agent_load.of(&other, Some(&stream("b.example")), None);
    assert!(agent_load.begins(call(1), &load, None, at(0)));
    assert!(agent_load.begins(call(1), &next, None, at(1)), "the call goes on to another agent");
    assert_eq!((calls(&load), calls(&next)), (0, 1));
    assert!(!agent_load.parts(call(1), &agent(), Outcome::Failed, at(2)));
    assert!(!load.agent_load(at(2)).is_down && !next.agent_load(at(2)).is_down);
    assert_eq!((calls(&next), agent_load.holder(call(1))), (1, Some(other)));
}

#[test]
fn no_more_calls_are_taken_than_there_is_room_for_and_those_of_other_processes_count() {
    let (agent_load, load) = agent_load();
    assert_eq!(taken(&agent_load, &load, 0..20, 0), 5);
    agent_load.ends(call(0), at(60));
    assert_eq!(taken(&agent_load, &load, 20..30, 60), 1);
    agent_load.refresh(Some(&[(call(90), agent()), (call(91), agent())]), at(100));
    assert_eq!((calls(&load), taken(&agent_load, &load, 30..40, 100)), (2, 3));
}

#[test]
fn of_many_threads_no_more_take_a_call_than_there_is_room_for() {
    let (agent_load, load) = agent_load();
    let taken: usize = std::thread::scope(|scope| {
        let one = |thread: u32| {
            let (agent_load, load) = (&agent_load, &load);
            scope.spawn(move || taken(agent_load, load, thread * 100..thread * 100 + 100, 0))
        };
        let threads: Vec<_> = (0..8).map(one).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((taken, calls(&load)), (5, 5));
}

#[test]
fn a_call_that_the_server_does_not_take_is_not_counted() {
    let (agent_load, load) = agent_load();
    assert!(agent_load.begins(call(1), &load, None, at(0)));
    assert!(agent_load.parts(call(1), &agent(), Outcome::Failed, at(0)));
    assert!(!agent_load.begins(call(2), &load, None, at(0)));
    assert_eq!((calls(&load), agent_load.holder(call(2))), (0, None));
}

#[test]
fn more_calls_than_are_counted_are_taken_all_the_same() {
    let limits = AgentLoadLimits { calls: 2, ..AgentLoadLimits::default() };
    let agent_load = AgentLoadTracker::new(limits);
    let load = agent_load.of(&agent(), None, None);
    for index in 0..4 {
        assert!(agent_load.begins(call(index), &load, None, at(0)));
    }
    assert_eq!(calls(&load), 2);
    agent_load.ends(call(3), at(1));
    assert_eq!(calls(&load), 2);
}

#[test]
fn a_call_whose_end_was_lost_here_is_dropped_once_the_store_knows_of_its_end() {
    let (agent_load, load) = agent_load();
    for index in 1..=3 {
        assert!(agent_load.begins(call(index), &load, None, at(0)));
    }
    // Its record may still be on its way.
    agent_load.refresh(Some(&[]), at(14));
    assert_eq!(calls(&load), 3);
    agent_load.refresh(Some(&[(call(1), agent()), (call(9), agent())]), at(15));
    // One of ours, and one of another process.
    assert_eq!(calls(&load), 2);
    agent_load.refresh(Some(&[]), at(16));
    assert_eq!(calls(&load), 0);
}

#[test]
fn without_the_store_only_what_is_far_too_old_is_dropped() {
    let (agent_load, load) = agent_load();
    assert!(agent_load.begins(call(1), &load, None, at(0)));
    agent_load.refresh(None, at(4 * 3_600 - 1));
    assert_eq!(calls(&load), 1);
    agent_load.refresh(None, at(4 * 3_600));
    assert_eq!(calls(&load), 0);
}

#[test]
fn calls_stay_an_agents_when_its_voice_server_changes() {
    let (agent_load, load) = agent_load();
    assert!(agent_load.begins(call(1), &load, None, at(0)));
    let moved = agent_load.of(&agent(), Some(&stream("b.example")), None);
    assert_eq!((calls(&moved), agent_load.servers().len()), (1, 2));
    agent_load.ends(call(1), at(5));
    assert_eq!(calls(&moved), 0);
    drop(load);
    agent_load.refresh(Some(&[]), at(6));
    assert_eq!(agent_load.servers().len(), 1);
}
