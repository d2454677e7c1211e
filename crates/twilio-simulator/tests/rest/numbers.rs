//! Phone numbers and applications.

use serde_json::{Value, json};

use crate::rig::{MAIN, NUMBER, Rig, SUB, SUB_TOKEN, main_path, phone_number};

fn number() -> String {
    main_path(&format!("/IncomingPhoneNumbers/{NUMBER}.json"))
}

#[tokio::test]
async fn a_number_is_shown_as_twilio_shows_it() {
    let shown = Rig::new().get(&number()).await.json();
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
async fn an_update_changes_what_it_sends_and_tells_what_it_changed() {
    let rig = Rig::new();
    let sent = [("VoiceUrl", "https://new.example/voice"), ("StatusCallback", ""), ("Frob", "1")];
    let updated = rig.post(&number(), &sent).await;
    assert_eq!(updated.status, 200);
    let (_, kept) = rig.company.number(phone_number("+14155550100")).unwrap();
    assert_eq!(kept.settings.voice_url, "https://new.example/voice");
    assert_eq!(kept.settings.status_callback, "");
    let writes = rig.company.writes();
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
async fn a_wrong_value_changes_nothing() {
    let rig = Rig::new();
    let before = rig.get(&number()).await.text;
    for (field, value, code) in [
        ("SmsUrl", "nowhere", 21402),
        ("VoiceMethod", "FROB", 21403),
        ("SmsFallbackUrl", "https://a.example", 21406),
        ("AccountSid", "AC00000000000000000000000000000003", 21471),
    ] {
        let sent = [("VoiceUrl", "https://new.example/voice"), (field, value)];
        assert_eq!(rig.post(&number(), &sent).await.refusal(), (400, code));
    }
    assert_eq!(rig.get(&number()).await.text, before);
    assert!(rig.company.writes().iter().all(|write| write.changes.is_empty()));
}

#[tokio::test]
async fn a_number_without_messages_takes_no_url_for_them() {
    let rig = Rig::new();
    let (_, kept) = rig.company.number(phone_number("+14155550101")).unwrap();
    let path = main_path(&format!("/IncomingPhoneNumbers/{}.json", kept.sid));
    let answer = rig.post(&path, &[("SmsUrl", "https://a.example")]).await;
    assert_eq!(answer.refusal(), (400, 21407));
}

#[tokio::test]
async fn a_number_is_moved_to_a_subaccount_by_the_main_account() {
    let rig = Rig::new();
    let moved = rig.post(&number(), &[("AccountSid", SUB)]).await.json();
    assert_eq!(moved["account_sid"], SUB);
    assert_eq!(rig.get(&number()).await.refusal(), (404, 20404));
    let rig = rig.by(SUB, SUB_TOKEN);
    let path = format!("/2010-04-01/Accounts/{SUB}/IncomingPhoneNumbers/{NUMBER}.json");
    assert_eq!(rig.get(&path).await.json()["voice_url"], "https://old.example/voice");
}

#[tokio::test]
async fn a_number_is_bought_once_and_given_up() {
    let rig = Rig::new();
    let path = main_path("/IncomingPhoneNumbers.json");
    let wanted = [("PhoneNumber", "+14155550300"), ("VoiceUrl", "https://a.example")];
    let bought = rig.post(&path, &wanted).await;
    assert_eq!((bought.status, &bought.json()["voice_url"]), (201, &json!("https://a.example")));
    assert_eq!(rig.post(&path, &wanted).await.refusal(), (400, 21422));
    assert_eq!(rig.post(&path, &[("PhoneNumber", "0800")]).await.refusal(), (400, 21421));
    let gone = rig.delete(bought.json()["uri"].as_str().unwrap()).await;
    assert_eq!((gone.status, &gone.text[..]), (204, ""));
    assert!(rig.company.number(phone_number("+14155550300")).is_none());
}

#[tokio::test]
async fn the_region_of_a_number_is_read_and_set() {
    let rig = Rig::new();
    for path in ["/v2/PhoneNumbers/%2B14155550100", &format!("/v2/PhoneNumbers/{NUMBER}")] {
        let shown = rig.get(path).await.json();
        assert_eq!(
            (&shown["voice_region"], &shown["phone_number"]),
            (&json!("us1"), &json!("+14155550100"))
        );
        assert!(shown["sid"].as_str().unwrap().starts_with("QQ"));
    }
    let set = rig.post("/v2/PhoneNumbers/+14155550100", &[("VoiceRegion", "ie1")]).await;
    assert_eq!(set.json()["voice_region"], "ie1");
    let wrong = rig.post("/v2/PhoneNumbers/+14155550100", &[("VoiceRegion", "xx1")]).await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test]
async fn an_application_is_made_changed_and_removed() {
    let rig = Rig::new();
    let path = main_path("/Applications.json");
    let made = rig.post(&path, &[("FriendlyName", "New"), ("SmsUrl", "https://a.example")]).await;
    assert_eq!((made.status, &made.json()["voice_url"]), (201, &Value::Null));
    let listed = rig.get(&format!("{path}?FriendlyName=App")).await.json();
    assert_eq!(listed["applications"].as_array().unwrap().len(), 1);
    let uri = made.json()["uri"].as_str().unwrap().to_owned();
    let changed = rig.post(&uri, &[("VoiceUrl", "https://b.example"), ("SmsUrl", "")]).await.json();
    assert_eq!(
        (&changed["voice_url"], &changed["sms_url"]),
        (&json!("https://b.example"), &Value::Null)
    );
    assert_eq!(rig.delete(&uri).await.status, 204);
    assert_eq!(rig.get(&uri).await.refusal(), (404, 20404));
}
