//! The links in the TwiML of handlers lead back to them, through us.

use switchboard_application::FollowUpAnswer;
use switchboard_domain::call::TimelineEvent;
use switchboard_domain::ports::HandlerMethod;

use crate::asking_handlers::{
    VOICE_HANDLER, add_secret, app_with_handler, handler_at, inbound, planned_with, timeline,
};
use crate::outside::{HandlerAnswer, StubHandler};
use crate::prelude::*;
use crate::requests::Kind;
use crate::routing_plans::planned::{APOLOGY, HANG_UP, connects_to};

/// The target of the link in an attribute of TwiML.
pub(crate) fn link(twiml: &Twiml, attribute: &str) -> String {
    let text = twiml.as_str();
    let start = format!(" {attribute}=\"https://calls.example.com");
    let (_, rest) = text.split_once(&start).unwrap_or_else(|| panic!("{attribute}: {text}"));
    let target = rest.split('"').next().unwrap().replace("&amp;", "&");
    assert!(target.starts_with(HANDLER), "{target}");
    target
}

/// The fields of a request after digits were pressed.
pub(crate) fn pressed(account: &TestAccount) -> Fields {
    let fields = with(call(account, CALLER, NUMBER), "CallStatus", "in-progress");
    with(fields, "Digits", "5")
}

fn twiml(answer: FollowUpAnswer) -> Twiml {
    match answer {
        FollowUpAnswer::Twiml(twiml) => twiml,
        FollowUpAnswer::Acknowledged => panic!("no TwiML"),
    }
}

/// Twilio's request for a link.
fn follow(account: &TestAccount, target: &str, fields: &Fields) -> Request {
    Request::post(target, fields).signed_by(account)
}

#[tokio::test]
async fn what_was_pressed_is_sent_to_the_action_of_the_handler() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    let answer = app.voice(&inbound(&main)).await.unwrap();
    let action = link(&answer.twiml, "action");
    let next = twiml(app.follow(&follow(&main, &action, &pressed(&main))).await.unwrap());
    assert_eq!(link(&next, "action"), action, "the same link, from the same document");
    let asked = handler.asked();
    let menu = &asked[1];
    assert_eq!(
        (menu.url.as_str(), menu.method),
        ("https://handler.example.net/menu", HandlerMethod::Post)
    );
    assert_eq!(menu.fields, pressed(&main));
    assert_eq!(menu.secret, asked[0].secret);
    assert_ne!(menu.token, asked[0].token);
}

#[tokio::test]
async fn a_get_stays_a_get_without_our_own_parameters() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    let answer = app.voice(&inbound(&main)).await.unwrap();
    let target = format!("{}&{}", link(&answer.twiml, "action"), encoded(&pressed(&main)));
    let request = Request { target, content: Kind::Query, signature: None }.signed_by(&main);
    twiml(app.follow(&request).await.unwrap());
    let menu = &handler.asked()[1];
    assert_eq!((menu.method, &menu.fields), (HandlerMethod::Get, &pressed(&main)));
}

#[tokio::test]
async fn a_forged_link_is_refused_whoever_signed_the_request() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    let other = account(2);
    app.add_account(&other).await;
    app.add_number("+14155550101", &other, Some(&sales)).await;
    let action = link(&app.voice(&inbound(&main)).await.unwrap().twiml, "action");
    let changed = action.replacen("at=", "at=9", 1);
    let evil = "aHR0cHM6Ly9ldmlsLmV4YW1wbGU";
    let (before, last) = action.rsplit_once('.').unwrap();
    let (before, _) = before.rsplit_once('.').unwrap();
    for forged in [
        HANDLER.to_owned(),
        format!("{HANDLER}?next="),
        format!("{action}x"),
        action[..action.len() - 1].to_owned(),
        format!("{action}&x=1"),
        format!("{before}.{evil}.{last}"),
        changed,
    ] {
        let request = follow(&main, &forged, &pressed(&main));
        assert_eq!(refusal(app.follow(&request).await), Refusal::LinkWrong, "{forged}");
    }
    let theirs = with(call(&other, CALLER, "+14155550101"), "CallStatus", "in-progress");
    let request = follow(&other, &action, &theirs);
    assert_eq!(refusal(app.follow(&request).await), Refusal::LinkWrong);
    assert_eq!(handler.asked().len(), 1);
    let unsigned = follow(&main, &action, &pressed(&main)).with_signature(None);
    assert_eq!(refusal(app.follow(&unsigned).await), Refusal::SignatureMissing);
    let kept = app.rejections().await;
    assert!(kept.iter().all(|kept| kept.endpoint == Endpoint::Handler), "{kept:?}");
}

#[tokio::test]
async fn a_number_of_another_account_is_refused() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    let other = account(2);
    app.add_account(&other).await;
    app.add_number("+14155550101", &other, Some(&sales)).await;
    let action = link(&app.voice(&inbound(&main)).await.unwrap().twiml, "action");
    let moved = with(call(&main, CALLER, "+14155550101"), "CallStatus", "in-progress");
    let request = follow(&main, &action, &moved);
    assert_eq!(refusal(app.follow(&request).await), Refusal::AccountMismatch);
    assert_eq!(handler.asked().len(), 1);
}

#[tokio::test]
async fn the_caller_of_an_agent_that_has_no_such_handler_any_more_hears_an_apology() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    let action = link(&app.voice(&inbound(&main)).await.unwrap().twiml, "action");
    let mut moved = sales.clone();
    moved.profile.voice_target = Some(handler_at("https://elsewhere.example.net/voice"));
    app.store.agents().change(&operator(), None, &moved).await.unwrap();
    app.watcher.catch_up().await.unwrap();
    let request = follow(&main, &action, &pressed(&main));
    assert_eq!(twiml(app.follow(&request).await.unwrap()).as_str(), APOLOGY);
    assert_eq!(handler.asked().len(), 1);
}

#[tokio::test]
async fn a_handler_that_fails_later_ends_the_call_with_an_apology_and_the_record_says_why() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    let action = link(&app.voice(&inbound(&main)).await.unwrap().twiml, "action");
    app.clock.pass_seconds(30);
    handler.answer("https://handler.example.net/menu", HandlerAnswer::Unavailable);
    let request = follow(&main, &action, &pressed(&main));
    for _repeated in 0..2 {
        assert_eq!(twiml(app.follow(&request).await.unwrap()).as_str(), APOLOGY);
    }
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
async fn the_next_destination_of_the_plan_follows_a_handler_that_fails_later() {
    let handler = Arc::new(StubHandler::default());
    let planned = planned_with(&handler, &["First"]).await;
    let action = link(&planned.call().await.twiml, "action");
    planned.app.clock.pass_seconds(30);
    handler.answer("https://handler.example.net/menu", HandlerAnswer::Unavailable);
    let request = follow(&planned.main, &action, &pressed(&planned.main));
    let next = twiml(planned.app.follow(&request).await.unwrap());
    assert!(connects_to(&next, "second"), "{}", next.as_str());
    let tried = format!("tried={}.{}&amp;at=", planned.first.id, planned.second.id);
    assert!(next.as_str().contains(&tried), "{}", next.as_str());
    let record = planned.app.call_of(&planned.main).await.unwrap();
    let agent = |agent: &Agent| AttemptDestination::Agent(agent.id.clone());
    let destinations: Vec<_> =
        record.attempts.into_iter().map(|attempt| attempt.destination).collect();
    assert_eq!(destinations, [agent(&planned.first), agent(&planned.second)]);
}

#[tokio::test]
async fn a_replayed_request_of_a_call_that_is_over_reaches_no_handler_and_a_late_callback_does() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    let answer = app.voice(&inbound(&main)).await.unwrap();
    let (action, partial) =
        (link(&answer.twiml, "action"), link(&answer.twiml, "partialResultCallback"));
    let ended = with(call(&main, CALLER, NUMBER), "CallStatus", "completed");
    app.status(&Request::post(STATUS, &ended).signed_by(&main)).await.unwrap();
    let replayed = app.follow(&follow(&main, &action, &pressed(&main))).await.unwrap();
    assert_eq!(twiml(replayed).as_str(), HANG_UP);
    assert_eq!(handler.asked().len(), 1);

    // Twilio still tells how the step ended that the caller left, and reports what it recorded.
    twiml(app.follow(&follow(&main, &action, &ended)).await.unwrap());
    handler.answer("https://handler.example.net/partial", HandlerAnswer::Unavailable);
    let recording = fields(&[
        ("AccountSid", main.sid.as_str()),
        ("CallSid", CALL),
        ("RecordingSid", "RE0123456789abcdef0123456789abcdef"),
        ("RecordingStatus", "completed"),
    ]);
    let answer = app.follow(&follow(&main, &partial, &recording)).await.unwrap();
    assert!(matches!(answer, FollowUpAnswer::Acknowledged));
    let urls: Vec<_> = handler.asked().into_iter().map(|asked| asked.url).collect();
    let [menu, partial] =
        ["menu", "partial"].map(|path| format!("https://handler.example.net/{path}"));
    assert_eq!(urls, [VOICE_HANDLER.to_owned(), menu, partial]);
    assert_eq!(timeline(&app, &main).await, [], "a callback that fails is no attempt");
}

#[tokio::test]
async fn a_dialed_leg_asks_the_handler_too_and_ends_alone_if_it_fails() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    let action = link(&app.voice(&inbound(&main)).await.unwrap().twiml, "action");
    let leg = with(call(&main, CALLER, "+14155550142"), "Direction", "outbound-dial");
    let leg = with(leg, "CallSid", "CA99999999999999999999999999999999");
    let leg = with(with(leg, "CallStatus", "in-progress"), "ParentCallSid", CALL);
    let whisper = twiml(app.follow(&follow(&main, &action, &leg)).await.unwrap());
    assert!(whisper.as_str().contains("<Gather"), "{}", whisper.as_str());
    handler.answer("https://handler.example.net/menu", HandlerAnswer::Unavailable);
    let failed = twiml(app.follow(&follow(&main, &action, &leg)).await.unwrap());
    assert_eq!(failed.as_str(), HANG_UP);
}

#[tokio::test(start_paused = true)]
async fn a_known_agent_is_asked_while_the_store_does_not_answer() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    let action = link(&app.voice(&inbound(&main)).await.unwrap().twiml, "action");
    let request = follow(&main, &action, &pressed(&main));
    twiml(app.follow(&request).await.unwrap());
    app.faults.fail_every(Fault::Hang);
    let next = twiml(app.follow(&request).await.unwrap());
    assert!(next.as_str().contains("<Gather"), "{}", next.as_str());
    assert_eq!(handler.asked().len(), 3);
}
