//! Senders that are no phone numbers are added, assigned and removed as by the commands.

use super::api::{Api, OURS_ID, added_key, code};
use crate::prelude::*;

const SENDERS: &str = "/api/v1/senders";
const RCS: &str = "rcs:acme_agent";

fn app(store: Store) -> TestApp {
    let mut seed = three_accounts();
    let sender = SenderSeed { sender_id: RCS.to_owned(), ..SenderSeed::default() };
    seed.accounts[0].senders.push(sender);
    TestApp::with_fleet(store, seed)
}

fn url(app: &TestApp) -> String {
    let sender = app.twilio().simulator.sender(account_sid(MAIN_SID), RCS).unwrap();
    sender.webhook.callback_url.unwrap_or_default()
}

#[apply(on_both_stores!)]
async fn a_sender_is_added_assigned_unassigned_and_removed(store: Store) {
    let app = app(store);
    let server = app.serve().await;
    let api = Api::with(&server, &added_key(&app, "--scopes read,configure").1);
    let body = json!({ "phone_number": RCS, "account_sid": MAIN_SID });
    let added = api.post(SENDERS, &body).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let path = format!("{SENDERS}/{RCS}");
    assert_eq!(added.header("location"), Some(path.as_str()));
    let shown = api.json(&path).await;
    assert_eq!((&shown, &shown["phone_number"]), (&added.json(), &json!(RCS)));
    assert_eq!(app.run(&format!("sender show {RCS} --json")).exits(0).json(), shown);
    assert_eq!(api.json(SENDERS).await["data"], json!([shown]));
    assert_eq!(app.run("sender list --json").exits(0).list(), json!([shown]));
    assert!(!api.json("/api/v1/numbers").await.to_string().contains(RCS));
    assert_eq!(code(&api.post(SENDERS, &body).await, 409), "number_exists");

    let sales = app.run("agent show sales --json").exits(0).json()["id"].take();
    let assignment = format!("{path}/assignment");
    let body = json!({ "agent_id": sales });
    let dry_run = format!("{assignment}?dry_run=true");
    let planned = api.submit("PUT", &dry_run, &[], &body).await;
    assert_eq!(planned.json()["carrier"]["outcome"], json!("planned"), "{}", planned.text());
    assert_eq!(url(&app), "");
    let assigned = api.submit("PUT", &assignment, &[], &body).await;
    assert_eq!(assigned.status, 200, "{}", assigned.text());
    assert_eq!(assigned.json()["channels"]["rcs"], json!(true));
    assert_eq!(url(&app), format!("{PUBLIC_URL}/api/twilio/webhook"));
    let unassigned = api.request("DELETE", &assignment).await;
    assert_eq!((unassigned.status, &unassigned.json()["unassigned"]), (200, &json!(RCS)));
    assert_eq!(url(&app), "");

    app.write("plan.toml", "name = \"Front desk\"\n[otherwise]\nagents = [\"sales\"]\n");
    app.run("route plan save plan.toml").exits(0);
    let place = format!("{path}/plan");
    let attached = api.submit("PUT", &place, &[], &json!({ "plan": "Front desk" })).await;
    assert_eq!(attached.json()["numbers"], json!(1), "{}", attached.text());
    assert_eq!(api.json(&path).await["plan"]["name"], json!("Front desk"));
    assert_eq!(api.request("DELETE", &place).await.status, 204);
    assert_eq!(api.json(&path).await["plan"], Value::Null);
    assert_eq!(api.request("DELETE", &path).await.status, 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(code(&api.request(method, &path).await, 404), "number_not_found");
    }
}

#[apply(on_both_stores!)]
async fn a_wrong_sender_is_a_problem_and_changes_nothing(store: Store) {
    let app = app(store);
    let server = app.serve().await;
    let api = Api::with(&server, &added_key(&app, "--scopes read,configure").1);
    for (body, expected) in [
        (json!({}), vec!["/account_sid", "/phone_number"]),
        (json!({ "phone_number": "+14155550188", "account_sid": MAIN_SID }), vec!["/phone_number"]),
        (
            json!({ "phone_number": "fax:1", "account_sid": "AC1", "x": 1 }),
            vec!["/account_sid", "/phone_number", "/x"],
        ),
    ] {
        let answer = api.post(SENDERS, &body).await;
        assert_eq!(code(&answer, 422), "body_invalid", "{body}");
        let errors = answer.json()["errors"].take();
        let pointers = errors.as_array().unwrap().iter();
        let mut pointers: Vec<_> = pointers.map(|one| one["pointer"].as_str().unwrap()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, expected, "{body}");
    }
    // Numbers and senders have paths of their own.
    for path in
        [format!("{SENDERS}/{SALES}"), format!("{SENDERS}/x"), format!("/api/v1/numbers/{RCS}")]
    {
        assert_eq!(code(&api.get(&path).await, 404), "number_not_found", "{path}");
    }
    let numbers = api.json("/api/v1/numbers?limit=1").await["next_cursor"].take();
    let foreign = format!("{SENDERS}?cursor={}", numbers.as_str().unwrap());
    assert_eq!(code(&api.get(&foreign).await, 400), "cursor_invalid");
    // A key of an organization adds what the account owns at Twilio.
    let options = format!("--scopes read,configure --organization {OURS_ID}");
    let ours = Api::with(&server, &added_key(&app, &options).1);
    let sender = |sender: &str| json!({ "phone_number": sender, "account_sid": MAIN_SID });
    let refused = ours.post(SENDERS, &sender("rcs:another")).await;
    assert_eq!(code(&refused, 409), "number_not_at_twilio");
    assert_eq!(ours.json(SENDERS).await["data"], json!([]));
    assert_eq!(ours.post(SENDERS, &sender(RCS)).await.status, 201);
    let reading = Api::operator(&app, &server);
    let path = format!("{SENDERS}/{RCS}");
    for (method, path) in [
        ("POST", SENDERS),
        ("DELETE", &path),
        ("PUT", &format!("{path}/assignment")),
        ("DELETE", &format!("{path}/assignment")),
    ] {
        let refused = reading.submit(method, path, &[], &json!({})).await;
        assert_eq!(code(&refused, 403), "key_scope", "{method}");
    }
}
