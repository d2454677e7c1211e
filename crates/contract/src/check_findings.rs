//! The laws of [`CheckFindingStore`](switchboard_domain::ports::CheckFindingStore).

use std::collections::HashSet;

use switchboard_domain::check_finding::{
    AccountFinding, DriftFilter, DriftingNumber, FoundBlocker, FoundChange, FoundDrift,
    NumberFinding, Unreachable, UnreachableReason,
};
use switchboard_domain::configuration::DriftReason;
use switchboard_domain::event::{Event, EventValue};
use switchboard_domain::ports::EventFilter;

use crate::concurrent::at_once;
use crate::prelude::*;
use crate::{Fixture, pages, samples};

/// The SID of a number.
fn subject(n: u32) -> String {
    format!("PN{n:032x}")
}

fn number(n: u32, reasons: &[DriftReason], second: i64) -> NumberFinding {
    NumberFinding {
        sender: samples::sender(n),
        subject: subject(n),
        reasons: reasons.iter().map(|reason| reason.as_str()).collect(),
        drift: differing(reasons),
        assignment: None,
        at: samples::at(second),
    }
}

/// A difference for each reason: every second one is a change, and the others are blockers.
fn differing(reasons: &[DriftReason]) -> FoundDrift {
    let mut drift = FoundDrift::default();
    for (index, reason) in reasons.iter().enumerate() {
        let reason = reason.as_str().to_owned();
        if index % 2 == 0 {
            let (from, to) = ("https://é.example/?a=\"1\"".to_owned(), String::new());
            drift.changes.push(FoundChange { field: "voice_url".to_owned(), from, to, reason });
        } else {
            drift.blockers.push(FoundBlocker { reason, detail: samples::UNICODE.to_owned() });
        }
    }
    drift
}

async fn drifting(fixture: &Fixture, scope: &Scope, filter: &DriftFilter) -> Vec<DriftingNumber> {
    fixture.check_findings().drifting(scope, filter, &Page::first(100)).await.unwrap()
}

fn account(n: u32, reason: Option<UnreachableReason>, second: i64) -> AccountFinding {
    AccountFinding {
        account: samples::account_sid(n),
        unreachable: reason.map(|reason| Unreachable { reason, code: Some(20_003) }),
        at: samples::at(second),
    }
}

async fn report(fixture: &Fixture, scope: &Scope, found: &[NumberFinding]) {
    fixture.check_findings().report_numbers(scope, found).await.unwrap();
}

async fn report_account(fixture: &Fixture, scope: &Scope, found: AccountFinding) {
    fixture.check_findings().report_accounts(scope, &[found]).await.unwrap();
}

/// The events of both organizations, oldest first.
async fn events(fixture: &Fixture) -> Vec<Event> {
    let store = fixture.store();
    let filter = EventFilter::default();
    let found =
        store.events().newest(&samples::operator(), &filter, &Page::first(100)).await.unwrap();
    found.into_iter().rev().collect()
}

fn kinds(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.kind.as_str()).collect()
}

fn field(event: &Event, name: &str) -> EventValue {
    let found = event.data.fields().find(|(field, _)| *field == name);
    found.unwrap_or_else(|| panic!("no {name}: {event:?}")).1.clone()
}

#[laws(check_findings::check_finding_laws)]
pub mod laws {
    use super::*;

    /// A number that drifts is one event until it is repaired, however often a check reports it and whatever for.
    pub async fn a_number_that_drifts_is_one_event_until_it_is_repaired(fixture: &Fixture) {
        let owner = fixture.account(1, &fixture.ours).await;
        let stored = fixture.number(1, &owner, None).await;
        let (url, trunk) = (DriftReason::WrongUrl, DriftReason::OverriddenByTrunk);
        for (second, reasons) in
            [&[][..], &[url, trunk], &[url, trunk], &[trunk], &[], &[], &[url]].iter().enumerate()
        {
            let second = i64::try_from(second).unwrap();
            report(fixture, &fixture.us, &[number(1, reasons, second)]).await;
        }
        let found = events(fixture).await;
        assert_eq!(kinds(&found), ["number.drifted", "number.repaired", "number.drifted"]);
        let text = |text: &str| EventValue::Text(text.to_owned());
        assert_eq!(field(&found[0], "reasons"), text("wrong_url,overridden_by_trunk"));
        assert_eq!(field(&found[0], "number_sid"), text(&subject(1)));
        assert_eq!(field(&found[1], "reasons"), EventValue::None);
        for (event, second) in found.iter().zip([1, 4, 6]) {
            assert_eq!((&event.organization, event.account), (&fixture.ours, owner.sid));
            assert_eq!((event.at, &*event.subject), (samples::at(second), &*subject(1)));
            assert_eq!(event.to, Some(stored.sender.address()));
        }
    }

    /// Checks that report the same at the same time are one event.
    pub async fn two_checks_at_once_are_one_event(fixture: &Fixture) {
        let owner = fixture.account(1, &fixture.ours).await;
        fixture.number(1, &owner, None).await;
        fixture.number(2, &owner, None).await;
        let results = at_once(|n| {
            let (store, us) = (fixture.store(), fixture.us.clone());
            let mut numbers = [1, 2].map(|n| number(n, &[DriftReason::WrongUrl], 1));
            if n % 2 == 0 {
                numbers.reverse();
            }
            let account = account(1, Some(UnreachableReason::Unavailable), 2);
            async move {
                store.check_findings().report_numbers(&us, &numbers).await?;
                store.check_findings().report_accounts(&us, &[account]).await
            }
        });
        results.await.into_iter().for_each(Result::unwrap);
        let found = kinds(&events(fixture).await);
        assert_eq!(found, ["number.drifted", "number.drifted", "account.unreachable"]);
    }

    /// After the saved configuration of a number was restored, it does not drift any more, which is no event.
    pub async fn a_restored_number_does_not_drift(fixture: &Fixture) {
        let owner = fixture.account(1, &fixture.ours).await;
        let stored = fixture.number(1, &owner, None).await;
        let drifting = [DriftReason::WrongUrl];
        let one = samples::adopted(1);
        let take = async |before: Option<&AdoptedConfiguration>, adopted| {
            let store = fixture.configurations();
            store.take(&fixture.us, stored.sender, before, adopted).await.unwrap();
        };
        report(fixture, &fixture.us, &[number(1, &drifting, 1)]).await;
        take(None, Some(one.clone())).await;
        report(fixture, &fixture.us, &[number(1, &drifting, 2)]).await;
        take(Some(&one), None).await;
        report(fixture, &fixture.us, &[number(1, &[], 3)]).await;
        assert_eq!(kinds(&events(fixture).await), ["number.drifted"]);
        report(fixture, &fixture.us, &[number(1, &drifting, 4)]).await;
        assert_eq!(kinds(&events(fixture).await), ["number.drifted"; 2]);
    }

    /// A number that is unassigned does not drift any more, which is no event.
    pub async fn an_unassigned_number_does_not_drift(fixture: &Fixture) {
        let owner = fixture.account(1, &fixture.ours).await;
        let stored = fixture.number(1, &owner, None).await;
        let drifting = [DriftReason::WrongUrl];
        report(fixture, &fixture.us, &[number(1, &drifting, 1)]).await;
        fixture.numbers().assign(&fixture.us, stored.sender, None).await.unwrap();
        report(fixture, &fixture.us, &[number(1, &[], 2)]).await;
        assert_eq!(kinds(&events(fixture).await), ["number.drifted"]);
        report(fixture, &fixture.us, &[number(1, &drifting, 3)]).await;
        assert_eq!(kinds(&events(fixture).await), ["number.drifted"; 2]);
    }

    /// What a check has read of a number before it was observed again, for example by one who has repaired it, changes nothing,
    /// nor does what it has read before the number was assigned or unassigned.
    pub async fn what_was_read_before_a_number_was_changed_changes_nothing(fixture: &Fixture) {
        let owner = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let stored = fixture.number(1, &owner, Some(&agent)).await;
        let assignment = stored.assignment.clone();
        let read = |reasons: &[DriftReason], second| NumberFinding {
            assignment: assignment.clone(),
            ..number(1, reasons, second)
        };
        let drifting = [DriftReason::WrongUrl];
        let seen = [(stored.sender, samples::observation("repaired", 5))];
        fixture.configurations().observe(&fixture.us, &seen).await.unwrap();
        report(fixture, &fixture.us, &[read(&drifting, 4)]).await;
        report(fixture, &fixture.us, &[number(1, &drifting, 6)]).await;
        assert_eq!(kinds(&events(fixture).await), [""; 0]);
        report(fixture, &fixture.us, &[read(&drifting, 5)]).await;
        report(fixture, &fixture.us, &[read(&[], 4)]).await;
        assert_eq!(kinds(&events(fixture).await), ["number.drifted"]);
        fixture.assign(&stored, None).await;
        report(fixture, &fixture.us, &[read(&drifting, 7)]).await;
        report(fixture, &fixture.us, &[number(1, &[], 8)]).await;
        assert_eq!(kinds(&events(fixture).await), ["number.drifted"], "it is not checked any more");
    }

    /// Thousands of numbers can drift at once, as after a change of our URL, and several checks can report them at the same
    /// time and in any order.
    pub async fn thousands_of_numbers_drift_at_once(fixture: &Fixture) {
        const MANY: u32 = 3_000;
        let numbers = (0..MANY).map(|n| ImportedNumber {
            sender: samples::sender(n),
            account: samples::account_sid(1),
            agent: None,
            channels: Channels::VOICE_AND_SMS,
        });
        let import = Import {
            organization: fixture.ours.clone(),
            accounts: vec![samples::account(1, &fixture.ours)],
            agents: Vec::new(),
            numbers: numbers.collect(),
            at: samples::at(0),
        };
        fixture.imports().import(&fixture.operator, &import).await.unwrap();
        let results = at_once(|checker| {
            let (store, us) = (fixture.store(), fixture.us.clone());
            let mut all: Vec<_> =
                (0..MANY).map(|n| number(n, &[DriftReason::WrongUrl], 1)).collect();
            if checker % 2 == 0 {
                all.reverse();
            }
            async move {
                if checker > 3 {
                    return Ok(());
                }
                store.check_findings().report_numbers(&us, &all).await
            }
        });
        results.await.into_iter().for_each(Result::unwrap);
        let store = fixture.store();
        let filter = EventFilter::default();
        let page = async |page| store.events().newest(&fixture.us, &filter, &page).await;
        let found = pages::all(1_000, |event| (event.at, event.id.clone()), page).await;
        let told: HashSet<_> = found.iter().filter_map(|event| event.to.as_ref()).collect();
        assert_eq!((found.len(), told.len()), (MANY as usize, MANY as usize));
    }

    /// An account that cannot be read is one event until it could be read again, which is none.
    pub async fn an_account_that_cannot_be_read_is_one_event(fixture: &Fixture) {
        let owner = fixture.account(1, &fixture.ours).await;
        let (refused, silent) = (UnreachableReason::Unauthorized, UnreachableReason::Unavailable);
        for (second, reason) in
            [None, Some(refused), Some(silent), None, None, Some(silent)].into_iter().enumerate()
        {
            let second = i64::try_from(second).unwrap();
            report_account(fixture, &fixture.us, account(1, reason, second)).await;
        }
        let found = events(fixture).await;
        assert_eq!(kinds(&found), ["account.unreachable", "account.unreachable"]);
        assert_eq!((found[0].at, &*found[0].subject), (samples::at(1), owner.sid.as_str()));
        assert_eq!(field(&found[0], "reason"), EventValue::Text("unauthorized".to_owned()));
        assert_eq!(field(&found[0], "error_code"), EventValue::Number(20_003));
        assert_eq!(found[1].at, samples::at(5));
    }

    /// What another organization reports, or what does not exist, changes nothing.
    pub async fn a_report_changes_nothing_outside_of_its_scope(fixture: &Fixture) {
        let theirs = fixture.account(1, &fixture.theirs).await;
        fixture.number(1, &theirs, None).await;
        let drifting = [DriftReason::WrongUrl];
        let unreachable = Some(UnreachableReason::Unavailable);
        report(fixture, &fixture.us, &[number(1, &drifting, 1), number(9, &drifting, 1)]).await;
        report_account(fixture, &fixture.us, account(1, unreachable, 1)).await;
        report_account(fixture, &samples::operator(), account(9, unreachable, 1)).await;
        report(fixture, &samples::operator(), &[]).await;
        assert_eq!(events(fixture).await, []);
        report(fixture, &samples::operator(), &[number(1, &drifting, 2)]).await;
        let found = events(fixture).await;
        assert_eq!(
            (kinds(&found), &found[0].organization),
            (vec!["number.drifted"], &fixture.theirs)
        );
    }

    /// The numbers that drift are listed with what the last check found, and since when they drift.
    pub async fn numbers_that_drift_are_listed_as_they_were_found_last(fixture: &Fixture) {
        let owner = fixture.account(1, &fixture.ours).await;
        let mut stored = Vec::new();
        for n in 1..=3 {
            stored.push(fixture.number(n, &owner, None).await);
        }
        let (url, trunk) = (DriftReason::WrongUrl, DriftReason::OverriddenByTrunk);
        let all = DriftFilter::default();
        assert_eq!(drifting(fixture, &fixture.us, &all).await, []);
        let found = [number(1, &[url], 1), number(2, &[url, trunk], 1), number(3, &[], 1)];
        report(fixture, &fixture.us, &found).await;
        let expected = |n: usize, reasons: &[DriftReason], since| DriftingNumber {
            number: stored[n - 1].clone(),
            since: samples::at(since),
            drift: differing(reasons),
        };
        let both = [expected(1, &[url], 1), expected(2, &[url, trunk], 1)];
        assert_eq!(drifting(fixture, &fixture.us, &all).await, both);
        report(fixture, &fixture.us, &[number(1, &[trunk], 2), number(2, &[], 2)]).await;
        let first = expected(1, &[trunk], 1);
        assert_eq!(drifting(fixture, &fixture.us, &all).await, [first]);
        report(fixture, &fixture.us, &[number(1, &[], 3), number(2, &[trunk], 3)]).await;
        assert_eq!(drifting(fixture, &fixture.us, &all).await, [expected(2, &[trunk], 3)]);
    }

    /// A list of drift is restricted by scope, account and reason, and read in pages of any size.
    pub async fn a_list_of_drift_is_restricted_and_read_in_pages(fixture: &Fixture) {
        let ours = fixture.account(1, &fixture.ours).await;
        let also_ours = fixture.account(2, &fixture.ours).await;
        let theirs = fixture.account(3, &fixture.theirs).await;
        let (url, trunk) = (DriftReason::WrongUrl, DriftReason::OverriddenByTrunk);
        for n in 1..=9 {
            let owner = [&ours, &also_ours, &theirs][n as usize % 3];
            fixture.number(n, owner, None).await;
            let reasons = if n % 2 == 0 { vec![url] } else { vec![url, trunk] };
            report(fixture, &samples::operator(), &[number(n, &reasons, 1)]).await;
        }
        let listed = async |scope: &Scope, filter: &DriftFilter| {
            let found = drifting(fixture, scope, filter).await;
            found.iter().map(|one| one.number.sender).collect::<Vec<_>>()
        };
        let numbers = |all: &[u32]| all.iter().map(|n| samples::sender(*n)).collect::<Vec<_>>();
        let all = DriftFilter::default();
        assert_eq!(listed(&fixture.us, &all).await, numbers(&[1, 3, 4, 6, 7, 9]));
        assert_eq!(listed(&fixture.them, &all).await, numbers(&[2, 5, 8]));
        let of_account = DriftFilter { account: Some(ours.sid), ..all.clone() };
        assert_eq!(listed(&fixture.us, &of_account).await, numbers(&[3, 6, 9]));
        assert_eq!(listed(&fixture.them, &of_account).await, []);
        let of_trunk = DriftFilter { reason: Some(trunk.as_str()), ..all.clone() };
        assert_eq!(listed(&fixture.us, &of_trunk).await, numbers(&[1, 3, 7, 9]));
        let of_trunk = DriftFilter { reason: Some("trunk"), ..all.clone() };
        assert_eq!(listed(&fixture.us, &of_trunk).await, []);
        let scope = samples::operator();
        let whole = drifting(fixture, &scope, &all).await;
        let read = async |page| fixture.check_findings().drifting(&scope, &all, &page).await;
        pages::hold(&whole, |one| one.number.sender, read).await;
        assert_eq!(whole.len(), 9);
    }
}
