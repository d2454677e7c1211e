//! Phone numbers and applications.

use serde_json::{Value, json};

use crate::fixture::{Fixture, MAIN, NUMBER, SUB, SUB_TOKEN, main_path, phone_number};

fn number() -> String {
    main_path(&format!("/IncomingPhoneNumbers/{NUMBER}.json"))
}

#[tokio::test]
async fn a_number_is_shown_as_twilio_shows_it() {
    let shown = Fixture::new().get(&number()).await.json();
    for (field, expected) in [
        ("sid", json!(NUMBER)),
        ("account_sid", json!(MAIN)),
        ("phone_number", json!("+14155550100")),
        ("voice_url", json!("https://old.example/voice")),
        ("voice_method", json!("POST")),
        ("voice_fallback_url", Value::Null),
        ("voice_application_sid", json!("")),
        ("sms_url", json!("")),
        ("trunk_sid", Value::Null),
        ("voice_receive_mode", json!("voice")),
        ("capabilities", json!({"voice": true, "sms": true, "mms": true, "fax": false})),
        ("date_created", json!("Thu, 30 Jul 2015 20:00:00 +0000")),
        ("uri", json!(number())),
    ] {
        assert_eq!(shown[field], expected, "{field}");
    }
}

#[tokio::test]
async fn an_update_changes_the_sent_parameters_and_records_the_changes() {
    let fixture = Fixture::new();
    let sent = [("VoiceUrl", "https://new.example/voice"), ("StatusCallback", ""), ("Frob", "1")];
    let updated = fixture.post(&number(), &sent).await;
    assert_eq!(updated.status, 200);
    let (_, stored) = fixture.simulator.number(phone_number("+14155550100")).unwrap();
    assert_eq!(stored.settings.voice_url, "https://new.example/voice");
    assert_eq!(stored.settings.status_callback, "");
    let writes = fixture.simulator.writes();
    assert_eq!(writes.len(), 1);
    assert_eq!(writes[0].sent, ["VoiceUrl", "StatusCallback", "Frob"]);
    let changed: Vec<_> = writes[0]
        .changes
        .iter()
        .map(|change| (&change.field[..], &change.before, &change.after))
        .collect();
    assert_eq!(
        changed,
        [
            ("status_callback", &json!("https://old.example/status"), &json!("")),
            ("voice_url", &json!("https://old.example/voice"), &json!("https://new.example/voice")),
        ]
    );
}

#[tokio::test]
async fn an_invalid_value_changes_nothing() {
    let fixture = Fixture::new();
    let before = fixture.get(&number()).await.text;
    for (field, value, code) in [
        ("SmsUrl", "nowhere", 21402),
        ("VoiceMethod", "FROB", 21403),
        ("SmsFallbackUrl", "https://a.example", 21406),
        ("AccountSid", "AC00000000000000000000000000000003", 21471),
    ] {
        let sent = [("VoiceUrl", "https://new.example/voice"), (field, value)];
        assert_eq!(fixture.post(&number(), &sent).await.refusal(), (400, code));
    }
    assert_eq!(fixture.get(&number()).await.text, before);
    assert!(fixture.simulator.writes().iter().all(|write| write.changes.is_empty()));
}

#[tokio::test]
async fn a_number_without_messaging_rejects_message_urls() {
    let fixture = Fixture::new();
    let (_, stored) = fixture.simulator.number(phone_number("+14155550101")).unwrap();
    let path = main_path(&format!("/IncomingPhoneNumbers/{}.json", stored.sid));
    let answer = fixture.post(&path, &[("SmsUrl", "https://a.example")]).await;
    assert_eq!(answer.refusal(), (400, 21407));
}

#[tokio::test]
async fn a_number_is_moved_to_a_subaccount_by_the_main_account() {
    let fixture = Fixture::new();
    let moved = fixture.post(&number(), &[("AccountSid", SUB)]).await.json();
    assert_eq!(moved["account_sid"], SUB);
    assert_eq!(fixture.get(&number()).await.refusal(), (404, 20404));
    let fixture = fixture.by(SUB, SUB_TOKEN);
    let path = format!("/2010-04-01/Accounts/{SUB}/IncomingPhoneNumbers/{NUMBER}.json");
    assert_eq!(fixture.get(&path).await.json()["voice_url"], "https://old.example/voice");
}

#[tokio::test]
async fn a_number_can_be_bought_once_and_released() {
    let fixture = Fixture::new();
    let path = main_path("/IncomingPhoneNumbers.json");
    let wanted = [("PhoneNumber", "+14155550300"), ("VoiceUrl", "https://a.example")];
    let bought = fixture.post(&path, &wanted).await;
    assert_eq!((bought.status, &bought.json()["voice_url"]), (201, &json!("https://a.example")));
    assert_eq!(fixture.post(&path, &wanted).await.refusal(), (400, 21422));
    assert_eq!(fixture.post(&path, &[("PhoneNumber", "0800")]).await.refusal(), (400, 21421));
    let gone = fixture.delete(bought.json()["uri"].as_str().unwrap()).await;
    assert_eq!((gone.status, &gone.text[..]), (204, ""));
    assert!(fixture.simulator.number(phone_number("+14155550300")).is_none());
}

#[tokio::test]
async fn the_region_of_a_number_can_be_read_and_set() {
    let fixture = Fixture::new();
    for path in ["/v2/PhoneNumbers/%2B14155550100", &format!("/v2/PhoneNumbers/{NUMBER}")] {
        let shown = fixture.get(path).await.json();
        assert_eq!(
            (&shown["voice_region"], &shown["phone_number"]),
            (&json!("us1"), &json!("+14155550100"))
        );
        assert!(shown["sid"].as_str().unwrap().starts_with("QQ"));
    }
    let set = fixture.post("/v2/PhoneNumbers/+14155550100", &[("VoiceRegion", "ie1")]).await;
    assert_eq!(set.json()["voice_region"], "ie1");
    let wrong = fixture.post("/v2/PhoneNumbers/+14155550100", &[("VoiceRegion", "xx1")]).await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test]
async fn an_application_can_be_created_changed_and_removed() {
    let fixture = Fixture::new();
    let path = main_path("/Applications.json");
    let made =
        fixture.post(&path, &[("FriendlyName", "New"), ("SmsUrl", "https://a.example")]).await;
    assert_eq!((made.status, &made.json()["voice_url"]), (201, &Value::Null));
    let listed = fixture.get(&format!("{path}?FriendlyName=App")).await.json();
    assert_eq!(listed["applications"].as_array().unwrap().len(), 1);
    let uri = made.json()["uri"].as_str().unwrap().to_owned();
    let changed =
        fixture.post(&uri, &[("VoiceUrl", "https://b.example"), ("SmsUrl", "")]).await.json();
    assert_eq!(
        (&changed["voice_url"], &changed["sms_url"]),
        (&json!("https://b.example"), &Value::Null)
    );
    assert_eq!(fixture.delete(&uri).await.status, 204);
    assert_eq!(fixture.get(&uri).await.refusal(), (404, 20404));
}
