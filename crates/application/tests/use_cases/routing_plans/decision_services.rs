//! Rules with a decision service.

use switchboard_domain::address::Channel;
use switchboard_domain::ports::Candidate;

use super::planned::{PlannedApp, call_sid, ids};
use crate::outside::StubDecisionService;
use crate::prelude::*;

const ASK: &str = r#"{"rules": [], "otherwise": {"agents": ["First", "Second"], "strategy": "priority",
    "ask": {"url": "https://decide.example.net/who", "timeout_ms": 700}}}"#;

async fn asking() -> (PlannedApp, Arc<StubDecisionService>) {
    let service = Arc::new(StubDecisionService::default());
    let options = AppOptions { decisions: Arc::clone(&service) as _, ..AppOptions::default() };
    (PlannedApp::over(ASK, options).await, service)
}

#[tokio::test]
async fn the_service_chooses_among_the_agents_of_the_rule() {
    let (planned, service) = asking().await;
    service.choose(&planned.second.id);
    assert_eq!([planned.call().await.agent], ids([&planned.second])[..]);
    let asked = service.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].channel, asked[0].event.as_str()), (Channel::Voice, CALL));
    assert_eq!((asked[0].from.to_text().as_str(), asked[0].to.as_str()), (CALLER, NUMBER));
    let candidate = |agent: &switchboard_domain::agent::Agent| Candidate {
        agent: agent.id.clone(),
        external_id: agent.profile.external_id.clone(),
    };
    assert_eq!(asked[0].candidates, [candidate(&planned.first), candidate(&planned.second)]);
}

#[tokio::test]
async fn messages_are_asked_about_too() {
    let (planned, service) = asking().await;
    service.choose(&planned.second.id);
    let request = Request::post(MESSAGE, &message(&planned.main, CALLER, NUMBER, "Hello"));
    let answer = planned.app.message(&request.signed_by(&planned.main)).await.unwrap();
    assert_eq!([answer.agent], ids([&planned.second])[..]);
    assert_eq!(
        (service.asked()[0].channel, service.asked()[0].event.as_str()),
        (Channel::Sms, TEXT)
    );
}

#[tokio::test]
async fn who_is_no_candidate_or_not_available_is_not_taken() {
    let (planned, service) = asking().await;
    service.choose(&planned.own.id);
    assert_eq!([planned.call_as(&call_sid(1)).await.agent], ids([&planned.first])[..]);
    service.choose(&planned.first.id);
    planned.limit_first(1).await;
    assert_eq!([planned.call_as(&call_sid(2)).await.agent], ids([&planned.second])[..]);
}

#[tokio::test]
async fn a_failure_leaves_it_to_the_plan() {
    let (planned, service) = asking().await;
    assert_eq!([planned.call().await.agent], ids([&planned.first])[..]);
    assert_eq!(service.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_service_is_waited_for_as_long_as_the_rule_says_and_no_longer() {
    let (planned, service) = asking().await;
    service.choose(&planned.second.id);
    for (takes, chosen, waited) in [(600, &planned.second, 600), (60_000, &planned.first, 700)] {
        service.take(Duration::from_millis(takes));
        let begun = Instant::now();
        let answer = planned.call_as(&call_sid(u32::try_from(takes).unwrap())).await;
        assert_eq!([answer.agent], ids([chosen])[..]);
        let elapsed = begun.elapsed().as_millis();
        assert!((waited..=waited + 1).contains(&elapsed), "{elapsed} ms");
    }
}

#[tokio::test]
async fn only_the_first_step_of_a_call_is_asked_about_and_once() {
    let (planned, service) = asking().await;
    service.choose(&planned.second.id);
    let answer = planned.call().await;
    planned.call().await;
    let next = planned.fails(&answer.twiml).await;
    assert!(super::planned::connects_to(&next, "first"));
    assert_eq!(service.asked().len(), 1);
}
