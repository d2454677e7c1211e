//! Numbers are added and removed, and plans are attached, as by the commands.

use super::api::{Api, OTHERS_ID, OURS_ID, added_key, code};
use super::records::add_others;
use crate::prelude::*;

const NUMBERS: &str = "/api/v1/numbers";
const NEW: &str = "+14155550188";

/// A client that may change numbers.
fn configuring(app: &TestApp, server: &Server) -> Api {
    Api::with(server, &added_key(app, "--scopes read,configure").1)
}

/// A client of an organization.
fn of(app: &TestApp, server: &Server, organization: &str) -> Api {
    let options = format!("--scopes read,configure --organization {organization}");
    Api::with(server, &added_key(app, &options).1)
}

/// A field of the first mistake.
fn pointer(answer: &Answer) -> String {
    answer.json()["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned()
}

#[apply(on_both_stores!)]
async fn a_number_is_added_and_removed(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let body = json!({ "phone_number": NEW, "account_sid": MAIN_SID });
    let added = api.post(NUMBERS, &body).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let path = format!("{NUMBERS}/{NEW}");
    assert_eq!(added.header("location"), Some(path.as_str()));
    assert_eq!(api.json(&path).await, added.json());
    assert_eq!(app.run(&format!("number show {NEW} --json")).exits(0).json(), added.json());
    let again = api.post(NUMBERS, &body).await;
    assert_eq!(
        (code(&again, 409), pointer(&again)),
        ("number_exists".into(), "/phone_number".into())
    );
    assert!(!again.text().contains(NEW), "{}", again.text());
    let removed = api.request("DELETE", &path).await;
    assert_eq!((removed.status, removed.text()), (204, ""));
    for method in ["GET", "DELETE"] {
        assert_eq!(code(&api.request(method, &path).await, 404), "number_not_found");
    }
}

/// A key of an organization adds only numbers of its account, and does not find out who has the others.
#[apply(on_both_stores!)]
async fn an_organization_adds_only_numbers_that_its_account_owns(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    super::api::add_others(&app).await;
    let theirs = format!(
        "UPDATE numbers SET account_sid = '{MAIN_SID}' WHERE account_sid = '{OTHER_SID}'; \
         UPDATE accounts SET organization_id = '{OTHERS_ID}' WHERE sid = '{OTHER_SID}'; \
         INSERT INTO numbers (phone_number, organization_id, account_sid, channels, created_at) \
         SELECT '{OTHERS}', '{OTHERS_ID}', '{OTHER_SID}', '', created_at FROM organizations WHERE id = '{OURS_ID}'"
    );
    app.store.execute(&theirs).await;
    let server = app.serve().await;
    let ours = of(&app, &server, OURS_ID);
    let add = async |number: &str| {
        ours.post(NUMBERS, &json!({ "phone_number": number, "account_sid": MAIN_SID })).await
    };
    // One belongs to another organization, and one to nobody.
    for number in [OTHERS, UNKNOWN] {
        assert_eq!(code(&add(number).await, 409), "number_not_at_twilio", "{number}");
    }
    let before = app.twilio().everything().await;
    assert_eq!(app.run(&format!("number remove {SALES} --yes")).exits(0).stderr, "");
    let added = add(SALES).await;
    assert_eq!(added.status, 201, "{}", added.text());
    assert_eq!(code(&add(SALES).await, 409), "number_exists");
    let down = FaultKind::ServerError { status: 503, carried_out: false };
    let path = "*".to_owned();
    let fault = Fault { method: None, path, after: 0, times: None, does: down };
    app.twilio().simulator.inject_fault(fault);
    assert_eq!(code(&add(UNKNOWN).await, 502), "twilio_unavailable");
    app.twilio().simulator.clear_faults();
    assert_eq!(app.twilio().everything().await, before);
}

#[apply(on_both_stores!)]
async fn a_wrong_number_is_a_problem_and_changes_nothing(store: Store) {
    let app = TestApp::seeded(store);
    add_others(&app).await;
    let server = app.serve().await;
    let (api, theirs) = (configuring(&app, &server), of(&app, &server, OTHERS_ID));
    let before = app.run("number list --json").exits(0).stdout;
    for (body, pointers) in [
        (json!({}), ["/account_sid", "/phone_number"].as_slice()),
        (
            json!({ "phone_number": "4155550188", "account_sid": "AC1" }),
            &["/account_sid", "/phone_number"],
        ),
        (
            json!({ "phone_number": 14_155_550_188_i64, "account_sid": MAIN_SID }),
            &["/phone_number"],
        ),
        (
            json!({ "phone_number": "whatsapp:+14155550188", "account_sid": MAIN_SID }),
            &["/phone_number"],
        ),
        (json!({ "phone_number": NEW, "account_sid": MAIN_SID, "agent_id": "x" }), &["/agent_id"]),
    ] {
        let answer = api.post(NUMBERS, &body).await;
        assert_eq!(code(&answer, 422), "body_invalid", "{body}");
        let errors = answer.json()["errors"].take();
        let mut found: Vec<_> =
            errors.as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
        found.sort_unstable();
        assert_eq!(found, pointers, "{body}");
    }
    // An account of another organization does not exist.
    for (api, account) in [(&api, "AC00000000000000000000000000000c09"), (&theirs, MAIN_SID)] {
        let body = json!({ "phone_number": NEW, "account_sid": account });
        let answer = api.post(NUMBERS, &body).await;
        assert_eq!(
            (code(&answer, 404), pointer(&answer)),
            ("account_not_found".into(), "/account_sid".into())
        );
    }
    let ours = format!("{NUMBERS}/{SALES}");
    assert_eq!(code(&theirs.request("DELETE", &ours).await, 404), "number_not_found");
    let wrong = format!("{ours}?discard_configuration=1");
    assert_eq!(code(&api.request("DELETE", &wrong).await, 400), "query_invalid");
    let reading = Api::operator(&app, &server);
    assert_eq!(code(&reading.request("DELETE", &ours).await, 403), "key_scope");
    let new = json!({ "phone_number": NEW, "account_sid": MAIN_SID });
    assert_eq!(code(&reading.post(NUMBERS, &new).await, 403), "key_scope");
    assert_eq!(app.run("number list --json").exits(0).stdout, before);
}

#[apply(on_both_stores!)]
async fn a_number_that_is_configured_is_removed_only_if_its_configuration_is_discarded(
    store: Store,
) {
    let app = TestApp::with_fleet(store, three_accounts());
    let server = app.serve().await;
    let api = configuring(&app, &server);
    app.run(&format!("number assign {SALES} --agent Sales")).exits(0);
    let path = format!("{NUMBERS}/{SALES}");
    assert_eq!(code(&api.request("DELETE", &path).await, 409), "number_configured");
    let kept = format!("{path}?discard_configuration=false");
    assert_eq!(code(&api.request("DELETE", &kept).await, 409), "number_configured");
    let discarded = format!("{path}?discard_configuration=true");
    assert_eq!(api.request("DELETE", &discarded).await.status, 204);
    assert_eq!(code(&api.get(&path).await, 404), "number_not_found");
}

/// Saves a plan, and moves it to an organization as a database administrator does.
async fn save_plan(app: &TestApp, name: &str, organization: &str) -> String {
    app.write("plan.toml", &format!("name = {name:?}\n[otherwise]\nagents = [\"sales\"]\n"));
    let saved = app.run("route plan save plan.toml --json").exits(0).json();
    let id = saved["id"].as_str().unwrap().to_owned();
    let moved =
        format!("UPDATE routing_plans SET organization_id = '{organization}' WHERE id = '{id}'");
    app.store.execute(&moved).await;
    id
}

#[apply(on_both_stores!)]
async fn a_plan_is_attached_and_detached(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = configuring(&app, &server);
    let ours = of(&app, &server, OURS_ID);
    let plan = save_plan(&app, "Front desk", OURS_ID).await;
    let number = format!("{NUMBERS}/{SALES}");
    let account = format!("/api/v1/accounts/{MAIN_SID}");
    let organization = format!("/api/v1/organizations/{OURS_ID}");
    for (api, path, option, place) in [
        (&api, &number, format!("--number {SALES}"), "number"),
        (&ours, &account, format!("--account {MAIN_SID}"), "account"),
        (&api, &organization, "--organization".to_owned(), "organization"),
    ] {
        let path = format!("{path}/plan");
        let body = json!({ "plan": "Front desk" });
        let planned = api.submit("PUT", &format!("{path}?dry_run=true"), &[], &body).await;
        assert_eq!(planned.status, 200, "{}", planned.text());
        let printed = app.run(&format!("route attach {plan} {option} --dry-run --json"));
        let mut impact = planned.json();
        assert_eq!(impact, printed.exits(0).json(), "{path}");
        assert_eq!(api.json(&number).await["plan"], Value::Null);
        let attached = api.submit("PUT", &path, &[], &body).await.json();
        impact["dry_run"] = json!(false);
        assert_eq!(attached, impact, "what was announced");
        for word in ["Front desk", &plan] {
            let attached = api.submit("PUT", &path, &[], &json!({ "plan": word })).await;
            assert_eq!(attached.status, 200, "{}", attached.text());
            let printed = app.run(&format!("route attach {plan} {option} --json")).exits(0).json();
            assert_eq!(attached.json(), printed, "{path}");
        }
        let shown = api.json(&number).await;
        assert_eq!(
            shown["plan"],
            json!({ "id": plan, "name": "Front desk", "attached_to": place })
        );
        assert_eq!(shown["answered_by"], json!("plan"));
        for _ in ["attached", "not attached"] {
            let detached = api.request("DELETE", &path).await;
            assert_eq!((detached.status, detached.text()), (204, ""));
        }
        assert_eq!(api.json(&number).await["plan"], Value::Null);
    }
}

#[apply(on_both_stores!)]
async fn a_plan_of_another_organization_is_not_attached(store: Store) {
    let app = TestApp::seeded(store);
    add_others(&app).await;
    let server = app.serve().await;
    let api = configuring(&app, &server);
    let (ours, theirs) = (of(&app, &server, OURS_ID), of(&app, &server, OTHERS_ID));
    let plan = save_plan(&app, "Front desk", OURS_ID).await;
    let other = save_plan(&app, "Night", OTHERS_ID).await;
    let number = format!("{NUMBERS}/{SALES}/plan");
    let put = async |api: &Api, path: &str, plan: &str, status: u16| {
        let answer = api.submit("PUT", path, &[], &json!({ "plan": plan })).await;
        (code(&answer, status), pointer(&answer))
    };
    // A name means a plan of the organization that owns the number, also for operators.
    for (api, word) in
        [(&ours, &*other), (&ours, "Night"), (&api, &other), (&api, "Night"), (&api, "nobody's")]
    {
        let answer = put(api, &number, word, 404).await;
        assert_eq!(answer, ("plan_not_found".to_owned(), "/plan".to_owned()), "{word}");
    }
    let foreign = [
        (number.clone(), "number_not_found"),
        (format!("/api/v1/accounts/{MAIN_SID}/plan"), "account_not_found"),
        (format!("/api/v1/organizations/{OURS_ID}/plan"), "organization_not_found"),
    ];
    for (path, expected) in &foreign {
        for plan in [&other, &plan] {
            assert_eq!(put(&theirs, path, plan, 404).await.0, *expected);
        }
        assert_eq!(code(&theirs.request("DELETE", path).await, 404), *expected);
        let wrong = api.submit("PUT", path, &[], &json!({ "plan": " ", "id": plan })).await;
        assert_eq!(code(&wrong, 422), "body_invalid");
        let reading = Api::operator(&app, &server);
        assert_eq!(put(&reading, path, &plan, 403).await.0, "key_scope");
    }
    for (path, expected) in [
        (format!("{NUMBERS}/{UNKNOWN}/plan"), "number_not_found"),
        (format!("{NUMBERS}/x/plan"), "number_not_found"),
        (format!("/api/v1/accounts/{}/plan", sid("AC", 99)), "account_not_found"),
        (
            "/api/v1/organizations/org_01m8jwaxz29rbqtyphtjq1q9h7/plan".to_owned(),
            "organization_not_found",
        ),
    ] {
        assert_eq!(put(&api, &path, &plan, 404).await.0, expected);
        assert_eq!(code(&api.request("DELETE", &path).await, 404), expected);
    }
    let attached = app
        .store
        .texts("SELECT phone_number AS value FROM numbers WHERE plan_id IS NOT NULL")
        .await;
    assert_eq!(attached, Vec::<String>::new());
    let own = theirs
        .submit("PUT", &format!("{NUMBERS}/{OTHERS}/plan"), &[], &json!({ "plan": "Night" }))
        .await;
    assert_eq!(own.status, 200, "{}", own.text());
}
