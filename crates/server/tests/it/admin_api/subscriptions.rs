//! Subscriptions are added, changed and removed as by the commands.

use super::api::{Api, OTHERS_ID, add_others, added_key, code};
use crate::prelude::*;

const SUBSCRIPTIONS: &str = "/api/v1/subscriptions";
const URL: &str = "https://events.example.com/hook";

/// A client that may change subscriptions.
fn configuring(app: &TestApp, server: &Server) -> Api {
    Api::with(server, &added_key(app, "--scopes read,configure").1)
}

#[apply(on_both_stores!)]
async fn a_subscription_is_added_changed_and_removed(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let body = json!({ "url": URL, "types": ["call.*", "message.failed"] });
    let added = api.post(SUBSCRIPTIONS, &body).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let mut subscription = added.json();
    let secret = subscription.as_object_mut().unwrap().remove("secret").unwrap();
    assert!(secret.as_str().unwrap().starts_with("whsec_"));
    let id = subscription["id"].as_str().unwrap().to_owned();
    let path = format!("{SUBSCRIPTIONS}/{id}");
    assert_eq!(added.header("location"), Some(path.as_str()));
    let shown = api.get(&path).await;
    assert_eq!((shown.json(), shown.header("etag")), (subscription.clone(), added.header("etag")));
    let printed = app.run(&format!("subscription show {id} --json")).exits(0).json();
    assert_eq!(printed, subscription);

    let first = added.header("etag").unwrap().to_owned();
    let change = async |tag: &str, body: Value| {
        api.submit("PATCH", &path, &[("If-Match", tag)], &body).await
    };
    let disabled = change(&first, json!({ "enabled": false, "types": ["*"] })).await;
    assert_eq!(disabled.status, 200, "{}", disabled.text());
    let second = disabled.header("etag").unwrap().to_owned();
    let disabled = disabled.json();
    assert_eq!((&disabled["state"], &disabled["reason"]), (&json!("disabled"), &json!("operator")));
    assert_eq!((&disabled["types"], &disabled["url"]), (&json!(["*"]), &json!(URL)));
    let stale = change(&first, json!({ "enabled": true })).await;
    assert_eq!(
        (code(&stale, 412), stale.header("etag")),
        ("precondition_failed".into(), Some(second.as_str()))
    );
    let enabled = change(&second, json!({ "enabled": true })).await;
    assert_eq!((enabled.status, &enabled.json()["state"]), (200, &json!("enabled")));

    let rotated = api.request("POST", &format!("{path}/secret/rotate")).await;
    assert_eq!(rotated.status, 200, "{}", rotated.text());
    assert_ne!(rotated.json()["secret"], secret);
    app.store.holds(2, "subscription_secrets").await;
    let stale = api.submit("DELETE", &path, &[("If-Match", &first)], &json!({})).await;
    assert_eq!(code(&stale, 412), "precondition_failed");
    let removed = api.request("DELETE", &path).await;
    assert_eq!((removed.status, removed.text()), (204, ""));
    assert_eq!(app.store.count("subscription_secrets").await, 0);
    for method in ["GET", "DELETE"] {
        assert_eq!(code(&api.request(method, &path).await, 404), "subscription_not_found");
    }
    let rotated = api.request("POST", &format!("{path}/secret/rotate")).await;
    assert_eq!(code(&rotated, 404), "subscription_not_found");
}

#[apply(on_both_stores!)]
async fn subscriptions_are_listed_in_pages(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let mut ids = Vec::new();
    for _ in 0..3 {
        let added = api.post(SUBSCRIPTIONS, &json!({ "url": URL })).await.json();
        assert_eq!(added["types"], json!(["*"]));
        ids.push(added["id"].clone());
    }
    let first = api.json(&format!("{SUBSCRIPTIONS}?limit=2")).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = api.json(&format!("{SUBSCRIPTIONS}?limit=2&cursor={cursor}")).await;
    let listed: Vec<_> = [&first, &second]
        .into_iter()
        .flat_map(|page| page["data"].as_array().unwrap())
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!((listed, &second["next_cursor"]), (ids, &Value::Null));
    assert!(!first.to_string().contains("whsec_"));
}

#[apply(on_both_stores!)]
async fn a_wrong_subscription_is_a_problem_and_changes_nothing(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let known = api.post(SUBSCRIPTIONS, &json!({ "url": URL })).await.json();
    let path = format!("{SUBSCRIPTIONS}/{}", known["id"].as_str().unwrap());
    let before = api.json(&path).await;
    for (body, pointers) in [
        (
            json!({ "url": "ftp://x", "types": ["call.*", "fax.sent", "call.*,message.*", 1] }),
            vec!["/types/1", "/types/2", "/types/3", "/url"],
        ),
        (json!({ "url": URL, "types": [] }), vec!["/types"]),
        (json!({ "url": URL, "types": "*" }), vec!["/types"]),
        (json!({ "url": null, "secret": "whsec_1" }), vec!["/secret", "/url"]),
    ] {
        for (method, path) in [("POST", SUBSCRIPTIONS), ("PATCH", &*path)] {
            let answer = api.submit(method, path, &[], &body).await;
            assert_eq!(code(&answer, 422), "body_invalid", "{body}");
            let errors = answer.json()["errors"].take();
            let mut found: Vec<_> = errors
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["pointer"].as_str().unwrap())
                .collect();
            found.sort_unstable();
            assert_eq!(found, pointers, "{method} {body}");
        }
    }
    assert_eq!(code(&api.post(SUBSCRIPTIONS, &json!({})).await, 422), "body_invalid");
    let wrong = api.submit("PATCH", &path, &[], &json!({ "enabled": "no" })).await;
    assert_eq!(code(&wrong, 422), "body_invalid");
    let reading = Api::operator(&app, &server);
    for (method, path) in [("POST", SUBSCRIPTIONS), ("PATCH", &*path), ("DELETE", &*path)] {
        let refused = reading.submit(method, path, &[], &json!({ "url": URL })).await;
        assert_eq!(code(&refused, 403), "key_scope", "{method}");
    }
    assert_eq!(api.json(&path).await, before);
    assert_eq!(app.store.count("subscriptions").await, 1);
}

#[apply(on_both_stores!)]
async fn a_subscription_belongs_to_the_organization_of_the_key(store: Store) {
    let (app, server) = TestApp::served(store).await;
    add_others(&app).await;
    let theirs = added_key(&app, &format!("--scopes read,configure --organization {OTHERS_ID}")).1;
    let (theirs, operator) = (Api::with(&server, &theirs), configuring(&app, &server));
    for api in [&theirs, &operator.selecting(OTHERS_ID)] {
        let added = api.post(SUBSCRIPTIONS, &json!({ "url": URL })).await;
        assert_eq!((added.status, &added.json()["organization"]), (201, &json!(OTHERS_ID)));
    }
    let ours = operator.post(SUBSCRIPTIONS, &json!({ "url": URL })).await.json();
    let path = format!("{SUBSCRIPTIONS}/{}", ours["id"].as_str().unwrap());
    for method in ["GET", "PATCH", "DELETE"] {
        let answer = theirs.submit(method, &path, &[], &json!({})).await;
        assert_eq!(code(&answer, 404), "subscription_not_found", "{method}");
    }
    assert_eq!(theirs.json(SUBSCRIPTIONS).await["data"].as_array().unwrap().len(), 2);
}

/// Secrets that are created at the same time are all created, and each answer shows its own.
#[apply(on_both_stores!)]
async fn a_secret_is_rotated_by_many_at_once(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let added = api.post(SUBSCRIPTIONS, &json!({ "url": URL })).await.json();
    let path = format!("{SUBSCRIPTIONS}/{}/secret/rotate", added["id"].as_str().unwrap());
    let rotate = async || {
        let rotated = api.request("POST", &path).await;
        assert_eq!(rotated.status, 200, "{}", rotated.text());
        rotated.json()["secret"].as_str().unwrap().to_owned()
    };
    let (one, two, three) = tokio::join!(rotate(), rotate(), rotate());
    assert!(one != two && two != three && one != three);
    app.store.holds(4, "subscription_secrets").await;
}
