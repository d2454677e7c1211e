//! Time to verify and to refuse the signature of a typical voice webhook.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use switchboard_domain::form::Form;
use switchboard_domain::secret::Secret;
use switchboard_domain::signature::{
    Content, Hints, PublicUrl, Signature, SignedRequest, SigningKey, diagnose, sign, verify,
};

mod calls;

const TARGET: &str = "/api/twilio/voice";

fn keys(token: &str) -> Option<[SigningKey; 1]> {
    Some([SigningKey::new(&Secret::new(token.to_owned()))?])
}

fn signature(criterion: &mut Criterion) {
    let calls = calls::different();
    let form = Form::parse(calls[0].as_bytes()).unwrap_or(Form::EMPTY);
    let request = SignedRequest { target: TARGET, content: Content::Form(&form) };
    let urls: Vec<_> = PublicUrl::parse("https://voice.example.com").into_iter().collect();
    let (Some(own), Some(other)) =
        (keys("0123456789abcdef0123456789abcdef"), keys("fedcba9876543210"))
    else {
        unreachable!("the tokens are not empty");
    };
    let header = sign(&own[0], &urls[0], &request);
    let Some(given) = Signature::parse(&header) else {
        unreachable!("a signature that was just created parses")
    };
    assert!(verify(&own, &urls, &request, &given).is_some());

    criterion.bench_function("signature/parse_header", |bencher| {
        bencher.iter(|| Signature::parse(black_box(&header)));
    });
    criterion.bench_function("signature/verify_20_fields", |bencher| {
        bencher.iter(|| verify(&own, &urls, black_box(&request), &given));
    });
    let signed = |call: &String| {
        let form = Form::parse(call.as_bytes()).unwrap_or(Form::EMPTY);
        let request = SignedRequest { target: TARGET, content: Content::Form(&form) };
        (call.clone(), sign(&own[0], &urls[0], &request))
    };
    let signed: Vec<_> = calls.iter().map(signed).collect();
    let mut next = signed.iter().cycle();
    criterion.bench_function("signature/parse_and_verify_20_fields", |bencher| {
        bencher.iter(|| {
            let (call, header) = next.next()?;
            let form = Form::parse(black_box(call.as_bytes())).ok()?;
            let given = Signature::parse(black_box(header))?;
            let request = SignedRequest { target: TARGET, content: Content::Form(&form) };
            let verified = verify(&own, &urls, &request, &given);
            assert!(verified.is_some());
            verified
        });
    });
    criterion.bench_function("signature/refuse_20_fields", |bencher| {
        bencher.iter(|| verify(&other, &urls, black_box(&request), &given));
    });
    criterion.bench_function("signature/refuse_20_fields_by_the_decoy", |bencher| {
        bencher.iter(|| verify(&[SigningKey::decoy()], &urls, black_box(&request), &given));
    });
    let hints = Hints {
        own_keys: &other,
        hosts: &["internal:8080", "proxy.example.com"],
        ..Hints::default()
    };
    criterion.bench_function("signature/diagnose_in_vain", |bencher| {
        bencher.iter(|| diagnose(&hints, &urls, black_box(&request), &given));
    });
}

criterion_group!(benches, signature);
criterion_main!(benches);
