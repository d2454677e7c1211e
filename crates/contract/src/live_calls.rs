//! The laws of [`LiveCallStore`](switchboard_domain::ports::LiveCallStore).

use crate::prelude::*;
use crate::{Fixture, samples};

/// A call of our organization that agent `n` took in this second, and that has not ended.
fn taken(fixture: &Fixture, n: u32, second: i64) -> CallRecord {
    let whole = samples::call(n, samples::account_sid(1), &fixture.ours);
    let decision = whole.decision.map(|decision| CallDecision {
        agent: Some(samples::agent_id(n)),
        at: samples::at(second),
        ..decision
    });
    CallRecord { decision, progress: None, disconnection: None, attempts: Vec::new(), ..whole }
}

/// A call in this state.
fn at_status(call: CallRecord, status: CallStatus) -> CallRecord {
    let progress = CallProgress { status, duration_seconds: None, at: samples::at(100) };
    CallRecord { progress: Some(progress), ..call }
}

async fn record(fixture: &Fixture, calls: &[CallRecord]) {
    fixture.calls().record(calls).await.unwrap();
}

/// Lists the live calls after a second, newest first.
async fn after(fixture: &Fixture, second: i64, most: u32) -> Vec<(CallSid, AgentId)> {
    let live = fixture.live_calls(samples::at(second), most).await.unwrap();
    live.into_iter().map(|((_, call), agent)| (call, agent)).collect()
}

/// Lists all live calls, ordered by number.
async fn live(fixture: &Fixture) -> BTreeMap<CallSid, AgentId> {
    after(fixture, -1, 1_000).await.into_iter().collect()
}

/// The expected calls, with the agents that have them.
fn had(calls: impl IntoIterator<Item = (u32, u32)>) -> BTreeMap<CallSid, AgentId> {
    let pair = |(call, agent)| (samples::call_sid(call), samples::agent_id(agent));
    calls.into_iter().map(pair).collect()
}

#[laws(live_calls::live_call_laws)]
pub mod laws {
    use super::*;

    /// A call belongs to its agent from the decision on, whichever organization it belongs to.
    pub async fn a_call_is_live_once_an_agent_took_it(fixture: &Fixture) {
        assert_eq!(live(fixture).await, had([]));
        let theirs = CallRecord {
            account: samples::account_sid(2),
            organization: fixture.theirs.clone(),
            ..taken(fixture, 2, 2)
        };
        record(fixture, &[taken(fixture, 1, 1), theirs]).await;
        assert_eq!(live(fixture).await, had([(1, 1), (2, 2)]));
    }

    /// Calls of two accounts with the same SID are two calls.
    pub async fn calls_of_two_accounts_with_one_sid_are_two(fixture: &Fixture) {
        let ours = taken(fixture, 1, 1);
        let theirs = CallRecord {
            account: samples::account_sid(2),
            organization: fixture.theirs.clone(),
            call: ours.call,
            ..taken(fixture, 2, 2)
        };
        record(fixture, &[ours.clone(), theirs.clone()]).await;
        let expected = vec![
            ((theirs.account, ours.call), samples::agent_id(2)),
            ((ours.account, ours.call), samples::agent_id(1)),
        ];
        assert_eq!(fixture.live_calls(samples::at(0), 9).await.unwrap(), expected);
        let ended = CallRecord { decision: None, ..theirs };
        record(fixture, &[at_status(ended, CallStatus::Completed)]).await;
        assert_eq!(live(fixture).await, had([(1, 1)]));
    }

    /// A call is live in every state except the final ones.
    pub async fn a_call_is_live_until_it_has_ended(fixture: &Fixture) {
        let mut expected = Vec::new();
        for (n, status) in (1..).zip(CallStatus::ALL) {
            record(fixture, &[at_status(taken(fixture, n, 1), status)]).await;
            expected.extend((!status.is_final()).then_some((n, n)));
        }
        assert_eq!(live(fixture).await, had(expected));
    }

    /// A call that has ended is not live, whether its end is recorded before or after the decision.
    pub async fn an_end_counts_in_whatever_order_it_is_recorded(fixture: &Fixture) {
        let nothing = |n| CallRecord { decision: None, ..taken(fixture, n, 1) };
        record(fixture, &[taken(fixture, 1, 1), at_status(nothing(2), CallStatus::Busy)]).await;
        assert_eq!(live(fixture).await, had([(1, 1)]));
        record(fixture, &[at_status(nothing(1), CallStatus::Completed), taken(fixture, 2, 1)])
            .await;
        assert_eq!(live(fixture).await, had([]));
    }

    /// A call whose connection to the agent has ended is not live, with or without an error.
    pub async fn a_call_that_was_disconnected_is_not_live(fixture: &Fixture) {
        for (n, error_code) in [(1, None), (2, Some(31_921))] {
            record(fixture, &[at_status(taken(fixture, n, 1), CallStatus::InProgress)]).await;
            assert_eq!(live(fixture).await, had([(n, n)]));
            let end = Disconnection { error_code, at: samples::at(2) };
            let reported = CallRecord { decision: None, ..taken(fixture, n, 1) };
            record(fixture, &[CallRecord { disconnection: Some(end), ..reported }]).await;
            assert_eq!(live(fixture).await, had([]));
        }
    }

    /// A call that no agent took, or that has no decision, is not live.
    pub async fn a_call_that_no_agent_took_is_not_live(fixture: &Fixture) {
        let undecided = CallRecord { decision: None, ..taken(fixture, 1, 1) };
        let nobody = |decision| CallDecision { agent: None, ..decision };
        let usual = taken(fixture, 2, 1);
        let refused = CallRecord { decision: usual.decision.clone().map(nobody), ..usual };
        record(fixture, &[undecided, refused]).await;
        assert_eq!(live(fixture).await, had([]));
    }

    /// After a fallback, a call belongs to the next agent, or to no agent if an action followed.
    pub async fn a_call_is_of_whom_was_tried_last(fixture: &Fixture) {
        let agent = |n| AttemptDestination::Agent(samples::agent_id(n));
        let with = |n, attempts| CallRecord { attempts, ..taken(fixture, n, 1) };
        record(
            fixture,
            &[
                with(1, vec![samples::attempt(1, agent(1))]),
                with(2, vec![samples::attempt(1, agent(2)), samples::attempt(2, agent(20))]),
                with(
                    3,
                    vec![
                        samples::attempt(1, agent(3)),
                        samples::attempt(2, AttemptDestination::Action("dial")),
                    ],
                ),
                with(
                    4,
                    vec![
                        samples::attempt(1, agent(4)),
                        samples::attempt(2, AttemptDestination::Exhausted),
                    ],
                ),
                // Recorded in another order than it happened.
                with(5, vec![samples::attempt(2, agent(50)), samples::attempt(1, agent(5))]),
                with(6, vec![samples::attempt(9, agent(60))]),
            ],
        )
        .await;
        let expected = [(1, 1), (2, 20), (5, 50), (6, 60)];
        assert_eq!(live(fixture).await, had(expected));
        record(
            fixture,
            &[with(6, vec![samples::attempt(1, agent(6)), samples::attempt(10, agent(61))])],
        )
        .await;
        record(fixture, &[with(1, vec![samples::attempt(2, AttemptDestination::Action("say"))])])
            .await;
        assert_eq!(live(fixture).await, had([(2, 20), (5, 50), (6, 61)]));
    }

    /// Calls that were decided at or before the given instant are left out.
    pub async fn older_calls_are_left_out(fixture: &Fixture) {
        let calls: Vec<_> = (1..=5).map(|n| taken(fixture, n, n.into())).collect();
        record(fixture, &calls).await;
        for second in 0..=5 {
            let calls: Vec<_> =
                after(fixture, second, 9).await.into_iter().map(|(call, _)| call).collect();
            let expected: Vec<_> =
                (1..=5).rev().filter(|n| i64::from(*n) > second).map(samples::call_sid).collect();
            assert_eq!(calls, expected, "after second {second}");
        }
    }

    /// At most the given number of calls is returned, and these are the newest ones.
    pub async fn the_newest_are_returned(fixture: &Fixture) {
        let mut calls: Vec<_> = (1..=40).map(|n| taken(fixture, n, n.into())).collect();
        for (place, call) in calls.iter_mut().enumerate() {
            match place % 4 {
                1 => *call = at_status(call.clone(), CallStatus::Completed),
                2 => call.attempts = vec![samples::attempt(50, AttemptDestination::Action("dial"))],
                _ => {}
            }
        }
        calls.reverse();
        record(fixture, &calls).await;
        let all = after(fixture, 0, 1_000).await;
        assert_eq!(all.len(), 20);
        assert_eq!(all[0].0, samples::call_sid(40));
        for most in [0, 1, 7, 20, u32::MAX] {
            let expected = &all[..all.len().min(most as usize)];
            assert_eq!(after(fixture, 0, most).await, expected, "at most {most}");
        }
    }

    /// However many live calls one organization has, each organization has an equal share of the calls that are returned.
    pub async fn organizations_have_equal_shares_of_the_calls_that_are_returned(fixture: &Fixture) {
        const MANY: u32 = 510;
        let theirs = |n, second| CallRecord {
            account: samples::account_sid(2),
            organization: fixture.theirs.clone(),
            ..taken(fixture, n, second)
        };
        record(fixture, &[theirs(1, 1), theirs(2, 2)]).await;
        let flood: Vec<_> = (10..10 + MANY).map(|n| taken(fixture, n, n.into())).collect();
        record(fixture, &flood).await;
        let newest = after(fixture, 0, 500).await;
        assert!(!newest.iter().any(|(call, _)| *call == samples::call_sid(2)), "displaced");
        for (most, shares) in [(1, [1, 0]), (2, [1, 1]), (3, [2, 1]), (4, [2, 2]), (500, [498, 2])]
        {
            let returned = fixture.live_calls_by_organization(samples::at(0), most).await.unwrap();
            let of = |organization: &OrganizationId| {
                let own = returned.iter().filter(|(of, ..)| of == organization);
                own.map(|(_, (_, call), _)| *call).collect::<Vec<_>>()
            };
            let (ours, theirs) = (of(&fixture.ours), of(&fixture.theirs));
            assert_eq!([ours.len(), theirs.len()], shares, "of {most}");
            assert_eq!(ours[0], samples::call_sid(9 + MANY));
            assert_eq!(theirs, [2, 1].map(samples::call_sid)[..shares[1]]);
        }
        assert_eq!(fixture.live_calls_by_organization(samples::at(0), 0).await.unwrap(), []);
        let late = samples::at(8 + i64::from(MANY));
        assert_eq!(fixture.live_calls_by_organization(late, 9).await.unwrap().len(), 1);
    }
}
