//! Who changed what: the audit log as the API and the command show it.

use super::api::{Api, OTHERS_ID, OURS_ID, added_key, code};
use super::records::add_others;
use crate::prelude::*;

const AUDIT: &str = "/api/v1/audit";

/// An agent that a key adds from an address, and the key.
async fn added(app: &TestApp, server: &Server) -> (String, Value) {
    let (id, secret) = added_key(app, "--scopes read,configure,admin");
    let api = Api::with(server, &secret);
    let from = [("X-Forwarded-For", "203.0.113.7")];
    let target = json!({ "kind": "dial", "phone_number": "+14155550123" });
    let body = json!({ "name": "Billing", "voice_target": target });
    let answer = api.submit("POST", "/api/v1/agents", &from, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    (id, answer.json())
}

#[apply(on_both_stores!)]
async fn a_change_is_listed_with_its_author_and_its_address(store: Store) {
    let mut app = TestApp::seeded(store);
    app.set("SWITCHBOARD_TRUSTED_PROXIES", "127.0.0.1");
    app.set("USER", "alice");
    let server = app.serve().await;
    let (key, agent) = added(&app, &server).await;
    let id = agent["id"].as_str().unwrap();
    app.run(&format!("agent set {id} --name Invoices --voice alloy")).exits(0);
    app.run(&format!("agent remove {id} --yes")).exits(0);
    let api = Api::with(&server, &added_key(&app, "--scopes admin").1);
    let listed = api.json(&format!("{AUDIT}?object={id}")).await;
    let entries = listed["data"].as_array().unwrap();
    let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["agent.removed", "agent.changed", "agent.added"]);
    let by_alice = json!({ "kind": "command_line", "name": "alice" });
    let changed = &entries[1];
    assert_eq!((&changed["actor"], &changed["source"]), (&by_alice, &Value::Null));
    assert_eq!(changed["before"], json!({ "name": "Billing", "voice": null }));
    assert_eq!(changed["after"], json!({ "name": "Invoices", "voice": "alloy" }));
    let by_key = json!({ "kind": "operator_key", "name": key });
    let first = &entries[2];
    assert_eq!((&first["actor"], &first["source"]), (&by_key, &json!("203.0.113.7")));
    assert_eq!((&first["before"], &first["organization"]), (&Value::Null, &json!(OURS_ID)));
    assert_eq!(first["after"]["voice_target_value"], json!("…23"));
    let revealed = api.json(&format!("{AUDIT}?object={id}&reveal=true&actor={key}")).await;
    assert_eq!(revealed["data"][0]["after"]["voice_target_value"], json!("+14155550123"));
    assert_eq!(revealed["data"].as_array().unwrap().len(), 1);

    let command = app.run(&format!("audit list --object {id} --json")).exits(0).list();
    assert_eq!(command.as_array().unwrap(), entries);
    let table = app.run("audit list --actor command_line:alice --since 1h").exits(0).stdout;
    assert!(table.contains("agent.changed") && !table.contains("agent.added"), "{table}");
    let wrong = api.get(&format!("{AUDIT}?actor=alice")).await;
    assert_eq!(code(&wrong, 400), "query_invalid");
}

#[apply(on_both_stores!)]
async fn an_organization_lists_the_changes_of_its_own_objects_without_the_names_of_operators(
    store: Store,
) {
    let mut app = TestApp::seeded(store);
    app.set("USER", "alice");
    add_others(&app).await;
    let server = app.serve().await;
    let theirs = added_key(&app, &format!("--scopes configure,admin --organization {OTHERS_ID}"));
    let others = Api::with(&server, &theirs.1);
    let own = others.post("/api/v1/agents", &json!({ "name": "Theirs" })).await;
    assert_eq!(own.status, 201, "{}", own.text());
    let id = own.json()["id"].as_str().unwrap().to_owned();
    app.run(&format!("agent set {id} --voice alloy")).exits(0);
    app.run("agent add --name Ours --reply Hello").exits(0);
    let listed = others.json(AUDIT).await;
    for entry in listed["data"].as_array().unwrap() {
        assert_eq!((&entry["organization"], &entry["hash"]), (&json!(OTHERS_ID), &Value::Null));
    }
    assert!(!listed.to_string().contains("alice"));
    let guessed = others.get(&format!("{AUDIT}?actor=command_line:alice")).await;
    assert_eq!(code(&guessed, 400), "query_invalid");
    let by_command = others.json(&format!("{AUDIT}?actor=command_line&object={id}")).await;
    assert_eq!(by_command["data"].as_array().unwrap().len(), 1);
    let actors: Vec<_> =
        listed["data"].as_array().unwrap().iter().map(|entry| entry["actor"].clone()).collect();
    let by_operator = json!({ "kind": "command_line", "name": null });
    assert!(actors.contains(&json!({ "kind": "api_key", "name": theirs.0 })), "{actors:?}");
    assert!(actors.contains(&by_operator), "{actors:?}");
    let reading = Api::with(&server, &added_key(&app, "--scopes read,configure").1);
    assert_eq!(code(&reading.get(AUDIT).await, 403), "key_scope");
}
