//! What happens is listed as events, once each.

use crate::prelude::*;

#[apply(on_both_stores!)]
async fn what_happened_is_listed_once_each(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let (call, message) = (sid("CA", 1), sid("SM", 1));
    let ended = Webhook::call_status(MAIN, SALES, &call, "completed");
    let stop = Webhook::message(MAIN, SALES, &sid("SM", 2), "STOP");
    for _ in 0..2 {
        assert_eq!(server.send(&Webhook::call(MAIN, SALES, &call)).await.status, 200);
        let received = Webhook::message(MAIN, SALES, &message, "hello");
        assert_eq!(server.send(&received).await.status, 200);
        assert_eq!(server.send(&stop).await.status, 200);
    }
    app.store.holds(1, "calls").await;
    for _ in 0..2 {
        assert_eq!(server.send(&ended).await.status, 204);
    }
    app.store.holds(1, "calls WHERE status = 'completed'").await;
    let listed = app.run("event list --json").succeeded();
    let lines: Vec<serde_json::Value> =
        listed.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut types: Vec<_> = lines.iter().map(|event| event["type"].as_str().unwrap()).collect();
    types.sort_unstable();
    let expected =
        ["call.ended", "call.started", "message.received", "message.received", "optout.changed"];
    assert_eq!(types, expected);
    assert!(!listed.stdout.contains(&SALES[1..]), "numbers are masked");
    let of_call = app.run("event list --type call.ended --json --reveal").succeeded();
    let event = of_call.json();
    assert_eq!(event["data"]["to"], json!(SALES));
    assert_eq!(event["data"]["outcome"], json!("answered"));
    assert!(event["data"]["agent_id"].as_str().unwrap().starts_with("agt_"));
    let subject = app.run(&format!("event list --subject {message}")).succeeded();
    assert_eq!(subject.stdout.lines().count(), 2, "a heading and one event");
    app.run("event list --type calls.*").exits(2).shows(&["--type", "message.received", "call.*"]);
}
