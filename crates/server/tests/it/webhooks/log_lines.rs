//! A failed webhook is found in the log by its `CallSid` or `MessageSid` alone, whichever layer writes the line.

use crate::prelude::*;

/// A plan that is valid until its stored document is replaced.
const PLAN: &str = r#"{"rules": [], "otherwise": {"agents": ["sales"]}}"#;

/// Sends a webhook that fails, and checks that a warning or an error about it carries its SID, its account and its
/// endpoint.
async fn assert_logged(
    server: &Server,
    status: u16,
    account: Account,
    webhook: Webhook,
    sid: &str,
) {
    assert_eq!(server.send(&webhook).await.status, status, "{webhook:?}");
    let line = logged(server, sid).await;
    assert!(line.contains(account.sid) && line.contains("\"endpoint\""), "{line}");
}

/// The first warning or error that carries the SID.
async fn logged(server: &Server, sid: &str) -> String {
    within(BEHIND, sid, async || {
        let is_alert = |line: &String| line.contains("WARN") || line.contains("ERROR");
        server.log().into_iter().find(|line| is_alert(line) && line.contains(sid))
    })
    .await
}

#[apply(on_both_stores!)]
async fn a_failed_webhook_of_each_kind_is_logged_with_its_sid(store: Store) {
    let app = TestApp::seeded(store);
    app.store.execute("UPDATE agents SET name = '' WHERE external_id = 'sales'").await;
    let server = app.serve().await;
    let (call, message) = (|number| sid("CA", number), |number| sid("SM", number));
    let webhooks = [
        // The number's agent cannot be read.
        (500, MAIN, Webhook::call(MAIN, SALES, &call(1)), call(1)),
        (500, MAIN, Webhook::message(MAIN, SALES, &message(2), "Hi"), message(2)),
        (500, MAIN, Webhook::call_status(MAIN, SALES, &call(3), "completed"), call(3)),
        (500, MAIN, Webhook::connected(MAIN, SALES, &call(4)), call(4)),
        // A field is missing, under a genuine signature.
        (400, MAIN, Webhook::call(MAIN, UNASSIGNED, &call(5)).without("From"), call(5)),
        (
            400,
            MAIN,
            Webhook::message(MAIN, UNASSIGNED, &message(6), "Hi").without("To"),
            message(6),
        ),
        // The number belongs to another account.
        (403, OTHER, Webhook::call(OTHER, UNASSIGNED, &call(7)), call(7)),
        (403, OTHER, Webhook::message(OTHER, UNASSIGNED, &message(8), "Hi"), message(8)),
    ];
    for (status, account, webhook, sid) in webhooks {
        assert_logged(&server, status, account, webhook, &sid).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_fails_in_an_outage_is_logged_with_its_sid() {
    let app = TestApp::seeded(Store::cluster().await);
    let server = app.serve().await;
    app.store.private().stop(StopMode::Fast).await;
    let call = Webhook::call(MAIN, UNASSIGNED, &sid("CA", 1));
    assert_logged(&server, 503, MAIN, call, &sid("CA", 1)).await;
    let message = Webhook::message(MAIN, UNASSIGNED, &sid("SM", 2), "Hi");
    assert_logged(&server, 503, MAIN, message, &sid("SM", 2)).await;
}

#[apply(on_both_stores!)]
async fn a_line_of_a_lower_layer_carries_the_sid_of_its_request(store: Store) {
    let app = TestApp::seeded(store);
    app.write("plan.json", PLAN);
    app.run("route plan save plan.json --name Day").exits(0);
    app.run(&format!("route attach Day --number {UNASSIGNED}")).exits(0);
    app.store.execute("UPDATE routing_plan_versions SET document = 'unreadable'").await;
    let server = app.serve().await;
    server.send(&Webhook::call(MAIN, UNASSIGNED, &sid("CA", 1))).await.twiml();
    let line = logged(&server, &sid("CA", 1)).await;
    assert!(line.contains("routing plan is unreadable") && line.contains(MAIN.sid), "{line}");
}
