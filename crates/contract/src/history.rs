//! The laws of [`CallHistory`](switchboard_domain::ports::CallHistory),
//! [`MessageHistory`](switchboard_domain::ports::MessageHistory) and
//! [`RejectionHistory`](switchboard_domain::ports::RejectionHistory).

use switchboard_contract_macros::laws;
use switchboard_domain::address::Address;
use switchboard_domain::call::{
    AttemptDestination, CallDecision, CallRecord, Disconnection, Outcome, RuleRef,
};
use switchboard_domain::history::{HistoryFilter, Period, RejectionFilter};
use switchboard_domain::message::MessageRecord;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::Page;
use switchboard_domain::rejection::{Refusal, Rejection};
use switchboard_domain::routing::Reason;
use switchboard_domain::status::{CallProgress, CallStatus, MessageStatus};

use crate::{Fixture, pages, samples};

/// Lists the calls that a filter selects.
async fn calls(fixture: &Fixture, scope: &Scope, filter: &HistoryFilter) -> Vec<CallRecord> {
    fixture.newest_calls(scope, filter, &Page::first(2_000)).await.unwrap()
}

/// Lists the messages that a filter selects.
async fn messages(fixture: &Fixture, scope: &Scope, filter: &HistoryFilter) -> Vec<MessageRecord> {
    fixture.newest_messages(scope, filter, &Page::first(2_000)).await.unwrap()
}

/// A call of account `account`, `second` seconds after the fixed instant.
fn call(fixture: &Fixture, n: u32, account: u32, second: i64) -> CallRecord {
    let owner = if account == 9 { &fixture.theirs } else { &fixture.ours };
    let sample = samples::call(n, samples::account_sid(account), owner);
    let decision = sample.decision.as_ref().map(|decision| CallDecision {
        agent: Some(samples::agent_id(n % 3)),
        reason: if n.is_multiple_of(2) { Reason::Assigned } else { Reason::Planned },
        rule: Some(RuleRef { plan: samples::plan_id(n % 2), version: 1, rule: None }),
        ..decision.clone()
    });
    CallRecord {
        from: Some(Address::Phone(samples::phone(n % 4))),
        to: Some(Address::Phone(samples::phone(n % 5))),
        decision,
        first_seen_at: samples::at(second),
        ..sample
    }
}

/// Calls of three accounts, one of them of the other organization. Some begin at the same instant.
async fn recorded(fixture: &Fixture) -> Vec<CallRecord> {
    let calls: Vec<_> =
        (1..=40).map(|n| call(fixture, n, [1, 2, 9][(n % 3) as usize], (n / 2).into())).collect();
    fixture.calls().record(&calls).await.unwrap();
    calls
}

/// One filter for each criterion.
fn filters() -> Vec<HistoryFilter> {
    let none = HistoryFilter::default();
    let phone = Address::Phone(samples::phone(3));
    let period = |since, until| Period { since, until };
    vec![
        none.clone(),
        HistoryFilter { from: Some(phone.clone()), ..none.clone() },
        HistoryFilter { to: Some(phone), ..none.clone() },
        HistoryFilter { number: Some(samples::phone(2)), ..none.clone() },
        HistoryFilter { account: Some(samples::account_sid(2)), ..none.clone() },
        HistoryFilter { agent: Some(samples::agent_id(1)), ..none.clone() },
        HistoryFilter { plan: Some(samples::plan_id(1)), ..none.clone() },
        HistoryFilter { reason: Some(Reason::Planned), ..none.clone() },
        HistoryFilter {
            period: period(Some(samples::at(5)), Some(samples::at(11))),
            ..none.clone()
        },
        HistoryFilter { period: period(None, Some(samples::at(0))), ..none.clone() },
        HistoryFilter {
            number: Some(samples::phone(1)),
            reason: Some(Reason::Assigned),
            period: period(Some(samples::at(3)), None),
            ..none
        },
    ]
}

/// The calls that a filter must select.
fn expected(recorded: &[CallRecord], scope: &Scope, filter: &HistoryFilter) -> Vec<CallRecord> {
    let mut calls: Vec<_> = recorded
        .iter()
        .filter(|call| scope.covers(&call.organization) && filter.selects_call(call))
        .cloned()
        .collect();
    calls.sort_by_key(|call| std::cmp::Reverse((call.first_seen_at, call.call)));
    calls
}

/// Calls in every state that leads to a different outcome, and in some states that lead to the same
/// one.
fn every_outcome(fixture: &Fixture) -> Vec<CallRecord> {
    let bare = |n| CallRecord {
        decision: None,
        progress: None,
        disconnection: None,
        attempts: Vec::new(),
        ..call(fixture, n, 1, n.into())
    };
    let decisions = [None, Some(None), Some(Some(samples::agent_id(1)))];
    let (agent, other) = (samples::agent_id(1), samples::agent_id(2));
    let attempts = [
        vec![],
        vec![AttemptDestination::Agent(agent.clone())],
        vec![AttemptDestination::Action("voicemail")],
        vec![AttemptDestination::Action("reject")],
        vec![AttemptDestination::Exhausted],
        vec![AttemptDestination::Agent(agent.clone()), AttemptDestination::Agent(other)],
        vec![AttemptDestination::Agent(agent.clone()), AttemptDestination::Action("reject")],
        vec![AttemptDestination::Agent(agent), AttemptDestination::Exhausted],
    ];
    let states: Vec<_> = CallStatus::ALL.into_iter().map(Some).chain([None]).collect();
    let ends = [None, Some(None), Some(Some(31_920))];
    let mut calls = Vec::new();
    for decision in &decisions {
        for tried in &attempts {
            for status in &states {
                for end in ends {
                    let n = u32::try_from(calls.len() + 1).unwrap();
                    let sample = call(fixture, n, 1, n.into());
                    let attempts = (1..).zip(tried);
                    calls.push(CallRecord {
                        decision: decision.clone().map(|agent| CallDecision {
                            agent,
                            ..sample.decision.clone().unwrap()
                        }),
                        progress: status.map(|status| CallProgress {
                            status,
                            duration_seconds: None,
                            at: samples::at(4),
                        }),
                        disconnection: end
                            .map(|error_code| Disconnection { error_code, at: samples::at(3) }),
                        attempts: attempts
                            .map(|(second, destination)| {
                                samples::attempt(second, destination.clone())
                            })
                            .collect(),
                        ..bare(n)
                    });
                }
            }
        }
    }
    calls
}

#[laws(history::history_laws)]
pub mod laws {
    use super::*;

    /// Each filter selects its calls, newest first, without those of another organization.
    pub async fn calls_are_listed_newest_first_by_each_filter(fixture: &Fixture) {
        let recorded = recorded(fixture).await;
        for scope in [&fixture.us, &fixture.them, &samples::operator()] {
            for filter in filters() {
                let listed = calls(fixture, scope, &filter).await;
                assert_eq!(listed, expected(&recorded, scope, &filter), "{filter:?}");
            }
        }
    }

    /// Each outcome selects its calls, also after partial records of a call were merged.
    pub async fn calls_are_listed_by_their_outcome(fixture: &Fixture) {
        let recorded = every_outcome(fixture);
        fixture.calls().record(&recorded).await.unwrap();
        // Databases store merged attempts in their own format.
        fixture.calls().record(&recorded).await.unwrap();
        for outcome in Outcome::ALL {
            let filter = HistoryFilter { outcome: Some(outcome), ..HistoryFilter::default() };
            let listed = calls(fixture, &fixture.us, &filter).await;
            assert!(!listed.is_empty(), "{outcome:?}");
            assert_eq!(listed, expected(&recorded, &fixture.us, &filter), "{outcome:?}");
        }
    }

    /// Pages of any size return each call once, in both orders, including calls of the same instant.
    pub async fn pages_of_calls_follow_each_other(fixture: &Fixture) {
        let recorded = recorded(fixture).await;
        for filter in filters() {
            let whole = expected(&recorded, &samples::operator(), &filter);
            let place = |call: &CallRecord| (call.first_seen_at, call.call);
            let list =
                async |page| fixture.newest_calls(&samples::operator(), &filter, &page).await;
            pages::hold(&whole, place, list).await;
            let oldest_first: Vec<_> = whole.into_iter().rev().collect();
            let list =
                async |page| fixture.oldest_calls(&samples::operator(), &filter, &page).await;
            pages::hold(&oldest_first, place, list).await;
        }
    }

    /// A call of any account is found by its SID alone, if the scope covers it.
    pub async fn a_call_is_found_by_its_sid(fixture: &Fixture) {
        let recorded = recorded(fixture).await;
        for call in &recorded {
            let found = fixture.call_by_sid(&samples::operator(), call.call).await.unwrap();
            assert_eq!(found.as_ref(), Some(call));
            let is_ours = call.organization == fixture.ours;
            let found = fixture.call_by_sid(&fixture.us, call.call).await.unwrap();
            assert_eq!(found.is_some(), is_ours);
        }
        let unknown = samples::call_sid(999);
        assert_eq!(fixture.call_by_sid(&samples::operator(), unknown).await.unwrap(), None);
    }

    /// Each filter, alone and with a state, selects its messages, newest first and oldest first, page by page, without
    /// those of another organization.
    pub async fn messages_are_listed_newest_first_by_each_filter(fixture: &Fixture) {
        for n in 1..=40 {
            let (account, owner) = match n % 3 {
                0 => (1, &fixture.ours),
                1 => (2, &fixture.ours),
                _ => (9, &fixture.theirs),
            };
            let mut message = samples::received(n, samples::account_sid(account), owner);
            message.inbound.from = Address::Phone(samples::phone(n % 4));
            message.inbound.to = match n % 2 {
                0 => Address::WhatsApp(samples::phone(n % 5)),
                _ => Address::Phone(samples::phone(n % 5)),
            };
            message.agent = Some(samples::agent_id(n % 3));
            message.rule = Some(RuleRef { plan: samples::plan_id(n % 2), version: 1, rule: None });
            message.received_at = samples::at((n / 2).into());
            fixture.messages().insert_once(&message).await.unwrap();
        }
        let account = samples::account_sid(1);
        let sent = samples::progress(99, account, &fixture.ours, MessageStatus::Sent, 7);
        fixture.messages().progress(&sent).await.unwrap();
        let all = messages(fixture, &samples::operator(), &HistoryFilter::default()).await;
        assert_eq!(all.len(), 41);
        let by_status = filters().into_iter().flat_map(|filter| {
            [MessageStatus::Sent, MessageStatus::Received, MessageStatus::Failed]
                .map(|status| HistoryFilter { status: Some(status), ..filter.clone() })
        });
        let filters: Vec<_> = filters().into_iter().chain(by_status).collect();
        for scope in [&fixture.us, &fixture.them, &samples::operator()] {
            for filter in filters.clone() {
                let selected: Vec<_> = all
                    .iter()
                    .filter(|one| scope.covers(&one.organization) && filter.selects_message(one))
                    .cloned()
                    .collect();
                assert!(selected.is_sorted_by_key(|one| {
                    std::cmp::Reverse((one.first_seen_at, one.message))
                }));
                assert_eq!(messages(fixture, scope, &filter).await, selected, "{filter:?}");
                let place = |one: &MessageRecord| (one.first_seen_at, one.message);
                let list = async |page| fixture.newest_messages(scope, &filter, &page).await;
                pages::hold(&selected, place, list).await;
                let oldest_first: Vec<_> = selected.into_iter().rev().collect();
                let list = async |page| fixture.oldest_messages(scope, &filter, &page).await;
                pages::hold(&oldest_first, place, list).await;
            }
        }
    }

    /// A message of any account is found by its SID alone, if the scope covers it.
    pub async fn a_message_is_found_by_its_sid(fixture: &Fixture) {
        let message = samples::received(1, samples::account_sid(1), &fixture.ours);
        fixture.messages().insert_once(&message).await.unwrap();
        let sid = message.inbound.message;
        let found = fixture.message_by_sid(&fixture.us, sid).await.unwrap().unwrap();
        assert_eq!(found.message, sid);
        assert_eq!(fixture.message_by_sid(&fixture.them, sid).await.unwrap(), None);
        let unknown = samples::message_sid(2);
        assert_eq!(fixture.message_by_sid(&samples::operator(), unknown).await.unwrap(), None);
    }

    /// Each filter selects its rejections, newest first. Only the operator sees rejections of
    /// unknown accounts.
    pub async fn rejections_are_listed_newest_first_by_each_filter(fixture: &Fixture) {
        let recorded: Vec<_> = (1..=30)
            .map(|n| Rejection {
                account: Some(samples::account_sid(n % 4)),
                refusal: Refusal::ALL[(n % 5) as usize],
                at: samples::at((n / 2).into()),
                ..samples::rejection(
                    n,
                    [None, Some(&fixture.ours), Some(&fixture.theirs)][(n % 3) as usize],
                )
            })
            .collect();
        fixture.rejections().record(&recorded).await.unwrap();
        let none = RejectionFilter::default();
        let period = Period { since: Some(samples::at(3)), until: Some(samples::at(9)) };
        let filters = [
            none.clone(),
            RejectionFilter { period, ..none.clone() },
            RejectionFilter { account: Some(samples::account_sid(1)), ..none.clone() },
            RejectionFilter { refusal: Some(Refusal::AccountUnknown), ..none },
        ];
        for scope in [&fixture.us, &fixture.them, &samples::operator()] {
            for filter in &filters {
                let is_covered = |one: &Rejection| match &one.organization {
                    Some(owner) => scope.covers(owner),
                    None => *scope.scope() == Scope::Operator,
                };
                let mut selected: Vec<_> = recorded
                    .iter()
                    .filter(|one| is_covered(one) && filter.selects(one))
                    .cloned()
                    .collect();
                selected.sort_by_key(|one| std::cmp::Reverse((one.at, one.id.clone())));
                let list = async |page| fixture.newest_rejections(scope, filter, &page).await;
                pages::hold(&selected, |one| (one.at, one.id.clone()), list).await;
            }
        }
    }
}
