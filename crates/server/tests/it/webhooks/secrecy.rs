//! No secret is logged at any level.

use crate::prelude::*;

const TEXT: &str = "my-password-is-hunter2";

#[apply(on_both_stores!)]
async fn neither_secrets_nor_phone_numbers_get_into_the_log(store: Store) {
    let mut app = TestApp::seeded(store);
    let token = "dddddddddddddddddddddddddddddd01";
    app.set("TWILIO_ACCOUNT_SID", "AC0000000000000000000000000000d001");
    app.set("TWILIO_AUTH_TOKEN", token);
    app.set("RUST_LOG", "trace");
    let subscribed =
        app.run("subscription add --url http://127.0.0.1:9/hooks/k9v2x --json").exits(0);
    let key = app.run("key add --name test --scopes read --json").exits(0).json();
    let key = key["secret"].as_str().unwrap();
    let mut server = app.serve().await;
    let bearer = format!("Bearer {key}");
    for path in ["/api/v1/numbers".to_owned(), format!("/api/v1/numbers/{SALES}")] {
        let read = server.admin().get(&path, &[("Authorization", &bearer)]).await;
        assert_eq!(read.status, 200);
    }
    let mut secrets = lasting_secrets();
    // The path of an endpoint can contain a key.
    secrets.push("k9v2x".to_owned());
    secrets.push(subscribed.json()["secret"].as_str().unwrap()["whsec_".len()..].to_owned());
    secrets.push(token.to_owned());
    secrets.push(key["sbk_".len()..].to_owned());
    secrets.extend(calls_and_sessions(&server).await);
    secrets.extend(everything_else(&server).await);
    // The running server hears of changes, too.
    app.run("agent set sales --voice verse").exits(0);
    app.run(&format!("number assign {SALES} --agent support")).exits(0);
    let call = Webhook::call(MAIN, SALES, &sid("CA", 1));
    within(CHANGED, "the change is seen", async || {
        let twiml = server.send(&call).await.twiml();
        (twiml.stream().parameter("externalId") == Some("support")).then_some(())
    })
    .await;
    app.store.holds(0, "undistributed_events").await;
    within(CHANGED, "an event is attempted", async || {
        server.log().iter().any(|line| line.contains("delivery failed")).then_some(())
    })
    .await;
    server.signal(Signal::TERM);
    assert!(server.ended(Duration::from_secs(20)).await.success());

    let log = server.log();
    assert!(log.iter().any(|line| line.contains("TRACE")), "everything is logged");
    assert!(
        log.iter().any(|line| line.contains("call answered"))
            && log.iter().any(|line| line.contains("refused"))
    );
    for secret in secrets {
        let reported: Vec<_> = log.iter().filter(|line| line.contains(&secret)).take(3).collect();
        assert!(reported.is_empty(), "{secret} is in the log: {reported:#?}");
    }
}

/// Secrets that may never be logged.
fn lasting_secrets() -> Vec<String> {
    let extracted = hmac_sha256(&[0; 32], &STANDARD.decode(ENCRYPTION_KEY).unwrap());
    let session_key = hmac_sha256(&extracted, b"switchboard/session/v1\x01");
    let mut secrets = vec![URL_SAFE_NO_PAD.encode(&session_key), STANDARD.encode(&session_key)];
    secrets
        .extend([ENCRYPTION_KEY, MAIN.token, SUB.token, OTHER.token, TEXT].map(ToOwned::to_owned));
    secrets.extend([
        TEXT.replace('-', "%2D"),
        "You sell".to_owned(),
        "We are open from 9".to_owned(),
    ]);
    for number in [SALES, SUBS, OTHERS, UNKNOWN, "+14155550177"] {
        secrets.extend([number.to_owned(), number[1..].to_owned(), number.replace('+', "%2B")]);
    }
    secrets
}

/// Calls, and what voice servers do with them; yields the tokens' signatures.
async fn calls_and_sessions(client: &Client) -> Vec<String> {
    let mut signatures = Vec::new();
    for webhook in [
        Webhook::call(MAIN, SALES, &sid("CA", 1)),
        Webhook::call(SUB, SUBS, &sid("CA", 2)).by_get(),
    ] {
        let twiml = client.send(&webhook).await.twiml();
        let token = twiml.stream().parameter("sessionToken").unwrap().to_owned();
        let (_, call) = twiml.stream().parameter("sessionUrl").unwrap().rsplit_once('/').unwrap();
        let session = format!("/api/voice/sessions/{call}");
        for (given, status) in [(format!("Bearer {token}"), 200), (format!("Bearer {token}x"), 401)]
        {
            assert_eq!(client.get(&session, &[("Authorization", &given)]).await.status, status);
        }
        signatures.push(token.rsplit_once('.').unwrap().1.to_owned());
    }
    signatures
}

/// Everything else that a day brings: messages, statuses, refusals and nonsense. Yields the requests' signatures.
async fn everything_else(client: &Client) -> Vec<String> {
    let message = Webhook::message(MAIN, SALES, &sid("SM", 1), TEXT);
    let day = [
        message.clone(),
        message.clone().by_get().at("/api/twilio/webhook?agentId=x"),
        message.clone().unsigned(),
        message.clone().signed_with(OTHER.token),
        message.clone().signed_for("http://calls.example.com"),
        message.clone().without("To"),
        message.clone().with("From", "+14155550177+14155550177"),
        Webhook::call(OTHER, SALES, &sid("CA", 3)),
        Webhook::call(OTHER, UNKNOWN, &sid("CA", 4)),
        Webhook::call_status(MAIN, SALES, &sid("CA", 1), "completed"),
        Webhook::message_status(OTHER, OTHERS, &sid("SM", 2), "failed"),
        Webhook::connected(MAIN, SALES, &sid("CA", 1)).with("ErrorCode", "31921"),
        Webhook::call(MAIN, SALES, &sid("CA", 5)).at(&format!("/api/twilio/voice?to={SALES}")),
    ];
    let mut signatures = Vec::new();
    for webhook in day {
        let status = client.send(&webhook).await.status;
        assert!(status < 500, "{status}: {webhook:?}");
        let headers = webhook.prepared().headers.into_iter();
        signatures.extend(
            headers.filter(|(name, _)| name == "X-Twilio-Signature").map(|(_, value)| value),
        );
    }
    let mut broken = message.prepared();
    broken.body.extend_from_slice(b"&a=%zz");
    let mut wire = Wire::to(client.address).await.unwrap();
    assert_eq!(wire.ask(&broken.bytes()).await.unwrap().unwrap().status, 400);
    signatures
}
