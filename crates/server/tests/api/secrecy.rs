//! Nothing secret gets into the log, however much is logged.

use crate::rig::{
    ENCRYPTION_KEY, Installation, MAIN, NOBODYS, OTHER, OTHERS, SALES, SUB, SUBS, Store, Webhook,
    Wire, hmac_sha256, sid,
};

on_both_stores! { neither_secrets_nor_phone_numbers_get_into_the_log }

async fn neither_secrets_nor_phone_numbers_get_into_the_log(store: Store) {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    let mut desk = Installation::seeded(store);
    let (main_sid, main_token) =
        ("AC0000000000000000000000000000d001", "dddddddddddddddddddddddddddddd01");
    desk.set("TWILIO_ACCOUNT_SID", main_sid);
    desk.set("TWILIO_AUTH_TOKEN", main_token);
    desk.set("RUST_LOG", "trace");
    let mut server = desk.serve().await;
    let text = "my-password-is-hunter2";
    let mut secrets = vec![
        MAIN.token.to_owned(),
        SUB.token.to_owned(),
        OTHER.token.to_owned(),
        main_token.to_owned(),
    ];
    let mut said = Vec::new();

    // Everything that a day brings: calls, messages, statuses, sessions, refusals and nonsense.
    let calls = [
        Webhook::call(MAIN, SALES, &sid("CA", 1)),
        Webhook::call(SUB, SUBS, &sid("CA", 2)).by_get(),
    ];
    for call in &calls {
        let twiml = server.send(call).await.twiml();
        let token = twiml.stream().parameter("sessionToken").unwrap().to_owned();
        let session = format!(
            "/api/voice/sessions/{}",
            twiml.stream().parameter("sessionUrl").unwrap().rsplit_once('/').unwrap().1
        );
        assert_eq!(
            server.get(&session, &[("Authorization", &format!("Bearer {token}"))]).await.status,
            200
        );
        assert_eq!(
            server.get(&session, &[("Authorization", &format!("Bearer {token}x"))]).await.status,
            401
        );
        secrets.push(token.rsplit_once('.').unwrap().1.to_owned());
    }
    let message = Webhook::message(MAIN, SALES, &sid("SM", 1), text);
    let day = [
        message.clone(),
        message.clone().by_get().at("/api/twilio/webhook?agentId=x"),
        message.clone().unsigned(),
        message.clone().signed_with(OTHER.token),
        message.clone().without("To"),
        message.clone().with("From", "+14155550177+14155550177"),
        Webhook::call(OTHER, SALES, &sid("CA", 3)),
        Webhook::call(OTHER, NOBODYS, &sid("CA", 4)),
        Webhook::call_status(MAIN, SALES, &sid("CA", 1), "completed"),
        Webhook::message_status(OTHER, OTHERS, &sid("SM", 2), "failed"),
        Webhook::connected(MAIN, SALES, &sid("CA", 1)).with("ErrorCode", "31921"),
        Webhook::call(MAIN, SALES, &sid("CA", 5)).at(&format!("/api/twilio/voice?to={SALES}")),
    ];
    for webhook in &day {
        let status = server.send(webhook).await.status;
        assert!(status < 500, "{status}: {webhook:?}");
        said.push(
            webhook.prepared().headers.into_iter().find(|(name, _)| name == "X-Twilio-Signature"),
        );
    }
    let mut wire = Wire::to(server.address).await.unwrap();
    let mut broken = message.prepared();
    broken.body.truncate(100);
    broken.body.extend_from_slice(b"%zz");
    assert_eq!(wire.ask(&broken.bytes()).await.unwrap().unwrap().status, 400);
    // The watcher hears of changes, too.
    desk.unset("RUST_LOG");
    desk.succeed(&["agent", "set", "sales", "--voice", "verse"]);
    desk.succeed(&["number", "assign", SALES, "--agent", "support"]);
    crate::rig::within(crate::rig::CHANGED, "the change is seen", async || {
        let twiml = server.send(&calls[0]).await.twiml();
        (twiml.stream().parameter("externalId") == Some("support")).then_some(())
    })
    .await;
    server.signal("TERM");
    assert!(server.ended(std::time::Duration::from_secs(20)).await.success());

    let log = server.log();
    assert!(log.len() > 50, "only {} lines were logged", log.len());
    assert!(log.iter().any(|line| line.contains("TRACE")), "everything is logged");
    let derived = hmac_sha256(
        &hmac_sha256(&[0; 32], &STANDARD.decode(ENCRYPTION_KEY).unwrap()),
        b"switchboard/session/v1\x01",
    );
    secrets.extend([
        ENCRYPTION_KEY.to_owned(),
        URL_SAFE_NO_PAD.encode(&derived),
        STANDARD.encode(&derived),
        text.to_owned(),
    ]);
    secrets.extend([
        text.replace('-', "%2D"),
        "You sell \\\"blue".to_owned(),
        "We are open from 9".to_owned(),
    ]);
    secrets.extend(said.into_iter().flatten().map(|(_, signature)| signature));
    for number in [SALES, SUBS, OTHERS, NOBODYS, "+14155550177"] {
        secrets.extend([number.to_owned(), number[1..].to_owned(), number.replace('+', "%2B")]);
    }
    for secret in secrets {
        let told: Vec<_> = log.iter().filter(|line| line.contains(&secret)).take(3).collect();
        assert!(told.is_empty(), "{secret} is in the log: {told:#?}");
    }
}
