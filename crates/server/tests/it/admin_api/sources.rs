//! Networks from which the admin listener accepts requests.

use super::api::code;
use crate::prelude::*;

const FORWARDED_FOR: &str = "X-Forwarded-For";

#[apply(on_both_stores!)]
async fn the_admin_listener_answers_allowed_networks(store: Store) {
    let mut app = TestApp::seeded(store);
    app.set("SWITCHBOARD_ADMIN_ALLOWED_SOURCES", "198.51.100.7,2001:db8::/32");
    app.set("SWITCHBOARD_TRUSTED_PROXIES", "127.0.0.1");
    let server = app.serve().await;
    let admin = server.admin();
    let from = |address| [(FORWARDED_FOR, address)];
    for path in ["/api/v1/agents", "/api/openapi.json", "/api/docs", "/api/nothing"] {
        let refused = admin.get(path, &from("198.51.100.8")).await;
        assert_eq!(code(&refused, 403), "source_refused", "{path}");
    }
    assert_eq!(admin.get("/metrics", &from("198.51.100.8")).await.status, 403);
    assert_eq!(admin.get("/metrics", &from("198.51.100.7")).await.status, 200);
    assert_eq!(admin.get("/healthz", &from("198.51.100.8")).await.status, 200);
    assert_eq!(admin.get("/readyz", &[]).await.status, 200);
    let key = app.run("key add --name limited --scopes read --networks 203.0.113.0/24 --json");
    let key = format!("Bearer {}", key.json()["secret"].as_str().unwrap());
    let mut with_key = vec![("Authorization", key.as_str()), (FORWARDED_FOR, "198.51.100.7")];
    let refused = admin.get("/api/v1/agents", &with_key).await;
    assert_eq!(code(&refused, 403), "key_network");
    with_key[1].1 = "203.0.113.5";
    assert_eq!(code(&admin.get("/api/v1/agents", &with_key).await, 403), "source_refused");
    let key = app.run("key add --name wide --scopes read --networks 2001:db8:1::/48 --json");
    let key = format!("Bearer {}", key.json()["secret"].as_str().unwrap());
    for (address, status) in [("2001:db8:1::9", 200), ("2001:db8:2::9", 403)] {
        let headers = [("Authorization", key.as_str()), (FORWARDED_FOR, address)];
        assert_eq!(admin.get("/api/v1/agents", &headers).await.status, status, "{address}");
    }
}
