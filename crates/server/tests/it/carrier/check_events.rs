//! The events of checks: numbers that drift and are repaired, and accounts that cannot be read.

use crate::prelude::*;

/// The types of the events and what they are about, oldest first.
fn events(app: &TestApp) -> Vec<Value> {
    let listed = app.run("event list --type number.*,account.* --json").exits(0);
    let mut found: Vec<Value> =
        listed.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    found.reverse();
    found
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[apply(on_both_stores!)]
async fn a_number_that_drifts_and_is_repaired_is_reported_once(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let text = number(0).as_str().to_owned();
    app.run(&format!("number assign {text} --agent Sales")).exits(0);
    app.run("webhooks check").exits(0);
    assert_eq!(events(&app), [] as [Value; 0]);
    app.twilio()
        .change(number(0), |there| there.voice_url = "https://elsewhere.example.com".into());
    app.run("webhooks check").exits(3);
    app.run("webhooks check").exits(3);
    app.run("webhooks plan").exits(3);
    let found = events(&app);
    assert_eq!(types(&found), ["number.drifted"]);
    let data = &found[0]["data"];
    assert_eq!((&data["reasons"], &data["account_sid"]), (&json!("wrong_url"), &json!(MAIN_SID)));
    assert_eq!(data["number_sid"], json!(app.twilio().number(number(0)).sid.as_str()));
    assert_eq!(data["to"], "…00");
    app.run("webhooks fix --yes").exits(0);
    app.run("webhooks check").exits(0);
    assert_eq!(types(&events(&app)), ["number.drifted", "number.repaired"]);
}

#[apply(on_both_stores!)]
async fn an_account_that_cannot_be_read_is_reported_once_until_it_can(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    app.run(&format!("number assign {} --agent Sales", number(0).as_str())).exits(0);
    let refuses = || {
        app.twilio().simulator.inject_fault(Fault {
            method: Some("GET".to_owned()),
            path: format!("*{MAIN_SID}*"),
            after: 0,
            times: None,
            does: FaultKind::ServerError { status: 503, carried_out: false },
        });
    };
    refuses();
    app.run("webhooks check").exits(3).shows(&["unreachable"]);
    app.run("webhooks check").exits(3);
    let found = events(&app);
    assert_eq!(types(&found), ["account.unreachable"]);
    let data = &found[0]["data"];
    assert_eq!((&data["reason"], &data["account_sid"]), (&json!("unavailable"), &json!(MAIN_SID)));
    app.twilio().simulator.clear_faults();
    app.run("webhooks check").exits(0);
    assert_eq!(events(&app).len(), 1, "that it can be read again is no event");
    refuses();
    app.run("webhooks check").exits(3);
    assert_eq!(types(&events(&app)), ["account.unreachable"; 2]);
}
