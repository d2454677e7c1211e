//! Agents are added, changed and removed as by the commands.

use super::api::{Api, OTHERS_ID, added_key, code};
use super::records::add_others;
use crate::prelude::*;

const AGENTS: &str = "/api/v1/agents";

/// A client that may change agents.
fn configuring(app: &TestApp, server: &Server) -> Api {
    Api::with(server, &added_key(app, "--scopes read,configure").1)
}

/// An agent as the command shows it.
fn shown(app: &TestApp, agent: &Value) -> Value {
    let mut shown =
        app.run(&format!("agent show {} --json", agent["id"].as_str().unwrap())).exits(0).json();
    // The command asks the voice server from its own machine.
    shown.as_object_mut().unwrap().remove("voice_health");
    shown
}

#[apply(on_both_stores!)]
async fn an_agent_is_added_changed_and_removed(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let added = api
        .post(
            AGENTS,
            &json!({
                "name": "Billing", "external_id": "billing", "prompt": "You answer\nquestions.", "voice": "alloy",
                "model": null, "language": "en-US", "parameters": { "tier": "gold", "desk": "7" },
                "voice_target": { "kind": "stream", "url": "wss://voice.example.com/billing" },
                "message_target": { "kind": "webhook", "url": "https://agents.example.com/hook" },
                "whatsapp_template": { "content_sid": "HX0123456789abcdef0123456789abcdef" },
            }),
        )
        .await;
    assert_eq!(added.status, 201, "{}", added.text());
    let mut agent = added.json();
    let path = format!("{AGENTS}/{}", agent["id"].as_str().unwrap());
    assert_eq!(added.header("location"), Some(path.as_str()));
    let secret = agent.as_object_mut().unwrap().remove("webhook_secret").unwrap();
    assert!(secret.as_str().unwrap().starts_with("whsec_"));
    assert_eq!(agent, shown(&app, &agent));
    assert_eq!(api.json(&path).await, agent);
    assert_eq!(agent["prompt"], json!("You answer\nquestions."));

    let change = json!({
        "name": "Invoices", "external_id": null, "prompt": null, "parameters": { "tier": "silver", "desk": null },
        "message_target": { "kind": "chat_model", "model": "m", "url": "https://models.example.com/v1", "max_tokens": 7, "key": "sk-secret" },
        "whatsapp_template": null, "enabled": false,
    });
    let changed = api.submit("PATCH", &path, &[], &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert!(!changed.text().contains("sk-secret"));
    let agent = changed.json();
    assert_eq!(agent, shown(&app, &agent));
    assert_eq!(agent["parameters"], json!({ "tier": "silver" }));
    assert_eq!((&agent["name"], &agent["enabled"]), (&json!("Invoices"), &json!(false)));
    assert_eq!((&agent["external_id"], &agent["voice"]), (&Value::Null, &json!("alloy")));
    assert_eq!(agent["message_target"]["max_tokens"], json!(7));
    app.store.holds(1, "chat_keys").await;
    let elsewhere =
        json!({ "kind": "chat_model", "model": "m", "url": "https://other.example.com/v1" });
    let moved = api.submit("PATCH", &path, &[], &json!({ "message_target": elsewhere })).await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    assert_eq!(app.store.count("chat_keys").await, 0);

    app.run(&format!("number assign {UNASSIGNED} --agent Invoices")).exits(0);
    assert_eq!(code(&api.request("DELETE", &path).await, 409), "agent_in_use");
    app.run(&format!("number unassign {UNASSIGNED} --yes")).exits(0);
    let removed = api.request("DELETE", &path).await;
    assert_eq!((removed.status, removed.text()), (204, ""));
    for method in ["GET", "DELETE"] {
        assert_eq!(code(&api.request(method, &path).await, 404), "agent_not_found");
    }
    let nothing = api.submit("PATCH", &path, &[], &json!({})).await;
    assert_eq!(code(&nothing, 404), "agent_not_found");
}

/// Each of many rotations at the same time creates a secret, and shows it once.
#[apply(on_both_stores!)]
async fn the_secret_of_an_agent_is_rotated(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let target = json!({ "kind": "webhook", "url": "https://agents.example.com/hook" });
    let added = api.post(AGENTS, &json!({ "name": "Billing", "message_target": target })).await;
    let path = format!("{AGENTS}/{}", added.json()["id"].as_str().unwrap());
    let rotate = async || {
        let rotated = api.request("POST", &format!("{path}/secret/rotate")).await;
        assert_eq!(rotated.status, 200, "{}", rotated.text());
        let mut agent = rotated.json();
        let secret = agent.as_object_mut().unwrap().remove("webhook_secret").unwrap();
        assert_eq!(agent, api.json(&path).await);
        secret
    };
    let (one, two, three) = tokio::join!(rotate(), rotate(), rotate());
    let secrets = [added.json()["webhook_secret"].take(), one, two, three];
    let differing: std::collections::HashSet<_> =
        secrets.iter().map(|secret| secret.as_str().unwrap()).collect();
    assert_eq!(differing.len(), 4);
    assert!(app.store.count("agent_secrets").await >= 4);
    let reading = Api::operator(&app, &server);
    let rotation = format!("{path}/secret/rotate");
    assert_eq!(code(&reading.request("POST", &rotation).await, 403), "key_scope");
    for missing in ["agt_01m8jwaxz29rbqtyphtjq1q9h6", "x"] {
        let rotation = format!("{AGENTS}/{missing}/secret/rotate");
        assert_eq!(code(&api.request("POST", &rotation).await, 404), "agent_not_found");
    }
}

#[apply(on_both_stores!)]
async fn a_wrong_agent_is_a_problem_and_changes_nothing(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let sales = api.json(AGENTS).await["data"][0].take();
    let path = format!("{AGENTS}/{}", sales["id"].as_str().unwrap());
    let before = api.json(&path).await;
    let listed = app.run("agent list --json").exits(0).stdout;
    let target = |target: Value| json!({ "name": "A", "message_target": target });
    for (body, pointers) in [
        (json!({}), vec!["/name"]),
        (json!({ "name": null }), vec!["/name"]),
        (
            json!({ "name": " ", "enabled": "yes", "prompt": 1, "id": "agt_1" }),
            vec!["/enabled", "/id", "/name", "/prompt"],
        ),
        (
            json!({ "name": "A", "voice_target": { "kind": "stream", "url": "http://x.example.com" } }),
            vec!["/voice_target/url"],
        ),
        (
            json!({ "name": "A", "voice_target": { "kind": "fax", "url": "x" } }),
            vec!["/voice_target/kind"],
        ),
        (json!({ "name": "A", "voice_target": "wss://x.example.com" }), vec!["/voice_target"]),
        (
            json!({ "name": "A", "voice_target": { "kind": "dial", "phone_number": "4155550100", "url": "x" } }),
            vec!["/voice_target/phone_number", "/voice_target/url"],
        ),
        (target(json!({ "kind": "webhook" })), vec!["/message_target/url"]),
        (target(json!({ "kind": "reply", "text": "" })), vec!["/message_target/text"]),
        (
            target(
                json!({ "kind": "chat_model", "model": "m", "url": "https://x.example.com", "max_tokens": 0, "daily_limit": "7", "key": "a b" }),
            ),
            vec![
                "/message_target/daily_limit",
                "/message_target/key",
                "/message_target/max_tokens",
            ],
        ),
        (json!({ "name": "A", "parameters": { "callSid": "1" } }), vec!["/parameters"]),
        (
            json!({ "name": "A", "parameters": { "a": 1, "b": [] } }),
            vec!["/parameters/a", "/parameters/b"],
        ),
        (
            json!({ "name": "A", "relay_attributes": { "colour": "red" } }),
            vec!["/relay_attributes"],
        ),
        (
            json!({ "name": "A", "whatsapp_template": { "content_sid": "MM1" } }),
            vec!["/whatsapp_template/content_sid"],
        ),
        (
            json!({ "name": "<script>", "language": "en'; DROP TABLE agents; --\u{0}" }),
            vec!["/language"],
        ),
    ] {
        for (method, path) in [("POST", AGENTS), ("PATCH", &*path)] {
            let answer = api.submit(method, path, &[], &body).await;
            if method == "PATCH" && pointers == ["/name"] && body == json!({}) {
                assert_eq!(answer.status, 200);
                continue;
            }
            assert_eq!(code(&answer, 422), "body_invalid", "{body}");
            let errors = answer.json()["errors"].take();
            let mut found: Vec<_> = errors
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["pointer"].as_str().unwrap())
                .collect();
            found.sort_unstable();
            assert_eq!(found, pointers, "{body}: {errors}");
        }
    }
    let taken = api.post(AGENTS, &json!({ "name": "A", "external_id": "sales" })).await;
    assert_eq!(code(&taken, 409), "external_id_taken");
    let removing = json!({ "parameters": { "nothing": null } });
    let unknown = api.submit("PATCH", &path, &[], &removing).await;
    assert_eq!(code(&unknown, 422), "body_invalid");
    assert_eq!(unknown.json()["errors"][0]["pointer"], json!("/parameters"));
    assert_eq!(api.json(&path).await, before);
    assert_eq!(app.run("agent list --json").exits(0).stdout, listed);
    let reading = Api::operator(&app, &server);
    for (method, path) in [("POST", AGENTS), ("PATCH", &*path), ("DELETE", &*path)] {
        let refused = reading.submit(method, path, &[], &json!({ "name": "A" })).await;
        assert_eq!(code(&refused, 403), "key_scope", "{method}");
    }
}

#[apply(on_both_stores!)]
async fn an_agent_belongs_to_the_organization_of_the_key(store: Store) {
    let app = TestApp::seeded(store);
    add_others(&app).await;
    let server = app.serve().await;
    let key = added_key(&app, &format!("--scopes configure --organization {OTHERS_ID}")).1;
    let operator = configuring(&app, &server).selecting(OTHERS_ID);
    // An external id is unique within an organization only.
    for (api, external_id) in [(&Api::with(&server, &key), "sales"), (&operator, "hours")] {
        let added =
            api.post(AGENTS, &json!({ "name": "Theirs", "external_id": external_id })).await;
        assert_eq!((added.status, &added.json()["organization_id"]), (201, &json!(OTHERS_ID)));
    }
}
