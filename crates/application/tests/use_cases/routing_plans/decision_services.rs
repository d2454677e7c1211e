//! Rules that ask outside.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::rig::{Planned, call_sid, ids};
use crate::outside::Deciding;
use crate::requests::{CALL, CALLER, MESSAGE, Request, TEXT, message};
use crate::rig::{NUMBER, Plan};

const ASK: &str = r#"{"rules": [], "otherwise": {"agents": ["First", "Second"], "strategy": "priority",
    "ask": {"url": "https://decide.example.net/who", "timeout_ms": 700}}}"#;

async fn asking() -> (Planned, Arc<Deciding>) {
    let service = Arc::new(Deciding::default());
    let plan = Plan { decisions: Arc::clone(&service) as _, ..Plan::default() };
    (Planned::over(ASK, plan).await, service)
}

#[tokio::test]
async fn the_service_chooses_among_the_agents_of_the_rule() {
    let (desk, service) = asking().await;
    service.choose(&desk.second.id);
    assert_eq!([desk.call().await.agent], ids([&desk.second])[..]);
    let asked = service.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].channel, asked[0].event.as_str()), ("voice", CALL));
    assert_eq!((asked[0].from.as_str(), asked[0].to.as_str()), (CALLER, NUMBER));
    let external = |agent: &switchboard_domain::agent::Agent| {
        (agent.id.clone(), agent.profile.external_id.as_ref().map(|id| id.as_str().to_owned()))
    };
    assert_eq!(asked[0].candidates, [external(&desk.first), external(&desk.second)]);
}

#[tokio::test]
async fn messages_are_asked_about_too() {
    let (desk, service) = asking().await;
    service.choose(&desk.second.id);
    let request = Request::post(MESSAGE, &message(&desk.main, CALLER, NUMBER, "Hello"));
    let answer = desk.rig.message(&request.signed_by(&desk.main)).await.unwrap();
    assert_eq!([answer.agent], ids([&desk.second])[..]);
    assert_eq!((service.asked()[0].channel, service.asked()[0].event.as_str()), ("sms", TEXT));
}

#[tokio::test]
async fn who_is_no_candidate_or_not_available_is_not_taken() {
    let (desk, service) = asking().await;
    service.choose(&desk.own.id);
    assert_eq!([desk.call_as(&call_sid(1)).await.agent], ids([&desk.first])[..]);
    service.choose(&desk.first.id);
    desk.limit_first(1).await;
    assert_eq!([desk.call_as(&call_sid(2)).await.agent], ids([&desk.second])[..]);
}

#[tokio::test]
async fn a_failure_leaves_it_to_the_plan() {
    let (desk, service) = asking().await;
    assert_eq!([desk.call().await.agent], ids([&desk.first])[..]);
    assert_eq!(service.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_service_is_waited_for_as_long_as_the_rule_says_and_no_longer() {
    let (desk, service) = asking().await;
    service.choose(&desk.second.id);
    for (takes, chosen, waited) in [(600, &desk.second, 600), (60_000, &desk.first, 700)] {
        service.take(Duration::from_millis(takes));
        let begun = Instant::now();
        let answer = desk.call_as(&call_sid(u32::try_from(takes).unwrap())).await;
        assert_eq!([answer.agent], ids([chosen])[..]);
        let elapsed = begun.elapsed().as_millis();
        assert!((waited..=waited + 1).contains(&elapsed), "{elapsed} ms");
    }
}

#[tokio::test]
async fn only_the_first_step_of_a_call_is_asked_about_and_once() {
    let (desk, service) = asking().await;
    service.choose(&desk.second.id);
    let answer = desk.call().await;
    desk.call().await;
    let next = desk.fails(&answer.twiml).await;
    assert!(super::rig::connects_to(&next, "first"));
    assert_eq!(service.asked().len(), 1);
}
