//! What it costs to read a typical voice webhook.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use switchboard_domain::form::Form;

/// Twenty parameters of a voice request, as Twilio sends them.
const VOICE: &[u8] = b"AccountSid=AC0123456789abcdef0123456789abcdef&ApiVersion=2010-04-01\
&CallSid=CA0123456789abcdef0123456789abcdef&CallStatus=ringing&Called=%2B14155550100&CalledCity=SAN+FRANCISCO\
&CalledCountry=US&CalledState=CA&CalledZip=94105&Caller=%2B14155550199&CallerCity=&CallerCountry=US\
&CallerState=CA&CallerZip=&Direction=inbound&From=%2B14155550199&FromCountry=US&To=%2B14155550100\
&ToCountry=US&StirVerstat=TN-Validation-Passed-A";

fn form(criterion: &mut Criterion) {
    criterion.bench_function("form/parse_20_fields", |bencher| {
        bencher.iter(|| Form::parse(black_box(VOICE)));
    });
    let parsed = Form::parse(VOICE).unwrap_or_else(|error| unreachable!("{error}"));
    criterion.bench_function("form/only", |bencher| {
        bencher.iter(|| parsed.only(black_box("To")).is_ok());
    });
}

criterion_group!(benches, form);
criterion_main!(benches);
