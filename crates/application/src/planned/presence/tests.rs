use std::ops::Range;
use std::sync::Arc;

use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::sid::CallSid;
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::StreamUrl;

use super::{AgentLoad, AgentPresence, Outcome, PresenceLimits};

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(second)
}

fn call(index: u32) -> CallSid {
    CallSid::parse(&format!("CA{index:032x}")).unwrap()
}

fn agent() -> AgentId {
    AgentId::new(at(0), [1; 10])
}

fn calls(load: &AgentLoad) -> u32 {
    load.presence(at(0)).calls
}

fn stream(host: &str) -> VoiceTarget {
    VoiceTarget::Stream(StreamUrl::parse(&format!("wss://{host}/stream")).unwrap())
}

fn presence() -> (AgentPresence, Arc<AgentLoad>) {
    let presence = AgentPresence::new(PresenceLimits::default());
    let load = presence.of(&agent(), Some(&stream("a.example")), None);
    (presence, load)
}

/// How many of these calls the agent takes, one after the other.
fn taken(presence: &AgentPresence, load: &Arc<AgentLoad>, calls: Range<u32>, second: i64) -> usize {
    calls.filter(|index| presence.begins(call(*index), load, Some(5), at(second))).count()
}

#[test]
fn a_call_counts_from_its_beginning_to_its_end_and_once_however_often_twilio_asks() {
    let (presence, load) = presence();
    for index in [1, 1, 2] {
        assert!(presence.begins(call(index), &load, None, at(0)));
    }
    assert_eq!((calls(&load), presence.holder(call(1))), (2, Some(agent())));
    presence.ends(call(1), at(60));
    presence.ends(call(1), at(60));
    assert_eq!((calls(&load), presence.holder(call(1))), (1, None));
    assert!(presence.parts(call(2), &agent(), Outcome::Failed, at(60)));
    assert_eq!(calls(&load), 0);
    assert!(load.presence(at(60)).is_down);
}

#[test]
fn what_an_agent_did_that_has_the_call_no_more_is_old_and_blames_nobody() {
    let (presence, load) = presence();
    let other = AgentId::new(at(0), [2; 10]);
    let next = presence.of(&other, Some(&stream("b.example")), None);
    assert!(presence.begins(call(1), &load, None, at(0)));
    assert!(presence.begins(call(1), &next, None, at(1)), "the call goes on to another agent");
    assert_eq!((calls(&load), calls(&next)), (0, 1));
    assert!(!presence.parts(call(1), &agent(), Outcome::Failed, at(2)));
    assert!(!load.presence(at(2)).is_down && !next.presence(at(2)).is_down);
    assert_eq!((calls(&next), presence.holder(call(1))), (1, Some(other)));
}

#[test]
fn no_more_calls_are_taken_than_there_is_room_for_and_those_of_other_processes_count() {
    let (presence, load) = presence();
    assert_eq!(taken(&presence, &load, 0..20, 0), 5);
    presence.ends(call(0), at(60));
    assert_eq!(taken(&presence, &load, 20..30, 60), 1);
    presence.refresh(Some(&[(call(90), agent()), (call(91), agent())]), at(100));
    assert_eq!((calls(&load), taken(&presence, &load, 30..40, 100)), (2, 3));
}

#[test]
fn of_many_threads_no_more_take_a_call_than_there_is_room_for() {
    let (presence, load) = presence();
    let taken: usize = std::thread::scope(|scope| {
        let one = |thread: u32| {
            let (presence, load) = (&presence, &load);
            scope.spawn(move || taken(presence, load, thread * 100..thread * 100 + 100, 0))
        };
        let threads: Vec<_> = (0..8).map(one).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((taken, calls(&load)), (5, 5));
}

#[test]
fn a_call_that_the_server_does_not_take_is_not_counted() {
    let (presence, load) = presence();
    assert!(presence.begins(call(1), &load, None, at(0)));
    assert!(presence.parts(call(1), &agent(), Outcome::Failed, at(0)));
    assert!(!presence.begins(call(2), &load, None, at(0)));
    assert_eq!((calls(&load), presence.holder(call(2))), (0, None));
}

#[test]
fn more_calls_than_are_counted_are_taken_all_the_same() {
    let limits = PresenceLimits { calls: 2, ..PresenceLimits::default() };
    let presence = AgentPresence::new(limits);
    let load = presence.of(&agent(), None, None);
    for index in 0..4 {
        assert!(presence.begins(call(index), &load, None, at(0)));
    }
    assert_eq!(calls(&load), 2);
    presence.ends(call(3), at(1));
    assert_eq!(calls(&load), 2);
}

#[test]
fn a_call_whose_end_was_lost_here_is_dropped_once_the_store_knows_of_its_end() {
    let (presence, load) = presence();
    for index in 1..=3 {
        assert!(presence.begins(call(index), &load, None, at(0)));
    }
    // Its record may still be on its way.
    presence.refresh(Some(&[]), at(14));
    assert_eq!(calls(&load), 3);
    presence.refresh(Some(&[(call(1), agent()), (call(9), agent())]), at(15));
    // One of ours, and one of another process.
    assert_eq!(calls(&load), 2);
    presence.refresh(Some(&[]), at(16));
    assert_eq!(calls(&load), 0);
}

#[test]
fn without_the_store_only_what_is_far_too_old_is_dropped() {
    let (presence, load) = presence();
    assert!(presence.begins(call(1), &load, None, at(0)));
    presence.refresh(None, at(4 * 3_600 - 1));
    assert_eq!(calls(&load), 1);
    presence.refresh(None, at(4 * 3_600));
    assert_eq!(calls(&load), 0);
}

#[test]
fn calls_stay_an_agents_when_its_voice_server_changes() {
    let (presence, load) = presence();
    assert!(presence.begins(call(1), &load, None, at(0)));
    let moved = presence.of(&agent(), Some(&stream("b.example")), None);
    assert_eq!((calls(&moved), presence.servers().len()), (1, 2));
    presence.ends(call(1), at(5));
    assert_eq!(calls(&moved), 0);
    drop(load);
    presence.refresh(Some(&[]), at(6));
    assert_eq!(presence.servers().len(), 1);
}
