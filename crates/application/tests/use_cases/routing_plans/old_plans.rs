//! Plans that are changed, removed, or become unreadable during calls.

use super::planned::{APOLOGY, FALLBACK_CHAIN, PlannedApp, call_sid, connects_to, ids, plan_id};
use crate::prelude::*;

#[tokio::test]
async fn a_new_version_decides_the_next_call_and_goes_on_with_the_one_that_is_there() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    let answer = planned.call().await;
    let other =
        r#"{"rules": [], "otherwise": {"agents": ["Own", "First"], "strategy": "priority"}}"#;
    planned.save(plan_id(1), 2, other).await;
    let next = planned.call_as(&call_sid(2)).await;
    assert_eq!([next.agent], ids([&planned.own])[..]);
    let step = planned.fails(&answer.twiml).await;
    assert!(connects_to(&step, "own"), "First was tried already");
    let end = planned.fails(&step).await;
    assert_eq!(end.as_str(), APOLOGY);
}

#[tokio::test]
async fn a_plan_that_cannot_be_read_leaves_the_number_to_its_own_agent() {
    let hour_25 = r#"{"time_zone": "Etc/UTC", "rules": [{"when": {"schedule": {"weekly": [{"from": "25:00", "to": "26:00"}]}},
        "then": {"agents": ["First"]}}], "otherwise": {"agents": ["Second"]}}"#;
    let gone = r#"{"rules": [], "otherwise": {"agents": ["Whoever"]}}"#;
    for document in ["no plan at all", "{", hour_25, gone] {
        let planned = PlannedApp::by(document).await;
        let answer = planned.call().await;
        assert_eq!((answer.agent, answer.reason), (Some(planned.own.id.clone()), Reason::Assigned));
        assert_eq!(planned.app.call_of(&planned.main).await.unwrap().attempts, []);
        // After it is repaired, it decides.
        planned.save(plan_id(1), 2, FALLBACK_CHAIN).await;
        assert_eq!([planned.call_as(&call_sid(2)).await.agent], ids([&planned.first])[..]);
    }
}

#[tokio::test]
async fn a_call_whose_plan_has_gone_meanwhile_goes_on_to_the_numbers_own_agent_and_then_ends() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    let answer = planned.call().await;
    planned.attach(&PlanPlace::Number(sender(NUMBER)), None).await;
    let own = planned.fails(&answer.twiml).await;
    assert!(connects_to(&own, "own"), "{}", own.as_str());
    let record = planned.app.call_of(&planned.main).await.unwrap();
    assert!(
        record
            .attempts
            .iter()
            .any(|attempt| attempt.destination == AttemptDestination::Agent(planned.own.id.clone()))
    );
    assert_eq!(planned.fails(&own).await.as_str(), APOLOGY);

    // An agent that was already tried is not tried again.
    let planned = PlannedApp::by(r#"{"rules": [], "otherwise": {"agents": ["Own"]}}"#).await;
    let answer = planned.call().await;
    planned.attach(&PlanPlace::Number(sender(NUMBER)), None).await;
    assert_eq!(planned.fails(&answer.twiml).await.as_str(), APOLOGY);
}

#[tokio::test]
async fn an_agent_whose_hours_cannot_be_read_is_not_tried() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    let limits = switchboard_domain::ports::AgentLimits {
        hours: Some("always".into()),
        ..switchboard_domain::ports::AgentLimits::default()
    };
    planned.limit(&planned.first, &limits).await;
    assert_eq!([planned.call().await.agent], ids([&planned.second])[..]);
}
