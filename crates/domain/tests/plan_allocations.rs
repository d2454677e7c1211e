//! A plan decides without allocating memory.
#![expect(clippy::unwrap_used, reason = "a test that unwraps says at which line it has failed")]

mod twenty_rules;

use switchboard_domain::plan::{Destination, Tried};
use switchboard_domain::routing::Routed;

#[test]
fn deciding_allocates_nothing() {
    let plan = twenty_rules::plan(20);
    let caller = twenty_rules::caller();
    let situation = twenty_rules::call(&caller);
    let tried = Tried::default();
    let mut attempt = None;
    let measured = allocation_counter::measure(|| {
        let choice = Routed::for_explanation(None).choose(&plan, &situation);
        attempt = Some((choice.rule, choice.destination(&situation, &(), &tried, None)));
    });
    assert_eq!((measured.count_total, measured.bytes_total), (0, 0));
    let (rule, attempt) = attempt.unwrap();
    assert_eq!(rule, None, "every rule was evaluated");
    assert!(matches!(attempt, Destination::Agent(..)));
}

#[test]
fn the_counter_counts_allocations() {
    let measured = allocation_counter::measure(|| drop(std::hint::black_box(vec![1, 2, 3])));
    assert_eq!(measured.count_total, 1);
}
