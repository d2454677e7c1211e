//! Twilio's own libraries as clients of the simulator: paged lists, reading and changing a number, sending a message,
//! senders, token rotation, and errors.

mod fixture;

use serde_json::json;

use crate::fixture::{ACCOUNT, Fixture, node, python};

#[tokio::test(flavor = "multi_thread")]
async fn twilios_python_library_works_with_the_simulator() {
    let fixture = Fixture::new();
    assert_seen(&fixture, &python(include_str!("client.py"), &fixture));
}

#[tokio::test(flavor = "multi_thread")]
async fn twilios_node_library_works_with_the_simulator() {
    let fixture = Fixture::new();
    assert_seen(&fixture, &node(include_str!("client.js"), &fixture));
}

/// Checks what the library saw against the state of the simulator.
fn assert_seen(fixture: &Fixture, received: &serde_json::Value) {
    assert_eq!(received["numbers"], 120);
    assert_eq!(received["different_numbers"], 120);
    assert_eq!(received["found"], json!(["+14150000007"]));
    assert_eq!(received["accounts"], json!(["Main"]));
    assert_eq!(received["fetched"], "https://old.example/voice");
    assert_eq!(received["updated"], "https://new.example/voice");
    assert_eq!(received["cleared"], json!(true));
    assert_eq!(received["message"], "queued");
    assert_eq!(received["services"], json!(["All"]));
    assert_eq!(received["pool"], json!(["+14150000000"]));
    assert_eq!(received["senders"], json!(["https://old.example/whatsapp"]));
    assert_eq!(received["region"], "us1");
    assert_eq!(received["missing"], json!([404, 20404]));
    assert_eq!(received["refused"], json!([400, 21402]));
    assert_eq!(received["unauthenticated"], json!([401, 20003]));
    assert_eq!(received["after_rotation"], "https://new.example/voice");

    let number = fixture.number();
    assert_eq!(number.settings.voice_url, "https://new.example/voice");
    assert_eq!(number.settings.status_callback, "");
    let message = &fixture.simulator.messages(fixture.account())[0];
    assert_eq!((&message.to[..], &message.body[..]), ("+14155550199", "Grüße"));
    assert_eq!(received["token"], fixture.token());
    assert!(
        fixture
            .simulator
            .requests()
            .iter()
            .all(|request| { request.account.is_none_or(|account| account.as_str() == ACCOUNT) })
    );
}
