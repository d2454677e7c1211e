//! What operators look at: health, readiness, metrics, log.

use crate::prelude::*;

#[apply(on_both_stores!)]
async fn a_server_that_is_well_says_so(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    for listener in [server.client(), server.admin()] {
        for (path, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
            let answer = listener.get(path, &[]).await;
            assert_eq!((answer.status, answer.text()), (200, text));
        }
        let answer = listener.get("/", &[]).await;
        assert_eq!((answer.status, answer.text()), (404, ""));
    }
    let answer = server.admin().get("/metrics", &[]).await;
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let answer = server.get("/metrics", &[]).await;
    assert_eq!((answer.status, answer.text()), (404, ""));
    let answer = server.admin().get("/api/voice/sessions/CA00", &[]).await;
    assert_eq!(answer.status, 404);
}

#[apply(on_both_stores!)]
async fn head_has_the_status_of_get_and_no_body(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let (public, admin) = (server.client(), server.admin());
    let session = format!("/api/voice/sessions/{}", sid("CA", 1));
    for (listener, path) in [
        (&public, "/healthz"),
        (&public, "/readyz"),
        (&public, "/metrics"),
        (&public, "/api/twilio/voice"),
        (&public, "/api/twilio/voice/"),
        (&public, "/api/twilio/webhook?To=1"),
        (&public, "/api/twilio/status"),
        (&public, "/api/twilio/voice/connected"),
        (&public, &session),
        (&admin, "/healthz"),
        (&admin, "/readyz"),
        (&admin, "/metrics"),
    ] {
        let get = listener.get(path, &[]).await;
        let head = listener.request("HEAD", path, &[]).await;
        assert_eq!((head.status, head.text()), (get.status, ""), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert_eq!(head.header("allow"), get.header("allow"), "{path}");
    }
    for listener in [public, admin] {
        let refused = listener.request("POST", "/healthz", &[]).await;
        assert_eq!((refused.status, refused.header("allow")), (405, Some("GET, HEAD")));
    }
    let call = Webhook::call(MAIN, SALES, &sid("CA", 2)).by_head();
    let head = server.send(&call).await;
    assert_eq!((head.status, head.text()), (200, ""));
    assert_eq!(head.header("content-type"), Some("text/xml; charset=utf-8"));
}

#[apply(on_both_stores!)]
async fn the_admin_listener_can_be_turned_off(store: Store) {
    let mut app = TestApp::seeded(store);
    app.set("SWITCHBOARD_ADMIN_LISTEN", "off");
    let server = app.serve().await;
    assert_eq!(server.admin, None);
    assert_eq!(server.get("/healthz", &[]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_address_that_is_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut app = TestApp::seeded(Store::sqlite());
    app.set("SWITCHBOARD_ADMIN_LISTEN", &taken.local_addr().unwrap().to_string());
    let ran = app.run("serve").fails();
    assert!(
        ran.stderr.contains("set SWITCHBOARD_ADMIN_LISTEN to a free address"),
        "{}",
        ran.stderr
    );
}

#[apply(on_both_stores!)]
async fn metrics_count_outcomes_by_endpoint_and_reveal_no_caller(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    for number in 0..5 {
        server.send(&Webhook::call(MAIN, SALES, &sid("CA", number))).await.twiml();
    }
    server.send(&Webhook::call(MAIN, UNKNOWN, &sid("CA", 9))).await.twiml();
    server.send(&Webhook::call(MAIN, UNKNOWN, &sid("CA", 9))).await.twiml();
    server.send(&Webhook::message(MAIN, SALES, &sid("SM", 1), "Hi")).await.twiml();
    server.send(&Webhook::call_status(MAIN, SALES, &sid("CA", 1), "ringing")).await;
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 1)).without("To")).await;
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 1)).signed_with(OTHER.token)).await;
    let expected = [
        ("switchboard_webhooks_total", r#"endpoint="voice""#, r#"outcome="assigned""#, 5),
        ("switchboard_webhooks_total", r#"endpoint="voice""#, r#"outcome="unknown_number""#, 2),
        ("switchboard_webhooks_total", r#"endpoint="voice""#, r#"outcome="unreadable""#, 1),
        ("switchboard_webhooks_total", r#"endpoint="message""#, r#"outcome="assigned""#, 1),
        ("switchboard_webhooks_total", r#"endpoint="status""#, r#"outcome="acknowledged""#, 1),
        ("switchboard_refusals_total", r#"endpoint="voice""#, r#"reason="signature_wrong""#, 1),
        ("switchboard_webhook_seconds_count", r#"endpoint="voice""#, "", 9),
        ("switchboard_route_lookups_total", r#"result="miss""#, "", 2),
        ("switchboard_route_lookups_total", r#"result="unknown""#, "", 1),
        ("switchboard_route_lookups_total", r#"result="hit""#, "", 6),
    ];
    for (name, first, second, count) in expected {
        assert_eq!(server.counted(name, &[first, second]).await, count, "{name} {first} {second}");
    }
    let metrics = server.admin().get("/metrics", &[]).await;
    for somebody in [MAIN.sid, SALES, &SALES[1..], "Sales", "agt_", "CA0"] {
        assert!(!metrics.text().contains(somebody), "{somebody}");
    }
    for line in metrics.text().lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("switchboard_"), "{line}");
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
}

#[apply(on_both_stores!)]
async fn the_log_says_who_answered_and_why(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let call = sid("CA", 1);
    server.send(&Webhook::call(MAIN, SALES, &call)).await.twiml();
    let reported = within(BEHIND, "the call is logged", async || {
        server.log().into_iter().find(|line| line.contains("call answered"))
    })
    .await;
    let reported: serde_json::Value = serde_json::from_str(&reported).unwrap();
    assert_eq!(reported["level"], "INFO");
    assert_eq!(
        (reported["call.sid"].as_str(), reported["account.sid"].as_str()),
        (Some(call.as_str()), Some(MAIN.sid))
    );
    assert_eq!(reported["reason"], "assigned");
    assert!(reported["agent.id"].as_str().unwrap().starts_with("agt_"));
    for line in server.log() {
        assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok(), "{line}");
    }
}
