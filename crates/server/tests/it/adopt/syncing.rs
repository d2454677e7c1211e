//! `account sync`: what an account and its subaccounts have is shown and taken in.

use serde_json::{Value, json};

use crate::adopt::rig::{Desk, MAIN, MAIN_TOKEN, PUBLIC_URL, SUB, SUB_TOKEN, Store};

on_both_stores! {
    what_is_there_is_shown_and_taken_in_once,
    what_has_moved_is_told_with_the_commands,
    an_account_that_cannot_be_asked_is_told_and_the_others_are_done,
    only_what_is_chosen_is_taken_in,
}

const SLEEPING: &str = "AC00000000000000000000000000000003";
const OLD: &str = "https://old.example.com/api/twilio";

/// A main account with two subaccounts, one of them suspended.
fn accounts() -> Value {
    json!([
        {"sid": MAIN, "name": "Main", "auth_token": MAIN_TOKEN,
         "numbers": [
            {"phone_number": "+14155550100",
             "settings": {"voice_url": format!("{OLD}/voice?agentId=c1"), "sms_url": format!("{OLD}/webhook?agentId=c1")}},
            {"phone_number": "+14155550101", "settings": {"voice_url": "https://other.example.com/v"}},
            {"phone_number": "+14155550102", "settings": {"voice_url": format!("{PUBLIC_URL}/api/twilio/voice")}}],
         "senders": [{"sender_id": "whatsapp:+14155550100", "webhook": {"callback_url": "https://other.example.com/w"}}],
         "services": [{"friendly_name": "All", "phone_numbers": ["+14155550101"]}]},
        {"sid": SUB, "name": "Sub", "auth_token": SUB_TOKEN, "parent": MAIN,
         "numbers": [{"phone_number": "+14155550110", "settings": {"voice_url": format!("{OLD}/voice?agentId=c9")}}]},
        {"sid": SLEEPING, "name": "Sleeping", "auth_token": "c0ffee00d15ea5edfacefeedbadc0de5", "parent": MAIN, "status": "suspended"},
    ])
}

async fn desk(store: Store) -> Desk {
    let desk = Desk::with_main(store, &accounts()).await;
    desk.run(&["agent", "add", "--name", "Sales", "--external-id", "c1"]).await.with(0);
    desk
}

async fn what_is_there_is_shown_and_taken_in_once(store: Store) {
    let desk = desk(store).await;
    let report = desk.run(&["account", "sync", MAIN, "--json"]).await.with(0).json();
    let told = |of: &str, names: &[&str]| -> Vec<Value> {
        let rows = report[of].as_array().unwrap().iter();
        rows.map(|row| names.iter().map(|name| row[*name].clone()).collect()).collect()
    };
    let expected = [
        json!(["Main", "active", "known", 3, 1, 1]),
        json!(["Sub", "active", "new", 1, 0, 0]),
        json!(["Sleeping", "suspended", "new", null, null, null]),
    ];
    let columns = ["name", "status", "standing", "numbers", "services", "senders"];
    assert_eq!(told("accounts", &columns), expected);
    let expected = [
        json!(["+14155550100", "new", "legacy", "legacy", "foreign"]),
        json!(["+14155550101", "new", "foreign", "none", null]),
        json!(["+14155550102", "new", "ours", "none", null]),
        json!(["+14155550110", "new", "legacy", "none", null]),
    ];
    let columns = ["phone_number", "standing", "voice", "messages", "whatsapp"];
    assert_eq!(told("numbers", &columns), expected);
    assert_eq!((&report["unknown_agents"], &report["imported"]), (&json!(["c9"]), &Value::Null));
    assert_eq!(report["numbers"][0]["agent"]["channels"], "voice,sms");

    desk.run(&["account", "sync", MAIN]).await.with(0).tells(&[
        "SERVICES",
        "Sales for voice,sms",
        "unknown: c9",
        "no agent has the external id or id \"c9\" of old URLs",
        "nothing was changed; --import takes in what is new",
    ]);
    assert_eq!(desk.run(&["number", "list", "--json"]).await.json(), json!([]));

    let import = ["account", "sync", MAIN, "--import", "--json"];
    let imported = desk.run(&import).await.with(0).json();
    let counts = json!({"accounts": 2, "statuses": 0, "numbers": 4, "assigned": 1});
    assert_eq!(imported["imported"], counts);
    let nothing = json!({"accounts": 0, "statuses": 0, "numbers": 0, "assigned": 0});
    assert_eq!(desk.run(&import).await.with(0).json()["imported"], nothing);
    let shown = desk.run(&["number", "show", "+14155550100", "--json"]).await.with(0).json();
    assert_eq!((&shown["agent_name"], &shown["channels"]["sms"]), (&json!("Sales"), &json!(true)));
    let shown = desk.run(&["account", "show", SLEEPING, "--json"]).await.with(0).json();
    assert_eq!((&shown["status"], &shown["parent_sid"]), (&json!("suspended"), &json!(MAIN)));

    assert!(desk.company.writes().is_empty(), "syncing writes nothing at Twilio");
    desk.run(&["webhooks", "plan"]).await.with(3).tells(&["legacy_agent_id"]);
    desk.run(&["webhooks", "fix"]).await.with(0);
    desk.run(&["webhooks", "check"]).await.with(0);
    let there = desk.settings("+14155550100");
    assert_eq!(there.voice_url, format!("{PUBLIC_URL}/api/twilio/voice"));
    assert_eq!(there.sms_url, format!("{PUBLIC_URL}/api/twilio/webhook"));
}

async fn what_has_moved_is_told_with_the_commands(store: Store) {
    let desk = desk(store).await;
    desk.run(&["account", "sync", MAIN, "--import"]).await.with(0);
    let number = crate::adopt::rig::number("+14155550101");
    assert!(desk.company.move_number(number, crate::adopt::rig::sid(SUB)));
    assert!(desk.company.remove_number(crate::adopt::rig::number("+14155550102")));
    let synced = desk.run(&["account", "sync", MAIN, "--import"]).await.with(0);
    let add = format!("`switchboard number add +14155550101 --account {SUB}`");
    synced.tells(&["`switchboard number remove +14155550101`", &add, "gone"]);
    desk.run(&["number", "remove", "+14155550101"]).await.with(0);
    desk.run(&["number", "add", "+14155550101", "--account", SUB]).await.with(0);
    let report = desk.run(&["account", "sync", MAIN, "--json"]).await.with(0).json();
    let standings: Vec<_> =
        report["numbers"].as_array().unwrap().iter().map(|row| &row["standing"]).collect();
    assert_eq!(standings, ["known", "gone", "known", "known"]);
}

async fn an_account_that_cannot_be_asked_is_told_and_the_others_are_done(store: Store) {
    let desk = desk(store).await;
    desk.write("sub.txt", "a-token-of-long-ago");
    let add = ["account", "add", SUB, "--name", "Sub", "--parent", MAIN, "--token-file", "sub.txt"];
    desk.run(&add).await.with(0);
    let synced = desk.run(&["account", "sync", MAIN, "--import"]).await.with(1);
    let told = format!("account {SUB} could not be looked at: ");
    synced.tells(&["unreachable", &told, &format!("switchboard account set {SUB} --token-file")]);
    let list = desk.run(&["number", "list", "--json"]).await.with(0).json();
    assert_eq!(list.as_array().unwrap().len(), 3);

    desk.write("token.txt", "wrong");
    desk.run(&["account", "set", MAIN, "--token-file", "token.txt"]).await.with(0);
    let refused = desk.run(&["account", "sync", MAIN]).await.with(1);
    assert_eq!(refused.stdout, "");
    refused.tells(&["could not be looked at at the carrier", "Twilio refused the credentials"]);
}

async fn only_what_is_chosen_is_taken_in(store: Store) {
    let desk = desk(store).await;
    let sync = ["account", "sync", MAIN, "--import", "--json"];
    let only = ["--only", "+1 415 555 0101", "--only", SUB];
    let report = desk.run(&[&sync[..], &only].concat()).await.with(0).json();
    let counts = json!({"accounts": 1, "statuses": 0, "numbers": 2, "assigned": 0});
    assert_eq!(report["imported"], counts);
    let refused = desk.run(&[&sync[..], &["--only", "+14155550199"]].concat()).await.with(1);
    refused.tells(&["number …99 is in none of the accounts of"]);
    let other = "AC00000000000000000000000000000009";
    desk.run(&[&sync[..], &["--only", other]].concat()).await.with(1).tells(&["is not one that"]);
    desk.run(&[&sync[..], &["--only", "4155550101"]].concat()).await.with(2);
}
