//! Entity tags: a client changes and removes only what it has seen.

use super::api::{Api, added_key, code};
use crate::prelude::*;

const AGENTS: &str = "/api/v1/agents";

/// A client that may change agents.
fn configuring(app: &TestApp, server: &Server) -> Api {
    Api::with(server, &added_key(app, "--scopes read,configure").1)
}

/// Adds an agent, and returns its path and its tag.
async fn added(api: &Api) -> (String, String) {
    let answer = api.post(AGENTS, &json!({ "name": "Desk", "voice": "alloy" })).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    (answer.header("location").unwrap().to_owned(), tag(&answer))
}

fn tag(answer: &Answer) -> String {
    let tag = answer.header("etag").unwrap();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 10, "{tag}");
    tag.to_owned()
}

#[apply(on_both_stores!)]
async fn an_agent_is_changed_as_it_was_seen(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let (path, first) = added(&api).await;
    let change = async |value: &str, body: Value| {
        api.submit("PATCH", &path, &[("If-Match", value)], &body).await
    };
    for method in ["GET", "HEAD"] {
        assert_eq!(tag(&api.request(method, &path).await), first);
    }
    let changed = change(&first, json!({ "voice": "echo" })).await;
    assert_eq!((changed.status, &changed.json()["voice"]), (200, &json!("echo")));
    let second = tag(&changed);
    let shown = api.get(&path).await;
    assert_eq!((tag(&shown), shown.json()), (second.clone(), changed.json()));
    assert_ne!(first, second);

    let weak = format!("W/{second}");
    for stale in [&*first, &weak, "\"\"", "", "\"a\", \"b\"", &format!("{first}, {weak}")] {
        let refused = change(stale, json!({ "voice": "onyx" })).await;
        assert_eq!(code(&refused, 412), "precondition_failed", "{stale}");
        assert_eq!(tag(&refused), second);
        let answer = api.submit("DELETE", &path, &[("If-Match", stale)], &json!({})).await;
        assert_eq!(
            (code(&answer, 412).as_str(), tag(&answer)),
            ("precondition_failed", second.clone())
        );
    }
    for wrong in ["x", "\"a", "*, *", "\"a\" \"b\"", "w/\"a\"", &format!("{second};")] {
        let refused = change(wrong, json!({ "voice": "onyx" })).await;
        assert_eq!(code(&refused, 400), "if_match_invalid", "{wrong}");
    }
    assert_eq!(api.json(&path).await, changed.json());
    // What is wrong with a request is said first.
    let wrong = change(&first, json!({ "name": 1 })).await;
    assert_eq!(code(&wrong, 422), "body_invalid");
    let missing = format!("{AGENTS}/agt_01m8jwaxz29rbqtyphtjq1q9h6");
    let answer = api.submit("PATCH", &missing, &[("If-Match", &first)], &json!({})).await;
    assert_eq!(code(&answer, 404), "agent_not_found");

    let several = change(&format!("{first} , ,{weak},{second}"), json!({ "voice": "onyx" })).await;
    assert_eq!(several.status, 200, "{}", several.text());
    let lines = [("If-Match", first.as_str()), ("If-Match", &tag(&several))];
    let lines = api.submit("PATCH", &path, &lines, &json!({ "voice": "sage" })).await;
    assert_eq!(lines.status, 200, "{}", lines.text());
    let any = change("*", json!({ "voice": "ash", "message_target": { "kind": "webhook", "url": "https://agents.example.com" } })).await;
    assert_eq!(any.status, 200);
    assert!(any.json()["webhook_secret"].is_string());
    // The tag is that of the agent, whose secret is not shown again. Another way of changing it changes the tag.
    assert_eq!(tag(&api.get(&path).await), tag(&any));
    app.run("agent set Desk --capacity 3").exits(0);
    let limited = tag(&api.get(&path).await);
    assert_ne!(limited, tag(&any));
    let removed = api.submit("DELETE", &path, &[("If-Match", &limited)], &json!({})).await;
    assert_eq!(removed.status, 204, "{}", removed.text());
}

#[apply(on_both_stores!)]
async fn of_changes_at_once_one_is_of_what_was_seen(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let (path, seen) = added(&api).await;
    let change = async |n: usize| {
        let body = json!({ "name": format!("Desk {n}"), "prompt": format!("Prompt {n}") });
        api.submit("PATCH", &path, &[("If-Match", &seen)], &body).await
    };
    let answers = join_all((0..12).map(change)).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    for answer in lost {
        assert_eq!(code(answer, 412), "precondition_failed");
    }
    assert_eq!(api.json(&path).await, won[0].json());
    assert_eq!(tag(&api.get(&path).await), tag(won[0]));
}

#[apply(on_both_stores!)]
async fn changes_of_different_fields_at_once_all_survive(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let (path, _) = added(&api).await;
    let change = async |n: usize| {
        let body = match n {
            0 => json!({ "voice": "echo" }),
            1 => json!({ "model": "m" }),
            2 => json!({ "language": "de-DE" }),
            3 => json!({ "prompt": "Be brief." }),
            _ => json!({ "parameters": { format!("p{n}"): "1" } }),
        };
        let answer = api.submit("PATCH", &path, &[], &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    join_all((0..8).map(change)).await;
    let agent = api.json(&path).await;
    assert_eq!((&agent["voice"], &agent["model"]), (&json!("echo"), &json!("m")));
    assert_eq!((&agent["language"], &agent["prompt"]), (&json!("de-DE"), &json!("Be brief.")));
    assert_eq!(agent["parameters"], json!({ "p4": "1", "p5": "1", "p6": "1", "p7": "1" }));
}
