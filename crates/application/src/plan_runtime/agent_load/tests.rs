use std::ops::Range;
use std::sync::Arc;

use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::sid::{AccountSid, CallSid};
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::StreamUrl;

use super::super::circuit_breaker::Health;
use super::{
    AgentLoadLimits, AgentLoadTracker, AttemptState, CallKey, Mode, Outcome, TrackedAgent, mode,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(second)
}

fn account(index: u32) -> AccountSid {
    AccountSid::parse(&format!("AC{index:032x}")).unwrap()
}

fn call(index: u32) -> CallKey {
    (account(1), CallSid::parse(&format!("CA{index:032x}")).unwrap())
}

fn organization(n: u8) -> OrganizationId {
    OrganizationId::new(at(0), [n; 10])
}

fn agent() -> AgentId {
    AgentId::new(at(0), [1; 10])
}

fn calls(load: &TrackedAgent) -> u32 {
    load.agent_load(account(1), at(0)).calls
}

fn stream(host: &str) -> VoiceTarget {
    VoiceTarget::Stream(StreamUrl::parse(&format!("wss://{host}/stream")).unwrap())
}

fn agent_load() -> (AgentLoadTracker, Arc<TrackedAgent>) {
    let agent_load = AgentLoadTracker::new(AgentLoadLimits::default());
    let load = agent_load.track(&organization(1), &agent(), Some(&stream("a.example")), None);
    (agent_load, load)
}

/// The number of these calls that the agent accepts, one after another.
fn accepted(
    agent_load: &AgentLoadTracker,
    load: &Arc<TrackedAgent>,
    calls: Range<u32>,
    second: i64,
) -> usize {
    calls.filter(|index| agent_load.try_begin(call(*index), load, Some(5), at(second))).count()
}

#[test]
fn a_call_counts_once_until_it_ends_however_often_twilio_retries() {
    let (agent_load, load) = agent_load();
    for index in [1, 1, 2] {
        assert!(agent_load.try_begin(call(index), &load, None, at(0)));
    }
    assert_eq!((calls(&load), agent_load.holder(call(1))), (2, Some(agent())));
    agent_load.end_call(call(1), at(60));
    agent_load.end_call(call(1), at(60));
    assert_eq!((calls(&load), agent_load.holder(call(1))), (1, None));
    agent_load.end_attempt(call(2), &agent(), Some(Outcome::Failed), at(60));
    assert_eq!(calls(&load), 0);
    assert!(load.agent_load(account(1), at(60)).is_down);
}

#[test]
fn a_late_end_of_an_earlier_attempt_affects_no_agent() {
    let (agent_load, load) = agent_load();
    let other = AgentId::new(at(0), [2; 10]);
    let next = agent_load.track(&organization(1), &other, Some(&stream("b.example")), None);
    assert!(agent_load.try_begin(call(1), &load, None, at(0)));
    assert!(agent_load.try_begin(call(1), &next, None, at(1)), "the call goes on to another agent");
    assert_eq!((calls(&load), calls(&next)), (0, 1));
    assert_eq!(agent_load.attempt(call(1), &agent()), AttemptState::Over);
    agent_load.end_attempt(call(1), &agent(), Some(Outcome::Failed), at(2));
    assert!(
        !load.agent_load(account(1), at(2)).is_down && !next.agent_load(account(1), at(2)).is_down
    );
    assert_eq!((calls(&next), agent_load.holder(call(1))), (1, Some(other)));
}

/// Attack 6: more live calls than one read tells.
#[test]
fn a_part_of_an_organizations_calls_ends_none_of_them_and_hides_none_of_others() {
    let (agent_load, load) = agent_load();
    let other = AgentId::new(at(0), [2; 10]);
    let next = agent_load.track(&organization(2), &other, Some(&stream("b.example")), None);
    assert!(agent_load.try_begin(call(1), &load, None, at(0)));
    assert!(agent_load.try_begin(call(2), &next, None, at(0)));
    let truncated = [organization(1)].into();
    agent_load.refresh_shares(&[(call(3), other)], &truncated, at(100));
    assert_eq!((calls(&load), calls(&next)), (1, 1), "one goes on; one is over, another is there");
    assert_eq!((agent_load.is_live(call(1)), agent_load.is_live(call(2))), (true, false));
}

#[test]
fn capacity_is_never_exceeded_and_calls_of_other_processes_count() {
    let (agent_load, load) = agent_load();
    assert_eq!(accepted(&agent_load, &load, 0..20, 0), 5);
    agent_load.end_call(call(0), at(60));
    assert_eq!(accepted(&agent_load, &load, 20..30, 60), 1);
    agent_load.refresh(Some(&[(call(90), agent()), (call(91), agent())]), at(100));
    assert_eq!((calls(&load), accepted(&agent_load, &load, 30..40, 100)), (2, 3));
}

#[test]
fn of_many_threads_no_more_take_a_call_than_there_is_room_for() {
    let (agent_load, load) = agent_load();
    let taken: usize = std::thread::scope(|scope| {
        let one = |thread: u32| {
            let (agent_load, load) = (&agent_load, &load);
            scope.spawn(move || accepted(agent_load, load, thread * 100..thread * 100 + 100, 0))
        };
        let threads: Vec<_> = (0..8).map(one).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((taken, calls(&load)), (5, 5));
}

#[test]
fn a_call_that_the_server_does_not_take_is_not_counted() {
    let (agent_load, load) = agent_load();
    assert!(agent_load.try_begin(call(1), &load, None, at(0)));
    agent_load.end_attempt(call(1), &agent(), Some(Outcome::Failed), at(0));
    assert!(!agent_load.try_begin(call(2), &load, None, at(0)));
    assert_eq!((calls(&load), agent_load.holder(call(2))), (0, None));
}

#[test]
fn more_calls_than_are_counted_are_taken_all_the_same() {
    let limits = AgentLoadLimits { calls: 4, ..AgentLoadLimits::default() };
    let agent_load = AgentLoadTracker::new(limits);
    let load = agent_load.track(&organization(1), &agent(), None, None);
    for index in 0..4 {
        assert!(agent_load.try_begin(call(index), &load, None, at(0)));
    }
    assert_eq!(calls(&load), 2);
    agent_load.end_call(call(3), at(1));
    assert_eq!(calls(&load), 2);
}

#[test]
fn a_call_whose_end_was_lost_here_is_dropped_once_the_store_knows_of_its_end() {
    let (agent_load, load) = agent_load();
    for index in 1..=3 {
        assert!(agent_load.try_begin(call(index), &load, None, at(0)));
    }
    // Its record may not have been written yet.
    agent_load.refresh(Some(&[]), at(14));
    assert_eq!(calls(&load), 3);
    agent_load.refresh(Some(&[(call(1), agent()), (call(9), agent())]), at(15));
    // One call of this process, and one of another process.
    assert_eq!(calls(&load), 2);
    agent_load.refresh(Some(&[]), at(16));
    assert_eq!(calls(&load), 0);
}

#[test]
fn without_the_store_only_what_is_far_too_old_is_dropped() {
    let (agent_load, load) = agent_load();
    assert!(agent_load.try_begin(call(1), &load, None, at(0)));
    agent_load.refresh(None, at(4 * 3_600 - 1));
    assert_eq!(calls(&load), 1);
    agent_load.refresh(None, at(4 * 3_600));
    assert_eq!(calls(&load), 0);
}

#[test]
fn calls_stay_an_agents_when_its_voice_server_changes() {
    let (agent_load, load) = agent_load();
    assert!(agent_load.try_begin(call(1), &load, None, at(0)));
    let moved = agent_load.track(&organization(1), &agent(), Some(&stream("b.example")), None);
    assert_eq!((calls(&moved), agent_load.servers().len()), (1, 2));
    agent_load.end_call(call(1), at(5));
    assert_eq!(calls(&moved), 0);
    drop(load);
    agent_load.refresh(Some(&[]), at(6));
    assert_eq!(agent_load.servers().len(), 1);
}

#[test]
fn a_request_that_is_sent_again_counts_nothing() {
    let (agent_load, load) = agent_load();
    let replay = |outcome| {
        assert!(agent_load.try_begin(call(1), &load, Some(1), at(0)));
        agent_load.end_attempt(call(1), &agent(), Some(outcome), at(0));
        agent_load.end_call(call(1), at(1));
    };
    replay(Outcome::Done);
    for _ in 0..20 {
        replay(Outcome::Failed);
        replay(Outcome::CallOver);
        assert!(agent_load.try_begin(call(1), &load, Some(1), at(2)));
        assert_eq!((calls(&load), load.agent_load(account(1), at(2)).is_down), (0, false));
    }
    assert!(agent_load.has_ended(call(1)) && !agent_load.has_ended(call(2)));
}

#[test]
fn a_failed_attempt_fails_the_server_once_however_often_it_is_reported() {
    let (agent_load, load) = agent_load();
    assert!(agent_load.try_begin(call(1), &load, None, at(0)));
    agent_load.end_attempt(call(1), &agent(), Some(Outcome::Failed), at(0));
    let servers = agent_load.servers();
    servers[0].breaker.checked(Health::Up);
    assert!(!load.agent_load(account(1), at(1)).is_down);
    assert!(agent_load.try_begin(call(1), &load, None, at(1)));
    agent_load.end_attempt(call(1), &agent(), Some(Outcome::Failed), at(1));
    assert!(!load.agent_load(account(1), at(1)).is_down);
}

#[test]
fn an_account_cannot_end_or_take_over_the_call_of_another() {
    let (agent_load, load) = agent_load();
    assert!(agent_load.try_begin(call(1), &load, Some(1), at(0)));
    let foreign = (account(2), call(1).1);
    agent_load.end_call(foreign, at(1));
    agent_load.end_attempt(foreign, &agent(), Some(Outcome::Failed), at(1));
    assert!(!agent_load.try_begin(call(2), &load, Some(1), at(1)));
    assert_eq!((calls(&load), agent_load.holder(call(1))), (1, Some(agent())));
    assert!(!load.agent_load(account(1), at(1)).is_down);
}

#[test]
fn a_voice_server_fails_for_one_organization_only() {
    let agent_load = AgentLoadTracker::new(AgentLoadLimits::default());
    let target = stream("shared.example");
    let other = AgentId::new(at(0), [2; 10]);
    let ours = agent_load.track(&organization(1), &agent(), Some(&target), None);
    let theirs = agent_load.track(&organization(2), &other, Some(&target), None);
    assert!(agent_load.try_begin(call(1), &theirs, None, at(0)));
    agent_load.end_attempt(call(1), &other, Some(Outcome::Failed), at(0));
    assert!(
        theirs.agent_load(account(1), at(0)).is_down && !ours.agent_load(account(1), at(0)).is_down
    );
}

#[test]
fn an_organization_leaves_places_for_the_calls_of_others() {
    let limits = AgentLoadLimits { calls: 1_000, ..AgentLoadLimits::default() };
    let agent_load = AgentLoadTracker::new(limits);
    let load = agent_load.track(&organization(1), &agent(), None, None);
    for index in 0..2_000 {
        assert!(agent_load.try_begin(call(index), &load, None, at(0)));
    }
    assert_eq!(calls(&load), 500);
    let other = AgentId::new(at(0), [2; 10]);
    let theirs = agent_load.track(&organization(2), &other, None, None);
    let begins = |index| {
        let call = (account(2), call(index).1);
        agent_load.try_begin(call, &theirs, Some(1), at(0))
    };
    assert!(begins(1) && !begins(2));
}

#[test]
fn a_call_that_was_dropped_is_not_counted_again_when_its_request_is_sent_again() {
    let (agent_load, load) = agent_load();
    assert!(agent_load.try_begin(call(1), &load, Some(1), at(0)));
    agent_load.refresh(Some(&[]), at(15));
    assert!(agent_load.try_begin(call(1), &load, Some(1), at(16)));
    assert_eq!(calls(&load), 0);
    assert!(agent_load.is_stale_attempt(call(1), &agent(), at(16)));
}

#[test]
fn an_attempt_is_stale_once_twilio_does_not_retry_any_more() {
    let (agent_load, load) = agent_load();
    assert!(agent_load.try_begin(call(1), &load, None, at(0)));
    assert!(!agent_load.is_stale_attempt(call(1), &agent(), at(60)));
    assert!(agent_load.is_stale_attempt(call(1), &agent(), at(61)));
    assert!(!agent_load.is_stale_attempt(call(2), &agent(), at(61)));
}

#[test]
fn the_failures_of_an_account_do_not_stop_the_calls_of_another() {
    let (agent_load, load) = agent_load();
    for index in 0..20 {
        agent_load.try_begin(call(index), &load, None, at(0));
        agent_load.end_attempt(call(index), &agent(), Some(Outcome::Failed), at(0));
    }
    assert!(load.agent_load(account(1), at(0)).is_down);
    assert!(!load.agent_load(account(2), at(0)).is_down);
    assert!(agent_load.try_begin((account(2), call(1).1), &load, None, at(0)));
}

#[test]
fn when_nearly_all_servers_of_an_organization_look_down_none_is_believed_to_be() {
    for (down, all, expected) in
        [(1, 1, false), (2, 2, false), (3, 3, true), (8, 10, false), (9, 10, true)]
    {
        assert_eq!(mode(down, all) == Mode::Panic, expected, "{down} of {all}");
    }
    let agent_load = AgentLoadTracker::new(AgentLoadLimits::default());
    let track = |of: u8, n: u8| {
        let target = stream(&format!("{of}-{n}.example"));
        let id = AgentId::new(at(0), [10 * of + n; 10]);
        agent_load.track(&organization(of), &id, Some(&target), None)
    };
    let ours: Vec<_> = (0..3).map(|n| track(1, n)).collect();
    let theirs: Vec<_> = (0..3).map(|n| track(2, n)).collect();
    let down = |agents: &[Arc<TrackedAgent>]| {
        agents.iter().filter(|agent| agent.agent_load(account(1), at(0)).is_down).count()
    };
    for agent in ours.iter().chain(&theirs[..2]) {
        let server = agent.server.load_full().unwrap();
        for _ in 0..2 {
            server.breaker.checked(Health::Down);
        }
    }
    assert_eq!([down(&ours), down(&theirs)], [3, 2]);
    agent_load.weigh_health();
    assert_eq!([down(&ours), down(&theirs)], [0, 2]);
    ours[0].server.load_full().unwrap().breaker.checked(Health::Up);
    agent_load.weigh_health();
    assert_eq!([down(&ours), down(&theirs)], [2, 2]);
}
