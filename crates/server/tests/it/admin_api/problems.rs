//! Requests that cannot be answered: each gets a problem with a stable code, and nothing else.

use super::api::{Api, code};
use crate::prelude::*;

#[apply(on_both_stores!)]
async fn every_bad_request_gets_a_problem(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = Api::operator(&app, &server);
    let long = format!("/api/v1/agents?cursor={}", "A".repeat(4_000));
    let agents = api.json("/api/v1/agents?limit=1").await;
    let of_agents = format!("/api/v1/accounts?cursor={}", agents["next_cursor"].as_str().unwrap());
    for (path, status, expected) in [
        ("/api/v1/agents?limit=0", 400, "query_invalid"),
        ("/api/v1/agents?limit=201", 400, "query_invalid"),
        ("/api/v1/agents?limit=ten", 400, "query_invalid"),
        ("/api/v1/agents?limit=1&limit=2", 400, "query_invalid"),
        ("/api/v1/agents?offset=1", 400, "query_invalid"),
        ("/api/v1/agents?%FF=1", 400, "query_invalid"),
        ("/api/v1/numbers?account_sid=AC1", 400, "query_invalid"),
        ("/api/v1/numbers?agent_id=%27%20OR%201=1", 400, "query_invalid"),
        ("/api/v1/agents?cursor=", 400, "cursor_invalid"),
        ("/api/v1/agents?cursor=%00", 400, "cursor_invalid"),
        (long.as_str(), 400, "cursor_invalid"),
        (of_agents.as_str(), 400, "cursor_invalid"),
        ("/api/v1/agents/agt_1?x=1", 400, "query_invalid"),
        ("/api/v1/agents/agt_1", 404, "agent_not_found"),
        ("/api/v1/agents/AC00000000000000000000000000000a01", 404, "agent_not_found"),
        ("/api/v1/agents/%3Cscript%3E", 404, "agent_not_found"),
        ("/api/v1/agents/%FF", 404, "agent_not_found"),
        ("/api/v1/accounts/AC1", 404, "account_not_found"),
        ("/api/v1/numbers/0", 404, "number_not_found"),
        ("/api/v1/numbers/whatsapp:+14155550100", 404, "number_not_found"),
        ("/api/v1/nothing", 404, "path_not_found"),
        ("/api/v1/agents/", 404, "path_not_found"),
        ("/api/v2/agents", 404, "path_not_found"),
        ("/api", 404, "path_not_found"),
        ("/api/docs/..%2F..%2Fetc%2Fpasswd", 404, "path_not_found"),
        ("/api/docs/nothing.js", 404, "path_not_found"),
    ] {
        assert_eq!(code(&api.get(path).await, status), expected, "{path}");
    }
    let wrong = api.get("/api/v1/agents?limit=0").await.json();
    assert_eq!(wrong["errors"][0]["pointer"], json!("/limit"));
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FROB"] {
        let answer = api.request(method, "/api/v1/calls").await;
        assert_eq!(code(&answer, 405), "method_not_allowed", "{method}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    }
}

#[apply(on_both_stores!)]
async fn a_request_without_a_good_key_learns_nothing(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let admin = server.admin();
    for path in ["/api/v1/agents", "/api/v1/agents?limit=0", "/api/v1/accounts/AC1"] {
        for (header, expected) in [
            ("", "key_missing"),
            ("Basic c2JrXw==", "key_missing"),
            ("Bearer", "key_missing"),
            ("Bearer ", "key_missing"),
            ("Bearer sbk_", "key_unknown"),
            ("bearer sbk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "key_unknown"),
        ] {
            let headers = [("Authorization", header)];
            let headers = if header.is_empty() { &[][..] } else { &headers[..] };
            let answer = admin.get(path, headers).await;
            assert_eq!(code(&answer, 401), expected, "{path} {header:?}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
}

#[apply(on_both_stores!)]
async fn a_page_of_another_site_cannot_use_the_api(store: Store) {
    let mut app = TestApp::seeded(store);
    app.set("SWITCHBOARD_ADMIN_URL", "https://admin.example.com");
    let server = app.serve().await;
    let admin = server.admin();
    let own = admin.address.to_string();
    let get = async |headers: &[(&str, &str)]| admin.get("/api/openapi.json", headers).await;
    for host in ["evil.example.com", "admin.example.com.evil.com:8088", "user@localhost", ""] {
        assert_eq!(code(&get(&[("Host", host)]).await, 403), "host_refused", "{host}");
    }
    for host in ["admin.example.com", "localhost:1", &own] {
        assert_eq!(get(&[("Host", host)]).await.status, 200, "{host}");
    }
    for origin in ["https://evil.example.com", "null", "http://admin.example.com"] {
        assert_eq!(code(&get(&[("Origin", origin)]).await, 403), "origin_refused", "{origin}");
    }
    for origin in ["https://admin.example.com", &format!("http://{own}")] {
        assert_eq!(get(&[("Origin", origin)]).await.status, 200, "{origin}");
    }
    // The rest of the admin listener has no secrets, and monitoring reaches it by any name.
    assert_eq!(admin.get("/healthz", &[("Host", "monitor.internal")]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_down_is_a_problem_that_passes() {
    let (app, server) = TestApp::served(Store::cluster().await).await;
    let api = Api::operator(&app, &server);
    assert_eq!(api.get("/api/v1/agents").await.status, 200);
    app.store.private().stop(StopMode::Immediate).await;
    assert_eq!(code(&api.get("/api/v1/agents").await, 503), "unavailable");
}
