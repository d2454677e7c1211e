//! Requests that a program of others, `schemathesis`, generates from the `OpenAPI` document, right and wrong ones: no answer is a
//! failure of the server, and every answer is as the document says.

use super::api::{OURS_ID, added_key};
use crate::fixture::setting;
use crate::prelude::*;

/// Random requests for each operation, besides the systematic ones; more with `GENERATED_REQUESTS=1000`.
const REQUESTS: u32 = 3;
/// The fewest requests of a run, so that none ends early and passes.
const FEWEST: u32 = 1_000;
/// What is checked of each answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance";
/// The key of the requests is not revoked, and is not changed by the program.
const CONFIGURATION: &str = "[generation]\nwith-security-parameters = false\n";

/// Objects that exist, by the parameters of paths and queries and the fields of bodies that name them.
struct Known(BTreeMap<&'static str, Value>);

impl Known {
    async fn of(app: &TestApp) -> Self {
        let text = async |query: &str| json!(app.store.texts(query).await[0]);
        let agent = text("SELECT id AS value FROM agents ORDER BY name LIMIT 1").await;
        let subscription = text("SELECT id AS value FROM subscriptions").await;
        let url = json!("https://agents.example.com/hook");
        Self(BTreeMap::from([
            ("Switchboard-Organization", json!(OURS_ID)),
            ("/api/v1/organizations", json!(OURS_ID)),
            ("/api/v1/accounts", json!(MAIN_SID)),
            ("/api/v1/agents", agent.clone()),
            ("/api/v1/numbers", json!(SALES)),
            ("/api/v1/subscriptions", subscription),
            ("/api/v1/senders", json!("rcs:acme_agent")),
            ("/api/v1/plans", json!("Front desk")),
            ("/api/v1/calendars", json!("holidays")),
            ("/api/v1/lists", json!("friends")),
            ("document", json!({ "otherwise": { "agents": ["sales"] } })),
            ("account_sid", json!(MAIN_SID)),
            ("agent_id", agent),
            ("phone_number", json!("+14155550188")),
            ("plan", json!("Front desk")),
            ("from", json!(SALES)),
            ("to", json!("+14155550177")),
            ("url", url),
        ]))
    }

    /// Narrows the parameters and bodies of a document to these objects, so that requests get beyond the look-up of what they
    /// name. Keys stay, also that of the program.
    fn narrow(&self, document: &mut Value) {
        let only = |value: &Value| {
            let kind = if value.is_object() { "object" } else { "string" };
            json!({ "type": kind, "enum": [value] })
        };
        let mut bodies = Vec::new();
        for (path, methods) in document["paths"].as_object_mut().unwrap() {
            let list = path.split("/{").next().unwrap();
            for operation in methods.as_object_mut().unwrap().values_mut() {
                let parameters = operation["parameters"].as_array_mut().into_iter().flatten();
                for parameter in parameters {
                    let name = parameter["name"].as_str().unwrap();
                    let name = if parameter["in"] == "path" { list } else { name };
                    if let Some(known) = self.0.get(name) {
                        parameter["schema"] = only(known);
                    }
                }
                let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
                bodies.extend(
                    schema["$ref"].as_str().map(|name| name.rsplit('/').next().unwrap().to_owned()),
                );
            }
        }
        for body in bodies {
            let fields = document["components"]["schemas"][&body]["properties"].as_object_mut();
            for (name, schema) in fields.into_iter().flatten() {
                if let Some(known) = self.0.get(name.as_str()) {
                    *schema = only(known);
                }
            }
        }
    }
}

/// Lets the program send requests with a key, and checks its verdict.
async fn check(app: &TestApp, server: &Server, document: &Value, key: &str, excluded: [&str; 2]) {
    app.write("openapi.json", &document.to_string());
    app.write("schemathesis.toml", CONFIGURATION);
    let python = PathBuf::from(setting("SWITCHBOARD_SDK_PYTHON"));
    let requests = std::env::var("GENERATED_REQUESTS").ok().and_then(|text| text.parse().ok());
    let mut program = Command::new(python.with_file_name("schemathesis"));
    program.current_dir(app.folder());
    program.args(["--config-file", "schemathesis.toml", "run", "openapi.json", "--no-color"]);
    program.args([
        "--url",
        &format!("http://{}", server.admin.unwrap()),
        "--checks",
        CHECKS,
        "--seed",
        "1",
    ]);
    program.args(["--phases", "coverage,fuzzing", "--no-shrink", "--continue-on-failure"]);
    program.args(["--max-examples", &requests.unwrap_or(REQUESTS).to_string()]);
    program.args(excluded);
    program.args(["--header", &format!("Authorization: Bearer {key}")]);
    let output = tokio::task::spawn_blocking(move || program.output()).await.unwrap();
    let output = output.unwrap_or_else(|error| panic!("schemathesis does not run: {error}"));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let passed = text.lines().find_map(|line| line.trim().split_once(" generated, "));
    let count: Option<u32> = passed.and_then(|(count, _)| count.parse().ok());
    assert!(count.is_some_and(|count| count >= FEWEST), "{text}");
}

async fn prepared(store: Store) -> (TestApp, Server, Value) {
    let app = TestApp::with_fleet(store, three_accounts());
    app.run("subscription add --url https://example.com/events").exits(0);
    app.write("plan.toml", "name = \"Front desk\"\n[otherwise]\nagents = [\"sales\"]\n");
    app.run("route plan save plan.toml").exits(0);
    app.run(&format!("sender add rcs:acme_agent --account {MAIN_SID}")).exits(0);
    app.write("empty.txt", "");
    app.run("route calendar set holidays empty.txt").exits(0);
    app.run("route list set friends empty.txt").exits(0);
    let server = app.serve().await;
    let document = server.admin().get("/api/openapi.json", &[]).await.json();
    (app, server, document)
}

/// With objects that exist, and the key of an operator.
#[apply(on_both_stores!)]
async fn generated_requests_of_an_operator_are_answered_as_documented(store: Store) {
    let (app, server, mut document) = prepared(store).await;
    Known::of(&app).await.narrow(&mut document);
    let key = added_key(&app, "--scopes read,route,configure,admin").1;
    // The objects are needed until the end.
    check(&app, &server, &document, &key, ["--exclude-method", "DELETE"]).await;
}

/// With any objects, and the key of an organization.
#[apply(on_both_stores!)]
async fn generated_requests_of_an_organization_are_answered_as_documented(store: Store) {
    let (app, server, document) = prepared(store).await;
    let options = format!("--scopes read,route,configure,admin --organization {OURS_ID}");
    let key = added_key(&app, &options).1;
    // It would revoke the key that it uses.
    check(&app, &server, &document, &key, ["--exclude-operation-id", "revoke_key"]).await;
}
