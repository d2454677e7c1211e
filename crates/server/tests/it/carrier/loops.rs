//! A conversation of two programs ends, and others continue.

use crate::fixture::Endpoint;
use crate::prelude::*;

/// A program that writes what it gets back, at most this often. Returns how many answers it got.
async fn echo(client: Client, contact: &str, first: u128, most: u128) -> u128 {
    let mut text = "I am away until Monday.".to_owned();
    for n in 0..most {
        let message = Webhook::message(MAIN, SALES, &sid("SM", first + n), &text);
        let answer = client.send(&message.with("From", contact)).await;
        let Some(reply) = answer.twiml().children.first().map(|reply| reply.text.clone()) else {
            return n;
        };
        text = reply;
    }
    most
}

#[apply(on_both_stores!)]
async fn a_loop_is_stopped_within_10_turns_and_other_conversations_continue(store: Store) {
    // It echoes, too.
    let endpoint =
        Endpoint::responding(|body| (Duration::ZERO, 200, json!({"reply": {"body": body}}))).await;
    let app = TestApp::with_fleet_now(store, three_accounts());
    app.run(&format!("agent set Sales --message-webhook {}", endpoint.url)).exits(0);
    app.assign_by_import(&[phone_number(SALES)]);
    let server = app.serve().await;
    let answered = echo(server.client(), "+14155550177", 100, 20).await;
    // Each answer is two turns.
    assert!(2 * answered < 10, "{answered} answers");
    assert_eq!(endpoint.received().len(), usize::try_from(answered).unwrap());
    // It stays stopped, whatever the contact writes.
    let question = Webhook::message(MAIN, SALES, &sid("SM", 200), "Is anybody there?");
    assert_eq!(server.send(&question).await.twiml().children, []);
    assert_eq!(endpoint.received().len(), usize::try_from(answered).unwrap());

    let other = Webhook::message(MAIN, SALES, &sid("SM", 300), "Are you open?");
    let answer = server.send(&other.with("From", "+14155550178")).await;
    assert_eq!(answer.twiml().only("Message").text, "Are you open?");

    app.store.holds(0, "deliveries WHERE state IN ('pending', 'delivering')").await;
    let shown = app.run(&format!("message show {} --json", sid("SM", 200))).succeeded().json();
    let delivery = &shown["delivery_details"];
    assert_eq!(delivery["state"], "canceled");
    assert_eq!(delivery["attempts"][0]["outcome"], "loop_stopped");
    let conversation = shown["conversation"].as_str().unwrap();
    let thread = app.run(&format!("conversation show {conversation} --json")).succeeded().json();
    assert!(thread["stopped_until"].is_string(), "{thread}");
    let text = app.run(&format!("conversation show {conversation}")).succeeded().stdout;
    assert!(text.contains("two programs answered each other"), "{text}");
    let list = app.run("conversation list --json").succeeded().stdout;
    let stopped = list.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert_eq!(stopped.filter(|one| one["stopped_until"].is_string()).count(), 1);
    assert_eq!(server.counted("switchboard_loops_stopped_total", &[]).await, 1);
    let warnings =
        server.log().iter().filter(|line| line.contains("is stopped for an hour")).count();
    assert_eq!(warnings, 1);
}

#[apply(on_both_stores!)]
async fn a_message_of_an_operator_reaches_a_stopped_conversation(store: Store) {
    let endpoint =
        Endpoint::responding(|body| (Duration::ZERO, 200, json!({"reply": {"body": body}}))).await;
    let app = TestApp::with_fleet_now(store, three_accounts());
    app.run(&format!("agent set Sales --message-webhook {}", endpoint.url)).exits(0);
    app.assign_by_import(&[phone_number(SALES)]);
    let server = app.serve().await;
    let contact = "+14155550177";
    echo(server.client(), contact, 100, 20).await;
    let line = ["message", "send", "--from", SALES, "--to", contact, "--body", "A person here."];
    app.run(&[&line[..], &["--wait", "30"]].concat()).succeeded();
    let messages = app.twilio().simulator.messages(account_sid(MAIN_SID));
    assert_eq!(messages.len(), 1);
}

/// Two installations with static replies would answer each other for ever.
#[apply(on_both_stores!)]
async fn a_static_reply_ends_a_loop_too(store: Store) {
    let app = TestApp::with_fleet_now(store, three_accounts());
    app.run(&["agent", "set", "Sales", "--reply", "Thanks! We will call you."][..]).exits(0);
    app.assign_by_import(&[phone_number(SALES)]);
    let server = app.serve().await;
    let answered = echo(server.client(), "+14155550177", 100, 20).await;
    // Its first text differs from those that it echoes.
    assert!(2 * answered <= 10, "{answered} answers");
    let other = Webhook::message(MAIN, SALES, &sid("SM", 300), "Are you open?");
    server.send(&other.with("From", "+14155550178")).await.twiml().only("Message");
    let stopped = sid("SM", 100 + answered);
    let shown = app.run(&format!("message show {stopped} --json")).succeeded().json();
    assert_eq!(shown["reason"], "loop_stopped");
    let list = app.run("conversation list --json").succeeded().stdout;
    let list = list.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert_eq!(list.filter(|one| one["stopped_until"].is_string()).count(), 1);
}
