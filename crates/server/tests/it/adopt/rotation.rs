//! A token rotation under load refuses no call.

use crate::prelude::*;

const NUMBER: &str = "+14155550100";
const CALLERS: u128 = 4;
const ROTATE: [&str; 6] = ["account", "rotate-token", MAIN_SID, "--yes", "--settle", "3"];

fn app(store: Store) -> TestApp {
    let voice_url = format!("{PUBLIC_URL}/api/twilio/voice");
    let accounts = json!([{"sid": MAIN_SID, "name": "Main", "auth_token": MAIN_TOKEN, "numbers": [
        {"phone_number": NUMBER, "settings": {"voice_url": voice_url}},
    ]}]);
    let app = TestApp::with_main_account(store, &accounts);
    app.run("agent add --name Sales").exits(0);
    app.run(&format!("number add {NUMBER} --account {MAIN_SID}")).exits(0);
    app.run(&format!("number assign {NUMBER} --agent Sales --channels voice")).exits(0);
    app
}

/// Calls one after the other on several tasks, none of which may be refused. Each task yields how many it made.
fn callers(app: &TestApp, server: &Server) -> Load<u64> {
    let (client, simulator) = (server.client(), Arc::clone(&app.twilio().simulator));
    Load::of(CALLERS, move |task, flow| {
        let (client, simulator) = (client.clone(), Arc::clone(&simulator));
        async move {
            let mut calls = 0;
            while !flow.is_stopped() {
                let call = task * 1_000_000 + u128::from(calls);
                let answer = client.send(&incoming_call(&simulator, NUMBER, call)).await;
                assert_eq!(answer.status, 200, "call {call} was refused");
                assert!(answer.text().contains("<Stream "), "{}", answer.text());
                calls += 1;
            }
            calls
        }
    })
}

/// The new token is the only one, here and at the Twilio simulator.
fn assert_rotated(app: &TestApp) {
    let tokens = app.twilio().simulator.tokens(account_sid(MAIN_SID)).unwrap();
    assert_ne!(tokens.primary.expose(), MAIN_TOKEN);
    assert!(tokens.secondary.is_none());
    let shown = app.run(&format!("account show {MAIN_SID} --json")).exits(0).json();
    assert_eq!(shown["has_next_token"], false);
    // The stored token works at Twilio.
    app.run(&format!("account sync {MAIN_SID}")).exits(0);
}

#[apply(on_both_stores!)]
async fn no_call_is_refused_while_a_token_is_rotated(store: Store) {
    let app = app(store);
    let server = app.serve().await;
    let load = callers(&app, &server);
    let rotated = app.run(&[&ROTATE[..], &["--verify-within", "60"]].concat()).exits(0);
    rotated.shows(&[
        "created a new auth token; both are accepted",
        "promoted the new auth token",
        "a webhook signed with the new token has arrived",
        "has a new auth token; the old one is deleted",
    ]);
    assert_rotated(&app);
    let calls: u64 = load.stop().await.iter().sum();
    assert!(calls > 100, "{calls} calls are no load");
    // A second rotation, of which the first one's webhooks show nothing.
    let load = callers(&app, &server);
    app.run(&ROTATE).exits(0).shows(&["a webhook signed with the new token has arrived"]);
    load.stop().await;
    assert_rotated(&app);
}

#[apply(on_both_stores!)]
async fn a_rotation_whose_promotion_seems_to_fail_is_finished_by_the_next_run(store: Store) {
    let app = app(store);
    let server = app.serve().await;
    let load = callers(&app, &server);
    app.twilio().simulator.inject_fault(Fault {
        method: Some("POST".to_owned()),
        path: "*/AuthTokens/Promote".to_owned(),
        after: 0,
        times: Some(1),
        does: FaultKind::ServerError { status: 500, carried_out: true },
    });
    app.run(&ROTATE).fails().shows(&[
        "promoting the next auth token of account",
        "run the same command again to continue",
    ]);
    let json = app.run(&[&ROTATE[..], &["--json"]].concat()).exits(0).json();
    assert_eq!(json, json!({"account_sid": MAIN_SID, "finished": true}));
    load.stop().await;
    assert_rotated(&app);
}

#[apply(on_both_stores!)]
async fn without_calls_both_tokens_stay(store: Store) {
    let app = app(store);
    let rotate = ["account", "rotate-token", MAIN_SID, "--yes", "--settle", "0"];
    let waiting = [&rotate[..], &["--verify-within", "1"]].concat();
    app.run(&waiting).exits(3).shows(&["so both tokens stay accepted"]);
    let shown = app.run(&format!("account show {MAIN_SID} --json")).exits(0).json();
    assert_eq!(shown["has_next_token"], true);
    app.run(&waiting).exits(3).shows(&["was promoted earlier"]);
    app.run(&[&rotate[..], &["--skip-verify"]].concat()).exits(0);
    assert_rotated(&app);
    app.run(&[&waiting[..], &["--skip-verify"]].concat()).exits(2);
}

#[apply(on_both_stores!)]
async fn a_token_of_the_settings_is_not_rotated(store: Store) {
    let mut app = app(store);
    app.set("TWILIO_ACCOUNT_SID", MAIN_SID);
    app.set("TWILIO_AUTH_TOKEN", MAIN_TOKEN);
    app.run(&ROTATE).fails().shows(&["first remove TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"]);
    assert!(app.twilio().simulator.tokens(account_sid(MAIN_SID)).unwrap().secondary.is_none());
}
