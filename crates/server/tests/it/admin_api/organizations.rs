//! Organizations are added, renamed and removed as by the commands, by the operator.

use super::api::{Api, OURS_ID, added_key, code};
use crate::prelude::*;

const ORGANIZATIONS: &str = "/api/v1/organizations";

/// An operator's client that may change everything.
fn admin(app: &TestApp, server: &Server) -> Api {
    Api::with(server, &added_key(app, "--scopes read,configure,admin").1)
}

#[apply(on_both_stores!)]
async fn an_organization_is_added_used_renamed_and_removed(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = admin(&app, &server);
    let added = api.post(ORGANIZATIONS, &json!({ "name": "Acme" })).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let id = added.json()["id"].as_str().unwrap().to_owned();
    let path = format!("{ORGANIZATIONS}/{id}");
    assert_eq!(added.header("location"), Some(path.as_str()));
    let shown = api.get(&path).await;
    assert_eq!((shown.json(), shown.header("etag")), (added.json(), added.header("etag")));
    let printed = app.run(&format!("organization show {id} --json")).exits(0).json();
    assert_eq!(printed, added.json());

    // Its own key manages its own objects, and its name.
    let (key, secret) =
        added_key(&app, &format!("--scopes read,configure,admin --organization {id}"));
    let own = Api::with(&server, &secret);
    let agent = own.post("/api/v1/agents", &json!({ "name": "Desk" })).await;
    assert_eq!((agent.status, &agent.json()["organization_id"]), (201, &json!(id)));
    let seen = added.header("etag").unwrap().to_owned();
    let rename = async |api: &Api, tag: &str, name: &str| {
        api.submit("PATCH", &path, &[("If-Match", tag)], &json!({ "name": name })).await
    };
    let renamed = rename(&own, &seen, "Ajax").await;
    assert_eq!((renamed.status, &renamed.json()["name"]), (200, &json!("Ajax")));
    let now = renamed.header("etag").unwrap().to_owned();
    let stale = rename(&api, &seen, "Apex").await;
    assert_eq!(
        (code(&stale, 412), stale.header("etag")),
        ("precondition_failed".into(), Some(&*now))
    );
    let stale = api.submit("DELETE", &path, &[("If-Match", &seen)], &json!({})).await;
    assert_eq!(code(&stale, 412), "precondition_failed");

    for expected in ["agent", "API key"] {
        let refused = api.request("DELETE", &path).await;
        assert_eq!(code(&refused, 409), "organization_in_use");
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.ends_with(expected), "{detail}");
        let agent = format!("/api/v1/agents/{}", agent.json()["id"].as_str().unwrap());
        own.request("DELETE", &agent).await;
    }
    app.run(&format!("organization remove {id} --yes")).fails().shows(&["switchboard key revoke"]);
    app.run(&format!("key revoke {key} --yes")).exits(0);
    let removed = api.submit("DELETE", &path, &[("If-Match", &now)], &json!({})).await;
    assert_eq!((removed.status, removed.text()), (204, ""));
    assert_eq!(code(&own.get("/api/v1/agents").await, 401), "key_unknown");
    for method in ["GET", "DELETE"] {
        assert_eq!(code(&api.request(method, &path).await, 404), "organization_not_found");
    }
}

#[apply(on_both_stores!)]
async fn only_the_operator_adds_and_removes_organizations(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = admin(&app, &server);
    let body = json!({ "name": "Acme" });
    let id = api.post(ORGANIZATIONS, &body).await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("{ORGANIZATIONS}/{id}");
    let own =
        Api::with(&server, &added_key(&app, &format!("--scopes admin --organization {OURS_ID}")).1);
    for api in [&own, &api.selecting(OURS_ID)] {
        assert_eq!(code(&api.post(ORGANIZATIONS, &body).await, 403), "operator_key_required");
        for path in [&path, &format!("{ORGANIZATIONS}/{OURS_ID}")] {
            let refused = api.request("DELETE", path).await;
            assert_eq!(code(&refused, 403), "operator_key_required");
        }
        let renamed = api.submit("PATCH", &path, &[], &body).await;
        assert_eq!(code(&renamed, 404), "organization_not_found");
    }
    let default = format!("{ORGANIZATIONS}/{OURS_ID}");
    assert_eq!(code(&api.request("DELETE", &default).await, 409), "organization_in_use");
    for body in [json!({}), json!({ "name": " " }), json!({ "name": null }), json!({ "name": 1 })] {
        assert_eq!(code(&api.post(ORGANIZATIONS, &body).await, 422), "body_invalid");
        assert_eq!(code(&api.submit("PATCH", &path, &[], &body).await, 422), "body_invalid");
    }
    let configuring = Api::with(&server, &added_key(&app, "--scopes read,configure").1);
    for (method, path) in [("POST", ORGANIZATIONS), ("PATCH", &*path), ("DELETE", &*path)] {
        let refused = configuring.submit(method, path, &[], &body).await;
        assert_eq!(code(&refused, 403), "key_scope", "{method}");
    }
    app.store.holds(2, "organizations").await;
}
