//! The laws of [`CallStore`](switchboard_domain::ports::CallStore).
//!
//! Call records outlive the accounts and agents that they name, so the laws add none of them.

use itertools::Itertools as _;

use crate::concurrent::{TASKS, at_once};
use crate::prelude::*;
use crate::{Fixture, pages, samples};

/// The key by which calls are listed.
fn key(record: &CallRecord) -> (AccountSid, CallSid) {
    (record.account, record.call)
}

/// A call of our organization in which every field has a value.
fn full(fixture: &Fixture, n: u32) -> CallRecord {
    samples::call(n, samples::account_sid(1), &fixture.ours)
}

/// A call of our organization in which no optional field has a value.
fn bare(fixture: &Fixture, n: u32) -> CallRecord {
    CallRecord::of(
        samples::account_sid(1),
        fixture.ours.clone(),
        samples::call_sid(n),
        samples::at(9),
    )
}

/// A call of our organization in this state.
fn at_status(fixture: &Fixture, n: u32, status: CallStatus) -> CallRecord {
    let duration_seconds = status.is_final().then_some(42);
    CallRecord {
        progress: Some(CallProgress {
            status,
            duration_seconds,
            at: samples::at(status.rank().into()),
        }),
        ..bare(fixture, n)
    }
}

/// Partial records of one call: two decisions, three states, two ends of the connection, four
/// attempts and the addresses. None of them is first or last in every record.
fn pieces(fixture: &Fixture, n: u32) -> [CallRecord; 4] {
    let whole = full(fixture, n);
    let decision = |reason, second| CallDecision {
        rule: (reason == Reason::Assigned).then(|| RuleRef {
            plan: samples::plan_id(n),
            version: 2,
            rule: None,
        }),
        agent: (reason == Reason::Assigned).then(|| samples::agent_id(n)),
        reason,
        verified_by: VerifiedBy::NextToken,
        at: samples::at(second),
    };
    let end = |error_code, second| Some(Disconnection { error_code, at: samples::at(second) });
    let attempt = |second, agent| {
        samples::attempt(second, AttemptDestination::Agent(samples::agent_id(agent)))
    };
    let seen = |second| CallRecord { first_seen_at: samples::at(second), ..bare(fixture, n) };
    let progress = |status| at_status(fixture, n, status).progress;
    [
        CallRecord {
            from: whole.from,
            to: whole.to,
            decision: Some(decision(Reason::Assigned, 2)),
            facts: whole.facts,
            session_opened_at: Some(samples::at(4)),
            attempts: vec![attempt(2, n), attempt(5, n + 1)],
            ..seen(2)
        },
        CallRecord {
            decision: Some(decision(Reason::Unassigned, 7)),
            progress: progress(CallStatus::Ringing),
            attempts: vec![samples::attempt(9, AttemptDestination::Exhausted)],
            ..seen(1)
        },
        CallRecord {
            progress: progress(CallStatus::Completed),
            disconnection: end(None, 6),
            attempts: vec![
                attempt(5, n + 1),
                samples::attempt(8, AttemptDestination::Action("dial")),
            ],
            ..seen(5)
        },
        CallRecord {
            progress: progress(CallStatus::InProgress),
            session_opened_at: Some(samples::at(3)),
            disconnection: end(Some(31_921), 4),
            ..seen(3)
        },
    ]
}

/// The result of merging these records in this order.
fn merged(pieces: &[CallRecord], order: &[usize]) -> CallRecord {
    let in_order = order.iter().map(|place| pieces[*place].clone());
    in_order.reduce(CallRecord::merge).unwrap()
}

/// The stored record of the call.
async fn kept(fixture: &Fixture, record: &CallRecord) -> Option<CallRecord> {
    fixture.calls().find(&fixture.us, record.account, record.call).await.unwrap()
}

/// Records several calls at once and checks that each is found unchanged.
async fn survive(fixture: &Fixture, records: &[CallRecord]) {
    fixture.calls().record(records).await.unwrap();
    for record in records {
        assert_eq!(kept(fixture, record).await.as_ref(), Some(record));
    }
}

#[laws(calls::call_laws)]
pub mod laws {
    use super::*;

    /// Every field of a call is stored exactly, with every time to the microsecond.
    pub async fn a_call_is_found_as_it_was_recorded(fixture: &Fixture) {
        survive(fixture, &[full(fixture, 1)]).await;
    }

    /// Unknown values of a call stay unknown, also within a decision and a disconnection.
    pub async fn a_call_of_which_little_is_known_is_found_as_it_was_recorded(fixture: &Fixture) {
        let nobody = CallRecord {
            decision: full(fixture, 2)
                .decision
                .map(|decision| CallDecision { agent: None, ..decision }),
            progress: Some(CallProgress {
                status: CallStatus::Completed,
                duration_seconds: None,
                at: samples::at(1),
            }),
            disconnection: Some(Disconnection { error_code: None, at: samples::at(2) }),
            ..bare(fixture, 2)
        };
        survive(fixture, &[bare(fixture, 1), nobody]).await;
    }

    /// Every rule of a plan is stored exactly: the first one, the one with the greatest index, and
    /// `otherwise`.
    pub async fn every_rule_survives(fixture: &Fixture) {
        let rules = [Some(0), Some(u32::MAX), None].map(Some).into_iter().chain([None]);
        let records: Vec<_> = (1..)
            .zip(rules)
            .map(|(n, rule)| {
                let whole = full(fixture, n);
                let rule = rule.map(|rule| RuleRef { plan: samples::plan_id(n), version: n, rule });
                let decision =
                    whole.decision.clone().map(|decision| CallDecision { rule, ..decision });
                CallRecord { decision, ..whole }
            })
            .collect();
        survive(fixture, &records).await;
    }

    /// A rule is stored with its decision: if an earlier decision without a plan replaces it, no
    /// rule remains.
    pub async fn a_rule_stands_and_falls_with_its_decision(fixture: &Fixture) {
        let planned = full(fixture, 1);
        let decision = planned.decision.clone();
        let earlier =
            decision.map(|decision| CallDecision { rule: None, at: samples::at(-9), ..decision });
        let earlier = CallRecord { decision: earlier, ..planned.clone() };
        fixture.calls().record(std::slice::from_ref(&planned)).await.unwrap();
        fixture.calls().record(std::slice::from_ref(&earlier)).await.unwrap();
        assert_eq!(kept(fixture, &planned).await, Some(planned.merge(earlier)));
    }

    /// What Twilio reported about a caller is stored exactly, even if it reported nothing. The
    /// first report is kept.
    pub async fn the_facts_of_a_caller_survive(fixture: &Fixture) {
        let [unknown, known] = [Some(CallerFacts::default()), Some(samples::facts())];
        let told = |n, facts: &Option<CallerFacts>| CallRecord {
            facts: facts.clone(),
            ..bare(fixture, n)
        };
        survive(fixture, &[told(1, &unknown), told(2, &known), told(3, &None)]).await;
        for n in 1..=3 {
            fixture.calls().record(&[told(n, &known)]).await.unwrap();
        }
        assert_eq!(kept(fixture, &bare(fixture, 1)).await, Some(told(1, &unknown)));
        assert_eq!(kept(fixture, &bare(fixture, 3)).await, Some(told(3, &known)));
    }

    /// Attempts can be recorded in any order and repeatedly. Each is stored once, ordered by time,
    /// also if several have the same time.
    pub async fn attempts_are_stored_once_and_in_order(fixture: &Fixture) {
        let agent =
            |second, n| samples::attempt(second, AttemptDestination::Agent(samples::agent_id(n)));
        let words = ["dial", "voicemail", "say", "reject", "redirect", "enqueue"];
        let actions = words.map(|word| samples::attempt(3, AttemptDestination::Action(word)));
        let mut expected = vec![
            agent(-3_000_000_000, 1),
            agent(2, 1),
            agent(2, 2),
            samples::attempt(3, AttemptDestination::Exhausted),
            agent(3, 1),
            agent(10, 1),
            samples::attempt(10, AttemptDestination::Exhausted),
        ];
        expected.extend(actions);
        expected.sort_unstable();
        let told = |n, attempts: Vec<AttemptRecord>| CallRecord { attempts, ..bare(fixture, n) };
        // All at once in a wrong order, one after the other, backwards, and in overlapping records.
        let reversed: Vec<_> = expected.iter().rev().cloned().collect();
        fixture
            .calls()
            .record(&[told(1, [reversed.clone(), reversed.clone()].concat())])
            .await
            .unwrap();
        for attempt in &expected {
            fixture.calls().record(&[told(2, vec![attempt.clone()])]).await.unwrap();
        }
        for attempt in &reversed {
            fixture.calls().record(&[told(3, vec![attempt.clone()])]).await.unwrap();
        }
        for pair in reversed.windows(2).chain([expected.as_slice(), &[]]) {
            fixture.calls().record(&[told(4, pair.to_vec())]).await.unwrap();
        }
        for n in 1..=4 {
            assert_eq!(
                kept(fixture, &bare(fixture, n)).await,
                Some(told(n, expected.clone())),
                "{n}"
            );
        }
    }

    /// Attempts that are recorded concurrently are all stored.
    pub async fn attempts_of_concurrent_writers_are_all_stored(fixture: &Fixture) {
        let attempt =
            |n: u32| samples::attempt(n.into(), AttemptDestination::Agent(samples::agent_id(n)));
        let results = at_once(|n| {
            let store = fixture.store();
            let attempts = vec![attempt(n), attempt(n + 1)];
            let record = CallRecord { attempts, ..bare(fixture, 1) };
            async move { store.calls().record(&[record]).await }
        });
        results.await.into_iter().for_each(Result::unwrap);
        let expected: Vec<_> = (0..=TASKS).map(attempt).collect();
        assert_eq!(kept(fixture, &bare(fixture, 1)).await.unwrap().attempts, expected);
    }

    /// Every form of a caller's address is stored exactly, including withheld ones.
    pub async fn every_address_of_a_call_survives(fixture: &Fixture) {
        let address = |(n, address)| CallRecord { from: Some(address), ..bare(fixture, n) };
        let from: Vec<_> = (1..).zip(samples::addresses()).map(address).collect();
        survive(fixture, &from).await;
        let address = |(n, address)| CallRecord { to: Some(address), ..bare(fixture, n) };
        let to: Vec<_> = (1_001..).zip(samples::addresses()).map(address).collect();
        survive(fixture, &to).await;
    }

    /// Every reason and every verification are stored exactly.
    pub async fn every_decision_survives(fixture: &Fixture) {
        use VerifiedBy::{NextToken, OwnerToken, PrimaryToken, Unchecked};
        let checked = [PrimaryToken, NextToken, OwnerToken, Unchecked];
        let verifications = checked.into_iter().chain(Refusal::ALL.map(VerifiedBy::Reported));
        let decisions =
            verifications.flat_map(|verified_by| Reason::ALL.map(|reason| (reason, verified_by)));
        let record = |(n, (reason, verified_by))| {
            let decision =
                CallDecision { rule: None, agent: None, reason, verified_by, at: samples::at(1) };
            CallRecord { decision: Some(decision), ..bare(fixture, n) }
        };
        survive(fixture, &(1..).zip(decisions).map(record).collect::<Vec<_>>()).await;
    }

    /// Every state, the maximum duration and the maximum error code are stored exactly.
    pub async fn every_state_of_a_call_survives(fixture: &Fixture) {
        let mut records: Vec<_> =
            (1..).zip(CallStatus::ALL).map(|(n, status)| at_status(fixture, n, status)).collect();
        let greatest = CallProgress {
            status: CallStatus::Completed,
            duration_seconds: Some(u32::MAX),
            at: samples::at(1),
        };
        records.push(CallRecord {
            progress: Some(greatest),
            disconnection: Some(Disconnection { error_code: Some(u32::MAX), at: samples::at(2) }),
            ..bare(fixture, 100)
        });
        survive(fixture, &records).await;
    }

    /// Looking up a call that does not exist is not an error.
    pub async fn a_call_that_was_never_recorded_is_not_found(fixture: &Fixture) {
        let record = full(fixture, 1);
        assert_eq!(
            fixture.calls().find(&samples::operator(), record.account, record.call).await.unwrap(),
            None
        );
        assert_eq!(fixture.calls().list(&samples::operator(), &Page::first(10)).await.unwrap(), []);
    }

    /// A call is identified by its account and its SID together.
    pub async fn the_same_sid_in_two_accounts_is_two_calls(fixture: &Fixture) {
        let one = full(fixture, 1);
        let two = CallRecord { account: samples::account_sid(2), ..bare(fixture, 1) };
        survive(fixture, &[one.clone(), two]).await;
        let third = samples::account_sid(3);
        assert_eq!(fixture.calls().find(&fixture.us, third, one.call).await.unwrap(), None);
    }

    /// Partial records lead to the same call in whatever order they are recorded.
    pub async fn the_order_in_which_a_call_is_recorded_changes_nothing(fixture: &Fixture) {
        for (n, order) in (1..).zip((0..4_usize).permutations(4)) {
            let pieces = pieces(fixture, n);
            let expected = merged(&pieces, &[0, 1, 2, 3]);
            for (come, place) in order.iter().enumerate() {
                fixture.calls().record(&pieces[*place..=*place]).await.unwrap();
                let so_far = merged(&pieces, &order[..=come]);
                assert_eq!(kept(fixture, &expected).await, Some(so_far), "{order:?}");
            }
            assert_eq!(kept(fixture, &expected).await, Some(expected), "{order:?}");
        }
    }

    /// A batch may contain several records of one call. They are merged as if they were recorded
    /// one by one.
    pub async fn a_batch_merges_the_pieces_of_a_call(fixture: &Fixture) {
        let mut batch = Vec::new();
        let mut expected = Vec::new();
        for (n, order) in (1..).zip((0..4_usize).permutations(4)) {
            let pieces = pieces(fixture, n);
            batch.extend(order.iter().map(|place| pieces[*place].clone()));
            expected.push(merged(&pieces, &[0, 1, 2, 3]));
        }
        fixture.calls().record(&batch).await.unwrap();
        assert_eq!(fixture.calls().list(&fixture.us, &Page::first(100)).await.unwrap(), expected);
    }

    /// Recording the same values again changes nothing, whether alone, twice in a batch, or late.
    pub async fn repetition_changes_nothing(fixture: &Fixture) {
        let pieces = pieces(fixture, 1);
        let expected = merged(&pieces, &[0, 1, 2, 3]);
        fixture.calls().record(&pieces).await.unwrap();
        for piece in &pieces {
            fixture.calls().record(std::slice::from_ref(piece)).await.unwrap();
            fixture.calls().record(&[piece.clone(), piece.clone()]).await.unwrap();
            assert_eq!(kept(fixture, piece).await.as_ref(), Some(&expected));
        }
        fixture.calls().record(std::slice::from_ref(&expected)).await.unwrap();
        assert_eq!(kept(fixture, &expected).await, Some(expected));
    }

    /// The later of two states is stored, in whatever order they are recorded.
    pub async fn the_later_of_two_states_of_a_call_stands(fixture: &Fixture) {
        for (n, pair) in (1..).zip(CallStatus::ALL.windows(2)) {
            let [earlier, later] = [pair[0], pair[1]];
            for (sid, told_first, told_last) in [(n, earlier, later), (100 + n, later, earlier)] {
                for status in [told_first, told_last] {
                    fixture.calls().record(&[at_status(fixture, sid, status)]).await.unwrap();
                }
                let expected = at_status(fixture, sid, later);
                assert_eq!(
                    kept(fixture, &expected).await,
                    Some(expected),
                    "{told_last:?} after {told_first:?}"
                );
            }
        }
    }

    /// Recording an empty batch succeeds.
    pub async fn an_empty_batch_is_recorded(fixture: &Fixture) {
        fixture.calls().record(&[]).await.unwrap();
        assert_eq!(fixture.calls().list(&samples::operator(), &Page::first(10)).await.unwrap(), []);
    }

    /// A thousand calls can be recorded in one batch, also repeatedly.
    pub async fn a_batch_of_a_thousand_calls_is_recorded(fixture: &Fixture) {
        let records: Vec<_> = (1..=1_000).map(|n| full(fixture, n)).collect();
        for _ in 0..2 {
            fixture.calls().record(&records).await.unwrap();
            assert_eq!(
                fixture.calls().list(&fixture.us, &Page::first(2_000)).await.unwrap(),
                records
            );
        }
    }

    /// Concurrent batches that contain the same calls in different orders neither deadlock nor
    /// overwrite each other.
    pub async fn batches_of_the_same_calls_at_once_are_all_merged(fixture: &Fixture) {
        let statuses = CallStatus::ALL.into_iter().cycle();
        let batches: Vec<Vec<_>> = (0..TASKS)
            .zip(statuses)
            .map(|(task, status)| {
                let records = (1..=50).map(|n| at_status(fixture, n, status));
                if task % 2 == 0 { records.collect() } else { records.rev().collect() }
            })
            .collect();
        let results = at_once(|n| {
            let (store, batch) = (fixture.store(), batches[n as usize].clone());
            async move { store.calls().record(&batch).await }
        });
        results.await.into_iter().for_each(Result::unwrap);
        let expected: Vec<_> =
            (1..=50).map(|n| at_status(fixture, n, CallStatus::Completed)).collect();
        assert_eq!(fixture.calls().list(&fixture.us, &Page::first(100)).await.unwrap(), expected);
    }

    /// Knowing the account and SID of a call of another organization does not give access to it.
    pub async fn a_call_of_another_organization_is_not_found(fixture: &Fixture) {
        let record = samples::call(1, samples::account_sid(1), &fixture.theirs);
        fixture.calls().record(std::slice::from_ref(&record)).await.unwrap();
        assert_eq!(kept(fixture, &record).await, None);
        for scope in [&fixture.them, &samples::operator()] {
            let found = fixture.calls().find(scope, record.account, record.call).await.unwrap();
            assert_eq!(found.as_ref(), Some(&record));
        }
    }

    /// The latest calls between a contact and our side are found in both directions, oldest first.
    pub async fn the_latest_calls_of_a_contact_are_found_in_their_order(fixture: &Fixture) {
        let phone = |n| Address::Phone(samples::phone(n));
        let ours = [phone(100), phone(101)];
        let contact = [phone(199), Address::WhatsApp(samples::phone(199))];
        let call = |n: u32, from: &Address, to: &Address| CallRecord {
            from: Some(from.clone()),
            to: Some(to.clone()),
            first_seen_at: samples::at(n.into()),
            ..bare(fixture, n)
        };
        let between = [
            call(1, &contact[0], &ours[0]),
            call(2, &contact[1], &ours[1]),
            call(3, &ours[0], &contact[0]),
            call(4, &contact[0], &ours[1]),
        ];
        let dialed = CallRecord {
            direction: Some(CallDirection::OutboundDial),
            ..call(10, &contact[0], &ours[1])
        };
        let theirs = CallRecord {
            organization: fixture.theirs.clone(),
            account: samples::account_sid(9),
            ..call(5, &contact[0], &ours[0])
        };
        let elsewhere = [
            call(6, &phone(198), &ours[0]),
            call(7, &contact[0], &phone(102)),
            call(8, &ours[0], &phone(198)),
            bare(fixture, 9),
            theirs,
            dialed,
            call(11, &ours[0], &ours[0]),
        ];
        for record in between.iter().rev().chain(&elsewhere) {
            fixture.calls().record(std::slice::from_ref(record)).await.unwrap();
        }
        let found = async |contact: &[Address], limit| {
            fixture.calls().latest_of_contact(&fixture.ours, contact, &ours, limit).await.unwrap()
        };
        assert_eq!(found(&contact, 10).await, between);
        assert_eq!(found(&contact, 2).await, between[2..]);
        assert_eq!(found(&contact[1..], 10).await, between[1..2]);
        assert_eq!(found(&[], 10).await, []);
        // A call from an address to itself is one call.
        let to_itself = found(&ours[..1], 10).await;
        assert_eq!(
            to_itself.iter().map(|call| call.call).collect::<Vec<_>>(),
            [samples::call_sid(11)]
        );
    }

    /// An organization lists only its own calls. The operator lists all of them.
    pub async fn calls_of_another_organization_are_not_listed(fixture: &Fixture) {
        let mine = full(fixture, 2);
        let [first, last] =
            [1, 3].map(|n| samples::call(n, samples::account_sid(1), &fixture.theirs));
        fixture.calls().record(&[mine.clone(), first.clone(), last.clone()]).await.unwrap();
        let listed = async |scope| fixture.calls().list(scope, &Page::first(10)).await.unwrap();
        assert_eq!(listed(&fixture.us).await, std::slice::from_ref(&mine));
        assert_eq!(listed(&fixture.them).await, [first.clone(), last.clone()]);
        assert_eq!(listed(&samples::operator()).await, [first, mine, last]);
    }

    /// Pages of any size return each call once, ordered by account and SID.
    pub async fn pages_of_calls_follow_each_other(fixture: &Fixture) {
        let keys = [(1, 5), (1, 7), (2, 1), (2, 5), (2, 9), (3, 3)];
        let expected =
            keys.map(|(account, n)| samples::call(n, samples::account_sid(account), &fixture.ours));
        let foreign = keys.map(|(account, n)| {
            samples::call(n, samples::account_sid(10 + account), &fixture.theirs)
        });
        let mut records = [expected.clone(), foreign].concat();
        records.reverse();
        fixture.calls().record(&records).await.unwrap();
        let list = async |page| fixture.calls().list(&fixture.us, &page).await;
        pages::hold(&expected, key, list).await;
    }
}
