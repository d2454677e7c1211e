//! Crash safety: no answered message is lost.

use crate::prelude::*;
use std::collections::BTreeSet;

const CRASHES: u128 = 5;
const SENDERS: u128 = 8;

#[apply(on_both_stores!)]
async fn an_answered_message_survives_a_crash_exactly_once(store: Store) {
    let app = TestApp::seeded(store);
    let mut answered = BTreeSet::new();
    for round in 0..CRASHES {
        let mut server = app.serve().await;
        let client = server.client();
        let load = Load::of(SENDERS, |task, flow| {
            send(client.clone(), round * 1_000_000 + task * 10_000, flow)
        });
        load.flow.more(50).await;
        server.kill();
        answered.extend(load.stop().await.into_iter().flatten());
    }
    assert!(answered.len() >= 200, "only {} messages were answered", answered.len());

    let server = app.serve().await;
    let stored = app
        .store
        .texts("SELECT sid || ' ' || body AS value FROM messages WHERE direction = 'inbound'")
        .await;
    let mut times = BTreeMap::<&String, usize>::new();
    for message in &stored {
        *times.entry(message).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "kept more than once");
    let lost: Vec<_> = answered.iter().filter(|message| !times.contains_key(message)).collect();
    assert!(
        lost.is_empty(),
        "{} of {} answered messages are lost: {lost:?}",
        lost.len(),
        answered.len()
    );
    // Unanswered messages can be stored too, at most one of each sender.
    let unanswered = stored.len() - answered.len();
    assert!(
        unanswered <= usize::try_from(CRASHES * SENDERS).unwrap(),
        "{unanswered} came from nowhere"
    );

    // Twilio sends again what it had no answer for, and sometimes what it had one for.
    for message in &answered {
        let (message, body) = message.split_once(' ').unwrap();
        server.send(&from_another_contact(message, body)).await.twiml().only("Message");
    }
    assert_eq!(app.store.count("messages").await, stored.len());
}

/// A message whose text ends with a number. Each is from another contact, because one who writes nearly the same again and
/// again is a program, which gets no answer.
fn from_another_contact(message: &str, body: &str) -> Webhook {
    let (_, number) = body.split_once(' ').unwrap();
    Webhook::message(MAIN, SALES, message, body).with("From", &format!("+1415{number:0>7}"))
}

/// Sends messages until the server stops answering. Returns the answered ones.
async fn send(client: Client, first: u128, flow: Flow) -> Vec<String> {
    let mut answered = Vec::new();
    for number in first.. {
        let (message, body) = (sid("SM", number), format!("message {number}"));
        let Ok(answer) = client.try_send(&from_another_contact(&message, &body)).await else {
            break;
        };
        answer.twiml().only("Message");
        answered.push(format!("{message} {body}"));
        flow.answered();
        if flow.is_stopped() {
            break;
        }
    }
    answered
}
