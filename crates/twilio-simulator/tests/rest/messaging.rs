//! Messages, calls, Messaging Services and senders.

use serde_json::{Value, json};
use switchboard_twilio_simulator::{CallStatus, Instructions, MessageStatus};

use crate::fixture::{Fixture, MAIN, NUMBER, SENDER, SERVICE, SUB, SUB_TOKEN, account, main_path};

#[tokio::test]
async fn a_message_is_queued_and_changes_status_only_on_request() {
    let fixture = Fixture::new();
    let path = main_path("/Messages.json");
    let sent = [("From", "+14155550100"), ("To", "+14155550199"), ("Body", "Hello")];
    let made = fixture.post(&path, &sent).await;
    assert_eq!((made.status, &made.json()["status"]), (201, &json!("queued")));
    let uri = made.json()["uri"].as_str().unwrap().to_owned();
    assert_eq!(fixture.get(&uri).await.json()["status"], "queued");
    let stored = &fixture.simulator.messages(account(MAIN))[0];
    fixture
        .simulator
        .advance_message(account(MAIN), stored.sid, MessageStatus::Failed, Some(30006))
        .unwrap();
    let shown = fixture.get(&uri).await.json();
    assert_eq!((&shown["status"], &shown["error_code"]), (&json!("failed"), &json!(30006)));
    let listed = fixture.get(&format!("{path}?To=%2B14155550199")).await.json();
    assert_eq!(listed["messages"][0]["body"], "Hello");
    let listed = fixture.get(&format!("{path}?DateSent%3E=2015-07-31")).await.json();
    assert_eq!(listed["messages"], json!([]));
}

#[tokio::test]
async fn a_message_can_be_sent_by_a_service_or_a_sender_of_the_account() {
    let fixture = Fixture::new();
    let path = main_path("/Messages.json");
    let sent = [
        ("MessagingServiceSid", SERVICE),
        ("To", "+14155550199"),
        ("MediaUrl", "https://a.example/1"),
    ];
    let made = fixture.post(&path, &sent).await.json();
    assert_eq!(
        [&made["status"], &made["num_media"], &made["from"]],
        [&json!("accepted"), &json!("1"), &Value::Null]
    );
    assert!(made["sid"].as_str().unwrap().starts_with("MM"));
    let sent =
        [("From", "whatsapp:+14155550100"), ("To", "whatsapp:+14155550199"), ("Body", "Hello")];
    assert_eq!(fixture.post(&path, &sent).await.status, 201);
}

#[tokio::test]
async fn an_invalid_message_is_rejected_with_twilios_error_code() {
    let fixture = Fixture::new();
    let (from, to, body) = (("From", "+14155550100"), ("To", "+14155550199"), ("Body", "x"));
    let long = "x".repeat(1_601);
    let cases: [(&[(&str, &str)], u64); 8] = [
        (&[from, body], 21604),
        (&[to, body], 21603),
        (&[from, to], 21619),
        (&[from, ("To", "0800"), body], 21211),
        // A number of the subaccount, and one without messaging.
        (&[("From", "+14155550200"), to, body], 21606),
        (&[("From", "+14155550101"), to, body], 21606),
        (&[from, to, ("Body", &long)], 21617),
        (&[("MessagingServiceSid", "MG00000000000000000000000000000009"), to, body], 21701),
    ];
    for (sent, code) in cases {
        let answer = fixture.post(&main_path("/Messages.json"), sent).await;
        assert_eq!(answer.refusal(), (400, code));
    }
    assert!(fixture.simulator.messages(account(MAIN)).is_empty());
}

#[tokio::test]
async fn a_call_can_be_created_redirected_and_ended() {
    let fixture = Fixture::new();
    let path = main_path("/Calls.json");
    let made = fixture
        .post(
            &path,
            &[("From", "+14155550100"), ("To", "+14155550199"), ("Url", "https://a.example")],
        )
        .await;
    assert_eq!((made.status, &made.json()["status"]), (201, &json!("queued")));
    let call = fixture.simulator.calls(account(MAIN))[0].sid;
    fixture.simulator.advance_call(account(MAIN), call, CallStatus::InProgress).unwrap();
    let uri = made.json()["uri"].as_str().unwrap().to_owned();
    let answer = fixture.post(&uri, &[("Twiml", "<Response><Hangup/></Response>")]).await;
    assert_eq!(answer.json()["status"], "in-progress");
    let received = fixture.simulator.calls(account(MAIN)).remove(0).instructions;
    assert_eq!(received, Instructions::Twiml("<Response><Hangup/></Response>".to_owned()));
    let long = "x".repeat(4_001);
    assert_eq!(fixture.post(&uri, &[("Twiml", &long)]).await.refusal(), (400, 32018));
    assert_eq!(fixture.post(&uri, &[("Status", "completed")]).await.json()["status"], "completed");
    assert_eq!(fixture.post(&uri, &[("Url", "https://b.example")]).await.refusal(), (400, 21220));
    let listed = fixture.get(&format!("{path}?Status=completed")).await.json();
    assert_eq!(listed["calls"][0]["sid"], json!(call));
    let foreign = [("From", "+14155550200"), ("To", "+14155550199"), ("Url", "https://a.example")];
    assert_eq!(fixture.post(&path, &foreign).await.refusal(), (400, 21210));
}

#[tokio::test]
async fn the_pools_of_a_service_list_its_senders() {
    let fixture = Fixture::new();
    let path = format!("/v1/Services/{SERVICE}");
    let numbers = fixture.get(&format!("{path}/PhoneNumbers")).await.json();
    assert_eq!(numbers["phone_numbers"][0]["sid"], NUMBER);
    assert_eq!(numbers["meta"]["key"], "phone_numbers");
    let senders = fixture.get(&format!("{path}/ChannelSenders")).await.json();
    assert_eq!(senders["senders"][0]["sender"], "whatsapp:+14155550100");
    assert_eq!(
        fixture.get(&format!("{path}/ShortCodes")).await.json()["short_codes"][0]["short_code"],
        "12345"
    );
    assert_eq!(
        fixture.get(&format!("{path}/AlphaSenders")).await.json()["alpha_senders"],
        json!([])
    );
    assert_eq!(fixture.get(&format!("{path}/Nothing")).await.refusal(), (404, 20404));
}

#[tokio::test]
async fn a_number_is_in_at_most_one_service() {
    let fixture = Fixture::new();
    let other = fixture.post("/v1/Services", &[("FriendlyName", "Other")]).await;
    assert_eq!(other.status, 201);
    let pool = |service: &str| format!("/v1/Services/{service}/PhoneNumbers");
    let other = pool(other.json()["sid"].as_str().unwrap());
    let member = [("PhoneNumberSid", NUMBER)];
    assert_eq!(fixture.post(&other, &member).await.refusal(), (409, 21712));
    assert_eq!(fixture.post(&pool(SERVICE), &member).await.refusal(), (409, 21710));
    let own = format!("{}/{NUMBER}", pool(SERVICE));
    assert_eq!(fixture.get(&own).await.json()["phone_number"], "+14155550100");
    assert_eq!(fixture.delete(&own).await.status, 204);
    assert_eq!(fixture.post(&other, &member).await.status, 201);
    let foreign = [("PhoneNumberSid", "PN00000000000000000000000000000002")];
    assert_eq!(fixture.post(&other, &foreign).await.refusal(), (400, 21421));
}

#[tokio::test]
async fn a_service_can_be_changed_and_removed() {
    let fixture = Fixture::new();
    let path = format!("/v1/Services/{SERVICE}");
    let sent = [("InboundRequestUrl", "https://a.example"), ("UseInboundWebhookOnNumber", "true")];
    let changed = fixture.post(&path, &sent).await.json();
    assert_eq!(changed["inbound_request_url"], "https://a.example");
    assert_eq!(changed["use_inbound_webhook_on_number"], true);
    let cleared = fixture.post(&path, &[("InboundRequestUrl", "")]).await.json();
    assert_eq!(cleared["inbound_request_url"], Value::Null);
    assert_eq!(cleared["use_inbound_webhook_on_number"], true);
    assert_eq!(fixture.post(&path, &[("FallbackUrl", "nowhere")]).await.status, 400);
    assert_eq!(fixture.delete(&path).await.status, 204);
    assert_eq!(fixture.get(&path).await.refusal(), (404, 20404));
}

#[tokio::test]
async fn a_sender_is_changed_in_json_and_is_online_when_read_again() {
    let fixture = Fixture::new();
    let path = format!("/v2/Channels/Senders/{SENDER}");
    let webhook = json!({"webhook": {"callback_url": "https://new.example", "fallback_url": "https://f.example"}});
    let changed = fixture.post_json(&path, &webhook).await;
    assert_eq!((changed.status, &changed.json()["status"]), (202, &json!("ONLINE:UPDATING")));
    let shown = fixture.get(&path).await.json();
    assert_eq!(shown["status"], "ONLINE");
    assert_eq!(shown["webhook"]["callback_url"], "https://new.example");
    assert_eq!(shown["webhook"]["callback_method"], "POST");
    let writes = fixture.simulator.writes();
    assert_eq!(writes[0].sent, ["webhook.callback_url", "webhook.fallback_url"]);
    assert_eq!(writes[0].changes[0].field, "webhook.callback_url");
    let cleared =
        fixture.post_json(&path, &json!({"webhook": {"fallback_url": null}})).await.json();
    assert_eq!(cleared["webhook"]["fallback_url"], Value::Null);
    assert_eq!(cleared["webhook"]["callback_url"], "https://new.example");
    for wrong in [
        json!({"webhook": {"callback_method": "GET"}}),
        json!({"webhook": {"callback_url": "x"}}),
        json!([]),
    ] {
        assert_eq!(fixture.post_json(&path, &wrong).await.status, 400);
    }
    // This resource does not accept forms.
    assert_eq!(fixture.post(&path, &[("webhook", "x")]).await.status, 400);
    let fixture = fixture.by(SUB, SUB_TOKEN);
    assert_eq!(fixture.get(&path).await.refusal(), (404, 20404));
}

#[tokio::test]
async fn a_sender_is_registered_once() {
    let fixture = Fixture::new();
    let wanted = json!({"sender_id": "rcs:agent", "profile": {"name": "Agent"}});
    let made = fixture.post_json("/v2/Channels/Senders", &wanted).await;
    assert_eq!((made.status, &made.json()["status"]), (202, &json!("CREATING")));
    let listed = fixture.get("/v2/Channels/Senders?Channel=rcs").await.json();
    assert_eq!(listed["senders"][0]["profile"]["name"], "Agent");
    assert_eq!(fixture.post_json("/v2/Channels/Senders", &wanted).await.status, 409);
    assert_eq!(
        fixture.post_json("/v2/Channels/Senders", &json!({"sender_id": "whatsapp:1"})).await.status,
        400
    );
    let sid = made.json()["sid"].as_str().unwrap().to_owned();
    assert_eq!(fixture.delete(&format!("/v2/Channels/Senders/{sid}")).await.status, 204);
}
