//! `account sync`: what an account and its subaccounts own at Twilio is shown and imported.

use crate::prelude::*;

const SLEEPING: &str = "AC00000000000000000000000000000a03";
const OLD: &str = "https://old.example.com/api/twilio";

/// A main account with two subaccounts, one of them suspended.
fn accounts() -> Value {
    json!([
        {"sid": MAIN_SID, "name": "Main", "auth_token": MAIN_TOKEN,
         "numbers": [
            {"phone_number": "+14155550100",
             "settings": {"voice_url": format!("{OLD}/voice?agentId=c1"), "sms_url": format!("{OLD}/webhook?agentId=c1")}},
            {"phone_number": "+14155550101", "settings": {"voice_url": "https://other.example.com/v"}},
            {"phone_number": "+14155550102", "settings": {"voice_url": format!("{PUBLIC_URL}/api/twilio/voice")}}],
         "senders": [{"sender_id": "whatsapp:+14155550100", "webhook": {"callback_url": "https://other.example.com/w"}}],
         "services": [{"friendly_name": "All", "phone_numbers": ["+14155550101"]}]},
        {"sid": SUB_SID, "name": "Sub", "auth_token": SUB_TOKEN, "parent": MAIN_SID,
         "numbers": [{"phone_number": "+14155550110", "settings": {"voice_url": format!("{OLD}/voice?agentId=c9")}}]},
        {"sid": SLEEPING, "name": "Sleeping", "auth_token": "c0ffee00d15ea5edfacefeedbadc0de5", "parent": MAIN_SID, "status": "suspended"},
    ])
}

fn app(store: Store) -> TestApp {
    let app = TestApp::with_main_account(store, &accounts());
    app.run("agent add --name Sales --external-id c1").exits(0);
    app
}

#[apply(on_both_stores!)]
async fn what_is_there_is_shown_and_taken_in_once(store: Store) {
    let app = app(store);
    let report = app.run(&format!("account sync {MAIN_SID} --json")).exits(0).json();
    let reported = |of: &str, names: &[&str]| -> Vec<Value> {
        let rows = report[of].as_array().unwrap().iter();
        rows.map(|row| names.iter().map(|name| row[*name].clone()).collect()).collect()
    };
    let expected = [
        json!(["Main", "active", "known", 3, 1, 1]),
        json!(["Sub", "active", "new", 1, 0, 0]),
        json!(["Sleeping", "suspended", "new", null, null, null]),
    ];
    let columns = ["name", "status", "state", "numbers", "services", "senders"];
    assert_eq!(reported("accounts", &columns), expected);
    let expected = [
        json!(["+14155550100", "new", "legacy", "legacy", "foreign"]),
        json!(["+14155550101", "new", "foreign", "none", null]),
        json!(["+14155550102", "new", "ours", "none", null]),
        json!(["+14155550110", "new", "legacy", "none", null]),
    ];
    let columns = ["phone_number", "state", "voice", "messages", "whatsapp"];
    assert_eq!(reported("numbers", &columns), expected);
    assert_eq!((&report["unknown_agents"], &report["imported"]), (&json!(["c9"]), &Value::Null));
    assert_eq!(report["numbers"][0]["agent"]["channels"], "voice,sms");

    app.run(&format!("account sync {MAIN_SID}")).exits(0).shows(&[
        "SERVICES",
        "Sales for voice,sms",
        "unknown: c9",
        "no agent has the external id or id \"c9\" of old URLs",
        "nothing was changed; use --import to import what is new",
    ]);
    assert_eq!(app.run("number list --json").list(), json!([]));

    let import = format!("account sync {MAIN_SID} --import --json");
    let imported = app.run(&import).exits(0).json();
    let counts = json!({"accounts": 2, "statuses": 0, "numbers": 4, "senders": 0, "assigned": 1});
    assert_eq!(imported["imported"], counts);
    let nothing = json!({"accounts": 0, "statuses": 0, "numbers": 0, "senders": 0, "assigned": 0});
    assert_eq!(app.run(&import).exits(0).json()["imported"], nothing);
    let shown = app.run("number show +14155550100 --json").exits(0).json();
    assert_eq!((&shown["agent_name"], &shown["channels"]["sms"]), (&json!("Sales"), &json!(true)));
    let shown = app.run(&format!("account show {SLEEPING} --json")).exits(0).json();
    assert_eq!((&shown["status"], &shown["parent_sid"]), (&json!("suspended"), &json!(MAIN_SID)));

    assert!(app.twilio().simulator.writes().is_empty(), "syncing writes nothing at Twilio");
    app.run("webhooks plan").exits(3).shows(&["legacy_agent_id"]);
    app.run("webhooks fix --yes").exits(0);
    app.run("webhooks check").exits(0);
    let there = app.twilio().settings(phone_number("+14155550100"));
    assert_eq!(there.voice_url, format!("{PUBLIC_URL}/api/twilio/voice"));
    assert_eq!(there.sms_url, format!("{PUBLIC_URL}/api/twilio/webhook"));
}

#[apply(on_both_stores!)]
async fn what_has_moved_is_reported_with_the_commands(store: Store) {
    let app = app(store);
    app.run(&format!("account sync {MAIN_SID} --import")).exits(0);
    let number = phone_number("+14155550101");
    assert!(app.twilio().simulator.move_number(number, account_sid(SUB_SID)));
    assert!(app.twilio().simulator.remove_number(phone_number("+14155550102")));
    let synced = app.run(&format!("account sync {MAIN_SID} --import")).exits(0);
    let add = format!("`switchboard number add +14155550101 --account {SUB_SID}`");
    synced.shows(&["`switchboard number remove +14155550101`", &add, "gone"]);
    app.run("number remove +14155550101 --yes").exits(0);
    app.run(&format!("number add +14155550101 --account {SUB_SID}")).exits(0);
    let report = app.run(&format!("account sync {MAIN_SID} --json")).exits(0).json();
    let states: Vec<_> =
        report["numbers"].as_array().unwrap().iter().map(|row| &row["state"]).collect();
    assert_eq!(states, ["known", "gone", "known", "known"]);
}

#[apply(on_both_stores!)]
async fn an_account_that_cannot_be_asked_is_reported_and_the_others_are_done(store: Store) {
    let app = app(store);
    app.write("sub.txt", "a-token-of-long-ago");
    let add = format!("account add {SUB_SID} --name Sub --parent {MAIN_SID} --token-file sub.txt");
    app.run(&format!("{add} --no-verify")).exits(0);
    let synced = app.run(&format!("account sync {MAIN_SID} --import")).fails();
    let reported = format!("account {SUB_SID} could not be read: ");
    synced.shows(&[
        "unreachable",
        &reported,
        &format!("switchboard account set {SUB_SID} --token-file"),
    ]);
    let list = app.run("number list --json").exits(0).list();
    assert_eq!(list.as_array().unwrap().len(), 3);

    app.write("token.txt", "wrong");
    app.run(&format!("account set {MAIN_SID} --token-file token.txt --no-verify")).exits(0);
    let refused = app.run(&format!("account sync {MAIN_SID}")).fails();
    assert_eq!(refused.stdout, "");
    refused.shows(&["listing the subaccounts of account", "Twilio refused the credentials"]);
}

#[apply(on_both_stores!)]
async fn only_what_is_chosen_is_taken_in(store: Store) {
    let app = app(store);
    let sync = ["account", "sync", MAIN_SID, "--import", "--json"];
    let only = ["--only", "+1 415 555 0101", "--only", SUB_SID];
    let report = app.run(&[&sync[..], &only].concat()).exits(0).json();
    let counts = json!({"accounts": 1, "statuses": 0, "numbers": 2, "senders": 0, "assigned": 0});
    assert_eq!(report["imported"], counts);
    let refused = app.run(&[&sync[..], &["--only", "+14155550199"]].concat()).fails();
    refused.shows(&["number …99 is in none of the accounts of"]);
    let other = "AC00000000000000000000000000000009";
    app.run(&[&sync[..], &["--only", other]].concat()).fails().shows(&["is not a subaccount of"]);
    app.run(&[&sync[..], &["--only", "4155550101"]].concat()).exits(2);
}
