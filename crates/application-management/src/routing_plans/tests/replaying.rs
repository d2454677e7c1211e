//! A replay reads and reports recorded calls page by page.

use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::call::{CallDecision, CallRecord};
use switchboard_domain::ports::CallStore as _;
use switchboard_domain::sid::CallSid;

use super::fixture::{all_to, draft, replaying, store};
use crate::fixtures::{number, sid};
use crate::routing_plans::{PlanError, ReplayTerms, Replayed, ReplayedChange, Replaying};
use crate::test_prelude::*;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const CALLS: u32 = 2_500;

fn call(n: u32) -> CallRecord {
    let at = NOW.plus_seconds(-i64::from(n));
    let to = number("+14155550100").as_number().unwrap();
    let decision = CallDecision {
        agent: None,
        reason: Reason::Unassigned,
        rule: None,
        verified_by: VerifiedBy::PrimaryToken,
        at,
    };
    CallRecord {
        from: Some(Address::parse("+14155550199").unwrap()),
        to: Some(Address::Phone(to)),
        decision: Some(decision),
        ..CallRecord::of(
            sid('1'),
            default_organization(),
            CallSid::parse(&format!("CA{n:032x}")).unwrap(),
            at,
        )
    }
}

#[tokio::test]
async fn changes_are_reported_page_by_page_newest_first() {
    let store = store().await;
    store.record(&(1..=CALLS).map(call).collect::<Vec<_>>()).await.unwrap();
    let draft = draft(&store, &all_to("day")).await;
    let replaying = replaying(&store);
    let terms = |from: i64, of| ReplayTerms {
        organization: default_organization(),
        from: NOW.plus_seconds(from),
        until: NOW,
        of,
        most: None,
    };
    let replay = async |terms: ReplayTerms| {
        let mut pages = Vec::new();
        let report = async |changes: Vec<ReplayedChange>, counts: &Replayed| {
            pages.push((changes, counts.calls));
            Ok::<_, PlanError>(())
        };
        let counts = replaying.replay(&operator(), &draft.plan, &terms, report).await;
        (counts.unwrap(), pages)
    };
    let (counts, pages) = replay(terms(-10_000, Replaying::Everything)).await;
    assert_eq!((counts.calls, counts.changed), (u64::from(CALLS), u64::from(CALLS)));
    let sizes: Vec<_> = pages.iter().map(|(changes, calls)| (changes.len(), *calls)).collect();
    assert_eq!(sizes, [(1_000, 1_000), (1_000, 2_000), (500, 2_500)]);
    let times: Vec<_> = pages.iter().flat_map(|(changes, _)| changes).map(|one| one.at).collect();
    assert!(times.is_sorted_by(|one, next| one > next));

    let newest = ReplayTerms { most: Some(1_200), ..terms(-10_000, Replaying::Everything) };
    let (counts, pages) = replay(newest).await;
    assert_eq!((counts.calls, counts.is_cut_off, pages.len()), (1_200, true, 2));
    let all = ReplayTerms { most: Some(2_500), ..terms(-10_000, Replaying::Everything) };
    let (counts, _) = replay(all).await;
    assert_eq!((counts.calls, counts.is_cut_off), (2_500, false));

    let (counts, _) = replay(terms(-100, Replaying::Number(number("+14155550100")))).await;
    assert_eq!(counts.calls, 100, "the period begins with its first second");
    let (counts, _) = replay(terms(-100, Replaying::Number(number("+14155550101")))).await;
    assert_eq!(counts, Replayed::default());
    let (counts, _) = replay(terms(-100, Replaying::Account(sid('2')))).await;
    assert_eq!(counts, Replayed::default());
}
