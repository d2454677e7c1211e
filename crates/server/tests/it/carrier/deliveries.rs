//! Messages are delivered to the endpoints of agents, and their replies reach the contact once: in the answer to the
//! webhook or by REST, whatever fails.

use std::collections::BTreeSet;

use crate::fixture::{Endpoint, Received};
use crate::prelude::*;

const CALLER: &str = "+14155550177";
const CONTACTS: u128 = 8;
/// How often the server is killed, unless the environment variable `CRASHES` says otherwise.
const CRASHES: u128 = 5;
/// The messages of one phone number: more at this pace are a loop of two programs, which is stopped.
const MESSAGES_OF_NUMBER: u128 = 4;

/// An app behind the offline Twilio, whose agent Sales has this endpoint, and the secret of the endpoint.
fn app_with(store: Store, endpoint: &Endpoint) -> (TestApp, String) {
    let app = TestApp::with_fleet_now(store, three_accounts());
    let set = format!("agent set Sales --message-webhook {} --json", endpoint.url);
    let secret = app.run(&set).exits(0).json()["webhook_secret"].as_str().unwrap().to_owned();
    app.assign_by_import(&[phone_number(SALES)]);
    (app, secret)
}

/// The texts that Twilio got by REST, oldest first.
fn sent(app: &TestApp) -> Vec<String> {
    let messages = app.twilio().simulator.messages(account_sid(MAIN_SID));
    messages.iter().rev().map(|message| message.body.clone()).collect()
}

async fn sends(app: &TestApp, count: usize) -> Vec<String> {
    within(Duration::from_secs(30), "replies are sent", async || {
        Some(sent(app)).filter(|sent| sent.len() >= count)
    })
    .await
}

/// Waits until no delivery is open.
async fn all_are_delivered(app: &TestApp) {
    within(Duration::from_secs(90), "everything is delivered", async || {
        let open = "deliveries WHERE state IN ('pending', 'delivering')";
        (app.store.count(open).await == 0).then_some(())
    })
    .await;
}

#[apply(on_both_stores!)]
async fn a_reply_in_time_is_the_answer_to_the_webhook(store: Store) {
    let endpoint = Endpoint::replying().await;
    let (app, secret) = app_with(store, &endpoint);
    let server = app.serve().await;
    let message = sid("SM", 1);
    let answer = server.send(&Webhook::message(MAIN, SALES, &message, "Are you there?")).await;
    assert_eq!(answer.twiml().only("Message").text, "Re: Are you there?");
    let received = endpoint.received();
    assert_eq!(received.len(), 1);
    received[0].assert_signed_with(&secret);
    let data = received[0].data();
    assert_eq!((&data["message_sid"], &data["from"]), (&json!(message), &json!(CALLER)));
    assert_eq!((&data["to"], &data["channel"]), (&json!(SALES), &json!("sms")));
    assert_eq!(data["agent"]["name"], "Sales");
    all_are_delivered(&app).await;
    assert_eq!(sent(&app), [""; 0]);
    // Twilio repeats a request whose answer it did not get.
    let again = server.send(&Webhook::message(MAIN, SALES, &message, "Are you there?")).await;
    assert_eq!(again.twiml().children, []);
    assert_eq!(endpoint.received().len(), 1);
}

#[apply(on_both_stores!)]
async fn a_reply_that_is_late_for_the_webhook_is_sent_by_rest(store: Store) {
    let endpoint = Endpoint::responding(|_| {
        (Duration::from_secs(9), 200, json!({"replies": [{"body": "one"}, {"body": "two"}]}))
    })
    .await;
    let (app, _) = app_with(store, &endpoint);
    let server = app.serve().await;
    let answer = server.send(&Webhook::message(MAIN, SALES, &sid("SM", 1), "Hello?")).await;
    assert_eq!(answer.twiml().children, []);
    assert_eq!(sends(&app, 2).await, ["one", "two"]);
    let messages = app.twilio().simulator.messages(account_sid(MAIN_SID));
    assert_eq!((&*messages[0].from, &*messages[0].to), (SALES, CALLER));
    let callback = &messages[0].status_callback;
    assert!(callback.starts_with(&format!("{PUBLIC_URL}/api/twilio/status?delivery=dlv_")));
}

#[apply(on_both_stores!)]
async fn an_endpoint_replies_later_with_its_token(store: Store) {
    let endpoint = Endpoint::responding(|_| (Duration::ZERO, 204, Value::Null)).await;
    let (app, _) = app_with(store, &endpoint);
    let server = app.serve().await;
    let message = sid("SM", 1);
    server.send(&Webhook::message(MAIN, SALES, &message, "Hello?")).await;
    let data = endpoint.receives(1).await[0].data();
    let (url, token) = (data["reply_url"].as_str().unwrap(), data["reply_token"].as_str().unwrap());
    let path = url.strip_prefix(PUBLIC_URL).unwrap();
    assert_eq!(path, format!("/api/messages/{message}/replies"));
    let bearer = format!("Bearer {token}");
    let authorized = [("authorization", bearer.as_str()), ("idempotency-key", "first")];
    let reply = r#"{"reply": {"body": "We are open."}}"#;
    let first = server.post(path, &authorized, reply).await;
    assert_eq!(first.status, 202, "{}", first.text());
    let again = server.post(path, &authorized, reply).await;
    assert_eq!((again.status, again.json()), (202, first.json()));
    assert_eq!(sends(&app, 1).await, ["We are open."]);
    all_are_delivered(&app).await;
    assert_eq!(sent(&app).len(), 1);

    let forged = [("authorization", "Bearer AC.1.x"), ("idempotency-key", "second")];
    assert_eq!(server.post(path, &forged, reply).await.status, 401);
    let other = format!("/api/messages/{}/replies", sid("SM", 2));
    assert_eq!(server.post(&other, &authorized, reply).await.status, 401);
    let without_key = server.post(path, &authorized[..1], reply).await;
    assert_eq!(
        (without_key.status, &without_key.json()["code"]),
        (400, &json!("idempotency_key_invalid"))
    );
    let second = [("authorization", bearer.as_str()), ("idempotency-key", "second")];
    for (body, code) in [
        ("<html>", "reply_invalid"),
        ("{}", "reply_missing"),
        (r#"{"reply": {"media": ["file:///etc/passwd"]}}"#, "reply_invalid"),
    ] {
        let refused = server.post(path, &second, body).await;
        assert_eq!((refused.status, &refused.json()["code"]), (422, &json!(code)), "{body}");
    }
    assert_eq!(sent(&app).len(), 1);
}

/// Sends messages of one contact, who changes the phone number, until the server stops answering, each after the answer to the one before. Returns the
/// texts of the answered messages. Twilio creates the messages in the answers.
async fn converse(
    client: Client,
    twilio: String,
    contact: u128,
    first: u128,
    flow: Flow,
) -> Vec<String> {
    let mut answered = Vec::new();
    for number in first.. {
        let thread = number / MESSAGES_OF_NUMBER;
        let body = format!("contact {contact} thread {thread:06} message {number:06}");
        let webhook =
            Webhook::message(MAIN, SALES, &sid("SM", contact * 1_000_000 + number), &body);
        let from = format!("+1415{:07}", contact * 100_000 + thread);
        let webhook = webhook.with("From", &from);
        let Ok(answer) = client.try_send(&webhook).await else { break };
        answered.push(body);
        for message in &answer.twiml().children {
            let form = [("From", SALES), ("To", &*from), ("Body", &*message.text)];
            let url = format!("{twilio}/2010-04-01/Accounts/{MAIN_SID}/Messages.json");
            let request = http().post(url).basic_auth(MAIN_SID, Some(MAIN_TOKEN)).form(&form);
            assert_eq!(request.send().await.unwrap().status(), 201);
        }
        flow.answered();
        if flow.is_stopped() {
            break;
        }
    }
    answered
}

/// A signature tells an endpoint that Twilio sent the message.
#[apply(on_both_stores!)]
async fn what_nobody_verified_is_not_signed_for_the_endpoint(store: Store) {
    let endpoint = Endpoint::replying().await;
    let (mut app, secret) = app_with(store, &endpoint);
    app.set("TWILIO_SIGNATURE_VALIDATION", "report");
    let server = app.serve().await;
    server.send(&Webhook::message(MAIN, SALES, &sid("SM", 1), "genuine")).await;
    let unsigned = Webhook::message(MAIN, SALES, &sid("SM", 2), "forged?").unsigned();
    assert_eq!(server.send(&unsigned).await.twiml().only("Message").text, "Re: forged?");
    let received = endpoint.received();
    received[0].assert_signed_with(&secret);
    assert_eq!((received.len(), received[1].body()), (2, "forged?".to_owned()));
    assert_eq!(received[1].headers.get("webhook-signature"), None);
    // Whoever forges a message does not get to read what the contact wrote.
    assert_eq!(received[1].data()["conversation"]["turns"], json!([]));
    server.send(&Webhook::message(MAIN, SALES, &sid("SM", 3), "genuine, too")).await;
    let turns = endpoint.received()[2].data()["conversation"]["turns"].take();
    assert_ne!(turns, json!([]));
}

#[apply(on_both_stores!)]
#[expect(clippy::print_stderr, reason = "how many messages there were is for people")]
async fn no_acknowledged_message_is_lost_or_answered_twice_by_crashes(store: Store) {
    let endpoint = Endpoint::replying().await;
    let (app, _) = app_with(store, &endpoint);
    let mut answered = BTreeSet::new();
    let twilio = app.twilio().base();
    let crashes = std::env::var("CRASHES").map_or(CRASHES, |count| count.parse().unwrap());
    for round in 0..crashes {
        let mut server = app.serve().await;
        let client = server.client();
        let load = Load::of(CONTACTS, |contact, flow| {
            converse(client.clone(), twilio.clone(), contact, round * 4_000, flow)
        });
        load.flow.more(50).await;
        server.kill();
        answered.extend(load.stop().await.into_iter().flatten());
    }
    let _server = app.serve().await;
    all_are_delivered(&app).await;
    let received = endpoint.received();
    let bodies: BTreeSet<_> = received.iter().map(Received::body).collect();
    let lost: Vec<_> = answered.difference(&bodies).collect();
    assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), answered.len());
    assert!(answered.len() >= 200, "only {} messages were answered", answered.len());

    let mut ids = BTreeMap::<String, BTreeSet<String>>::new();
    for delivery in &received {
        ids.entry(delivery.body()).or_default().insert(delivery.id().to_owned());
    }
    assert!(ids.values().all(|ids| ids.len() == 1), "a message was delivered with two ids");

    // Each text is sent again only before the next one of its conversation.
    let mut threads = BTreeMap::<String, Vec<String>>::new();
    for body in received.iter().map(Received::body) {
        let thread = body.split(" message ").next().unwrap().to_owned();
        threads.entry(thread).or_default().push(body);
    }
    for texts in threads.values() {
        assert!(texts.is_sorted(), "the messages of a conversation are out of order: {texts:?}");
    }

    let replies = sent(&app);
    let distinct: BTreeSet<_> = replies.iter().collect();
    assert_eq!(distinct.len(), replies.len(), "a contact got two replies to one message");
    let (messages, deliveries) = (answered.len(), received.len());
    eprintln!(
        "{crashes} crashes: {messages} messages answered, {deliveries} deliveries, {} replies",
        replies.len()
    );
}

#[apply(on_both_stores!)]
async fn a_delivery_of_a_killed_process_is_taken_over_within_15_seconds(store: Store) {
    let attempts = AtomicUsize::new(0);
    let endpoint = Endpoint::responding(move |_| {
        // The first attempt gets no response.
        let delay = if attempts.fetch_add(1, Ordering::SeqCst) == 0 { 600 } else { 0 };
        (Duration::from_secs(delay), 200, json!({"reply": {"body": "Hello"}}))
    })
    .await;
    let (app, _) = app_with(store, &endpoint);
    let mut killed = app.serve().await;
    let client = killed.client();
    let message = Webhook::message(MAIN, SALES, &sid("SM", 1), "Hello?");
    let webhook = tokio::spawn(async move { client.try_send(&message).await.is_ok() });
    endpoint.receives(1).await;
    let _other = app.serve().await;
    killed.kill();
    let begun = Instant::now();
    let received = endpoint.receives(2).await;
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert_eq!(received[0].id(), received[1].id());
    assert!(!webhook.await.unwrap(), "the killed process answered");
    assert_eq!(sends(&app, 1).await, ["Hello"]);
}

#[apply(on_both_stores!)]
async fn a_message_that_two_processes_receive_five_times_is_delivered_and_answered_once(
    store: Store,
) {
    let endpoint = Endpoint::replying().await;
    let (app, _) = app_with(store, &endpoint);
    let servers = [app.serve().await, app.serve().await];
    for n in 1..=10 {
        // Ten messages of one contact at this pace are a loop, which is stopped.
        let from = format!("+1415556000{}", n % 3);
        let message = Webhook::message(MAIN, SALES, &sid("SM", n), &format!("message {n}"));
        let message = message.with("From", &from);
        let answers = join_all((0..5).map(|place| servers[place % 2].send(&message))).await;
        let replies = answers.iter().map(|answer| answer.twiml().children.len()).sum::<usize>();
        // The other process may have taken the delivery, whose reply is then sent by REST.
        assert!(replies <= 1, "{replies} replies to message {n}");
    }
    all_are_delivered(&app).await;
    let bodies: Vec<_> = endpoint.received().iter().map(Received::body).collect();
    let expected: Vec<_> = (1..=10).map(|n| format!("message {n}")).collect();
    assert_eq!(bodies, expected);
}
