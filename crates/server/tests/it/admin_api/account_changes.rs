//! Accounts are added, changed and removed as by the commands. Their tokens are never shown.

use super::api::{Api, OTHERS_ID, OURS_ID, add_others, added_key, code};
use crate::prelude::*;

const ACCOUNTS: &str = "/api/v1/accounts";
const WRONG: &str = "ffffffffffffffffffffffffffffffff";

/// A client that may change accounts.
fn configuring(app: &TestApp, server: &Server) -> Api {
    Api::with(server, &added_key(app, "--scopes read,configure").1)
}

fn pointers(answer: &Answer) -> Vec<String> {
    let errors = answer.json()["errors"].take();
    let errors = errors.as_array().cloned().unwrap_or_default();
    let mut found: Vec<_> =
        errors.iter().map(|one| one["pointer"].as_str().unwrap().to_owned()).collect();
    found.sort_unstable();
    found
}

#[apply(on_both_stores!)]
async fn an_account_is_added_changed_and_removed(store: Store) {
    let app = TestApp::with_twilio(store, three_accounts());
    let server = app.serve().await;
    let api = configuring(&app, &server);
    let body = json!({ "sid": MAIN_SID, "name": "Main", "auth_token": MAIN_TOKEN });
    let added = api.post(ACCOUNTS, &body).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let path = format!("{ACCOUNTS}/{MAIN_SID}");
    assert_eq!(added.header("location"), Some(path.as_str()));
    assert!(!added.text().contains(MAIN_TOKEN));
    let mut account = added.json();
    let fields = account.as_object_mut().unwrap();
    assert_eq!(fields.remove("token_verified"), Some(json!(true)));
    assert_eq!(fields.remove("api_key_verified"), Some(Value::Null));
    let shown = api.get(&path).await;
    assert_eq!((shown.json(), shown.header("etag")), (account.clone(), added.header("etag")));
    let printed = app.run(&format!("account show {MAIN_SID} --json")).exits(0).json();
    assert_eq!(printed, account);
    let again = api.post(ACCOUNTS, &body).await;
    assert_eq!(
        (code(&again, 409), pointers(&again)),
        ("account_exists".into(), vec!["/sid".into()])
    );

    // Its webhooks are verified with the token.
    app.run(&format!("number add {SALES} --account {MAIN_SID}")).exits(0);
    app.run("agent add --name Sales --reply Hello").exits(0);
    app.run(&format!("number assign {SALES} --agent Sales --channels sms")).exits(0);
    within(CHANGED, "the account is known", async || {
        let message = Webhook::message(MAIN, SALES, &sid("SM", 1), "Hi");
        (server.send(&message).await.status == 200).then_some(())
    })
    .await;

    let seen = added.header("etag").unwrap().to_owned();
    let change = async |tag: &str, body: Value| {
        api.submit("PATCH", &path, &[("If-Match", tag)], &body).await
    };
    let changed = change(&seen, json!({ "name": "Head office", "parent_sid": SUB_SID })).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(
        (&changed.json()["name"], &changed.json()["token_verified"]),
        (&json!("Head office"), &Value::Null)
    );
    let now = changed.header("etag").unwrap().to_owned();
    let stale = change(&seen, json!({ "name": "Main" })).await;
    assert_eq!(
        (code(&stale, 412), stale.header("etag")),
        ("precondition_failed".into(), Some(&*now))
    );
    let next = json!({ "next_auth_token": WRONG, "verify": false, "parent_sid": null });
    let next = api.submit("PATCH", &path, &[], &next).await;
    assert_eq!((next.status, &next.json()["has_next_token"]), (200, &json!(true)));
    assert_eq!(
        (&next.json()["token_verified"], &next.json()["parent_sid"]),
        (&json!(false), &Value::Null)
    );
    let cleared = api.submit("PATCH", &path, &[], &json!({ "next_auth_token": null })).await;
    assert_eq!(cleared.json()["has_next_token"], json!(false));

    assert_eq!(code(&api.request("DELETE", &path).await, 409), "account_in_use");
    app.run(&format!("number unassign {SALES} --yes")).exits(0);
    app.run(&format!("number remove {SALES} --yes")).exits(0);
    let stale = api.submit("DELETE", &path, &[("If-Match", &seen)], &json!({})).await;
    assert_eq!(code(&stale, 412), "precondition_failed");
    let removed = api.request("DELETE", &path).await;
    assert_eq!((removed.status, removed.text()), (204, ""));
    for method in ["GET", "DELETE"] {
        assert_eq!(code(&api.request(method, &path).await, 404), "account_not_found");
    }
}

#[apply(on_both_stores!)]
async fn a_wrong_token_is_refused_and_an_unverified_one_is_reported(store: Store) {
    let app = TestApp::with_twilio(store, three_accounts());
    let server = app.serve().await;
    let api = configuring(&app, &server);
    let body = |token: &str| json!({ "sid": MAIN_SID, "name": "Main", "auth_token": token });
    let wrong = api.post(ACCOUNTS, &body(WRONG)).await;
    assert_eq!(
        (code(&wrong, 422), pointers(&wrong)),
        ("token_wrong".into(), vec!["/auth_token".into()])
    );
    assert!(!wrong.text().contains(WRONG), "{}", wrong.text());
    assert_eq!(app.store.count("accounts").await, 0);
    assert_eq!(api.post(ACCOUNTS, &body(MAIN_TOKEN)).await.status, 201);
    let path = format!("{ACCOUNTS}/{MAIN_SID}");
    let key = json!({ "api_key": { "sid": sid("SK", 1), "secret": WRONG } });
    let wrong = api.submit("PATCH", &path, &[], &key).await;
    assert_eq!(
        (code(&wrong, 422), pointers(&wrong)),
        ("token_wrong".into(), vec!["/api_key".into()])
    );
    assert_eq!(api.json(&path).await["api_key_sid"], Value::Null);
    app.twilio().simulator.inject_fault(Fault {
        method: None,
        path: "*".to_owned(),
        after: 0,
        times: None,
        does: FaultKind::Html { status: 200 },
    });
    let other = json!({ "sid": OTHER_SID, "name": "Other", "auth_token": WRONG });
    let unverified = api.post(ACCOUNTS, &other).await;
    assert_eq!((unverified.status, &unverified.json()["token_verified"]), (201, &json!(false)));
    let key = added_key(&app, &format!("--scopes configure --organization {OURS_ID}")).1;
    let other = json!({ "sid": SUB_SID, "name": "Other", "auth_token": WRONG });
    let refused = Api::with(&server, &key).post(ACCOUNTS, &other).await;
    assert_eq!(
        code(&refused, 502),
        "twilio_unavailable",
        "it could be the account of somebody else"
    );
    let log = server.log().join("\n");
    assert!(!log.contains(WRONG) && !log.contains(MAIN_TOKEN), "{log}");
}

#[apply(on_both_stores!)]
async fn a_wrong_account_is_a_problem_and_changes_nothing(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    add_others(&app).await;
    let server = app.serve().await;
    let api = configuring(&app, &server);
    let path = format!("{ACCOUNTS}/{MAIN_SID}");
    let before = app.run("account list --json").exits(0).stdout;
    for (body, expected) in [
        (json!({}), vec!["/auth_token", "/name", "/sid"]),
        (
            json!({ "sid": "AC1", "name": " ", "auth_token": "a b" }),
            vec!["/auth_token", "/name", "/sid"],
        ),
        (
            json!({ "sid": MAIN_SID, "name": "Main", "auth_token": MAIN_TOKEN, "region": "mars", "parent_sid": "x", "verify": 1 }),
            vec!["/parent_sid", "/region", "/verify"],
        ),
        (
            json!({ "sid": MAIN_SID, "name": "Main", "auth_token": MAIN_TOKEN, "api_key": { "sid": "AC1" }, "status": "closed" }),
            vec!["/api_key/secret", "/api_key/sid", "/status"],
        ),
    ] {
        let answer = api.post(ACCOUNTS, &body).await;
        assert_eq!(code(&answer, 422), "body_invalid", "{body}");
        assert_eq!(pointers(&answer), expected, "{body}");
        assert!(!answer.text().contains(MAIN_TOKEN));
    }
    for (body, expected) in [
        (json!({ "name": null, "auth_token": null }), vec!["/auth_token", "/name"]),
        (json!({ "sid": MAIN_SID }), vec!["/sid"]),
        (json!({ "parent_sid": MAIN_SID }), vec!["/parent_sid"]),
    ] {
        let answer = api.submit("PATCH", &path, &[], &body).await;
        assert_eq!(code(&answer, 422), "body_invalid", "{body}");
        assert_eq!(pointers(&answer), expected, "{body}");
    }
    // Another organization neither changes an account nor adds it again.
    let theirs = Api::with(
        &server,
        &added_key(&app, &format!("--scopes read,configure --organization {OTHERS_ID}")).1,
    );
    for method in ["PATCH", "DELETE"] {
        let answer = theirs.submit(method, &path, &[], &json!({ "name": "Mine" })).await;
        assert_eq!(code(&answer, 404), "account_not_found", "{method}");
    }
    let taken = json!({ "sid": MAIN_SID, "name": "Mine", "auth_token": MAIN_TOKEN });
    assert_eq!(code(&theirs.post(ACCOUNTS, &taken).await, 409), "account_exists");
    let reading = Api::operator(&app, &server);
    for (method, path) in [("POST", ACCOUNTS), ("PATCH", &*path), ("DELETE", &*path)] {
        let refused = reading.submit(method, path, &[], &json!({ "name": "A" })).await;
        assert_eq!(code(&refused, 403), "key_scope", "{method}");
    }
    assert_eq!(app.run("account list --json").exits(0).stdout, before);
    assert!(before.contains(OURS_ID), "{before}");
    // It adds no account whose token Twilio has not accepted, which could be that of somebody else.
    let mut own = json!({ "sid": "AC00000000000000000000000000000c07", "name": "Own", "auth_token": WRONG, "verify": false });
    let refused = theirs.post(ACCOUNTS, &own).await;
    assert_eq!(
        (code(&refused, 403), pointers(&refused)),
        ("key_scope".into(), vec!["/verify".into()])
    );
    own["verify"] = json!(true);
    assert_eq!(code(&theirs.post(ACCOUNTS, &own).await, 422), "token_wrong");
    // An operator may add one for it.
    own["verify"] = json!(false);
    let operator = Api::with(&server, &added_key(&app, "--scopes read,configure").1);
    let selected = [("Switchboard-Organization", OTHERS_ID)];
    let own = operator.submit("POST", ACCOUNTS, &selected, &own).await;
    assert_eq!((own.status, &own.json()["organization_id"]), (201, &json!(OTHERS_ID)));
}
