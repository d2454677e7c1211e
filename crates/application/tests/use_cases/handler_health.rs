//! Handlers that answer the calls of numbers without a plan, and that fail repeatedly.

use switchboard_domain::call::TimelineEvent;
use switchboard_domain::plan::Skipped;

use crate::asking_handlers::{
    VOICE_HANDLER, add_secret, app_with_handler, handler_at, planned_with, timeline,
};
use crate::outside::{HandlerAnswer, StubHandler};
use crate::prelude::*;
use crate::routing_plans::planned::{APOLOGY, call_sid, connects_to};

async fn call_as(app: &TestApp, account: &TestAccount, index: u32) -> CallAnswer {
    let fields = with(call(account, CALLER, NUMBER), "CallSid", &call_sid(index));
    app.voice(&Request::post(VOICE, &fields).signed_by(account)).await.unwrap()
}

async fn timeline_of(app: &TestApp, account: &TestAccount, index: u32) -> Vec<TimelineEvent> {
    app.recorder.drain().await.unwrap();
    let call = CallSid::parse(&call_sid(index)).unwrap();
    let found = app.store.timeline().of_call(&operator(), account.sid, call).await.unwrap();
    found.into_iter().map(|entry| entry.event).collect()
}

#[tokio::test(start_paused = true)]
async fn a_silent_handler_delays_three_calls_and_the_next_ones_do_not_wait() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    handler.answer(VOICE_HANDLER, HandlerAnswer::Silent);
    for index in 1..=3 {
        let begun = Instant::now();
        let answer = call_as(&app, &main, index).await;
        assert_eq!(answer.reason, Reason::HandlerFailed);
        assert_eq!(begun.elapsed(), Deadlines::default().handler);
    }
    let begun = Instant::now();
    let answer = call_as(&app, &main, 4).await;
    assert_eq!((answer.agent.as_ref(), answer.reason), (None, Reason::HandlerFailed));
    assert!(answer.twiml.as_str().contains(r#"<Reject reason="busy"/>"#));
    assert_eq!((begun.elapsed(), handler.asked().len()), (Duration::ZERO, 3));
    let skipped = TimelineEvent::AgentSkipped { agent: sales.id.clone(), why: Skipped::Down };
    assert_eq!(timeline_of(&app, &main, 4).await, [skipped]);

    // It is asked again once a health check reaches it: by one call, and by all calls if that one is answered.
    app.health_check.once().await;
    assert_eq!(call_as(&app, &main, 5).await.reason, Reason::HandlerFailed);
    assert_eq!(handler.asked().len(), 4);
    call_as(&app, &main, 6).await;
    assert_eq!(handler.asked().len(), 4);
    app.health_check.once().await;
    handler.answer(VOICE_HANDLER, HandlerAnswer::Gather);
    for index in 7..=9 {
        assert_eq!(call_as(&app, &main, index).await.agent.as_ref(), Some(&sales.id));
    }
    assert_eq!(handler.asked().len(), 7);
}

/// The trial that a health check allows is made by a call that asks.
#[tokio::test(start_paused = true)]
async fn a_call_that_asks_no_handler_ends_no_trial() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    handler.answer(VOICE_HANDLER, HandlerAnswer::Silent);
    for index in 1..=3 {
        call_as(&app, &main, index).await;
    }
    app.health_check.once().await;
    handler.answer(VOICE_HANDLER, HandlerAnswer::NotAsked);
    call_as(&app, &main, 4).await;
    app.clock.pass_seconds(60);
    handler.answer(VOICE_HANDLER, HandlerAnswer::Silent);
    call_as(&app, &main, 5).await;
    let begun = Instant::now();
    call_as(&app, &main, 6).await;
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn an_error_that_nobody_waits_for_stops_no_call() {
    for failure in [HandlerAnswer::Unavailable, HandlerAnswer::NotAsked] {
        let (app, main, sales, handler) = app_with_handler().await;
        add_secret(&app, &sales).await;
        handler.answer(VOICE_HANDLER, failure);
        for index in 1..=5 {
            assert_eq!(call_as(&app, &main, index).await.reason, Reason::HandlerFailed);
        }
        assert_eq!(handler.asked().len(), 5);
    }
}

#[tokio::test(start_paused = true)]
async fn single_failures_stop_no_call() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    for index in 1..=9 {
        let fails = index % 3 != 0;
        let answer = if fails { HandlerAnswer::Silent } else { HandlerAnswer::Gather };
        handler.answer(VOICE_HANDLER, answer);
        assert_eq!(call_as(&app, &main, index).await.agent.is_none(), fails);
    }
    assert_eq!(handler.asked().len(), 9);
}

#[tokio::test]
async fn a_handler_that_failed_for_a_plan_is_down_for_a_number_without_one_too() {
    let handler = Arc::new(StubHandler::default());
    handler.answer(VOICE_HANDLER, HandlerAnswer::Unavailable);
    let planned = planned_with(&handler, &["First"]).await;
    let limits = AgentLimits {
        health_url: Some(WebUrl::parse("https://handler.example.net/health").unwrap()),
        ..AgentLimits::default()
    };
    planned.limit(&planned.first, &limits).await;
    assert!(connects_to(&planned.call().await.twiml, "second"));
    assert_eq!(handler.asked().len(), 1);
    planned.attach(&PlanPlace::Number(sender(NUMBER)), None).await;
    planned.app.assign(NUMBER, Some(&planned.first)).await;
    planned.app.watcher.catch_up().await.unwrap();
    assert_eq!(planned.call_as(&call_sid(2)).await.reason, Reason::HandlerFailed);
    assert_eq!(handler.asked().len(), 1);
    planned.app.health_check.once().await;
    planned.call_as(&call_sid(3)).await;
    assert_eq!(handler.asked().len(), 2);
}

/// Its circuit breaker is found by the URL of its health check, which the store does not tell now.
#[tokio::test(start_paused = true)]
async fn a_handler_stays_down_while_its_health_check_cannot_be_read() {
    for has_health_check in [false, true] {
        let (app, main, sales, handler) = app_with_handler().await;
        add_secret(&app, &sales).await;
        let limits = AgentLimits {
            health_url: has_health_check
                .then(|| WebUrl::parse("https://handler.example.net/health").unwrap()),
            ..AgentLimits::default()
        };
        let catalogue = app.store.catalogue();
        catalogue.set_limits(&operator(), &sales.id, &limits).await.unwrap();
        app.watcher.catch_up().await.unwrap();
        handler.answer(VOICE_HANDLER, HandlerAnswer::Silent);
        let read_again = async || {
            app.store.agents().change(&operator(), None, &sales).await.unwrap();
            app.watcher.catch_up().await.unwrap();
        };
        for index in 1..=3 {
            // Its first call is answered while the health check cannot be read, too.
            app.faults.fail_next("catalogue.materials", 1, Fault::Unavailable);
            call_as(&app, &main, index).await;
            read_again().await;
        }
        for (index, faults) in [(4, 1), (5, 0)] {
            app.faults.fail_next("catalogue.materials", faults, Fault::Unavailable);
            call_as(&app, &main, index).await;
            assert_eq!(handler.asked().len(), 3, "call {index}");
            read_again().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_is_down_after_its_plan_was_detached_is_recorded() {
    let handler = Arc::new(StubHandler::default());
    let planned = planned_with(&handler, &[]).await;
    let mut own = planned.own.clone();
    own.profile.voice_target = Some(handler_at(VOICE_HANDLER));
    planned.change(&own).await;
    add_secret(&planned.app, &own).await;
    planned.attach(&PlanPlace::Number(sender(NUMBER)), None).await;
    handler.answer(VOICE_HANDLER, HandlerAnswer::Silent);
    for index in 2..=4 {
        planned.call_as(&call_sid(index)).await;
    }
    planned.attach(&PlanPlace::Number(sender(NUMBER)), Some(1)).await;
    let first = planned.call().await.twiml;
    assert!(connects_to(&first, "first"));
    planned.attach(&PlanPlace::Number(sender(NUMBER)), None).await;
    assert_eq!(planned.fails(&first).await.as_str(), APOLOGY);
    assert_eq!(handler.asked().len(), 3);
    let skipped = TimelineEvent::AgentSkipped { agent: own.id.clone(), why: Skipped::Down };
    assert!(timeline(&planned.app, &planned.main).await.contains(&skipped));
    let record = planned.app.call_of(&planned.main).await.unwrap();
    let tried: Vec<_> = record.attempts.into_iter().map(|attempt| attempt.destination).collect();
    let first = AttemptDestination::Agent(planned.first.id.clone());
    assert_eq!(tried, [first, AttemptDestination::Exhausted]);
}

#[tokio::test]
async fn a_handler_that_fails_after_its_plan_was_detached_is_recorded() {
    let handler = Arc::new(StubHandler::default());
    handler.answer("https://", HandlerAnswer::Unavailable);
    let planned = planned_with(&handler, &[]).await;
    let mut own = planned.own.clone();
    own.profile.voice_target = Some(handler_at(VOICE_HANDLER));
    planned.change(&own).await;
    add_secret(&planned.app, &own).await;
    let first = planned.call().await.twiml;
    assert!(connects_to(&first, "first"));
    planned.attach(&PlanPlace::Number(sender(NUMBER)), None).await;
    planned.app.clock.pass_seconds(1);
    assert_eq!(planned.fails(&first).await.as_str(), APOLOGY);
    assert_eq!(handler.asked().len(), 1);
    let timeline = timeline(&planned.app, &planned.main).await;
    let failed: Vec<_> = timeline
        .iter()
        .map(|event| match event {
            TimelineEvent::AttemptFailed { tried, cause } => (*tried, cause.to_text().unwrap()),
            other => panic!("{other:?}"),
        })
        .collect();
    let answered = "handler: the handler answered 503".to_owned();
    assert_eq!(failed.len(), 2, "{failed:?}");
    assert_eq!(failed[1], (2, answered));
    let record = planned.app.call_of(&planned.main).await.unwrap();
    let tried: Vec<_> = record.attempts.into_iter().map(|attempt| attempt.destination).collect();
    let agent = |agent: &Agent| AttemptDestination::Agent(agent.id.clone());
    assert_eq!(tried, [agent(&planned.first), agent(&own), AttemptDestination::Exhausted]);
}
