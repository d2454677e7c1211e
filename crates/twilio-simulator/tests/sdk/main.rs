//! Twilio's own libraries as clients of the phone company: lists page by page, one fetched, one changed, a message
//! sent, a sender, a token rotated, and an error raised as theirs.

mod rig;

use serde_json::json;

use crate::rig::{ACCOUNT, Rig, node, python};

#[tokio::test(flavor = "multi_thread")]
async fn twilio_for_python_works_with_the_phone_company() {
    let rig = Rig::new();
    assert_told(&rig, &python(include_str!("client.py"), &rig));
}

#[tokio::test(flavor = "multi_thread")]
async fn twilio_for_node_works_with_the_phone_company() {
    let rig = Rig::new();
    assert_told(&rig, &node(include_str!("client.js"), &rig));
}

/// What the library saw is what the company has.
fn assert_told(rig: &Rig, told: &serde_json::Value) {
    assert_eq!(told["numbers"], 120);
    assert_eq!(told["different_numbers"], 120);
    assert_eq!(told["found"], json!(["+14150000007"]));
    assert_eq!(told["accounts"], json!(["Main"]));
    assert_eq!(told["fetched"], "https://old.example/voice");
    assert_eq!(told["updated"], "https://new.example/voice");
    assert_eq!(told["cleared"], json!(true));
    assert_eq!(told["message"], "queued");
    assert_eq!(told["services"], json!(["All"]));
    assert_eq!(told["pool"], json!(["+14150000000"]));
    assert_eq!(told["senders"], json!(["https://old.example/whatsapp"]));
    assert_eq!(told["region"], "us1");
    assert_eq!(told["missing"], json!([404, 20404]));
    assert_eq!(told["refused"], json!([400, 21402]));
    assert_eq!(told["unauthenticated"], json!([401, 20003]));
    assert_eq!(told["after_rotation"], "https://new.example/voice");

    let number = rig.number();
    assert_eq!(number.settings.voice_url, "https://new.example/voice");
    assert_eq!(number.settings.status_callback, "");
    let message = &rig.company.messages(rig.account())[0];
    assert_eq!((&message.to[..], &message.body[..]), ("+14155550199", "Grüße"));
    assert_eq!(told["token"], rig.token());
    assert!(
        rig.company
            .requests()
            .iter()
            .all(|request| { request.account.is_none_or(|account| account.as_str() == ACCOUNT) })
    );
}
