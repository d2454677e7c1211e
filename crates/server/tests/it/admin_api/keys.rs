//! Keys: added, listed and revoked by commands, and what each lets a program do.

use super::api::{Api, OTHERS_ID, add_others, added_key, code};
use crate::prelude::*;

#[apply(on_both_stores!)]
async fn a_key_works_until_it_is_revoked(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let (id, secret) = added_key(&app, "--scopes route,read --expires 90d");
    assert!(secret.starts_with("sbk_") && secret.len() == 47, "{secret}");
    let api = Api::with(&server, &secret);
    assert_eq!(api.json("/api/v1/agents").await["data"].as_array().unwrap().len(), 4);
    let used = format!("api_keys WHERE id = '{id}' AND last_used_at IS NOT NULL");
    app.store.holds(1, &used).await;

    let listed = app.run("key list --json").exits(0);
    assert!(!listed.stdout.contains(&secret[4..]), "{}", listed.stdout);
    let listed = listed.list();
    let key = &listed[0];
    assert_eq!((&key["id"], &key["state"]), (&json!(id), &json!("active")));
    assert_eq!(key["scopes"], json!(["read", "route"]));
    assert_eq!(key["organization"], Value::Null);
    assert!(key["last_used_at"].is_string() && key["expires_at"].is_string(), "{key}");

    app.run(&format!("key revoke {id}")).exits(2);
    assert_eq!(api.get("/api/v1/agents").await.status, 200);
    app.run(&format!("key revoke {id} --yes")).exits(0);
    assert_eq!(code(&api.get("/api/v1/agents").await, 401), "key_revoked");
    let revoked = app.run("key list --json").exits(0).list();
    assert_eq!(revoked[0]["state"], json!("revoked"));
    app.run("key revoke key_01kb7y8m6q0123456789abcdef --yes").exits(4);
}

#[apply(on_both_stores!)]
async fn a_key_does_only_what_it_was_added_for(store: Store) {
    let (app, server) = TestApp::served(store).await;
    add_others(&app).await;
    let refused = async |options: &str, status, expected: &str| {
        let api = Api::with(&server, &added_key(&app, options).1);
        assert_eq!(code(&api.get("/api/v1/agents").await, status), expected, "{options}");
    };
    refused("--scopes admin,configure,route", 403, "key_scope").await;
    refused("--scopes read --networks 192.0.2.0/24,fd00::/8", 403, "key_network").await;
    let local = added_key(&app, "--scopes read --networks 127.0.0.0/8").1;
    assert_eq!(Api::with(&server, &local).get("/api/v1/agents").await.status, 200);

    let (id, expiring) = added_key(&app, "--scopes read --expires 1h");
    let past = format!("UPDATE api_keys SET expires_at = created_at WHERE id = '{id}'");
    app.store.execute(&past).await;
    let expired = Api::with(&server, &expiring).get("/api/v1/agents").await;
    assert_eq!(code(&expired, 401), "key_expired");

    let theirs = added_key(&app, &format!("--scopes read --organization {OTHERS_ID}")).1;
    let theirs = Api::with(&server, &theirs);
    let selecting = theirs.selecting(super::api::OURS_ID).get("/api/v1/agents").await;
    assert_eq!(code(&selecting, 403), "organization_foreign");
    assert_eq!(theirs.selecting(OTHERS_ID).get("/api/v1/agents").await.status, 200);
    let operator = Api::operator(&app, &server);
    let missing = operator.selecting("org_01m8jwaxz29rbqtyphtjq1q9h7").get("/api/v1/agents").await;
    assert_eq!(code(&missing, 404), "organization_not_found");
    let invalid = operator.selecting("org_1").get("/api/v1/agents").await;
    assert_eq!(code(&invalid, 400), "organization_invalid");
}

#[apply(on_both_stores!)]
fn a_key_with_wrong_options_is_not_added(store: Store) {
    let app = TestApp::migrated(store);
    for (options, exit, expected) in [
        ("--scopes read,all", 2, "--scopes"),
        ("--scopes ,", 2, "--scopes"),
        ("--scopes read --networks 10.0.0.1/8", 2, "10.0.0.0/8"),
        ("--scopes read --networks ,", 2, "--networks"),
        ("--scopes read --expires soon", 2, "90d"),
        ("--scopes read --expires 2020-01-01", 5, "future"),
        ("--scopes read --organization org_1", 2, "--organization"),
        ("--scopes read --organization org_01m8jwaxz29rbqtyphtjq1q9h6", 4, "--organization"),
    ] {
        let ran = app.run(&format!("key add --name test {options}")).exits(exit);
        assert!(ran.stderr.contains(expected), "{options}: {}", ran.stderr);
    }
    assert_eq!(app.run("key list --json").exits(0).list(), json!([]));
    app.run("key add --name test --scopes read").exits(0).shows(&["sbk_", "all organizations"]);
}

#[apply(on_both_stores!)]
async fn wrong_keys_are_limited(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let known = Api::operator(&app, &server);
    assert_eq!(known.get("/api/v1/agents").await.status, 200);
    let new = Api::operator(&app, &server);
    let wrong = |n: usize| Api::with(&server, &format!("sbk_{n:043}"));
    let (mut unknown, mut throttled) = (0, 0);
    for n in 0..60 {
        let answer = wrong(n).get("/api/v1/agents").await;
        if answer.status == 401 {
            assert_eq!(code(&answer, 401), "key_unknown");
            unknown += 1;
        } else {
            assert_eq!(code(&answer, 429), "too_many_attempts");
            let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=3).contains(&wait), "{wait}");
            throttled += 1;
        }
    }
    assert!((20..40).contains(&unknown) && throttled > 0, "{unknown}, {throttled}");
    // A key that was accepted before is not concerned; metrics need no key.
    assert_eq!(known.get("/api/v1/agents").await.status, 200);
    assert_eq!(server.admin().get("/metrics", &[]).await.status, 200);
    within(DONE, "a new key is accepted again", async || {
        (new.get("/api/v1/agents").await.status == 200).then_some(())
    })
    .await;
}
