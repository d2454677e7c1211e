//! Tokens are verified with Twilio when they are given, and by `doctor`.

use crate::prelude::*;

const WRONG: &str = "5f0e6c1b2a9d8e7f6a5b4c3d2e1f0a9b";

fn app(store: Store) -> TestApp {
    let accounts = json!([{"sid": MAIN_SID, "auth_token": MAIN_TOKEN, "name": "Main"}]);
    TestApp::adopting(store, &accounts)
}

fn tokens(app: &TestApp) -> (Option<i32>, Value) {
    let doctor = app.run("doctor --json");
    let checks = doctor.list();
    let named = |check: &&Value| check["name"] == "Twilio tokens";
    (doctor.code, checks.as_array().unwrap().iter().find(named).cloned().unwrap_or_default())
}

#[apply(on_both_stores!)]
async fn a_wrong_token_is_refused_and_changes_nothing(store: Store) {
    let mut app = app(store);
    let add = ["account", "add", MAIN_SID, "--name", "Main", "--token-file", "-"];
    let set = ["account", "set", MAIN_SID, "--token-file", "-"];
    let next = ["account", "set", MAIN_SID, "--next-token-file", "-"];
    let refused = app.run_reading(WRONG, &add).failed("is not a token of account");
    refused.shows(&["Twilio answered 401", "--no-verify"]).assert_hides(WRONG);
    assert_eq!(app.run("account list --json").succeeded().list(), json!([]));
    // The account is not at Twilio.
    let other = ["account", "add", SUB_SID, "--name", "Sub", "--token-file", "-"];
    app.run_reading(WRONG, &other).failed("is not a token of account");

    let added = app.run_reading(MAIN_TOKEN, &[&add[..], &["--json"]].concat()).succeeded().json();
    assert_eq!(added["token_verified"], true);
    assert_eq!(tokens(&app).1["state"], "ok");
    for command in [&set[..], &next[..]] {
        app.run_reading(WRONG, command).failed("nothing was stored");
        assert_eq!(tokens(&app).1["state"], "ok");
    }
    app.run("account list").succeeded();
    let skipped = app.run_reading(WRONG, &[&set[..], &["--no-verify", "--json"]].concat());
    assert_eq!(skipped.succeeded().json()["token_verified"], false);
    let (code, check) = tokens(&app);
    assert_eq!((code, &check["state"]), (Some(1), &json!("fail")), "{check}");
    assert!(check["detail"].as_str().unwrap().contains(MAIN_SID), "{check}");

    // What Twilio does not say is unknown.
    app.stop_twilio().await;
    let (_, check) = tokens(&app);
    assert_eq!(check["state"], "warn", "{check}");
    let kept = app.run_reading(MAIN_TOKEN, &set).exits(0);
    kept.shows(&["warning: ", "could not be verified with Twilio", "changed account"]);
    let renamed = app.run(&format!("account set {MAIN_SID} --name Other --json")).succeeded();
    assert_eq!(renamed.json()["token_verified"], Value::Null);
}

#[apply(on_both_stores!)]
async fn an_import_verifies_tokens_if_requested(store: Store) {
    let app = app(store);
    app.write("accounts.csv", &format!("sid,name,auth_token\n{MAIN_SID},Main,{WRONG}\n"));
    let import = "import csv --accounts accounts.csv --verify";
    app.run(import).failed("nothing was imported").shows(&[MAIN_SID]).assert_hides(WRONG);
    assert_eq!(app.run("account list --json").succeeded().list(), json!([]));
    app.write("accounts.csv", &format!("sid,name,auth_token\n{MAIN_SID},Main,{MAIN_TOKEN}\n"));
    app.run(import).succeeded();
}

#[apply(on_both_stores!)]
async fn an_api_key_is_verified_like_a_token(store: Store) {
    const KEY: &str = "SK0123456789abcdef0123456789abcdef";
    const SECRET: &str = "abcdefghijklmnopqrstuvwxyz012345";
    let keys = json!([{"sid": KEY, "secret": SECRET}]);
    let account = json!({"sid": MAIN_SID, "auth_token": MAIN_TOKEN, "name": "Main", "keys": keys});
    let app = TestApp::adopting(store, &json!([account]));
    let add = ["account", "add", MAIN_SID, "--name", "Main", "--token-file", "-"];
    app.run_reading(MAIN_TOKEN, &add).succeeded();
    let set =
        ["account", "set", MAIN_SID, "--api-key", KEY, "--api-key-secret-file", "-", "--json"];
    let refused = app.run_reading(WRONG, &set[..7]).failed("is not an API key of account");
    refused.shows(&["nothing was stored", "--no-verify"]).assert_hides(WRONG);
    let shown = app.run(&format!("account show {MAIN_SID} --json")).succeeded().json();
    assert_eq!(shown["api_key_sid"], Value::Null);
    let verified = |finished: Finished| {
        let view = finished.succeeded().json();
        (view["api_key_verified"].clone(), view["token_verified"].clone())
    };
    let stored = verified(app.run_reading(SECRET, &set));
    assert_eq!((stored, &tokens(&app).1["state"]), ((json!(true), Value::Null), &json!("ok")));
    let skipped = verified(app.run_reading(WRONG, &[&set[..], &["--no-verify"]].concat()));
    assert_eq!(skipped, (json!(false), Value::Null));
    let (code, check) = tokens(&app);
    assert_eq!((code, &check["state"]), (Some(1), &json!("fail")), "{check}");
    assert!(check["detail"].as_str().unwrap().contains(KEY), "{check}");
}
