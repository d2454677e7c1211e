//! Messages are stored before they are answered, and deduplicated.

use crate::prelude::*;

const SILENCE: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#;

/// A query for the stored message, as one text.
fn kept(message: &str) -> String {
    format!(
        "SELECT account_sid || '|' || direction || '|' || channel || '|' || from_address || '|' || to_address || '|' || \
        body || '|' || CAST(media_count AS text) || '|' || reason || '|' || verified_by || '|' || status AS value \
        FROM messages WHERE sid = '{message}'"
    )
}

#[apply(on_both_stores!)]
async fn a_message_is_stored_and_gets_the_reply_of_its_agent(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let message = sid("SM", 1);
    let answer = server.send(&Webhook::message(MAIN, SALES, &message, "Are you there?")).await;
    assert_eq!(answer.twiml().only("Message").text, "Hello & <welcome> \u{1f44b}");
    assert_snapshot!(answer.twiml_snapshot(), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <Response>
    <Message>Hello &amp; &lt;welcome&gt; 👋</Message>
    </Response>
    "#);
    let expected = format!(
        "{}|inbound|sms|+14155550177|+14155550100|Are you there?|0|assigned|primary_token|received",
        MAIN.sid
    );
    assert_eq!(app.store.texts(&kept(&message)).await, [expected]);
}

#[apply(on_both_stores!)]
async fn an_unassigned_message_is_stored_and_answered_with_empty_twiml(store: Store) {
    let (app, server) = TestApp::served(store).await;
    app.run("agent set hours --no-message-target").exits(0);
    let expected = [
        (UNKNOWN, "unknown_number"),
        (UNASSIGNED, "unassigned"),
        (DISABLED, "agent_disabled"),
        (SILENT, "no_message_target"),
    ];
    for (number, (to, reason)) in expected.into_iter().enumerate() {
        let message = sid("SM", 10 + number as u128);
        let answer = server.send(&Webhook::message(MAIN, to, &message, "Hello?")).await;
        assert_eq!(answer.twiml().children, [], "{reason}");
        assert_eq!(answer.text(), SILENCE);
        assert_eq!(
            app.store
                .text(&format!("SELECT reason AS value FROM messages WHERE sid = '{message}'"))
                .await,
            reason
        );
    }
}

#[apply(on_both_stores!)]
async fn a_retried_message_is_deduplicated_and_answered_the_same(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let message = sid("SM", 20);
    let webhook = Webhook::message(MAIN, SALES, &message, "Once");
    let first = server.send(&webhook).await;
    let again = join_all((0..16).map(|_| server.send(&webhook))).await;
    for answer in again {
        assert_eq!(answer.appearance(), first.appearance());
    }
    let together = Webhook::message(MAIN, SALES, &sid("SM", 21), "All at once");
    for answer in join_all((0..16).map(|_| server.send(&together))).await {
        assert_eq!(answer.appearance(), first.appearance());
    }
    // What Twilio sends again may differ in what we do not act on; the first one stands.
    let later = webhook.with("Body", "Twice").with("FromCountry", "DE");
    assert_eq!(server.send(&later).await.status, 200);
    assert_eq!(
        app.store
            .text(&format!("SELECT body AS value FROM messages WHERE sid = '{message}'"))
            .await,
        "Once"
    );
    assert_eq!(app.store.count("messages").await, 2);
}

#[apply(on_both_stores!)]
async fn a_message_by_whatsapp_needs_its_channel(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let from = |prefix: &str, number| {
        let webhook = Webhook::message(MAIN, &format!("{prefix}{SALES}"), &sid("SM", number), "Hi");
        webhook.with("From", &format!("{prefix}+4915112345678")).and("ProfileName", "Ann")
    };
    let off = server.send(&from("whatsapp:", 30)).await.twiml();
    assert_eq!(off.children, []);
    app.run(&format!("number assign {SALES} --agent sales --channels voice,whatsapp")).exits(0);
    // RCS can only be assigned by earlier releases, and is still answered.
    app.store
        .execute(&format!(
            "UPDATE numbers SET channels = 'voice,whatsapp,rcs' WHERE phone_number = '{SALES}'"
        ))
        .await;
    drop(server);
    let server = app.serve().await;
    for (number, prefix) in [(31, "whatsapp:"), (32, "rcs:")] {
        let twiml = server.send(&from(prefix, number)).await.twiml();
        assert_eq!(twiml.only("Message").text, "Hello & <welcome> \u{1f44b}", "{prefix}");
    }
    let sms = server.send(&Webhook::message(MAIN, SALES, &sid("SM", 33), "Hi")).await.twiml();
    assert_eq!(sms.children, []);
    let query =
        "SELECT channel || ' ' || reason || ' ' || to_address AS value FROM messages ORDER BY sid";
    let expected = [
        format!("whatsapp channel_off whatsapp:{SALES}"),
        format!("whatsapp assigned whatsapp:{SALES}"),
        format!("rcs assigned rcs:{SALES}"),
        format!("sms channel_off {SALES}"),
    ];
    assert_eq!(app.store.texts(query).await, expected);
}

#[apply(on_both_stores!)]
async fn a_message_with_media_keeps_all_that_came_with_it(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let message = sid("MM", 40);
    let mut webhook = Webhook::message(MAIN, SALES, &message, "").with("NumMedia", "10");
    for number in 0..10 {
        let url = format!(
            "https://api.twilio.com/2010-04-01/Accounts/{}/Media/ME{number}?a=1&b=é",
            MAIN.sid
        );
        webhook = webhook
            .and(&format!("MediaUrl{number}"), &url)
            .and(&format!("MediaContentType{number}"), "image/jpeg");
    }
    // Fields that we do not act on may repeat.
    let binding = "MessagingBinding.Address";
    webhook = webhook.and(binding, "+14155550177").and(binding, "+14155550178");
    server.send(&webhook).await.twiml().only("Message");
    let query = |column: &str| {
        format!("SELECT CAST({column} AS text) AS value FROM messages WHERE sid = '{message}'")
    };
    assert_eq!(app.store.text(&query("media_count")).await, "10");
    assert_eq!(app.store.text(&query("body")).await, "");
    let parameters = app.store.text(&query("parameters")).await;
    assert_eq!(parameters.as_bytes(), webhook.prepared().body);
}

#[apply(on_both_stores!)]
async fn the_text_of_a_message_is_stored_unchanged(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let texts = [
        "Grüße 👩‍👩‍👧‍👦 e\u{301} \u{202e}evil \u{feff}",
        "line\r\nline\ttab & = + % 'quote' \"double\" \\ ; -- DROP TABLE messages",
        " leading and trailing ",
        "<Response><Dial>+19005550100</Dial></Response>",
        "\u{1}\u{7f}\u{ffff}",
    ];
    for (number, text) in texts.into_iter().enumerate() {
        let message = sid("SM", 50 + number as u128);
        // One contact would be a program that answers the replies.
        let contact = format!("+1415556{number:04}");
        let webhook = Webhook::message(MAIN, SALES, &message, text).with("From", &contact);
        server.send(&webhook).await.twiml().only("Message");
        let kept = app
            .store
            .text(&format!("SELECT body AS value FROM messages WHERE sid = '{message}'"))
            .await;
        assert_eq!(kept, text);
    }
    // Postgres cannot keep a NUL.
    let message = sid("SM", 60);
    server.send(&Webhook::message(MAIN, SALES, &message, "a\0b")).await.twiml().only("Message");
    let kept = app
        .store
        .text(&format!("SELECT body AS value FROM messages WHERE sid = '{message}'"))
        .await;
    assert_eq!(kept, "a\u{fffd}b");
}

#[apply(on_both_stores!)]
async fn a_message_asked_for_by_get_is_kept(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let message = sid("SM", 70);
    let webhook = Webhook::message(MAIN, SALES, &message, "By query & more").by_get();
    server.send(&webhook).await.twiml().only("Message");
    let expected = format!(
        "{}|inbound|sms|+14155550177|{SALES}|By query & more|0|assigned|primary_token|received",
        MAIN.sid
    );
    assert_eq!(app.store.texts(&kept(&message)).await, [expected]);
}

#[apply(on_both_stores!)]
async fn senders_of_every_kind_are_answered(store: Store) {
    let (app, server) = TestApp::served(store).await;
    for (number, from) in
        ["86753", "TWILIO", "+14155550177", "messenger:1234567890", "client:ann", ""]
            .into_iter()
            .enumerate()
    {
        let message = sid("SM", 80 + number as u128);
        let answer =
            server.send(&Webhook::message(MAIN, SALES, &message, "Hi").with("From", from)).await;
        assert_eq!(answer.status, 200, "{from:?}");
    }
    assert_eq!(app.store.count("messages").await, 6);
    // A page is no number of ours, but its account is.
    let page = Webhook::message(MAIN, "messenger:1234567890", &sid("SM", 90), "Hi")
        .with("From", "messenger:77");
    assert_eq!(server.send(&page).await.twiml().children, []);
}

#[apply(on_both_stores!)]
async fn an_agent_can_hand_its_messages_over(store: Store) {
    let app = TestApp::seeded(store);
    app.run("agent set hours --message-redirect-url https://twiml.example.com/m?a=1&b=2").exits(0);
    let server = app.serve().await;
    let answer = server.send(&Webhook::message(MAIN, SILENT, &sid("SM", 95), "Hi")).await;
    assert_snapshot!(answer.twiml_snapshot(), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <Response>
    <Redirect method="POST">https://twiml.example.com/m?a=1&amp;b=2</Redirect>
    </Response>
    "#);
}

#[apply(on_both_stores!)]
async fn two_accounts_may_use_one_sid(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let message = sid("SM", 99);
    server.send(&Webhook::message(MAIN, SALES, &message, "Main's")).await.twiml();
    server.send(&Webhook::message(SUB, SUBS, &message, "Sub's")).await.twiml();
    let bodies = app.store.texts("SELECT body AS value FROM messages ORDER BY account_sid").await;
    assert_eq!(bodies, ["Main's", "Sub's"]);
}
