//! A request with an idempotency key is executed once, and a repeated one gets the first answer again.

use super::api::{Api, OTHERS_ID, OURS_ID, add_others, added_key, code};
use crate::prelude::*;

const AGENTS: &str = "/api/v1/agents";
const HOOK: &str = "https://agents.example.com/hook";

/// A client that may change everything.
fn changing(app: &TestApp, server: &Server) -> Api {
    Api::with(server, &added_key(app, "--scopes read,route,configure,admin").1)
}

/// Posts a body with an idempotency key.
async fn post(api: &Api, path: &str, key: &str, body: &Value) -> Answer {
    api.submit("POST", path, &[("Idempotency-Key", key)], body).await
}

fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotent-replayed") == Some("true")
}

/// Asserts that an answer was given again.
fn assert_same(first: &Answer, again: &Answer, context: &str) {
    assert!(!is_replayed(first) && is_replayed(again), "{context}");
    assert_eq!((first.status, first.text()), (again.status, again.text()), "{context}");
    for header in ["etag", "location", "content-type", "cache-control"] {
        assert_eq!(first.header(header), again.header(header), "{context}: {header}");
    }
}

/// The secret in an answer, if it has one.
fn secret(answer: &Answer) -> Option<String> {
    let answer = answer.json();
    let found = ["secret", "webhook_secret"].into_iter().find_map(|name| answer[name].as_str());
    found.map(ToOwned::to_owned)
}

/// How many objects there are of each kind.
const STORED: [&str; 7] =
    ["organizations", "api_keys", "accounts", "agents", "numbers", "subscriptions", "audit"];

async fn stored(app: &TestApp) -> Vec<usize> {
    join_all(STORED.map(|table| app.store.count(table))).await
}

/// Everything in the table, in hexadecimal digits.
async fn dump(app: &TestApp) -> Vec<String> {
    let is_file = matches!(app.store, Store::Sqlite(_));
    let hex = if is_file { "lower(hex(sealed_answer))" } else { "encode(sealed_answer, 'hex')" };
    let query = format!("SELECT {hex} AS value FROM idempotency_keys WHERE executed = 1");
    app.store.texts(&query).await
}

/// A text as `dump` shows bytes.
fn digits(text: &str) -> String {
    text.bytes().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}

#[apply(on_both_stores!)]
async fn what_creates_something_creates_it_once(store: Store) {
    let app = TestApp::with_twilio(store, three_accounts());
    let server = app.serve().await;
    let api = changing(&app, &server);
    let account = json!({ "sid": MAIN_SID, "name": "Main", "auth_token": MAIN_TOKEN });
    let hook = json!({ "kind": "webhook", "url": HOOK });
    let creating = [
        ("/api/v1/organizations", json!({ "name": "New" }), 201),
        ("/api/v1/keys", json!({ "name": "ci", "scopes": ["read"] }), 201),
        ("/api/v1/accounts", account, 201),
        (AGENTS, json!({ "name": "Billing", "message_target": hook }), 201),
        (
            "/api/v1/numbers",
            json!({ "phone_number": "+14155550188", "account_sid": MAIN_SID }),
            201,
        ),
        ("/api/v1/subscriptions", json!({ "url": "https://example.com/events" }), 201),
    ];
    let mut secrets = Vec::new();
    let mut rotating = Vec::new();
    for (path, body, status) in &creating {
        let first = post(&api, path, path, body).await;
        assert_eq!(first.status, *status, "{path}: {}", first.text());
        let before = stored(&app).await;
        for _ in 0..2 {
            assert_same(&first, &post(&api, path, path, body).await, path);
        }
        assert_eq!(stored(&app).await, before, "{path}");
        let other = json!({ "name": "Other" });
        assert_eq!(code(&post(&api, path, path, &other).await, 422), "idempotency_key_used");
        if matches!(*path, AGENTS | "/api/v1/subscriptions") {
            let id = first.json()["id"].as_str().unwrap().to_owned();
            rotating.push(format!("{path}/{id}/secret/rotate"));
        }
        secrets.extend(secret(&first));
    }
    for path in &rotating {
        let rotate = async || {
            let key = [("Idempotency-Key", path.as_str())];
            api.submit("POST", path, &key, &json!({})).await
        };
        let first = rotate().await;
        assert_eq!(first.status, 200, "{path}: {}", first.text());
        let before = stored(&app).await;
        assert_same(&first, &rotate().await, path);
        assert_eq!(stored(&app).await, before, "{path}");
        secrets.extend(secret(&first));
    }
    assert_eq!(secrets.len(), 5, "a key, and two secrets each of an agent and a subscription");
    let dump = dump(&app).await;
    assert!(dump.len() >= creating.len() + rotating.len(), "{}", dump.len());
    for kept in &dump {
        for secret in &secrets {
            assert!(!kept.contains(&digits(secret)), "an answer is stored in plain text");
        }
        assert!(!kept.contains(&digits("\"id\"")), "an answer is stored in plain text");
    }
}

#[apply(on_both_stores!)]
async fn a_key_belongs_to_one_request_of_one_api_key(store: Store) {
    let (app, server) = TestApp::served(store).await;
    add_others(&app).await;
    let operator = changing(&app, &server);
    let body = json!({ "name": "Billing" });
    let first = post(&operator, AGENTS, "order-7", &body).await;
    assert_eq!(first.status, 201, "{}", first.text());
    // Another body, query, organization or path is another request, even if it is a wrong one.
    let used = async |api: &Api, path: &str, body: &Value| {
        assert_eq!(code(&post(api, path, "order-7", body).await, 422), "idempotency_key_used");
    };
    used(&operator, AGENTS, &json!({ "name": "billing" })).await;
    used(&operator, &format!("{AGENTS}?x=1"), &body).await;
    used(&operator.selecting(OURS_ID), AGENTS, &body).await;
    used(&operator, "/api/v1/organizations", &body).await;
    // What other methods do has the same result each time, so they ignore the key.
    let id = first.json()["id"].as_str().unwrap().to_owned();
    let path = format!("{AGENTS}/{id}");
    let key = [("Idempotency-Key", "order-7")];
    for name in ["A", "B"] {
        let changed = api_patch(&operator, &path, &key, name).await;
        assert_eq!((changed.status, &changed.json()["name"]), (200, &json!(name)));
    }
    assert_same(&first, &post(&operator, AGENTS, "order-7", &body).await, "renamed since");

    let options = format!("--scopes configure,read --organization {OTHERS_ID}");
    let theirs = Api::with(&server, &added_key(&app, &options).1);
    let another = post(&theirs, AGENTS, "order-7", &body).await;
    assert_eq!((another.status, is_replayed(&another)), (201, false));
    assert_ne!(another.json()["id"], first.json()["id"]);
    let (revoked_id, revoked) = added_key(&app, "--scopes configure");
    let revoked = Api::with(&server, &revoked);
    assert_eq!(post(&revoked, AGENTS, "order-7", &body).await.status, 201);
    app.run(&format!("key revoke {revoked_id} --yes")).exits(0);
    let refused = post(&revoked, AGENTS, "order-7", &body).await;
    assert_eq!((code(&refused, 401), is_replayed(&refused)), ("key_revoked".into(), false));
}

async fn api_patch(api: &Api, path: &str, headers: &[(&str, &str)], name: &str) -> Answer {
    api.submit("PATCH", path, headers, &json!({ "name": name })).await
}

#[apply(on_both_stores!)]
async fn a_refused_request_leaves_its_key_free(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = changing(&app, &server);
    for wrong in [json!({}), json!({ "name": 7 }), json!({ "name": "A", "external_id": "sales" })] {
        let refused = post(&api, AGENTS, "order-7", &wrong).await;
        assert!(matches!(refused.status, 409 | 422), "{}", refused.text());
        assert_ne!(code(&refused, refused.status), "idempotency_key_used");
    }
    // Neither these.
    let reading = Api::operator(&app, &server);
    let body = json!({ "name": "Billing" });
    assert_eq!(code(&post(&reading, AGENTS, "order-7", &body).await, 403), "key_scope");
    assert_eq!(code(&post(&reading, AGENTS, "", &body).await, 403), "key_scope");
    let wrong = Api::with(&server, "sbk_wrong");
    assert_eq!(code(&post(&wrong, AGENTS, "order-7", &body).await, 401), "key_unknown");
    assert_eq!(code(&post(&wrong, AGENTS, "", &body).await, 401), "key_unknown");
    for key in ["", &"k".repeat(201)] {
        let refused = post(&api, AGENTS, key, &body).await;
        assert_eq!(code(&refused, 400), "idempotency_key_invalid", "{key}");
    }
    let twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")];
    let refused = api.submit("POST", AGENTS, &twice, &body).await;
    assert_eq!(code(&refused, 400), "idempotency_key_invalid");
    let large = json!({ "name": "Billing", "prompt": "x".repeat(1024 * 1024) });
    assert_eq!(code(&post(&reading, AGENTS, "order-7", &large).await, 403), "key_scope");
    assert_eq!(code(&post(&api, AGENTS, "order-7", &large).await, 413), "body_too_large");
    assert_eq!(app.store.count("idempotency_keys").await, 0);
    assert_eq!(post(&api, AGENTS, "order-7", &body).await.status, 201);
    assert_eq!(app.store.count("idempotency_keys").await, 1);
}

#[apply(on_both_stores!)]
async fn an_answer_that_is_too_long_is_not_kept_and_nothing_is_executed_again(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = changing(&app, &server);
    let body = json!({ "name": "Billing", "prompt": "x".repeat(17 * 1024) });
    assert_eq!(post(&api, AGENTS, "order-7", &body).await.status, 201);
    let agents = app.store.count("agents").await;
    let again = post(&api, AGENTS, "order-7", &body).await;
    assert_eq!(code(&again, 409), "idempotency_answer_missing");
    assert_eq!(app.store.count("agents").await, agents);
}

/// They reach two servers.
#[apply(on_both_stores!)]
async fn one_of_many_requests_at_once_is_executed(store: Store) {
    let (app, one) = TestApp::served(store).await;
    let other = app.serve().await;
    let key = added_key(&app, "--scopes read,configure").1;
    let servers = [Api::with(&one, &key), Api::with(&other, &key)];
    let before = app.store.count("agents").await;
    let body = json!({ "name": "Billing" });
    let requests = (0..8).map(|n| post(&servers[n % 2], AGENTS, "order-7", &body));
    let answers = join_all(requests).await;
    let (executed, running): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(executed.iter().filter(|answer| !is_replayed(answer)).count(), 1);
    assert!(executed.iter().all(|answer| answer.text() == executed[0].text()));
    for answer in running {
        assert_eq!(code(&answer, 409), "idempotency_key_running");
    }
    assert_eq!(app.store.count("agents").await, before + 1);
    for server in &servers {
        assert!(is_replayed(&post(server, AGENTS, "order-7", &body).await));
    }
}

/// The client closes the connection while Twilio verifies the token.
#[apply(on_both_stores!)]
async fn a_request_is_finished_without_its_client(store: Store) {
    let app = TestApp::with_twilio(store, three_accounts());
    let server = app.serve().await;
    let api = changing(&app, &server);
    app.twilio().simulator.inject_fault(Fault {
        method: None,
        path: "*".to_owned(),
        after: 0,
        times: Some(1),
        does: FaultKind::Slow { milliseconds: 2_000 },
    });
    let body = json!({ "sid": MAIN_SID, "name": "Main", "auth_token": MAIN_TOKEN });
    let path = "/api/v1/accounts";
    tokio::select! {
        answer = post(&api, path, "order-7", &body) => panic!("too early: {}", answer.text()),
        () = app.store.holds(1, "idempotency_keys") => {}
    }
    app.store.holds(1, "idempotency_keys WHERE executed = 1").await;
    assert_eq!(app.store.count("accounts").await, 1);
    let answer = post(&api, path, "order-7", &body).await;
    assert_eq!((answer.status, is_replayed(&answer)), (201, true), "{}", answer.text());
    assert_eq!(answer.json()["sid"], json!(MAIN_SID));
}

/// What only reads is executed each time, whatever the header contains.
#[apply(on_both_stores!)]
async fn a_request_that_only_reads_ignores_the_header(store: Store) {
    const EXPLAIN: &str = "/api/v1/routes/explain";
    let app = TestApp::seeded(store);
    let server = app.serve().await;
    let api = changing(&app, &server);
    let body = json!({ "to": SALES, "from": "+14155550177", "at": "2026-11-27" });
    for key in ["order-7", "order-7", "", &"k".repeat(201)] {
        let answer = post(&api, EXPLAIN, key, &body).await;
        assert_eq!(answer.status, 200, "{key}: {}", answer.text());
        assert_eq!(answer.header("idempotent-replayed"), None, "{key}");
    }
    let large = json!({ "to": "x".repeat(1024 * 1024) });
    for key in ["order-7", ""] {
        assert_eq!(code(&post(&api, EXPLAIN, key, &large).await, 413), "body_too_large", "{key}");
    }
    assert_eq!(app.store.count("idempotency_keys").await, 0);
}

/// A server that was killed during a request does not know what it changed.
#[apply(on_both_stores!)]
async fn a_request_that_was_not_finished_refuses_its_key_for_a_day(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = changing(&app, &server);
    let body = json!({ "name": "Billing" });
    assert_eq!(post(&api, AGENTS, "order-7", &body).await.status, 201);
    app.store.execute("UPDATE idempotency_keys SET executed = 0, sealed_answer = NULL").await;
    let refused = post(&api, AGENTS, "order-7", &body).await;
    assert_eq!(code(&refused, 409), "idempotency_key_running");
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("read the objects"), "{detail}");
    // A day later, the key is free.
    let is_file = matches!(app.store, Store::Sqlite(_));
    let day = if is_file { "86401000000" } else { "interval '86401 seconds'" };
    app.store
        .execute(&format!("UPDATE idempotency_keys SET started_at = started_at - {day}"))
        .await;
    let anew = post(&api, AGENTS, "order-7", &body).await;
    assert_eq!((anew.status, is_replayed(&anew)), (201, false));
}
