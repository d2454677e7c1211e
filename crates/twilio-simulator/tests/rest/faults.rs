//! Fault injection.

use std::time::{Duration, Instant};

use reqwest::Method;
use switchboard_twilio_simulator::{Conditions, Fault, FaultKind};

use crate::fixture::{Fixture, MAIN, NUMBER, account, main_path, phone_number};

const NUMBERS: &str = "/IncomingPhoneNumbers.json";

fn once(does: FaultKind) -> Fault {
    let path = "/2010-04-01/Accounts/*".to_owned();
    Fault { method: None, path, after: 0, times: Some(1), does }
}

#[tokio::test]
async fn a_429_has_an_optional_retry_after() {
    let fixture = Fixture::new();
    fixture.simulator.inject_fault(once(FaultKind::TooManyRequests { retry_after: None }));
    fixture.simulator.inject_fault(once(FaultKind::TooManyRequests { retry_after: Some(7) }));
    let first = fixture.get(&main_path(NUMBERS)).await;
    assert_eq!((first.refusal(), first.headers.get("Retry-After")), ((429, 20429), None));
    let second = fixture.get(&main_path(NUMBERS)).await;
    assert_eq!(second.headers["Retry-After"], "7");
    assert_eq!(fixture.get(&main_path(NUMBERS)).await.status, 200);
    assert!(fixture.simulator.faults().is_empty());
}

#[tokio::test]
async fn a_failed_write_may_or_may_not_have_been_processed() {
    let fixture = Fixture::new();
    let path = main_path(&format!("/IncomingPhoneNumbers/{NUMBER}.json"));
    for (carried_out, url) in [(false, "https://a.example"), (true, "https://b.example")] {
        fixture.simulator.inject_fault(once(FaultKind::ServerError { status: 503, carried_out }));
        assert_eq!(fixture.post(&path, &[("VoiceUrl", url)]).await.status, 503);
        let (_, stored) = fixture.simulator.number(phone_number("+14155550100")).unwrap();
        assert_eq!(stored.settings.voice_url == url, carried_out);
        assert_eq!(
            fixture.simulator.writes().pop().unwrap().changes.len(),
            usize::from(carried_out)
        );
    }
}

#[tokio::test]
async fn a_response_is_truncated() {
    let fixture = Fixture::new();
    fixture.simulator.inject_fault(once(FaultKind::CutOff));
    assert!(fixture.send(Method::GET, &main_path(NUMBERS), &[]).await.is_err());
    assert_eq!(fixture.get(&main_path(NUMBERS)).await.status, 200);
}

#[tokio::test]
async fn an_html_page_replaces_the_json_response() {
    let fixture = Fixture::new();
    fixture.simulator.inject_fault(once(FaultKind::Html { status: 200 }));
    let answer = fixture.get(&main_path(NUMBERS)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.headers["Content-Type"].to_str().unwrap().starts_with("text/html"));
    assert!(answer.text.starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn the_next_page_links_can_form_a_loop() {
    let fixture = Fixture::new();
    let path = main_path("/IncomingPhoneNumbers.json?PageSize=1");
    let looping = Fault { path: "*".to_owned(), times: None, ..once(FaultKind::PageLoop) };
    fixture.simulator.inject_fault(looping);
    let page = fixture.get(&path).await.json();
    assert_eq!(page["next_page_uri"], page["first_page_uri"]);
    let again = fixture.get(page["next_page_uri"].as_str().unwrap()).await.json();
    assert_eq!(again["incoming_phone_numbers"], page["incoming_phone_numbers"]);
    let services = fixture.get("/v1/Services").await.json();
    assert_eq!(services["meta"]["next_page_url"], services["meta"]["first_page_url"]);
    fixture.simulator.clear_faults();
    assert_ne!(fixture.get(&path).await.json()["next_page_uri"], page["first_page_uri"]);
}

#[tokio::test]
async fn valid_credentials_can_be_rejected() {
    let fixture = Fixture::new();
    fixture.simulator.inject_fault(once(FaultKind::WrongToken));
    assert_eq!(fixture.get(&main_path(NUMBERS)).await.refusal(), (401, 20003));
    assert_eq!(fixture.get(&main_path(NUMBERS)).await.status, 200);
}

#[tokio::test]
async fn one_response_or_all_can_be_delayed() {
    let fixture = Fixture::new();
    fixture.simulator.set_conditions(Conditions { latency_ms: 60, max_concurrent_requests: None });
    fixture.simulator.inject_fault(once(FaultKind::Slow { milliseconds: 60 }));
    let mut took = Vec::new();
    for _ in 0..2 {
        let started = Instant::now();
        fixture.get(&main_path(NUMBERS)).await;
        took.push(started.elapsed());
    }
    assert!(
        took[0] >= Duration::from_millis(120) && took[1] >= Duration::from_millis(60),
        "{took:?}"
    );
}

#[tokio::test]
async fn concurrent_requests_are_counted_and_can_be_limited() {
    let fixture = Fixture::new();
    fixture
        .simulator
        .set_conditions(Conditions { latency_ms: 300, max_concurrent_requests: Some(2) });
    let path = main_path(NUMBERS);
    let answers = futures_util::future::join_all((0..3).map(|_| fixture.get(&path))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 429]);
    assert_eq!(fixture.simulator.peak_concurrency(account(MAIN)), 3);
    assert!(answers.iter().any(|answer| answer.headers["Twilio-Concurrent-Requests"] == "2"));
    fixture.simulator.forget_requests();
    fixture.get(&path).await;
    assert_eq!(fixture.simulator.peak_concurrency(account(MAIN)), 1);
    assert_eq!(fixture.simulator.requests().len(), 1);
}
