//! Time for a routing plan to choose a rule and one of its agents.
#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

#[path = "../tests/twenty_rules/mod.rs"]
mod twenty_rules;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use switchboard_domain::plan::Tried;
use switchboard_domain::routing::Routed;

fn decide(criterion: &mut Criterion) {
    let caller = twenty_rules::caller();
    let situation = twenty_rules::call(&caller);
    let tried = Tried::default();
    let routed = Routed::for_explanation(None);
    for rules in [0, 20, 100, 1_000] {
        let plan = twenty_rules::plan(rules);
        criterion.bench_function(&format!("plan of {rules} rules, decide"), |bencher| {
            bencher.iter(|| {
                let situation = black_box(&situation);
                routed.choose(&plan, situation).destination(situation, &(), &tried, None)
            });
        });
    }
}

criterion_group!(plan, decide);
criterion_main!(plan);
