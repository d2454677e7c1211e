//! Tests of the worker with an in-memory store and carrier, and an endpoint that a test scripts.
#![expect(clippy::unwrap_used, reason = "a test that unwraps says at which line it has failed")]

mod busy_carrier;
mod chat;
mod events;
mod fixture;
mod waits;
mod whatsapp_window;

use std::collections::BTreeMap;
use std::time::Duration;

use fixture::{Fixture, Scripted};
use switchboard_carrier_memory::Failure;
use switchboard_domain::delivery::{AttemptOutcome, DeliveryItem, DeliveryState, SendState};
use switchboard_domain::ports::EndpointError;
use switchboard_store_memory::Fault;
use tokio::time::{Instant, sleep};

const MINUTE: Duration = Duration::from_secs(60);

fn status(status: u16) -> Scripted {
    Scripted::Fail(EndpointError::Status { status, retry_after: None })
}

#[tokio::test(start_paused = true)]
async fn a_message_reaches_its_agent_and_the_reply_is_sent() {
    let fixture = Fixture::new().await;
    fixture.receive(1, "hello").await;
    fixture.until_sent(1).await;
    let delivered = fixture.endpoint.delivered();
    assert_eq!(delivered.len(), 1);
    assert_eq!((delivered[0].body.as_str(), delivered[0].secrets), ("hello", 1));
    assert_eq!(fixture.sent(), ["reply to hello"]);
    let outgoing = fixture.outgoing().await;
    assert_eq!(outgoing[0].progress.state, SendState::Sent);
    assert!(outgoing[0].progress.sid.is_some());
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_is_down_gets_every_message_in_order_with_the_same_ids() {
    let fixture = Fixture::new().await;
    for _ in 0..3 {
        fixture.endpoint.script(status(503));
    }
    for n in 1..=3 {
        fixture.receive(n, &format!("message {n}")).await;
    }
    fixture.until_delivered(1).await;
    // The first message is attempted again before the others are attempted.
    for _ in 0..3 {
        fixture.store.advance(10 * MINUTE);
        fixture.idle().await;
    }
    fixture.until_sent(3).await;
    let delivered = fixture.endpoint.delivered();
    let bodies: Vec<_> = delivered.iter().map(|delivery| delivery.body.as_str()).collect();
    assert_eq!(bodies[3..], ["message 1", "message 2", "message 3"]);
    assert!(bodies[..4].iter().all(|body| *body == "message 1"), "{bodies:?}");
    assert!(delivered[..4].iter().all(|delivery| delivery.id == delivered[0].id));
    assert_eq!(fixture.sent(), ["reply to message 1", "reply to message 2", "reply to message 3"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_message_is_a_dead_letter_and_the_conversation_continues() {
    let fixture = Fixture::new().await;
    fixture.endpoint.script(Scripted::Fail(EndpointError::Invalid { what: "it is a list" }));
    fixture.endpoint.script(Scripted::Fail(EndpointError::Invalid { what: "it is HTML" }));
    for n in 1..=3 {
        fixture.receive(n, &format!("message {n}")).await;
    }
    fixture.until_sent(1).await;
    assert_eq!(fixture.sent(), ["reply to message 3"]);
    let outcomes = fixture.received_outcomes().await;
    let dead = |outcome| (DeliveryState::Dead, outcome);
    assert_eq!(outcomes[0], dead(AttemptOutcome::InvalidResponse));
    assert_eq!(outcomes[1], dead(AttemptOutcome::InvalidResponse));
    assert_eq!(outcomes[2], (DeliveryState::Delivered, AttemptOutcome::Accepted));
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_is_gone_gets_no_more_messages_until_it_is_enabled() {
    let fixture = Fixture::new().await;
    fixture.endpoint.script(status(410));
    for n in 1..=2 {
        fixture.receive(n, &format!("message {n}")).await;
    }
    fixture.idle().await;
    assert_eq!(fixture.endpoint.delivered().len(), 1);
    let dead = |outcome| (DeliveryState::Dead, outcome);
    let expected = [dead(AttemptOutcome::Gone), dead(AttemptOutcome::TargetDisabled)];
    assert_eq!(fixture.received_outcomes().await, expected);
    // Other agents still get theirs.
    fixture.receive_for_other_agent(3, "hello").await;
    fixture.until_delivered(2).await;
    fixture.enable_target().await;
    fixture.receive(4, "message 4").await;
    fixture.until_delivered(3).await;
}

/// Only one message is attempted until the time is over that the endpoint asked for.
#[tokio::test(start_paused = true)]
async fn retry_after_pauses_all_deliveries_to_the_endpoint() {
    for (code, is_paused) in [(429, true), (503, true), (500, false)] {
        let fixture = Fixture::new().await;
        let retry_after = Some(10 * MINUTE);
        let busy = EndpointError::Status { status: code, retry_after };
        fixture.endpoint.script(Scripted::Fail(busy));
        fixture.receive_from(1, "one", 1).await;
        fixture.until_delivered(1).await;
        fixture.receive_from(2, "two", 2).await;
        fixture.receive_for_other_agent(3, "hello").await;
        sleep(MINUTE).await;
        let delivered = if is_paused { 2 } else { 3 };
        assert_eq!(fixture.endpoint.delivered().len(), delivered, "{code}");
        sleep(10 * MINUTE).await;
        fixture.store.advance(11 * MINUTE);
        fixture.until_sent(3).await;
    }
}

/// It says nothing about the endpoint that our database or our limits fail.
#[tokio::test(start_paused = true)]
async fn failures_of_our_own_do_not_open_the_circuit_breaker() {
    let fixture = Fixture::new().await;
    for _ in 0..6 {
        fixture.endpoint.script(Scripted::Fail(EndpointError::AtLimit));
    }
    for n in 1..=6 {
        fixture.receive_from(n, "hello", n).await;
    }
    fixture.until_delivered(6).await;
    fixture.store.fail_next("delivery.contexts", 12, Fault::Unavailable);
    for n in 11..=16 {
        fixture.receive_from(n, "hello", n).await;
    }
    fixture.idle().await;
    fixture.receive_from(20, "now", 20).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(fixture.endpoint.delivered().last().unwrap().body, "now");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_stays_down_gets_twelve_attempts_in_a_day() {
    let fixture = Fixture::new().await;
    for _ in 0..20 {
        fixture.endpoint.script(status(500));
    }
    fixture.receive(1, "hello").await;
    // An open circuit breaker allows an attempt a minute.
    for _ in 0..20 {
        sleep(MINUTE).await;
        fixture.store.advance(600 * MINUTE);
    }
    assert_eq!(fixture.endpoint.delivered().len(), 12);
    let outcomes = fixture.received_outcomes().await;
    assert_eq!(outcomes, [(DeliveryState::Dead, AttemptOutcome::BadStatus)]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_twilio_accepted_without_an_answer_is_not_sent_twice() {
    let fixture = Fixture::new().await;
    fixture.carrier.fail_next_of("message.create", 1, Failure::AnswerLost);
    fixture.receive(1, "hello").await;
    fixture.until_sent(1).await;
    fixture.settle().await;
    assert_eq!(fixture.sent(), ["reply to hello"]);
    let outgoing = fixture.outgoing().await;
    assert_eq!(outgoing[0].progress.state, SendState::Sent);
    assert_eq!(
        fixture.outgoing_outcomes().await,
        [AttemptOutcome::OutcomeUnknown, AttemptOutcome::FoundAtTwilio]
    );
}

#[tokio::test(start_paused = true)]
async fn a_message_that_twilio_does_not_have_is_sent_after_two_look_ups() {
    let fixture = Fixture::new().await;
    fixture.carrier.fail_next_of("message.create", 1, Failure::Unavailable);
    fixture.receive(1, "hello").await;
    fixture.settle().await;
    assert_eq!(fixture.sent(), ["reply to hello"]);
    assert_eq!(
        fixture.outgoing_outcomes().await,
        [
            AttemptOutcome::OutcomeUnknown,
            AttemptOutcome::NotAtTwilio,
            AttemptOutcome::NotAtTwilio,
            AttemptOutcome::Accepted
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_message_is_sent_again_by_the_schedule_while_twilio_fails() {
    let fixture = Fixture::new().await;
    fixture.carrier.fail_next_of("message.create", 1_000, Failure::Unavailable);
    fixture.receive(1, "hello").await;
    for _ in 0..100 {
        sleep(MINUTE).await;
        fixture.store.advance(600 * MINUTE);
    }
    let outcomes = fixture.outgoing_outcomes().await;
    let creates = outcomes.iter().filter(|outcome| **outcome == AttemptOutcome::OutcomeUnknown);
    assert!((2..=12).contains(&creates.count()), "{outcomes:?}");
    let deliveries = fixture.deliveries().await;
    let sent = deliveries.iter().find(|one| matches!(one.item, DeliveryItem::Outgoing(_)));
    assert_eq!(sent.unwrap().state, DeliveryState::Dead);
    assert_eq!(fixture.sent(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_twilio_refuses_is_a_dead_letter_with_its_code() {
    let fixture = Fixture::new().await;
    fixture.carrier.fail_next_of("message.create", 1, Failure::Refused);
    fixture.receive(1, "hello").await;
    fixture.settle().await;
    assert_eq!(fixture.sent(), [""; 0]);
    let outgoing = fixture.outgoing().await;
    assert_eq!(outgoing[0].progress.state, SendState::Refused);
    assert_eq!(fixture.outgoing_outcomes().await, [AttemptOutcome::Refused]);
}

#[tokio::test(start_paused = true)]
async fn two_equal_texts_of_which_one_is_unknown_are_distinguished() {
    let fixture = Fixture::new().await;
    fixture.receive(1, "hello").await;
    fixture.until_sent(1).await;
    fixture.idle().await;
    fixture.carrier.fail_next_of("message.create", 1, Failure::AnswerLost);
    fixture.receive(2, "hello").await;
    fixture.settle().await;
    assert_eq!(fixture.sent(), ["reply to hello", "reply to hello"]);
    let sids: Vec<_> =
        fixture.outgoing().await.iter().map(|outgoing| outgoing.progress.sid.unwrap()).collect();
    assert_ne!(sids[0], sids[1]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_agent_does_not_delay_another() {
    let fixture = Fixture::new().await;
    for n in 1..=100 {
        fixture.receive_from(n, "slow", n).await;
    }
    fixture.until_delivered(32).await;
    fixture.receive_for_other_agent(200, "hello").await;
    fixture.until_sent(1).await;
    assert_eq!(fixture.sent(), ["reply to hello"]);
}

/// The longest wait of a message to the agent Support while the agent Sales gets messages as well, for ten minutes.
async fn longest_wait_of_support(fixture: &Fixture, first: u32) -> Duration {
    let mut longest = Duration::ZERO;
    for n in first..first + 60 {
        fixture.receive_from(n, &text(n), n % 20).await;
        let received = Instant::now();
        fixture.receive_for_other_agent(10_000 + n, "hello").await;
        sleep(MINUTE / 6).await;
        fixture.store.advance(MINUTE / 6);
        let delivered = fixture.endpoint.delivered();
        let latest = delivered.iter().rfind(|delivered| delivered.body == "hello").unwrap();
        assert!(latest.at >= received, "it was not delivered");
        longest = longest.max(latest.at - received);
    }
    longest
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_is_down_for_ten_minutes_delays_no_other_agent_and_loses_nothing() {
    let fixture = Fixture::new().await;
    let usual = longest_wait_of_support(&fixture, 0).await;
    fixture.endpoint.set_down(Some("Sales"));
    let before = fixture.endpoint.delivered().len();
    let meanwhile = longest_wait_of_support(&fixture, 1_000).await;
    assert!(meanwhile <= usual, "{meanwhile:?} instead of {usual:?}");
    assert_eq!(fixture.endpoint.delivered().len(), before + 60, "nothing of Sales");
    fixture.endpoint.set_down(None);
    while fixture.endpoint.delivered().len() < before + 120 {
        sleep(MINUTE).await;
        fixture.store.advance(MINUTE);
    }
    let mut of_contacts = BTreeMap::<_, Vec<_>>::new();
    let delivered = fixture.endpoint.delivered();
    for delivered in &delivered[before..] {
        if delivered.body != "hello" {
            of_contacts.entry(&*delivered.from).or_default().push(delivered.body.clone());
        }
    }
    assert_eq!(of_contacts.len(), 20);
    for (contact, bodies) in of_contacts {
        let number: u32 = contact[contact.len() - 4..].parse().unwrap();
        let expected: Vec<_> = (0..3).map(|n| text(1_000 + n * 20 + number)).collect();
        assert_eq!(bodies, expected, "{contact}");
    }
}

/// A text that is not like another: equal texts at short intervals are a loop.
fn text(n: u32) -> String {
    format!("{:x}", u128::from(n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

#[tokio::test(start_paused = true)]
async fn a_drained_worker_ends_what_it_began_and_takes_no_more() {
    let fixture = Fixture::new().await;
    fixture.endpoint.script(Scripted::ReplyAfter(Duration::from_secs(5)));
    fixture.receive(1, "hello").await;
    fixture.until_delivered(1).await;
    fixture.worker.drain(Duration::from_secs(8)).await;
    let outcomes = fixture.received_outcomes().await;
    assert_eq!(outcomes, [(DeliveryState::Delivered, AttemptOutcome::Accepted)]);
    fixture.receive_from(2, "later", 2).await;
    fixture.idle().await;
    assert_eq!(fixture.endpoint.delivered().len(), 1);
    assert_eq!(fixture.sent(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_waited_for_two_days_is_given_up() {
    let fixture = Fixture::new().await;
    fixture.receive_late(1, "old").await;
    fixture.receive(2, "new").await;
    fixture.until_delivered(1).await;
    fixture.idle().await;
    assert_eq!(fixture.endpoint.delivered()[0].body, "new");
    let outcomes = fixture.received_outcomes().await;
    assert_eq!(outcomes[0], (DeliveryState::Dead, AttemptOutcome::Expired));
}

/// Another process may have taken over the message by then.
#[tokio::test(start_paused = true)]
async fn nothing_is_sent_when_the_lease_was_not_renewed() {
    let fixture = Fixture::new().await;
    fixture.store.fail_next("delivery.renew", 5, Fault::Unavailable);
    fixture.store.fail_next("account.find", 1, Fault::Delay(MINUTE));
    fixture.receive(1, "hello").await;
    sleep(Duration::from_secs(70)).await;
    assert_eq!(fixture.sent(), Vec::<String>::new());
    assert_eq!(fixture.outgoing().await[0].progress.state, SendState::Unknown);
    fixture.settle().await;
    assert_eq!(fixture.sent(), ["reply to hello"]);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_conversation_calls_no_agent_and_sends_no_reply() {
    let fixture = Fixture::new().await;
    fixture.endpoint.script(Scripted::ReplyAfter(Duration::from_secs(10)));
    fixture.receive(1, "hello").await;
    fixture.until_delivered(1).await;
    fixture.stop(1).await;
    fixture.receive(2, "hello?").await;
    fixture.receive_from(3, "hi", 2).await;
    fixture.until_sent(1).await;
    for _ in 0..5 {
        fixture.idle().await;
    }
    // The other conversation continues.
    assert_eq!(fixture.sent(), ["reply to hi"]);
    let delivered: Vec<_> = fixture.endpoint.delivered().into_iter().map(|one| one.body).collect();
    assert_eq!(delivered, ["hello", "hi"]);
    let outcomes = fixture.received_outcomes().await;
    assert!(outcomes.contains(&(DeliveryState::Canceled, AttemptOutcome::LoopStopped)));
    let sent = fixture.outgoing_outcomes().await;
    assert_eq!(sent.iter().filter(|outcome| **outcome == AttemptOutcome::LoopStopped).count(), 1);
}
