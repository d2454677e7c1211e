use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::call::{CallDecision, CallRecord};
use switchboard_domain::ports::CallStore as _;
use switchboard_domain::sid::CallSid;

use super::fixture::{all_to, attach, new, plans, replaying, save, store};
use crate::fixtures::{label, number, sid};
use crate::routing_plans::{Replayed, TouchPlan, Touched};
use crate::test_prelude::*;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

/// A call to a number that agent `day` took.
async fn record(store: &switchboard_store_memory::MemoryStore, index: u8, to: &str, at: Timestamp) {
    let agent = store.named(&operator(), &label("day")).await.unwrap().remove(0);
    let call = CallSid::parse(&format!("CA{index:032x}")).unwrap();
    let decision = CallDecision {
        agent: Some(agent.id),
        reason: Reason::Assigned,
        verified_by: VerifiedBy::PrimaryToken,
        rule: None,
        at,
    };
    let account = if to.ends_with('3') { sid('2') } else { sid('1') };
    let record = CallRecord {
        from: Some(Address::parse("+14155550199").unwrap()),
        to: Some(Address::parse(to).unwrap()),
        decision: Some(decision),
        ..CallRecord::of(account, default_organization(), call, at)
    };
    store.record(&[record]).await.unwrap();
}

#[tokio::test]
async fn a_version_touches_the_numbers_that_it_is_nearest_to_and_their_calls_of_last_week() {
    let store = store().await;
    let saving = plans(&store);
    let near = save(&saving, new(&all_to("day"), None)).await.unwrap().version;
    let far = new(&all_to("night").replace("Front", "Back"), None);
    let far = save(&saving, far).await.unwrap();
    let touching = TouchPlan { replay: replaying(&store) };
    let touched =
        async || touching.of(&operator(), &far.version, &far.plan, NOW, |_| {}).await.unwrap();
    assert_eq!(touched().await, Touched::default());

    attach(&store, &near.id, PlanPlace::Number(number("+14155550100"))).await;
    attach(&store, &far.version.id, PlanPlace::Account(sid('1'))).await;
    attach(&store, &far.version.id, PlanPlace::Number(number("+14155550101"))).await;
    for (index, to) in
        ["+14155550100", "+14155550101", "+14155550102", "+14155550103"].iter().enumerate()
    {
        record(&store, u8::try_from(index).unwrap(), to, NOW.plus_seconds(-60)).await;
    }
    let week = 7 * 24 * 3_600;
    record(&store, 8, "+14155550101", NOW.plus_seconds(-week)).await;
    record(&store, 9, "+14155550101", NOW.plus_seconds(-week - 1)).await;
    let expected = Touched {
        organization: false,
        accounts: vec![sid('1')],
        // The first number has a nearer plan, the last another account.
        numbers: 2,
        replayed: Replayed { calls: 3, changed: 3, without_facts: 3, ..Replayed::default() },
    };
    assert_eq!(touched().await, expected);

    attach(&store, &far.version.id, PlanPlace::Organization(default_organization())).await;
    let touched = touched().await;
    assert_eq!((touched.organization, touched.numbers, touched.replayed.calls), (true, 3, 4));
}
