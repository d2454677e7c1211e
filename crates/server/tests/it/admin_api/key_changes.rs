//! Keys are added and revoked as by the commands, and no key makes one that may do more than itself.

use super::api::{Api, OTHERS_ID, OURS_ID, add_others, added_key, code};
use crate::prelude::*;

const KEYS: &str = "/api/v1/keys";

fn pointers(answer: &Answer) -> Vec<String> {
    let errors = answer.json()["errors"].take();
    let errors = errors.as_array().cloned().unwrap_or_default();
    let mut found: Vec<_> =
        errors.iter().map(|one| one["pointer"].as_str().unwrap().to_owned()).collect();
    found.sort_unstable();
    found
}

#[apply(on_both_stores!)]
async fn a_key_is_added_used_and_revoked(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let (admin_id, secret) = added_key(&app, "--scopes read,route,admin");
    let api = Api::with(&server, &secret);
    let body = json!({
        "name": "ci", "scopes": ["route", "read"], "networks": ["127.0.0.0/8", "::1"], "expires_at": "90d",
    });
    let added = api.post(KEYS, &body).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let mut key = added.json();
    let secret = key.as_object_mut().unwrap().remove("secret").unwrap();
    assert_eq!((&key["scopes"], &key["organization"]), (&json!(["read", "route"]), &Value::Null));
    assert_eq!(key["networks"], json!(["127.0.0.0/8", "::1/128"]));
    let listed = app.run("key list --json").exits(0).list();
    let ids: Vec<_> = listed.as_array().unwrap().iter().map(|key| key["id"].clone()).collect();
    assert_eq!(ids, [json!(admin_id), key["id"].clone()]);
    let shown = api.json(KEYS).await;
    assert_eq!(shown["data"][1], key);
    assert!(!shown.to_string().contains("sbk_"), "{shown}");

    let new = Api::with(&server, secret.as_str().unwrap());
    assert_eq!(new.get("/api/v1/agents").await.status, 200);
    assert_eq!(code(&new.get(KEYS).await, 403), "key_scope");
    let path = format!("{KEYS}/{}", key["id"].as_str().unwrap());
    assert_eq!(code(&new.request("DELETE", &path).await, 403), "key_scope");
    let revoked = api.request("DELETE", &path).await;
    assert_eq!((revoked.status, &revoked.json()["state"]), (200, &json!("revoked")));
    assert_eq!(code(&new.get("/api/v1/agents").await, 401), "key_revoked");
    let again = api.request("DELETE", &path).await.json();
    assert_eq!(again["revoked_at"], revoked.json()["revoked_at"]);
    let missing = format!("{KEYS}/key_01m8jwaxz29rbqtyphtjq1q9h6");
    assert_eq!(code(&api.request("DELETE", &missing).await, 404), "api_key_not_found");
}

#[apply(on_both_stores!)]
async fn a_key_makes_none_that_may_do_more_or_reaches_further(store: Store) {
    let (app, server) = TestApp::served(store).await;
    add_others(&app).await;
    let of = |options: &str| Api::with(&server, &added_key(&app, options).1);
    let operator = of("--scopes admin,read");
    let theirs = of(&format!("--scopes admin,configure --organization {OTHERS_ID}"));
    let body = |scopes: &[&str]| json!({ "name": "more", "scopes": scopes });
    for (api, scopes) in [
        (&operator, ["read", "configure"].as_slice()),
        (&operator, &["route"]),
        (&theirs, &["admin", "read"]),
        (&operator.selecting(OURS_ID), &["configure"]),
    ] {
        let refused = api.post(KEYS, &body(scopes)).await;
        assert_eq!(
            (code(&refused, 403), pointers(&refused)),
            ("key_scope".into(), vec!["/scopes".to_owned()])
        );
    }
    let unknown = json!({ "name": "more", "scopes": ["admin"], "organization": OURS_ID });
    assert_eq!(pointers(&theirs.post(KEYS, &unknown).await), ["/organization"]);
    for (api, owner) in [(&theirs, OTHERS_ID), (&operator.selecting(OURS_ID), OURS_ID)] {
        let added = api.post(KEYS, &body(&["admin"])).await;
        assert_eq!((added.status, &added.json()["organization"]), (201, &json!(owner)));
    }
    let listed = theirs.json(KEYS).await["data"].take();
    assert!(
        listed.as_array().unwrap().iter().all(|key| key["organization"] == OTHERS_ID),
        "{listed}"
    );
    // Neither an operator key nor a key of another organization is revoked.
    for key in operator.json(KEYS).await["data"].as_array().unwrap() {
        if key["organization"] != OTHERS_ID {
            let path = format!("{KEYS}/{}", key["id"].as_str().unwrap());
            assert_eq!(code(&theirs.request("DELETE", &path).await, 404), "api_key_not_found");
        }
    }
    app.store.holds(0, "api_keys WHERE revoked_at IS NOT NULL").await;
}

#[apply(on_both_stores!)]
async fn a_wrong_key_is_a_problem(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = Api::with(&server, &added_key(&app, "--scopes admin").1);
    for (body, expected) in [
        (json!({}), vec!["/name", "/scopes"]),
        (json!({ "name": "a", "scopes": [] }), vec!["/scopes"]),
        (json!({ "name": "a", "scopes": "admin" }), vec!["/scopes"]),
        (
            json!({ "name": "a", "scopes": ["admin", "root", "read,route", 7] }),
            vec!["/scopes/1", "/scopes/2", "/scopes/3"],
        ),
        (
            json!({ "name": " ", "scopes": ["admin"], "networks": ["10.0.0.0/8", "x"] }),
            vec!["/name", "/networks/1"],
        ),
        (json!({ "name": "a", "scopes": ["admin"], "networks": [] }), vec!["/networks"]),
        (
            json!({ "name": "a", "scopes": ["admin"], "expires_at": "2020-01-01" }),
            vec!["/expires_at"],
        ),
        (
            json!({ "name": "a", "scopes": ["admin"], "expires_at": "soon", "id": 1 }),
            vec!["/expires_at", "/id"],
        ),
    ] {
        let answer = api.post(KEYS, &body).await;
        assert_eq!(code(&answer, 422), "body_invalid", "{body}");
        assert_eq!(pointers(&answer), expected, "{body}");
    }
    assert_eq!(app.store.count("api_keys").await, 1);
    let reading = Api::operator(&app, &server);
    assert_eq!(code(&reading.get(KEYS).await, 403), "key_scope");
    assert_eq!(code(&reading.post(KEYS, &json!({})).await, 403), "key_scope");
}
