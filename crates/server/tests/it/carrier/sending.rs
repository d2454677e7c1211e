//! `message send`: a command stores the message, and a running server sends it.

use crate::prelude::*;

const CALLER: &str = "+14155550177";

fn app(store: Store) -> TestApp {
    TestApp::with_fleet_now(store, three_accounts())
}

/// `message send` from the number Sales to the contact.
fn send<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["message", "send", "--from", SALES, "--to", CALLER, "--json"], more].concat()
}

/// The senders, recipients and texts that Twilio got by REST, oldest first.
fn sent(app: &TestApp) -> Vec<[String; 3]> {
    let messages = app.twilio().simulator.messages(account_sid(MAIN_SID));
    let parts = |message: &_| {
        let switchboard_twilio_simulator::Message { from, to, body, .. } = message;
        [from.clone(), to.clone(), body.clone()]
    };
    messages.iter().rev().map(parts).collect()
}

#[apply(on_both_stores!)]
async fn a_message_is_sent_once_by_a_running_server(store: Store) {
    let app = app(store);
    let text = ["--body", "We are open.", "--idempotency-key", "order-7"];
    let stored = app.run(&send(&text)).succeeded().json();
    assert_eq!((&stored["state"], &stored["repeated"]), (&json!("pending"), &json!(false)));
    assert_eq!((&stored["encoding"], &stored["segments"]), (&json!("GSM-7"), &json!(1)));
    let id = stored["id"].as_str().unwrap();
    // No server runs.
    app.run(&send(&[&text[..], &["--wait", "1"]].concat())).exits(1).shows(&[id, "not sent"]);
    let _server = app.serve().await;
    let done = app.run(&send(&[&text[..], &["--wait", "30"]].concat())).succeeded().json();
    assert_eq!((&done["id"], &done["repeated"]), (&json!(id), &json!(true)));
    assert_eq!((&done["state"], &done["outgoing"]["state"]), (&json!("delivered"), &json!("sent")));
    assert!(done["outgoing"]["sid"].as_str().unwrap().starts_with("SM"), "{done}");
    assert_eq!(sent(&app), [[SALES, CALLER, "We are open."].map(str::to_owned)]);
    let shown = app.run(&["delivery", "show", id, "--json"]).succeeded().json();
    assert_eq!(shown["message_sid"], Value::Null);

    let other = send(&["--body", "Closed.", "--idempotency-key", "order-7"]);
    assert_eq!(app.run(&other).exits(5).json_error()["code"], "idempotency_key_used");
    assert_eq!(sent(&app).len(), 1);
}

#[apply(on_both_stores!)]
async fn a_text_from_standard_input_and_media_are_sent(store: Store) {
    let app = app(store);
    let _server = app.serve().await;
    let image = "https://example.com/menu.png";
    let more = ["--body-file", "-", "--media", image, "--wait", "30"];
    let done = app.run_reading("Grüße 👋\n", &send(&more)).succeeded().json();
    assert_eq!(done["outgoing"]["media"], json!([image]));
    assert_eq!((&done["characters"], &done["segments"]), (&json!(7), &Value::Null));
    assert_eq!(sent(&app)[0][2], "Grüße 👋");
}

#[apply(on_both_stores!)]
async fn what_cannot_be_sent_is_refused_before_it_is_stored(store: Store) {
    let app = app(store);
    let long = "a".repeat(1_601);
    app.run(&send(&["--body", &long])).misused("1601 characters");
    app.run(&send(&["--body", " "])).misused("needs a text or media");
    app.run(&send(&["--body", "a", "--media", "file:///etc/passwd"])).misused("--media");
    app.run(&send(&["--body", "a", "--idempotency-key", ""])).misused("--idempotency-key");
    let from = |from, to| {
        let line = ["message", "send", "--body", "a", "--json", "--from", from, "--to", to];
        app.run(&line).fails().json_error()["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(from("+14155559999", CALLER), "sender_not_found");
    assert_eq!(from(SALES, "whatsapp:+14155550177"), "channels_differ");
    assert_eq!(from(SALES, "anonymous"), "contact_unreachable");
    app.store.holds(0, "deliveries").await;
}

#[apply(on_both_stores!)]
async fn a_message_that_twilio_refuses_fails_the_command_that_waits(store: Store) {
    let app = app(store);
    let _server = app.serve().await;
    let not_at_twilio = "+14155550777";
    app.run(&format!("number add {not_at_twilio} --account {MAIN_SID}")).exits(0);
    let line = ["message", "send", "--from", not_at_twilio, "--to", CALLER, "--body", "hello"];
    let refused = app.run(&[&line[..], &["--wait", "30", "--json"]].concat()).exits(5);
    let message = refused.json_error()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("is dead") && message.contains("21606"), "{message}");
    assert_eq!(sent(&app).len(), 0);
}
