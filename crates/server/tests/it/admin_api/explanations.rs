//! What would happen to a call or message is explained as by the command.

use super::api::{Api, OTHERS_ID, OURS_ID, code};
use super::records::add_others;
use crate::prelude::*;

const EXPLAIN: &str = "/api/v1/routes/explain";

#[apply(on_both_stores!)]
async fn a_decision_is_explained_as_by_the_command(store: Store) {
    let app = TestApp::seeded(store);
    let plan = r#"{"name":"Plan","rules":[{"name":"Berlin","when":{"caller":{"countries":["DE"]}},"then":{"next":[{"reject":"busy"}]}}],"otherwise":{"agents":["sales","hours"]}}"#;
    app.write("plan.json", plan);
    app.run("route plan save plan.json").exits(0);
    app.run(&format!("route attach Plan --number {SILENT}")).exits(0);
    let server = app.serve().await;
    let api = Api::operator(&app, &server);
    for (body, options) in [
        (
            json!({ "to": SALES, "from": "+14155550177", "at": "2026-11-27" }),
            format!("--to {SALES} --from +14155550177 --at 2026-11-27"),
        ),
        (
            json!({ "to": SILENT, "from": "+4930123456", "at": "2026-11-27T17:00:00Z", "country": "DE" }),
            format!("--to {SILENT} --from +4930123456 --at 2026-11-27T17:00:00Z --country DE"),
        ),
        (
            json!({ "to": SILENT, "from": "anonymous", "at": "2026-11-27", "channel": null }),
            format!("--to {SILENT} --from anonymous --at 2026-11-27"),
        ),
        (
            json!({ "to": SALES, "from": "+14155550177", "at": "2026-11-27", "channel": "sms" }),
            format!("--to {SALES} --from +14155550177 --at 2026-11-27 --channel sms"),
        ),
        (
            json!({ "to": UNKNOWN, "from": "whatsapp:+14155550177", "at": "2026-11-27" }),
            format!("--to {UNKNOWN} --from whatsapp:+14155550177 --at 2026-11-27"),
        ),
    ] {
        let answer = api.post(EXPLAIN, &body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text());
        let mut printed = app.run(&format!("route explain {options} --json")).exits(0).json();
        // The command asks voice servers from its own machine.
        assert_eq!(printed.as_object_mut().unwrap().remove("down"), Some(json!([])), "{printed}");
        assert_eq!(answer.json(), printed, "{body}");
    }
    let now = api.post(EXPLAIN, &json!({ "to": SALES, "from": "+14155550177" })).await.json();
    assert_eq!((&now["reason"], &now["channel"]), (&json!("assigned"), &json!("voice")));
}

#[apply(on_both_stores!)]
async fn a_number_of_another_organization_is_explained_like_an_unknown_one(store: Store) {
    let app = TestApp::seeded(store);
    add_others(&app).await;
    let server = app.serve().await;
    let api = Api::operator(&app, &server);
    let explained = async |id, to: &str| {
        let body = json!({ "to": to, "from": "+14155550177", "at": "2026-11-27" });
        let mut answer = api.selecting(id).post(EXPLAIN, &body).await.json();
        answer["to"].take();
        answer
    };
    for (id, foreign) in [(OURS_ID, OTHERS), (OTHERS_ID, SALES)] {
        let found = explained(id, foreign).await;
        assert_eq!(found["reason"], json!("unknown_number"));
        assert_eq!(found, explained(id, UNKNOWN).await);
    }
    assert_eq!(explained(OTHERS_ID, OTHERS).await["reason"], json!("assigned"));
}

#[apply(on_both_stores!)]
async fn a_wrong_body_is_a_problem_that_names_each_mistake(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = Api::operator(&app, &server);
    let wrong = json!({
        "to": 1, "at": "soon", "channel": "fax", "country": "UK", "attestation": "D", "form": "+1", "a/b": 1,
    });
    let answer = api.post(EXPLAIN, &wrong).await;
    assert_eq!(code(&answer, 422), "body_invalid");
    let errors = answer.json()["errors"].take();
    let mut pointers: Vec<_> =
        errors.as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    pointers.sort_unstable();
    let expected =
        ["/at", "/attestation", "/a~1b", "/channel", "/country", "/form", "/from", "/to"];
    assert_eq!(pointers, expected);
    let admin = server.admin();
    let operator = super::api::added_key(&app, "--scopes read").1;
    let bearer = format!("Bearer {operator}");
    let send = async |kind: &str, body: &str| {
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", kind)];
        admin.post(EXPLAIN, &headers, body).await
    };
    for (kind, body, status, expected) in [
        ("text/plain", "{}", 415, "content_type_unsupported"),
        ("application/json", "", 400, "body_unreadable"),
        ("application/json", "[]", 400, "body_unreadable"),
        ("application/json", "{\"to\":", 400, "body_unreadable"),
        ("application/json", &"[".repeat(100_000), 400, "body_unreadable"),
        ("application/json; charset=utf-8", "{}", 422, "body_invalid"),
        ("application/json", &" ".repeat(1024 * 1024 + 1), 413, "body_too_large"),
    ] {
        assert_eq!(code(&send(kind, body).await, status), expected, "{kind} {}", body.len());
    }
    assert_eq!(code(&api.get(EXPLAIN).await, 405), "method_not_allowed");
}
