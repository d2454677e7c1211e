//! Networks from which requests are accepted, and proxies that are believed.

use crate::prelude::*;

const FORWARDED_FOR: &str = "X-Forwarded-For";

/// An app whose proxy is this machine, and which accepts webhooks from two networks.
fn limited(store: Store) -> TestApp {
    let mut app = TestApp::seeded(store);
    app.set("SWITCHBOARD_ALLOWED_SOURCES", "203.0.113.0/24,2001:db8::/32");
    app.set("SWITCHBOARD_TRUSTED_PROXIES", "127.0.0.0/8,10.0.0.0/8");
    app
}

async fn refusals(app: &TestApp) -> Vec<String> {
    within(BEHIND, "the refusal is recorded", async || {
        let query = "SELECT refusal AS value FROM rejections";
        Some(app.store.texts(query).await).filter(|found| !found.is_empty())
    })
    .await
}

#[apply(on_both_stores!)]
async fn webhooks_are_accepted_from_allowed_networks_behind_trusted_proxies(store: Store) {
    let app = limited(store);
    let server = app.serve().await;
    let call = |n| Webhook::call(MAIN, SALES, &sid("CA", n));
    for (n, forwarded) in [
        (1, "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.2"),
        (3, "2001:db8::9"),
        (4, "::ffff:203.0.113.9"),
    ] {
        server.send(&call(n).header(FORWARDED_FOR, forwarded)).await.twiml();
    }
    let unsigned = server.send(&call(5).header(FORWARDED_FOR, "203.0.113.9").unsigned()).await;
    unsigned.assert_refused("without a signature");
    assert_eq!(refusals(&app).await, ["signature_missing"]);
    for forwarded in
        ["198.51.100.1", "203.0.113.9, 198.51.100.1", "203.0.113.9, unknown", "", "10.0.0.2"]
    {
        let refused = server.send(&call(6).header(FORWARDED_FOR, forwarded)).await;
        refused.assert_refused(forwarded);
        assert_eq!(refused.status, unsigned.status);
    }
    server.send(&call(6)).await.assert_refused("from the proxy itself");
    // Several headers are one list.
    let lines = call(6).header(FORWARDED_FOR, "203.0.113.9").header(FORWARDED_FOR, "198.51.100.1");
    server.send(&lines).await.assert_refused("the last header counts");
    let recorded = within(BEHIND, "refusals of sources are recorded", async || {
        let refused = app.run("rejection list --json");
        Some(refused.stdout).filter(|text| text.contains("source_refused"))
    });
    let recorded = recorded.await;
    assert!(!recorded.contains("203.0.113") && !recorded.contains("198.51.100"), "{recorded}");
    let labels = ["endpoint=\"voice\"", "reason=\"source_refused\""];
    let metrics = server.admin().get("/metrics", &[]).await;
    let counted =
        metrics.text().lines().find(|line| labels.iter().all(|label| line.contains(label)));
    assert!(counted.unwrap().ends_with(" 7"), "{counted:?}");
    assert_eq!(server.get("/healthz", &[]).await.status, 200);
    assert_eq!(server.get(&format!("/api/voice/sessions/{}", sid("CA", 1)), &[]).await.status, 401);
}

#[apply(on_both_stores!)]
async fn a_header_of_a_client_that_is_no_proxy_has_no_effect(store: Store) {
    let mut app = TestApp::seeded(store);
    app.set("SWITCHBOARD_ALLOWED_SOURCES", "203.0.113.0/24");
    let server = app.serve().await;
    let forged = Webhook::call(MAIN, SALES, &sid("CA", 1)).header(FORWARDED_FOR, "203.0.113.9");
    for _ in 0..3 {
        server.send(&forged).await.assert_refused("a forged header");
    }
    let noted = server.log().iter().filter(|line| line.contains("not among the trusted")).count();
    assert_eq!(noted, 1);
    let shown = app.run("doctor --json").stdout;
    assert!(shown.contains("webhooks are accepted from 203.0.113.0/24 only"), "{shown}");
    assert!(shown.contains("SWITCHBOARD_TRUSTED_PROXIES"), "{shown}");
}
