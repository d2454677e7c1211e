//! Sessions: what a voice server reads with the token of a call.

use crate::fixture::{PROMPT_BYTES, assert_documented};
use crate::prelude::*;

/// The token of a call that was answered, and who answers it.
async fn answered(client: &Client, call: &str) -> (String, String) {
    let twiml = client.send(&Webhook::call(MAIN, SALES, call)).await.twiml();
    let parameter = |name| twiml.stream().parameter(name).unwrap().to_owned();
    assert_eq!(parameter("sessionUrl"), format!("{PUBLIC_URL}/api/voice/sessions/{call}"));
    (parameter("sessionToken"), parameter("agentId"))
}

async fn opened(client: &Client, call: &str, authorization: &str) -> Answer {
    client.get(&format!("/api/voice/sessions/{call}"), &[("Authorization", authorization)]).await
}

#[apply(on_both_stores!)]
async fn a_voice_server_reads_the_whole_agent_with_the_token_of_the_call(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let call = sid("CA", 1);
    let (token, agent) = answered(&server, &call).await;
    for scheme in ["Bearer", "bearer"] {
        let answer = opened(&server, &call, &format!("{scheme} {token}")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let mut session = answer.json();
        let prompt = session["agent"]["prompt"].take();
        assert_eq!(prompt.as_str().unwrap().len(), PROMPT_BYTES);
        assert!(
            prompt
                .as_str()
                .unwrap()
                .starts_with("You sell \"blue\" & <green> caf\u{e9}s; be brief.\n")
        );
        for time in [session["expires_at"].take(), session["call"]["started_at"].take()] {
            assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
        }
        let expected = json!({
            "call": {
                "sid": call, "account_sid": MAIN.sid, "from": "+14155550177", "to": SALES, "direction": "inbound",
                "started_at": null,
                "caller": {"country": null, "region": "CA", "city": null, "attestation": null, "withheld": false},
            },
            "agent": {
                "id": agent, "external_id": "sales", "name": "Sales & \"Co\" <1>", "prompt": null, "voice": "alloy",
                "model": "gpt-4o", "language": "en-US",
            },
            "number": {"phone_number": SALES, "account_sid": MAIN.sid},
            "organization": {"id": "org_00000000000000000000000000"},
            "plan": null, "conversation": {"turns": []}, "parameters": {}, "expires_at": null,
        });
        assert_eq!(session, expected);
    }
}

/// The session of a call that a rule of a plan decided has the fields that docs/voice-servers.md shows.
#[apply(on_both_stores!)]
async fn a_session_has_the_documented_fields(store: Store) {
    let app = TestApp::seeded(store);
    let rule = r#"{"name": "Day", "when": {"channels": ["voice"]}, "then": {"agents": ["sales"]}}"#;
    let otherwise = r#"{"agents": ["support"]}"#;
    app.write("plan.json", &format!(r#"{{"rules": [{rule}], "otherwise": {otherwise}}}"#));
    app.run("route plan save plan.json --name Office").succeeded();
    app.run(&format!("route attach Office --number {SALES}")).succeeded();
    let server = app.serve().await;
    let message = Webhook::message(MAIN, SALES, &sid("SM", 1), "Are you open?");
    assert_eq!(server.send(&message).await.status, 200);
    let call = sid("CA", 1);
    let (token, _agent) = answered(&server, &call).await;
    let session = opened(&server, &call, &format!("Bearer {token}")).await.json();
    assert_eq!(session["plan"]["name"], "Office");
    assert_eq!(session["plan"]["rule"], json!({"index": 0, "name": "Day"}));

    assert_documented(include_str!("../../../../../docs/voice-servers.md"), &session);
}

/// What Twilio reports about the caller, what the caller wrote before, and parameters too long for a stream.
#[apply(on_both_stores!)]
async fn a_session_tells_who_calls_what_they_wrote_and_all_parameters(store: Store) {
    let app = TestApp::seeded(store);
    let long = "n".repeat(2_000);
    app.run(&[
        "agent",
        "set",
        "sales",
        "--parameter",
        "tier=gold",
        "--parameter",
        &format!("notes={long}"),
    ])
    .exits(0);
    let server = app.serve().await;
    for (index, body) in [(1, "Are you open?"), (2, "Then I call.")] {
        let message = Webhook::message(MAIN, SALES, &sid("SM", index), body);
        assert_eq!(server.send(&message).await.status, 200);
    }
    let other = Webhook::message(MAIN, SALES, &sid("SM", 3), "Other").with("From", "+14155550199");
    assert_eq!(server.send(&other).await.status, 200);

    let call = sid("CA", 1);
    let webhook = Webhook::call(MAIN, SALES, &call)
        .with("FromCountry", "US")
        .with("FromCity", "SAN FRANCISCO")
        .with("StirVerstat", "TN-Validation-Passed-A");
    let twiml = server.send(&webhook).await.twiml();
    let token = twiml.stream().parameter("sessionToken").unwrap().to_owned();
    let session = opened(&server, &call, &format!("Bearer {token}")).await.json();
    assert_eq!(
        session["call"]["caller"],
        json!({"country": "US", "region": "CA", "city": "SAN FRANCISCO", "attestation": "A", "withheld": false})
    );
    let turns = session["conversation"]["turns"].as_array().unwrap();
    let reported: Vec<_> =
        turns.iter().map(|turn| (&turn["direction"], &turn["channel"], &turn["body"])).collect();
    let turn = |body: &str| (json!("inbound"), json!("sms"), json!(body));
    let expected = [turn("Are you open?"), turn("Then I call.")];
    assert_eq!(
        reported,
        expected.iter().map(|(one, two, three)| (one, two, three)).collect::<Vec<_>>()
    );
    assert_eq!(session["parameters"], json!({"tier": "gold", "notes": long}));

    let call = sid("CA", 2);
    let withheld =
        Webhook::call(MAIN, SALES, &call).with("From", "anonymous").with("Caller", "anonymous");
    let twiml = server.send(&withheld).await.twiml();
    let token = twiml.stream().parameter("sessionToken").unwrap().to_owned();
    let session = opened(&server, &call, &format!("Bearer {token}")).await.json();
    assert_eq!(
        (&session["call"]["from"], &session["call"]["caller"]["withheld"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(session["conversation"], json!({"turns": []}));
}

/// Anybody could name another caller, to read what that one wrote.
#[apply(on_both_stores!)]
async fn what_nobody_verified_shows_no_messages_of_the_caller(store: Store) {
    let mut app = TestApp::seeded(store);
    app.set("TWILIO_SIGNATURE_VALIDATION", "report");
    let server = app.serve().await;
    let message = Webhook::message(MAIN, SALES, &sid("SM", 1), "Are you open?");
    assert_eq!(server.send(&message).await.status, 200);
    for (call, unsigned, expected) in [(sid("CA", 1), false, 1), (sid("CA", 2), true, 0)] {
        let webhook = Webhook::call(MAIN, SALES, &call);
        let webhook = if unsigned { webhook.unsigned() } else { webhook };
        let twiml = server.send(&webhook).await.twiml();
        let token = twiml.stream().parameter("sessionToken").unwrap().to_owned();
        let session = opened(&server, &call, &format!("Bearer {token}")).await.json();
        let turns = session["conversation"]["turns"].as_array().unwrap();
        assert_eq!(turns.len(), expected, "{session}");
    }
}

#[apply(on_both_stores!)]
async fn no_other_token_opens_a_session(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let (call, other) = (sid("CA", 1), sid("CA", 2));
    let (token, _) = answered(&server, &call).await;
    let (others, _) = answered(&server, &other).await;
    let parts: Vec<_> = token.split('.').collect();
    let unsigned = |header: &Value, claims: &str| {
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        let signed = format!("{header}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode(hmac_sha256(b"", signed.as_bytes()));
        [format!("{signed}."), format!("{signed}.{signature}")]
    };
    let [none, none_signed] = unsigned(&json!({"alg": "none"}), parts[1]);
    let [empty, empty_signed] = unsigned(&json!({"alg": "HS256", "kid": "k1"}), parts[1]);
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    let moved = URL_SAFE_NO_PAD.encode(claims.replace(&call, &other));
    let wrong = [
        format!("Bearer {others}"),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Basic {token}"),
        token.clone(),
        format!("Bearer {token}x"),
        format!("Bearer {}", &token[..token.len() - 1]),
        format!("Bearer {}.{moved}.{}", parts[0], parts[2]),
        format!("Bearer {}.{}", parts[0], parts[1]),
        format!("Bearer {token}.{token}"),
        format!("Bearer {none}"),
        format!("Bearer {none_signed}"),
        format!("Bearer {empty}"),
        format!("Bearer {empty_signed}"),
        format!("Bearer {}", "A".repeat(5_000)),
        format!("Bearer {}", MAIN.token),
    ];
    let mut answers = Vec::new();
    for authorization in wrong {
        let answer = opened(&server, &call, &authorization).await;
        assert_eq!((answer.status, answer.text()), (401, ""), "{authorization}");
        answers.push(answer);
    }
    answers.push(server.get(&format!("/api/voice/sessions/{call}"), &[]).await);
    answers.push(opened(&server, &other, &format!("Bearer {token}")).await);
    answers.push(opened(&server, &sid("CA", 3), &format!("Bearer {token}")).await);
    answers.push(opened(&server, "nonsense", &format!("Bearer {token}")).await);
    for answer in &answers {
        assert_eq!(answer.appearance(), answers[0].appearance());
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    assert_eq!(opened(&server, &call, &format!("Bearer {token}")).await.status, 200);
}

#[apply(on_both_stores!)]
async fn a_token_is_a_jwt_that_others_can_read_and_check(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let call = sid("CA", 1);
    let (token, agent) = answered(&server, &call).await;
    let (signed, signature) = token.rsplit_once('.').unwrap();
    // The key of sessions is derived from the encryption key (RFC 5869), so that it can be given away.
    let extracted = hmac_sha256(&[0; 32], &STANDARD.decode(ENCRYPTION_KEY).unwrap());
    let key = hmac_sha256(&extracted, b"switchboard/session/v1\x01");
    assert_eq!(URL_SAFE_NO_PAD.decode(signature).unwrap(), hmac_sha256(&key, signed.as_bytes()));

    let read = |part: &str| {
        serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let (header, claims) = signed.split_once('.').unwrap();
    assert_eq!(read(header), json!({"alg": "HS256", "kid": "k1"}));
    let mut claims = read(claims);
    let (issued, expires) =
        (claims["iat"].take().as_i64().unwrap(), claims["exp"].take().as_i64().unwrap());
    assert!(
        issued > 1_700_000_000 && expires > issued && expires - issued <= 15 * 60,
        "short-lived: {issued} {expires}"
    );
    let expected = json!({
        "iss": "switchboard", "aud": "voice", "sub": call, "agent": agent, "account": MAIN.sid, "iat": null, "exp": null,
    });
    assert_eq!(claims, expected);
}

#[apply(on_both_stores!)]
async fn a_session_of_an_agent_that_is_gone_is_gone(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let call = sid("CA", 1);
    let (token, _) = answered(&server, &call).await;
    let authorization = format!("Bearer {token}");
    assert_eq!(opened(&server, &call, &authorization).await.status, 200);
    app.run(&format!("number release {SALES} --yes")).exits(0);
    app.run(&format!("number release {SUBS} --yes")).exits(0);
    app.run("agent remove sales --yes").exits(0);
    within(CHANGED, "the agent is gone", async || {
        let answer = opened(&server, &call, &authorization).await;
        assert!(matches!((answer.status, answer.text()), (200, _) | (404, "")), "{answer:?}");
        (answer.status == 404).then_some(())
    })
    .await;
}

#[apply(on_both_stores!)]
async fn a_session_shows_the_agent_as_it_is_now(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let call = sid("CA", 1);
    let twiml = server.send(&Webhook::call(SUB, SUBS, &call)).await.twiml();
    let authorization = format!("Bearer {}", twiml.stream().parameter("sessionToken").unwrap());
    assert_eq!(opened(&server, &call, &authorization).await.json()["call"]["account_sid"], SUB.sid);
    app.write("prompt.txt", "Be \u{1f600}.");
    app.run("agent set sales --prompt-file prompt.txt --no-model").exits(0);
    let session = within(CHANGED, "the prompt is new", async || {
        let session = opened(&server, &call, &authorization).await.json();
        (session["agent"]["prompt"] == "Be \u{1f600}.").then_some(session)
    })
    .await;
    assert_eq!(session["agent"]["model"], Value::Null);
}
