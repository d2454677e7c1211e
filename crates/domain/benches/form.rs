//! Time to parse the form of a typical voice webhook.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use switchboard_domain::form::Form;

mod calls;

fn form(criterion: &mut Criterion) {
    let calls = calls::different();
    let mut call = calls.iter().cycle();
    criterion.bench_function("form/parse_20_fields", |bencher| {
        bencher.iter(|| call.next().map(|call| Form::parse(black_box(call.as_bytes()))));
    });
    let parsed = Form::parse(calls[0].as_bytes()).unwrap_or_else(|error| unreachable!("{error}"));
    criterion.bench_function("form/only", |bencher| {
        bencher.iter(|| parsed.only(black_box("To")).is_ok());
    });
}

criterion_group!(benches, form);
criterion_main!(benches);
