//! Which plan decides for a number.

use super::planned::{FALLBACK_CHAIN, PlannedApp, call_sid, ids, plan_id};
use crate::prelude::*;

#[tokio::test]
async fn the_nearest_plan_decides_and_without_one_the_numbers_own_agent() {
    let to = |agent| format!(r#"{{"rules": [], "otherwise": {{"agents": ["{agent}"]}}}}"#);
    let planned = PlannedApp::by(&to("First")).await;
    planned.save(plan_id(2), 1, &to("Second")).await;
    planned.save(plan_id(3), 1, &to("Own")).await;
    let number = PlanPlace::Number(sender(NUMBER));
    let account = PlanPlace::Account(planned.main.sid);
    let organization = PlanPlace::Organization(default_organization());
    planned.attach(&account, Some(2)).await;
    planned.attach(&organization, Some(3)).await;
    let nearest_first =
        [(&number, &planned.first), (&account, &planned.second), (&organization, &planned.own)];
    for (call, (place, agent)) in nearest_first.into_iter().enumerate() {
        let answer = planned.call_as(&call_sid(u32::try_from(call).unwrap())).await;
        assert_eq!((answer.agent, answer.reason), (Some(agent.id.clone()), Reason::Planned));
        planned.attach(place, None).await;
    }
    let answer = planned.call().await;
    assert_eq!((answer.agent, answer.reason), (Some(planned.own.id.clone()), Reason::Assigned));
}

#[tokio::test]
async fn a_message_is_answered_by_its_plan_and_by_the_same_agent_as_a_call() {
    let halves = r#"{"rules": [], "otherwise": {"agents": ["First", "Second"]}}"#;
    let planned = PlannedApp::by(halves).await;
    for (agent, text) in [(&planned.first, "I am First"), (&planned.second, "I am Second")] {
        let mut agent = agent.clone();
        agent.profile.message_target = Some(reply(text));
        planned.change(&agent).await;
    }
    let mut of_each = [0, 0];
    for index in 0..20 {
        let caller = format!("+141555502{index:02}");
        let request = Request::post(MESSAGE, &message(&planned.main, &caller, NUMBER, "Hello"));
        let written = planned.app.message(&request.signed_by(&planned.main)).await.unwrap();
        let is_first = written.twiml.as_str().contains("I am First");
        of_each[usize::from(is_first)] += 1;
        let fields =
            ["From", "Caller"].iter().fold(planned.fields(&call_sid(index)), |fields, side| {
                crate::requests::with(fields, side, &caller)
            });
        let request = Request::post(crate::requests::VOICE, &fields).signed_by(&planned.main);
        let spoken = planned.app.voice(&request).await.unwrap();
        assert_eq!(spoken.agent, written.agent, "{caller}");
        assert_eq!(written.reason, Reason::Planned);
    }
    assert!(of_each[0] > 0 && of_each[1] > 0, "{of_each:?}");
}

#[tokio::test]
async fn a_message_passes_over_who_cannot_write_and_what_cannot_be_written() {
    let planned = PlannedApp::by(FALLBACK_CHAIN).await;
    let mut first = planned.first.clone();
    first.profile.message_target = None;
    planned.change(&first).await;
    let request = Request::post(MESSAGE, &message(&planned.main, CALLER, NUMBER, "Hello"));
    let request = request.signed_by(&planned.main);
    assert_eq!([planned.app.message(&request).await.unwrap().agent], ids([&planned.second])[..]);
    let mut second = planned.second.clone();
    second.profile.message_target = None;
    planned.change(&second).await;
    let answer = planned.app.message(&request).await.unwrap();
    assert_eq!((answer.agent, answer.reason), (None, Reason::PlannedAction));
    assert!(answer.twiml.as_str().contains("Nobody is here."), "the person is passed over");
}

#[tokio::test]
async fn a_plan_without_anybody_for_messages_answers_by_silence() {
    let only_a_person =
        r#"{"rules": [], "otherwise": {"next": [{"dial": {"number": "+14155550142"}}]}}"#;
    let planned = PlannedApp::by(only_a_person).await;
    let request = Request::post(MESSAGE, &message(&planned.main, CALLER, NUMBER, "Hello"));
    let answer = planned.app.message(&request.signed_by(&planned.main)).await.unwrap();
    assert_eq!((answer.agent, answer.reason), (None, Reason::NobodyAvailable));
    assert!(answer.twiml.as_str().ends_with("<Response></Response>"));
}
