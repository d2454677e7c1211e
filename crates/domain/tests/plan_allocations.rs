//! A plan decides without asking for memory.
#![expect(clippy::unwrap_used, reason = "a test that unwraps says at which line it has failed")]

mod twenty_rules;

use switchboard_domain::plan::{Rung, Tried};

#[test]
fn deciding_allocates_nothing() {
    let plan = twenty_rules::plan(20);
    let caller = twenty_rules::caller();
    let situation = twenty_rules::call(&caller);
    let tried = Tried::default();
    let mut rung = None;
    let measured = allocation_counter::measure(|| {
        let choice = plan.choose(&situation);
        rung = Some((choice.rule, choice.rung(&situation, &(), &tried, None)));
    });
    assert_eq!((measured.count_total, measured.bytes_total), (0, 0));
    let (rule, rung) = rung.unwrap();
    assert_eq!(rule, None, "every rule was asked");
    assert!(matches!(rung, Rung::Agent(..)));
}

#[test]
fn what_allocates_is_counted() {
    let measured = allocation_counter::measure(|| drop(std::hint::black_box(vec![1, 2, 3])));
    assert_eq!(measured.count_total, 1);
}
