//! What operators look at: health, readiness, metrics, log.

use crate::kit::{
    BEHIND, MAIN, OTHER, SALES, Store, TestApp, UNKNOWN, Webhook, apply, on_both_stores, sid,
    within,
};

#[apply(on_both_stores!)]
async fn a_server_that_is_well_says_so(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    for (path, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = server.get(path, &[]).await;
        assert_eq!((answer.status, answer.text()), (200, text));
    }
    let answer = server.get("/metrics", &[]).await;
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let answer = server.get("/", &[]).await;
    assert_eq!((answer.status, answer.text()), (404, ""));
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
    let metrics = server.get("/metrics", &[]).await;
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
    let told = within(BEHIND, "the call is logged", async || {
        server.log().into_iter().find(|line| line.contains("call answered"))
    })
    .await;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["level"], "INFO");
    assert_eq!(
        (told["call.sid"].as_str(), told["account.sid"].as_str()),
        (Some(call.as_str()), Some(MAIN.sid))
    );
    assert_eq!(told["reason"], "assigned");
    assert!(told["agent.id"].as_str().unwrap().starts_with("agt_"));
    for line in server.log() {
        assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok(), "{line}");
    }
}
