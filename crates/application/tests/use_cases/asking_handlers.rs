//! Agents whose own handlers answer calls with TwiML.

use switchboard_application::FollowUpAnswer;
use switchboard_domain::call::{FailureCause, TimelineEvent};
use switchboard_domain::ports::{AgentSecret, HandlerMethod};
use switchboard_domain::sealing::SecretVersion;
use switchboard_domain::secret::Secret;

use crate::following_links::link;
use crate::outside::{HandlerAnswer, StubHandler};
use crate::prelude::*;
use crate::routing_plans::planned::{PlannedApp, action, call_sid, connects_to};

pub(crate) const VOICE_HANDLER: &str = "https://handler.example.net/voice?bot=1";
const OTHER: &str = "https://other.example.net/voice";

pub(crate) fn handler_at(url: &str) -> VoiceTarget {
    VoiceTarget::Twilio(WebUrl::parse(url).unwrap())
}

fn secret_of(agent: &Agent) -> String {
    format!("whsec_{}", agent.id)
}

pub(crate) async fn add_secret(app: &TestApp, agent: &Agent) {
    let key = AgentSecret::key(&agent.id, 1);
    let secret = Secret::new(secret_of(agent));
    let place = AgentSecret::place(&key);
    let sealed = app.keyring.seal(&place, SecretVersion::FIRST, &secret, [3; 12]).unwrap();
    let secret = AgentSecret { agent: agent.id.clone(), number: 1, sealed, expires_at: None };
    app.store.agent_secrets().add(&operator(), &secret, NOW, NOW).await.unwrap();
}

/// An app whose number is assigned to an agent with a handler.
pub(crate) async fn app_with_handler() -> (TestApp, TestAccount, Agent, Arc<StubHandler>) {
    app_validating(Validation::Enforced).await
}

pub(crate) async fn app_validating(
    validation: Validation,
) -> (TestApp, TestAccount, Agent, Arc<StubHandler>) {
    let handler = Arc::new(StubHandler::default());
    let options = AppOptions { handler: handler.clone(), validation, ..AppOptions::default() };
    let app = TestApp::with(options).await;
    let main = account(1);
    app.add_account(&main).await;
    let mut sales = agent(1, "Sales");
    sales.profile.voice_target = Some(handler_at(VOICE_HANDLER));
    app.add_agent(&sales).await;
    app.add_number(NUMBER, &main, Some(&sales)).await;
    (app, main, sales, handler)
}

pub(crate) fn inbound(account: &TestAccount) -> Request {
    Request::post(VOICE, &call(account, CALLER, NUMBER)).signed_by(account)
}

pub(crate) async fn timeline(app: &TestApp, account: &TestAccount) -> Vec<TimelineEvent> {
    app.recorder.drain().await.unwrap();
    let call = CallSid::parse(CALL).unwrap();
    let found = app.store.timeline().of_call(&operator(), account.sid, call).await.unwrap();
    found.into_iter().map(|entry| entry.event).collect()
}

#[tokio::test]
async fn a_handler_gets_every_parameter_and_its_answer_is_passed_on() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    let request = inbound(&main);
    let answer = app.voice(&request).await.unwrap();
    assert_eq!((answer.agent.as_ref(), answer.reason), (Some(&sales.id), Reason::Assigned));
    let twiml = answer.twiml.as_str();
    assert!(twiml.contains("<Response><Gather action=\"https://"), "{twiml}");
    let asked = handler.asked();
    let [asked] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((asked.url.as_str(), asked.method), (VOICE_HANDLER, HandlerMethod::Post));
    assert_eq!(asked.fields, call(&main, CALLER, NUMBER));
    assert_eq!(asked.secret, Some(secret_of(&sales)));
    assert_eq!(timeline(&app, &main).await, []);
    let record = app.call_of(&main).await.unwrap();
    assert_eq!(record.decision.unwrap().agent, Some(sales.id));
}

#[tokio::test]
async fn a_repeated_webhook_has_the_same_token_and_a_replayed_one_reaches_no_handler() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    let first = app.voice(&inbound(&main)).await.unwrap().twiml;
    assert_eq!(app.voice(&inbound(&main)).await.unwrap().twiml, first);
    let other = with(call(&main, CALLER, NUMBER), "CallSid", &call_sid(7));
    app.voice(&Request::post(VOICE, &other).signed_by(&main)).await.unwrap();
    let tokens: Vec<_> = handler.asked().into_iter().map(|asked| asked.token).collect();
    assert_eq!(tokens[0], tokens[1]);
    assert_ne!(tokens[0], tokens[2]);

    app.clock.pass_seconds(61);
    let stale = app.voice(&inbound(&main)).await.unwrap();
    assert!(stale.twiml.as_str().contains("<Reject"), "{}", stale.twiml.as_str());
    assert_eq!(handler.asked().len(), 3);
}

#[tokio::test]
async fn the_caller_of_a_handler_that_fails_gets_a_busy_signal_and_the_record_says_why() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    handler.answer(VOICE_HANDLER, HandlerAnswer::Unavailable);
    let answer = app.voice(&inbound(&main)).await.unwrap();
    assert_eq!((answer.agent.as_ref(), answer.reason), (None, Reason::HandlerFailed));
    assert!(answer.twiml.as_str().contains(r#"<Reject reason="busy"/>"#));
    let timeline = timeline(&app, &main).await;
    let [TimelineEvent::AttemptFailed { tried: 1, cause }] = &timeline[..] else {
        panic!("{timeline:?}")
    };
    assert_eq!(cause.to_text().unwrap(), "handler: the handler answered 503");
    let record = app.call_of(&main).await.unwrap();
    let tried: Vec<_> = record.attempts.iter().map(|attempt| attempt.destination.clone()).collect();
    assert_eq!(tried, [AttemptDestination::Agent(sales.id), AttemptDestination::Exhausted]);
}

#[tokio::test]
async fn what_nobody_verified_is_not_signed_for_the_handler() {
    for (validation, is_signed) in [(Validation::Report, true), (Validation::Disabled, false)] {
        let (app, main, sales, handler) = app_validating(validation).await;
        add_secret(&app, &sales).await;
        app.voice(&inbound(&main)).await.unwrap();
        let unsigned = with(call(&main, CALLER, NUMBER), "CallSid", &call_sid(7));
        let forged = app.voice(&Request::post(VOICE, &unsigned)).await.unwrap();
        let link = link(&forged.twiml, "action");
        let follow_up = app.follow(&Request::post(&link, &unsigned)).await.unwrap();
        assert!(matches!(follow_up, FollowUpAnswer::Twiml(_)), "{follow_up:?}");
        let secrets: Vec<_> = handler.asked().into_iter().map(|asked| asked.secret).collect();
        assert_eq!(secrets, [is_signed.then(|| secret_of(&sales)), None, None]);
    }
}

#[tokio::test]
async fn an_agent_without_a_secret_is_not_asked() {
    let (app, main, _, handler) = app_with_handler().await;
    let answer = app.voice(&inbound(&main)).await.unwrap();
    assert_eq!((answer.agent, answer.reason), (None, Reason::HandlerFailed));
    assert_eq!(handler.asked(), []);
    let timeline = timeline(&app, &main).await;
    let [TimelineEvent::AttemptFailed { cause: FailureCause::Handler(reason), .. }] = &timeline[..]
    else {
        panic!("{timeline:?}")
    };
    assert_eq!(reason.as_str(), "the agent has no secret for its handler");
}

#[tokio::test(start_paused = true)]
async fn a_secret_in_memory_is_used_while_the_store_does_not_answer() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    app.voice(&inbound(&main)).await.unwrap();
    tokio::time::advance(Duration::from_secs(3_600)).await;
    app.faults.fail_every(Fault::Hang);
    let other = with(call(&main, CALLER, NUMBER), "CallSid", &call_sid(7));
    let answer = app.voice(&Request::post(VOICE, &other).signed_by(&main)).await.unwrap();
    assert_eq!(answer.agent, Some(sales.id));
    assert_eq!(handler.asked().len(), 2);
}

/// First and Second have handlers, and Own too.
const THREE: &str = r#"{"rules": [], "otherwise": {
    "agents": ["First", "Second", "Own"], "strategy": "priority",
    "next": [{"dial": {"number": "+14155550142", "timeout_seconds": 20}}]}}"#;

/// An app with a plan, in which these agents have handlers: First the one at `VOICE_HANDLER`, all others the one at `OTHER`.
pub(crate) async fn planned_with(handler: &Arc<StubHandler>, names: &[&str]) -> PlannedApp {
    let options = AppOptions { handler: Arc::clone(handler) as _, ..AppOptions::default() };
    let planned = PlannedApp::over(THREE, options).await;
    for agent in [&planned.first, &planned.second, &planned.own] {
        let name = agent.profile.name.as_str();
        if names.contains(&name) {
            let mut agent = agent.clone();
            let url = if name == "First" { VOICE_HANDLER } else { OTHER };
            agent.profile.voice_target = Some(handler_at(url));
            planned.change(&agent).await;
            add_secret(&planned.app, &agent).await;
        }
    }
    planned
}

#[tokio::test]
async fn the_next_agent_of_a_plan_follows_a_failed_handler_in_the_same_answer() {
    let handler = Arc::new(StubHandler::default());
    handler.answer(VOICE_HANDLER, HandlerAnswer::Unavailable);
    let planned = planned_with(&handler, &["First"]).await;
    let answer = planned.call().await;
    assert_eq!((answer.agent, answer.reason), (Some(planned.second.id.clone()), Reason::Planned));
    assert!(connects_to(&answer.twiml, "second"));
    let tried = format!("{CONNECTED}?tried={}.{}", planned.first.id, planned.second.id);
    assert_eq!(action(&answer.twiml), format!("{tried}&at={}", NOW.seconds()));
    let timeline = timeline(&planned.app, &planned.main).await;
    assert!(
        matches!(&timeline[..], [TimelineEvent::AttemptFailed { tried: 1, .. }]),
        "{timeline:?}"
    );
    let record = planned.app.call_of(&planned.main).await.unwrap();
    let destinations: Vec<_> =
        record.attempts.into_iter().map(|attempt| attempt.destination).collect();
    let agent = |agent: &Agent| AttemptDestination::Agent(agent.id.clone());
    assert_eq!(destinations, [agent(&planned.first), agent(&planned.second)]);

    // The circuit breaker of the handler is open, so the next call does not wait for it.
    let next = planned.call_as(&call_sid(2)).await;
    assert!(connects_to(&next.twiml, "second"));
    assert_eq!(handler.asked().len(), 1);
    planned.app.health_check.once().await;
    handler.answer(VOICE_HANDLER, HandlerAnswer::Gather);
    let next = planned.call_as(&call_sid(3)).await;
    assert_eq!(next.agent, Some(planned.first.id.clone()));
    assert!(next.twiml.as_str().contains("<Gather"), "{}", next.twiml.as_str());
}

#[tokio::test]
async fn a_handler_follows_a_failed_stream() {
    let handler = Arc::new(StubHandler::default());
    let planned = planned_with(&handler, &["Second"]).await;
    let first = planned.call().await.twiml;
    assert!(connects_to(&first, "first"));
    let second = planned.fails(&first).await;
    assert!(second.as_str().contains("<Gather"), "{}", second.as_str());
    assert_eq!(handler.asked().len(), 1);
    assert_eq!(handler.asked()[0].url, OTHER);
}

#[tokio::test(start_paused = true)]
async fn silent_handlers_take_ten_seconds_together_and_a_person_follows() {
    let handler = Arc::new(StubHandler::default());
    handler.answer("https://", HandlerAnswer::Silent);
    let planned = planned_with(&handler, &["First", "Second", "Own"]).await;
    let begun = Instant::now();
    let answer = planned.call().await;
    assert_eq!(begun.elapsed(), Deadlines::default().handlers);
    assert!(answer.twiml.as_str().contains("<Number>+14155550142</Number>"));
    assert_eq!(handler.asked().len(), 2, "there is no time for a third one");
    let timeline = timeline(&planned.app, &planned.main).await;
    let tried: Vec<_> = timeline
        .iter()
        .map(|event| match event {
            TimelineEvent::AttemptFailed { tried, .. } => *tried,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(tried, [1, 2]);
}
