//! Nothing of an organization is changed by another one: every request of the document that is no read is tried.

use super::api::{Api, OTHERS_ID, OURS_ID, added_key};
use super::records::served_with_records;
use crate::prelude::*;

/// What these add belongs to the organization of the key, and they name no other object.
const ADDITIONS: [(&str, &str); 7] = [
    ("post", "/api/v1/agents"),
    ("post", "/api/v1/subscriptions"),
    ("post", "/api/v1/keys"),
    ("post", "/api/v1/connect/links"),
    ("post", "/api/v1/drift/check"),
    ("put", "/api/v1/calendars/{name}"),
    ("put", "/api/v1/lists/{name}"),
];

/// Everything that a request of another organization could change.
const STORED: [&str; 13] = [
    "SELECT id || url || coalesce(disabled_reason, '') AS value FROM subscriptions ORDER BY id",
    "SELECT id AS value FROM api_keys WHERE revoked_at IS NULL ORDER BY id",
    "SELECT id || state AS value FROM deliveries ORDER BY id",
    "SELECT id || name AS value FROM agents ORDER BY id",
    "SELECT agent_id || number AS value FROM agent_secrets ORDER BY agent_id, number",
    "SELECT phone_number || account_sid || coalesce(agent_id, '') || coalesce(plan_id, '') AS value FROM numbers ORDER BY phone_number",
    "SELECT sid || name || coalesce(plan_id, '') || coalesce(validation, '') AS value FROM accounts ORDER BY sid",
    "SELECT id || name || coalesce(plan_id, '') AS value FROM organizations ORDER BY id",
    "SELECT id || name AS value FROM routing_plans ORDER BY id",
    "SELECT plan_id || document AS value FROM routing_plan_versions ORDER BY plan_id, version",
    "SELECT organization_id || name || days AS value FROM calendars ORDER BY name",
    "SELECT organization_id || name AS value FROM number_lists ORDER BY name",
    "SELECT coalesce(organization_id, '') || id AS value FROM jobs ORDER BY id",
];

fn desk(agent: &str) -> Value {
    json!({ "otherwise": { "agents": [agent] } })
}

/// Objects of our organization.
struct Ours {
    delivery: String,
    agent: String,
    subscription: String,
    key: String,
    plan: String,
    job: String,
}

impl Ours {
    /// Our object that fills a path, and one that does not exist.
    fn filling(&self, path: &str) -> Option<[String; 2]> {
        let (list, _) = path.split_once("/{")?;
        let (ours, missing) = match list {
            "/api/v1/organizations" => (OURS_ID, "org_01m8jwaxz29rbqtyphtjq1q9h7"),
            "/api/v1/accounts" => (MAIN_SID, "AC00000000000000000000000000000099"),
            "/api/v1/agents" => (self.agent.as_str(), "agt_01m8jwaxz29rbqtyphtjq1q9h6"),
            "/api/v1/numbers" => (SALES, UNKNOWN),
            "/api/v1/senders" => ("rcs:ours", "rcs:nothing"),
            "/api/v1/plans" => (self.plan.as_str(), "pln_01m8jwaxz29rbqtyphtjq1q9h6"),
            "/api/v1/calendars" | "/api/v1/lists" => ("ours", "nothing"),
            "/api/v1/subscriptions" => {
                (self.subscription.as_str(), "sub_01m8jwaxz29rbqtyphtjq1q9h6")
            }
            "/api/v1/keys" => (self.key.as_str(), "key_01m8jwaxz29rbqtyphtjq1q9h6"),
            "/api/v1/jobs" => (self.job.as_str(), "job_01m8jwaxz29rbqtyphtjq1q9h6"),
            "/api/v1/deliveries" => (self.delivery.as_str(), "dlv_01m8jwaxz29rbqtyphtjq1q9h6"),
            _ => panic!("{path}: name objects here"),
        };
        Some([ours, missing].map(ToOwned::to_owned))
    }

    /// A body that is right for our object, and the same for one that does not exist.
    fn bodies(&self, method: &str, path: &str) -> [Value; 2] {
        let message = |from: &str| json!({ "from": from, "to": "+14155550177", "body": "Hi" });
        let call = |to: &str| json!({ "to": to, "from": "+14155550177", "at": "2026-11-27" });
        let number =
            |account: &str| json!({ "phone_number": "+14155550188", "account_sid": account });
        let twice = |body: Value| [body.clone(), body];
        match (method, path.rsplit('/').next().unwrap()) {
            ("post", "messages") => [SALES, UNKNOWN].map(message),
            ("post", "explain") => [SALES, UNKNOWN].map(call),
            ("post", "fix" | "restore") => {
                [SALES, UNKNOWN].map(|number| json!({ "numbers": [number] }))
            }
            ("post", "numbers") => [MAIN_SID, "AC00000000000000000000000000000099"].map(number),
            ("post", "senders") => [MAIN_SID, "AC00000000000000000000000000000099"]
                .map(|account| json!({ "phone_number": "rcs:new", "account_sid": account })),
            ("post", "replay" | "simulate" | "rotate" | "cancel" | "accounts") | ("delete", _) => {
                twice(json!({}))
            }
            ("patch", "{id}") if path.contains("/agents/") => twice(json!({ "name": "Mine" })),
            ("patch", "{sid}") => twice(json!({ "name": "Mine" })),
            ("patch", "{id}") if path.contains("/organizations/") => {
                twice(json!({ "name": "Mine" }))
            }
            ("patch", "{id}") => twice(json!({ "enabled": false })),
            ("post", "organizations") => twice(json!({ "name": "New" })),
            // The agent is one of ours, and unknown to the other organization.
            ("post", "plans") => twice(json!({ "name": "Mine", "document": desk(&self.agent) })),
            ("post", "versions") => twice(json!({ "restore": 1, "name": "Mine" })),
            ("put", "assignment") => twice(json!({ "agent_id": self.agent })),
            ("put", "validation") => twice(json!({ "validation": "report" })),
            ("put", "plan") => twice(json!({ "plan": "Front desk" })),
            _ => panic!("{method} {path}: write a body here"),
        }
    }
}

#[apply(on_both_stores!)]
async fn no_request_changes_anything_of_another_organization(store: Store) {
    let (app, server) = served_with_records(store).await;
    app.write("plan.toml", "name = \"Front desk\"\n[otherwise]\nagents = [\"sales\"]\n");
    let plan = app.run("route plan save plan.toml --json").exits(0).json()["id"].take();
    app.write("empty.txt", "");
    app.run(&format!("sender add rcs:ours --account {MAIN_SID}")).exits(0);
    for kind in ["calendar", "list"] {
        app.run(&format!("route {kind} set ours empty.txt")).exits(0);
    }
    let options = format!("--scopes read,route,configure,admin --organization {OTHERS_ID}");
    let theirs = Api::with(&server, &added_key(&app, &options).1);
    let operator = Api::operator(&app, &server).selecting(OURS_ID);
    let text = |value: Value| value.as_str().unwrap().to_owned();
    let own = added_key(&app, &format!("--scopes configure --organization {OURS_ID}")).1;
    let own = Api::with(&server, &own);
    // Nothing is saved for the number, so that the job changes nothing.
    let number = json!({ "numbers": [SALES] });
    let restoring = own.post("/api/v1/drift/restore", &number);
    let ours = Ours {
        delivery: text(operator.json("/api/v1/deliveries").await["data"][0]["id"].take()),
        subscription:
            text(
                app.run("subscription add --url https://example.com/events --json").exits(0).json()
                    ["id"]
                    .take(),
            ),
        plan: text(plan),
        job: text(restoring.await.json()["id"].take()),
        key: added_key(&app, &format!("--scopes read --organization {OURS_ID}")).0,
        agent: text(operator.json(&format!("/api/v1/numbers/{SALES}")).await["agent_id"].take()),
    };
    let stored = async || join_all(STORED.map(|query| app.store.texts(query))).await;
    let before = stored().await;
    let document = server.admin().get("/api/openapi.json", &[]).await.json();
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|method| *method != "get") {
            if ADDITIONS.contains(&(method, path)) {
                continue;
            }
            tried += 1;
            let [our_body, missing_body] = ours.bodies(method, path);
            let parameter = path.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
            let parameter = parameter.map_or("", |(name, _)| name);
            let filled = |object: &str| path.replace(&format!("{{{parameter}}}"), object);
            let [our_object, missing] =
                ours.filling(path).unwrap_or_else(|| [path.clone(), path.clone()]);
            let method = method.to_uppercase();
            let found = theirs.submit(&method, &filled(&our_object), &[], &our_body).await;
            let nothing = theirs.submit(&method, &filled(&missing), &[], &missing_body).await;
            let context = format!("{method} {path}: {}", found.text());
            assert_eq!(found.status, nothing.status, "{context}");
            let is_read = path == "/api/v1/routes/explain";
            assert!(is_read || (400..500).contains(&found.status), "{context}");
            let nothing = nothing.text().replace(UNKNOWN, SALES).replace("…99", "…00");
            assert_eq!(found.text().replace("…99", "…00"), nothing, "{context}");
        }
    }
    assert!(tried >= 35, "{tried}");
    assert_eq!(stored().await, before);
}

/// A name that another organization uses is free, and what it names there stays as it is.
#[apply(on_both_stores!)]
async fn a_name_of_another_organization_is_free(store: Store) {
    let (app, server) = served_with_records(store).await;
    let of = |id| {
        let options = format!("--scopes read,configure --organization {id}");
        Api::with(&server, &added_key(&app, &options).1)
    };
    let (ours, theirs) = (of(OURS_ID), of(OTHERS_ID));
    let plan = |agent: &str| json!({ "name": "Desk", "document": desk(agent) });
    let added = ours.post("/api/v1/plans", &plan("sales")).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let materials = [
        ("/api/v1/calendars/x", "days", ["2026-11-26", "2026-12-24"]),
        ("/api/v1/lists/x", "numbers", ["+14155550177", "+14155550188"]),
    ];
    for (path, field, [own, _]) in materials {
        let added = ours.submit("PUT", path, &[], &json!({ field: [own] })).await;
        assert_eq!(added.status, 201, "{}", added.text());
    }
    let paths = ["/api/v1/plans/Desk", "/api/v1/calendars/x", "/api/v1/lists/x?reveal=true"];
    let shown = async || join_all(paths.map(|path| ours.json(path))).await;
    let before = shown().await;
    let version = json!({ "document": desk("support") });
    let missing = theirs.post("/api/v1/plans/Desk/versions", &version).await;
    assert_eq!(missing.status, 404, "{}", missing.text());
    for (path, field, [_, other]) in materials {
        let body = json!({ field: [other] });
        let missing = theirs.submit("PUT", path, &[("If-Match", "*")], &body).await;
        assert_eq!(missing.status, 412, "{}", missing.text());
        // It is neither replaced nor in the way.
        let added = theirs.submit("PUT", path, &[("If-None-Match", "*")], &body).await;
        assert_eq!(added.status, 201, "{}", added.text());
    }
    assert_eq!(theirs.post("/api/v1/plans", &plan("support")).await.status, 201);
    assert_eq!(shown().await, before);
    for path in ["/api/v1/plans/Desk", "/api/v1/calendars/x", "/api/v1/lists/x"] {
        assert_eq!(theirs.request("DELETE", path).await.status, 204, "{path}");
        assert_eq!(theirs.request("DELETE", path).await.status, 404, "{path}");
    }
    assert_eq!(shown().await, before);
}
