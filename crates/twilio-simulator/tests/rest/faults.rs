//! What can be made to go wrong.

use std::time::{Duration, Instant};

use reqwest::Method;
use switchboard_twilio_simulator::{Conditions, Fault, FaultKind};

use crate::rig::{MAIN, NUMBER, Rig, account, main_path, phone_number};

const NUMBERS: &str = "/IncomingPhoneNumbers.json";

fn once(does: FaultKind) -> Fault {
    let path = "/2010-04-01/Accounts/*".to_owned();
    Fault { method: None, path, after: 0, times: Some(1), does }
}

#[tokio::test]
async fn too_many_requests_come_with_or_without_a_time_to_wait() {
    let rig = Rig::new();
    rig.company.order(once(FaultKind::TooManyRequests { retry_after: None }));
    rig.company.order(once(FaultKind::TooManyRequests { retry_after: Some(7) }));
    let first = rig.get(&main_path(NUMBERS)).await;
    assert_eq!((first.refusal(), first.headers.get("Retry-After")), ((429, 20429), None));
    let second = rig.get(&main_path(NUMBERS)).await;
    assert_eq!(second.headers["Retry-After"], "7");
    assert_eq!(rig.get(&main_path(NUMBERS)).await.status, 200);
    assert!(rig.company.faults().is_empty());
}

#[tokio::test]
async fn a_write_that_fails_may_have_been_carried_out_or_not() {
    let rig = Rig::new();
    let path = main_path(&format!("/IncomingPhoneNumbers/{NUMBER}.json"));
    for (carried_out, url) in [(false, "https://a.example"), (true, "https://b.example")] {
        rig.company.order(once(FaultKind::ServerError { status: 503, carried_out }));
        assert_eq!(rig.post(&path, &[("VoiceUrl", url)]).await.status, 503);
        let (_, kept) = rig.company.number(phone_number("+14155550100")).unwrap();
        assert_eq!(kept.settings.voice_url == url, carried_out);
        assert_eq!(rig.company.writes().pop().unwrap().changes.len(), usize::from(carried_out));
    }
}

#[tokio::test]
async fn an_answer_is_cut_off_in_the_middle() {
    let rig = Rig::new();
    rig.company.order(once(FaultKind::CutOff));
    assert!(rig.send(Method::GET, &main_path(NUMBERS), &[]).await.is_err());
    assert_eq!(rig.get(&main_path(NUMBERS)).await.status, 200);
}

#[tokio::test]
async fn a_page_for_people_comes_instead_of_json() {
    let rig = Rig::new();
    rig.company.order(once(FaultKind::Html { status: 200 }));
    let answer = rig.get(&main_path(NUMBERS)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.headers["Content-Type"].to_str().unwrap().starts_with("text/html"));
    assert!(answer.text.starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn a_list_can_lead_in_circles() {
    let rig = Rig::new();
    let path = main_path("/IncomingPhoneNumbers.json?PageSize=1");
    let looping = Fault { path: "*".to_owned(), times: None, ..once(FaultKind::PageLoop) };
    rig.company.order(looping);
    let page = rig.get(&path).await.json();
    assert_eq!(page["next_page_uri"], page["first_page_uri"]);
    let again = rig.get(page["next_page_uri"].as_str().unwrap()).await.json();
    assert_eq!(again["incoming_phone_numbers"], page["incoming_phone_numbers"]);
    let services = rig.get("/v1/Services").await.json();
    assert_eq!(services["meta"]["next_page_url"], services["meta"]["first_page_url"]);
    rig.company.clear_faults();
    assert_ne!(rig.get(&path).await.json()["next_page_uri"], page["first_page_uri"]);
}

#[tokio::test]
async fn a_token_can_be_taken_for_a_wrong_one() {
    let rig = Rig::new();
    rig.company.order(once(FaultKind::WrongToken));
    assert_eq!(rig.get(&main_path(NUMBERS)).await.refusal(), (401, 20003));
    assert_eq!(rig.get(&main_path(NUMBERS)).await.status, 200);
}

#[tokio::test]
async fn an_answer_can_be_late_and_all_can_be() {
    let rig = Rig::new();
    rig.company.set_conditions(Conditions { latency_ms: 60, most_at_once: None });
    rig.company.order(once(FaultKind::Slow { milliseconds: 60 }));
    let mut took = Vec::new();
    for _ in 0..2 {
        let started = Instant::now();
        rig.get(&main_path(NUMBERS)).await;
        took.push(started.elapsed());
    }
    assert!(
        took[0] >= Duration::from_millis(120) && took[1] >= Duration::from_millis(60),
        "{took:?}"
    );
}

#[tokio::test]
async fn requests_at_once_are_counted_and_can_be_limited() {
    let rig = Rig::new();
    rig.company.set_conditions(Conditions { latency_ms: 300, most_at_once: Some(2) });
    let path = main_path(NUMBERS);
    let answers = futures_util::future::join_all((0..3).map(|_| rig.get(&path))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 429]);
    assert_eq!(rig.company.most_at_once(account(MAIN)), 3);
    assert!(answers.iter().any(|answer| answer.headers["Twilio-Concurrent-Requests"] == "2"));
    rig.company.forget_requests();
    rig.get(&path).await;
    assert_eq!(rig.company.most_at_once(account(MAIN)), 1);
    assert_eq!(rig.company.requests().len(), 1);
}
