//! Time of the last two steps of answering a call: the session token and the answer.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use switchboard_domain::address::Address;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::sealing::KeyId;
use switchboard_domain::session::{SessionClaims, SessionKey, SessionKeys};
use switchboard_domain::sid::{AccountSid, CallSid};
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::{CallParameters, ConnectFrame, ConnectTemplate, Noun, Parameter};

type Failure = Box<dyn std::error::Error>;

const CALL: &str = "CA0123456789abcdef0123456789abcdef";
const ISSUED_AT: Timestamp = Timestamp::from_seconds(1_795_000_000);

fn template() -> Result<ConnectTemplate, Failure> {
    let parameters = [
        ("agentId", "agt_01kxyz0123456789abcdefghjk"),
        ("externalId", "sales"),
        ("agentName", "Sales & Support"),
        ("voice", "alloy"),
        ("model", "gpt-4o"),
        ("language", "en-US"),
    ];
    let parameters = parameters
        .map(|(name, value)| Parameter { name: name.into(), value: value.to_owned() })
        .into_iter()
        .collect();
    let noun = Noun::Stream {
        url: "wss://voice.example.com/stream".to_owned(),
        status_callback: "https://x/status".to_owned(),
        parameters,
    };
    let action = "https://switchboard.example.com/api/twilio/voice/connected";
    let frame = ConnectFrame::new(action, "https://switchboard.example.com/api/voice/sessions");
    Ok(ConnectTemplate::new(&Arc::new(frame), &noun)?)
}

fn claims() -> Result<SessionClaims, Failure> {
    Ok(SessionClaims {
        call: CallSid::parse(CALL)?,
        agent: AgentId::parse("agt_01kxyz0123456789abcdefghjk")?,
        account: AccountSid::parse("AC0123456789abcdef0123456789abcdef")?,
        issued_at: ISSUED_AT,
        expires_at: ISSUED_AT.plus_seconds(900),
    })
}

fn measure(criterion: &mut Criterion) -> Result<(), Failure> {
    let keys = SessionKeys::new(SessionKey::derive(KeyId::parse("k1")?, &[7; 32])?, vec![]);
    let (template, claims) = (template()?, claims()?);
    let token = keys.mint(&claims);
    let (from, to) = (Address::parse("+14155550199")?, Address::parse("+14155550100")?);
    let (call, direction) = (CallSid::parse(CALL)?, "inbound");
    let call = CallParameters { call, from: &from, to: &to, direction };
    criterion.bench_function("session token, mint", |bencher| {
        bencher.iter(|| keys.mint(black_box(&claims)));
    });
    criterion.bench_function("session token, verify", |bencher| {
        bencher.iter(|| keys.verify(black_box(&token), ISSUED_AT));
    });
    criterion.bench_function("connect template, render", |bencher| {
        bencher.iter(|| template.start(black_box(&call)).finish(black_box(&token)));
    });
    Ok(())
}

fn benches(criterion: &mut Criterion) {
    if let Err(error) = measure(criterion) {
        panic!("the benchmark's own values are wrong: {error}");
    }
}

criterion_group!(twiml, benches);
criterion_main!(twiml);
