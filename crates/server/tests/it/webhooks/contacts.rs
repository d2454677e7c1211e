//! A contact is one person on all channels, also where WhatsApp spells the number in another way.

use crate::prelude::*;

/// Numbers as their owners call, and as WhatsApp spells them: with a 1 in Mexico, with a 9 in Argentina, and without the ninth
/// digit in Brazil.
const SPELLINGS: [[&str; 2]; 9] = [
    ["+525512345670", "+5215512345670"],
    ["+525512345671", "+5215512345671"],
    ["+525512345672", "+5215512345672"],
    ["+541123456780", "+5491123456780"],
    ["+541123456781", "+5491123456781"],
    ["+541123456782", "+5491123456782"],
    ["+5511987654320", "+551187654320"],
    ["+5511987654321", "+551187654321"],
    ["+5511987654322", "+551187654322"],
];

/// Two agents share the contacts of the number Sales; each replies its name.
fn app(store: Store) -> TestApp {
    let app = TestApp::seeded(store);
    for name in ["Ann", "Bob"] {
        let url = format!("wss://voice.example.com/{name}");
        app.run(&["agent", "add", "--name", name, "--reply", name, "--stream-url", &url]).exits(0);
    }
    app.write("plan.json", r#"{"name": "Split", "otherwise": {"agents": ["Ann", "Bob"]}}"#);
    app.run("route plan save plan.json").exits(0);
    app.run(&format!("route attach Split --number {SALES}")).exits(0);
    app
}

fn by_whatsapp(contact: &str, number: u128, body: &str) -> Webhook {
    let message = Webhook::message(MAIN, &format!("whatsapp:{SALES}"), &sid("SM", number), body);
    message.with("From", &format!("whatsapp:{contact}"))
}

#[apply(on_both_stores!)]
async fn a_contact_has_the_same_agent_by_phone_by_sms_and_by_whatsapp(store: Store) {
    let app = app(store);
    let server = app.serve().await;
    let mut chosen = BTreeMap::new();
    for (index, [phone, whatsapp]) in SPELLINGS.into_iter().enumerate() {
        let number = index as u128;
        let call = Webhook::call(MAIN, SALES, &sid("CA", number)).with("From", phone);
        let call = server.send(&call).await.twiml();
        let agent = call.stream().parameter("agentName").unwrap().to_owned();
        let texts = [
            by_whatsapp(whatsapp, 100 + number, "hello"),
            Webhook::message(MAIN, SALES, &sid("SM", 200 + number), "hello").with("From", phone),
        ];
        for text in texts {
            let answer = server.send(&text).await;
            assert_eq!(answer.twiml().only("Message").text, agent, "{phone}");
        }
        *chosen.entry(agent).or_insert(0) += 1;
    }
    assert_eq!(chosen.len(), 2, "one agent has all contacts: {chosen:?}");
}

#[apply(on_both_stores!)]
async fn the_session_of_a_call_has_what_the_contact_wrote_by_whatsapp(store: Store) {
    let app = app(store);
    let server = app.serve().await;
    for (index, [phone, whatsapp]) in SPELLINGS.into_iter().enumerate().step_by(3) {
        let number = index as u128;
        let body = format!("I call from {index}");
        assert_eq!(server.send(&by_whatsapp(whatsapp, 100 + number, &body)).await.status, 200);
        let call = sid("CA", number);
        let twiml = Webhook::call(MAIN, SALES, &call).with("From", phone);
        let twiml = server.send(&twiml).await.twiml();
        let token = twiml.stream().parameter("sessionToken").unwrap().to_owned();
        let path = format!("/api/voice/sessions/{call}");
        let bearer = format!("Bearer {token}");
        let session = server.get(&path, &[("Authorization", &bearer)]).await.json();
        let turns = session["conversation"]["turns"].as_array().unwrap();
        assert_eq!(turns.len(), 1, "{session}");
        assert_eq!((&turns[0]["channel"], &turns[0]["body"]), (&json!("whatsapp"), &json!(body)));

        // A call from the other spelling of the number is one of the same conversation.
        app.store.holds(1, &format!("calls WHERE sid = '{call}'")).await;
        let next = sid("CA", 500 + number);
        let twiml = Webhook::call(MAIN, SALES, &next).with("From", whatsapp);
        let twiml = server.send(&twiml).await.twiml();
        let bearer = format!("Bearer {}", twiml.stream().parameter("sessionToken").unwrap());
        let path = format!("/api/voice/sessions/{next}");
        let session = server.get(&path, &[("Authorization", &bearer)]).await.json();
        let turns = session["conversation"]["turns"].as_array().unwrap();
        assert_eq!(turns.len(), 2, "{session}");
        assert_eq!(turns[1]["call"]["sid"], json!(call));
    }
}

/// The conversation of both spellings is one thread, which is found by either.
#[apply(on_both_stores!)]
async fn both_spellings_are_one_conversation_and_one_consent(store: Store) {
    let app = app(store);
    let server = app.serve().await;
    let [phone, whatsapp] = SPELLINGS[0];
    assert_eq!(server.send(&by_whatsapp(whatsapp, 1, "STOP")).await.status, 200);
    let text = Webhook::message(MAIN, SALES, &sid("SM", 2), "hello").with("From", phone);
    assert_eq!(server.send(&text).await.twiml().children, []);
    for spelling in [phone, whatsapp] {
        let consents = app.run(&format!("consent list --contact {spelling} --json")).succeeded();
        assert!(consents.stdout.contains("opted_out"), "{consents:?}");
    }
}

/// A message from a number that names the user id as well, as Twilio sends it.
fn with_user_id(number: &str, user: &str, sid: u128, body: &str) -> Webhook {
    let digits = number.trim_start_matches('+');
    let context = json!({"ProfileName": "Zoë \"}", "WaId": digits});
    let metadata = json!({"type": "whatsapp", "data": {"context": context}}).to_string();
    let message = by_whatsapp(number, sid, body).and("WaId", digits);
    message.and("ChannelMetadata", &metadata).and("ExternalUserId", user)
}

fn by_user_id(user: &str, sid: u128, body: &str) -> Webhook {
    by_whatsapp("", sid, body).with("From", user)
}

/// Once a message has named both, the user id alone is the same contact, also for another process and after a restart.
#[apply(on_both_stores!)]
async fn a_contact_is_the_same_by_number_and_by_user_id(store: Store) {
    let app = app(store);
    let mut server = app.serve().await;
    let mut chosen = BTreeMap::new();
    for n in 0..8 {
        let (number, user) = (format!("+1415557000{n}"), format!("whatsapp:US.9900{n}"));
        let linking = server.send(&with_user_id(&number, &user, n, "hello")).await;
        let agent = linking.twiml().only("Message").text.clone();
        let answer = server.send(&by_user_id(&user, 100 + n, "hello")).await;
        assert_eq!(answer.twiml().only("Message").text, agent, "{n}");
        *chosen.entry(agent).or_insert(0) += 1;
    }
    assert_eq!(chosen.len(), 2, "one agent has all contacts: {chosen:?}");
    server.signal(Signal::TERM);
    server.ended(DONE).await;
    let server = app.serve().await;
    let user = "whatsapp:US.99000";
    assert_eq!(server.send(&by_user_id(user, 200, "STOP")).await.status, 200);
    let text = Webhook::message(MAIN, SALES, &sid("SM", 201), "hello");
    assert_eq!(server.send(&text.with("From", "+14155570000")).await.twiml().children, []);

    // An erased contact is known by neither.
    app.run("erase +14155570001 --yes").exits(0);
    assert_eq!(app.store.count("contact_links").await, 7);
}

/// A captured webhook can be cut so that a text of its sender becomes a field.
#[apply(on_both_stores!)]
async fn a_user_id_in_a_text_of_the_sender_links_nothing(store: Store) {
    let app = app(store);
    let server = app.serve().await;
    let user = "whatsapp:US.99000";
    let cut = by_whatsapp("+14155570000", 1, "hi").and("ExternalUserId", user).and("F", "{}");
    assert_eq!(server.send(&cut).await.status, 200);
    let written = format!("ChannelMetadata{{}}ExternalUserId{user}");
    let whole = with_user_id("+14155570000", user, 2, &written);
    assert_eq!(server.send(&whole).await.status, 200);
    assert_eq!(app.store.count("contact_links").await, 0);
}
