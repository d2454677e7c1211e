//! A message for an agent with an endpoint: it is stored with its delivery, and answered with a reply that arrives in time.

use std::time::Duration;

use switchboard_application::{OfferedReply, ReplyOffer, Waiter};
use switchboard_domain::agent::MessageTarget;
use switchboard_domain::delivery::{Busy, Delivery, DeliveryItem, DeliveryState, OutgoingContent};
use switchboard_domain::identifier::DeliveryId;
use switchboard_domain::ports::{DeliveryFilter, LeaseHolder};
use switchboard_domain::sid::MessageSid;
use switchboard_domain::web_address::WebUrl;
use tokio::time::Instant;

use crate::prelude::*;

const SILENCE: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#;
/// How long the answer to a message waits for a reply.
const BUDGET: Duration = Duration::from_secs(8);

fn webhook() -> MessageTarget {
    MessageTarget::Webhook(WebUrl::parse("https://agents.example.com/messages").unwrap())
}

/// An app whose agent has an endpoint.
async fn app() -> (TestApp, TestAccount) {
    let (app, main, mut sales) = TestApp::with_one_number(AppOptions::default()).await;
    sales.profile.message_target = Some(webhook());
    app.store.agents().change(&operator(), None, &sales).await.unwrap();
    (app, main)
}

fn text(account: &TestAccount, body: &str) -> Request {
    Request::post(MESSAGE, &message(account, CALLER, NUMBER, body)).signed_by(account)
}

fn offered(body: &str) -> OfferedReply {
    let content = OutgoingContent::of_text(body);
    OfferedReply { delivery: DeliveryId::new(Timestamp::from_seconds(0), [7; 10]), content }
}

/// Replies to the message of a test, which are stored nowhere.
fn offer(app: &TestApp, main: &TestAccount, replies: Vec<OfferedReply>) -> ReplyOffer {
    let about = (main.sid, MessageSid::parse(TEXT).unwrap());
    ReplyOffer::new(replies, app.faults.clone(), Arc::clone(&app.waiters), about)
}

async fn deliveries(app: &TestApp) -> Vec<Delivery> {
    let filter = DeliveryFilter::default();
    app.store.deliveries().newest(&operator(), &filter, &Page::first(100)).await.unwrap()
}

/// What a worker does: takes the delivery, and the webhook that waits for its reply.
async fn claimed(app: &TestApp) -> (Delivery, Option<Waiter>) {
    app.waiters.woken().await;
    let holder = LeaseHolder::named("worker");
    let lease = Duration::from_secs(60);
    let delivery = app
        .store
        .delivery_queue()
        .claim(&holder, lease, 1, &Busy::default())
        .await
        .unwrap()
        .remove(0);
    let waiter = app.waiters.take(&delivery.id);
    (delivery, waiter)
}

#[tokio::test(start_paused = true)]
async fn a_reply_in_time_is_the_answer_to_the_webhook() {
    let (app, main) = app().await;
    let request = text(&main, "hello");
    let worker = async {
        let (delivery, waiter) = claimed(&app).await;
        waiter.unwrap().reply(offer(&app, &main, vec![offered("one"), offered("two")]));
        delivery
    };
    let (answer, delivery) = tokio::join!(app.message(&request), worker);
    let answer = answer.unwrap();
    let message = |text| {
        let delivery = offered(text).delivery;
        let url = format!("https://calls.example.com/api/twilio/status?delivery={delivery}");
        format!(r#"<Message statusCallback="{url}">{text}</Message>"#)
    };
    let messages = format!("{}{}", message("one"), message("two"));
    assert!(answer.twiml.as_str().contains(&messages), "{:?}", answer.twiml.as_str());
    assert_eq!(delivery.item, DeliveryItem::Received(MessageSid::parse(TEXT).unwrap()));
    assert_eq!((delivery.account, delivery.agent), (main.sid, answer.agent));
}

#[tokio::test(start_paused = true)]
async fn a_message_without_a_reply_in_time_is_answered_with_nothing_and_stays_to_be_delivered() {
    let (app, main) = app().await;
    let begun = Instant::now();
    let answer = app.message(&text(&main, "hello")).await.unwrap();
    assert_eq!((begun.elapsed(), answer.twiml.as_str()), (BUDGET, SILENCE));
    let (delivery, waiter) = claimed(&app).await;
    assert!(waiter.is_none());
    assert_eq!(delivery.state, DeliveryState::Pending);
}

#[tokio::test(start_paused = true)]
async fn a_failed_attempt_ends_the_wait() {
    let (app, main) = app().await;
    let request = text(&main, "hello");
    let begun = Instant::now();
    let worker = async { drop(claimed(&app).await) };
    let (answer, ()) = tokio::join!(app.message(&request), worker);
    assert_eq!((begun.elapsed(), answer.unwrap().twiml.as_str()), (Duration::ZERO, SILENCE));
}

#[tokio::test(start_paused = true)]
async fn five_concurrent_webhooks_are_one_delivery_and_one_reply() {
    let (app, main) = app().await;
    let request = text(&main, "hello");
    let worker = async {
        let (_, waiter) = claimed(&app).await;
        waiter.unwrap().reply(offer(&app, &main, vec![offered("hi")]));
    };
    let webhook = || app.message(&request);
    let (one, two, three, four, five, ()) =
        tokio::join!(webhook(), webhook(), webhook(), webhook(), webhook(), worker);
    let answers = [one, two, three, four, five].map(|answer| answer.unwrap().twiml);
    let replies = answers.iter().filter(|twiml| twiml.as_str().contains("hi")).count();
    let silent = answers.iter().filter(|twiml| twiml.as_str() == SILENCE).count();
    assert_eq!((replies, silent), (1, 4));
    assert_eq!(deliveries(&app).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_messages_of_a_contact_on_all_channels_are_one_conversation() {
    let (app, main) = app().await;
    let senders = [("+525512345678", NUMBER), ("whatsapp:+5215512345678", "whatsapp:+14155550100")];
    for (n, (from, to)) in senders.into_iter().enumerate() {
        let fields = with(message(&main, from, to, "hello"), "MessageSid", &format!("SM{n:032x}"));
        app.message(&Request::post(MESSAGE, &fields).signed_by(&main)).await.unwrap();
    }
    let deliveries = deliveries(&app).await;
    assert_eq!(deliveries.len(), 2);
    assert_eq!(deliveries[0].owner, deliveries[1].owner);
}

/// What a message names that a contact is known by, where both are genuine.
fn with_user_id(fields: Fields) -> Fields {
    let fields = with(fields, "ChannelMetadata", r#"{"type":"whatsapp","data":{}}"#);
    with(fields, "ExternalUserId", USER)
}

const USER: &str = "whatsapp:US.13491208655302741918";

#[tokio::test(start_paused = true)]
async fn the_messages_of_a_contact_by_number_and_by_user_id_are_one_conversation() {
    let (app, main) = app().await;
    let ours = "whatsapp:+14155550100";
    let send = async |n: u32, fields: Fields| {
        let fields = with(fields, "MessageSid", &format!("SM{n:032x}"));
        app.message(&Request::post(MESSAGE, &fields).signed_by(&main)).await.unwrap();
    };
    let number = format!("whatsapp:{CALLER}");
    // What cannot be stored now is stored with the next message.
    app.faults.fail_next("contact_link.link", 1, Fault::Unavailable);
    send(1, with_user_id(message(&main, &number, ours, "hello"))).await;
    send(2, with_user_id(message(&main, &number, ours, "again"))).await;
    send(3, message(&main, USER, ours, "by user id")).await;
    // A message is not lost while the number cannot be read.
    app.faults.fail_next("contact_link.number_of", 1, Fault::Unavailable);
    send(4, message(&main, USER, ours, "unknown")).await;
    send(5, message(&main, CALLER, NUMBER, "by SMS")).await;
    let mut deliveries = deliveries(&app).await;
    deliveries.reverse();
    let of_first = |n: usize| deliveries[n].owner == deliveries[0].owner;
    assert_eq!([1, 2, 3, 4].map(of_first), [true, true, false, true]);
}

#[tokio::test(start_paused = true)]
async fn a_message_is_not_acknowledged_without_its_delivery() {
    let (app, main) = app().await;
    app.message(&text(&main, "the number is known from here on")).await.unwrap();
    app.faults.fail_every(Fault::Unavailable);
    let fields =
        with(message(&main, CALLER, NUMBER, "hello"), "MessageSid", &format!("SM{:032x}", 9));
    assert_unavailable(app.message(&Request::post(MESSAGE, &fields).signed_by(&main)).await);
    app.faults.recover();
    assert_eq!(deliveries(&app).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_webhook_that_is_routed_elsewhere_gets_no_second_reply() {
    let (app, main) = app().await;
    let request = text(&main, "hello");
    app.message(&request).await.unwrap();
    let other = agent(9, "Other");
    app.add_agent(&other).await;
    app.assign(NUMBER, Some(&other)).await;
    app.routes.number_changed(sender(NUMBER));
    let again = app.message(&request).await.unwrap();
    assert_eq!((again.insertion, again.twiml.as_str()), (Insertion::Duplicate, SILENCE));
}
