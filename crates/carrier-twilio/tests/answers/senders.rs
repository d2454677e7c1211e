//! What is sent when a sender changes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use serde_json::json;
use switchboard_domain::configuration::{Configuration, Field};
use switchboard_domain::ports::carrier::SenderCarrier;
use switchboard_domain::sid::SenderSid;
use wiremock::matchers::{body_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::rig::{Rig, access};

#[tokio::test]
async fn the_whole_webhook_is_sent_with_what_nobody_knows_in_it() {
    let sid = format!("XE{}", "1".repeat(32));
    let at = format!("/v2/Channels/Senders/{sid}");
    let server = MockServer::start().await;
    let sender = json!({
        "sid": sid,
        "sender_id": "whatsapp:+14155550142",
        "status": "ONLINE",
        "webhook": {
            "callback_url": "https://example.com/old",
            "callback_method": "POST",
            "fallback_url": "https://example.com/fallback",
            "status_callback_url": null,
            "a_field_of_tomorrow": 1,
        },
        "profile": {"name": "Brand"},
    });
    let found = ResponseTemplate::new(200).set_body_json(&sender);
    let asked = Mock::given(method("GET")).and(path(&*at)).respond_with(found);
    asked.expect(1).mount(&server).await;
    let expected = json!({"webhook": {
        "callback_url": "https://example.com/new",
        "callback_method": "POST",
        "fallback_url": null,
        "status_callback_url": null,
        "a_field_of_tomorrow": 1,
    }});
    let changed = Mock::given(method("POST")).and(path(&*at)).and(body_json(expected));
    let accepted = ResponseTemplate::new(202).set_body_json(&sender);
    changed.respond_with(accepted).expect(1).mount(&server).await;

    let changes = Configuration::new()
        .with(Field::SenderCallbackUrl, "https://example.com/new")
        .with(Field::SenderFallbackUrl, "");
    let carrier = Rig::at(&server.uri()).carrier;
    carrier.update(&access(), SenderSid::parse(&sid).unwrap(), &changes).await.unwrap();
}
