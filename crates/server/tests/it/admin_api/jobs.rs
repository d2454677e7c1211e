//! Long work is done by jobs, which survive the server that executes them.

use super::api::{Api, OTHERS_ID, OURS_ID, add_others, added_key, code};
use crate::prelude::*;
use switchboard_twilio_simulator::Conditions;

const THEIRS: &str = "https://theirs.example.org/voice";

fn ours() -> String {
    format!("{PUBLIC_URL}/api/twilio/voice")
}

/// Starts a job and returns it.
async fn start(api: &Api, path: &str, body: &Value) -> Value {
    let answer = api.post(path, body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let job = answer.json();
    let at = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    assert_eq!(answer.header("location"), Some(at.as_str()));
    job
}

/// The job when it has ended.
async fn ended(api: &Api, job: &Value) -> Value {
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    within(DONE, "the job ends", async || {
        let job = api.json(&path).await;
        (!job["finished_at"].is_null()).then_some(job)
    })
    .await
}

/// Starts a job, and returns it when it has succeeded.
async fn done(api: &Api, path: &str, body: &Value) -> Value {
    let job = ended(api, &start(api, path, body).await).await;
    assert_eq!(job["state"], json!("succeeded"), "{job}");
    job
}

/// The numbers that `GET /api/v1/drift` lists.
async fn drifting(api: &Api) -> Vec<Value> {
    let listed = api.json("/api/v1/drift").await["data"].take();
    listed.as_array().unwrap().clone()
}

fn configuring(app: &TestApp, server: &Server) -> Api {
    Api::with(server, &added_key(app, "--scopes read,configure").1)
}

#[apply(on_both_stores!)]
async fn drift_is_found_fixed_and_restored(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    app.assign_by_import(&[number(0), number(1)]);
    let server = app.serve().await;
    let api = configuring(&app, &server);
    let before = app.twilio().settings(number(0)).voice_url;

    let job = done(&api, "/api/v1/drift/check", &json!({})).await;
    assert_eq!((&job["kind"], &job["request"]), (&json!("drift_check"), &json!({})));
    let found = json!({ "accounts": 3, "checked": 2, "drifting": 2 });
    assert_eq!((&job["result"], &job["error"]), (&found, &Value::Null));
    assert!(job["created_by"].as_str().unwrap().starts_with("key_"), "{job}");
    let listed = drifting(&api).await;
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["phone_number"], json!(SALES));
    let voice_url =
        json!({ "field": "voice_url", "from": before, "to": ours(), "reason": "legacy_agent_id" });
    assert!(listed[0]["changes"].as_array().unwrap().contains(&voice_url), "{}", listed[0]);
    // The list is that of the command.
    let planned = app.run("webhooks plan --json").exits(3).json();
    assert_eq!(planned["numbers"][0]["changes"], listed[0]["changes"]);
    let filtered = api.json(&format!("/api/v1/drift?account_sid={MAIN_SID}&limit=1")).await;
    let cursor = filtered["next_cursor"].as_str().unwrap();
    let next = format!("/api/v1/drift?account_sid={MAIN_SID}&limit=1&cursor={cursor}");
    assert_eq!(api.json(&next).await["data"], json!([listed[1]]));
    assert_eq!(api.json("/api/v1/drift?reason=wrong_method").await["data"][0], listed[0]);
    assert_eq!(api.json("/api/v1/drift?reason=not_found").await["data"], json!([]));

    let fixed = done(&api, "/api/v1/drift/fix", &json!({ "numbers": [SALES] })).await;
    assert_eq!(fixed["progress"], json!({ "done": 1, "total": 1 }));
    let result = &fixed["result"];
    assert_eq!((&result["checked"], &result["changed"]), (&json!(1), &json!(1)), "{fixed}");
    assert_eq!(result["numbers"][0]["outcome"], json!("written"));
    assert_eq!(app.twilio().settings(number(0)).voice_url, ours());
    assert_eq!(app.twilio().settings(number(1)).voice_url.find("old.example.com"), Some(8));
    assert_eq!(drifting(&api).await, listed[1..]);
    done(&api, "/api/v1/drift/fix", &json!({ "account_sid": MAIN_SID })).await;
    assert_eq!(drifting(&api).await, Vec::<Value>::new());

    // What somebody else changed is not overwritten, unless the request says so.
    app.twilio().change(number(0), |there| THEIRS.clone_into(&mut there.voice_url));
    let kept = done(&api, "/api/v1/drift/restore", &json!({ "all": true })).await;
    assert_eq!((&kept["result"]["restored"], &kept["result"]["left"]), (&json!(1), &json!(1)));
    assert_eq!(app.twilio().settings(number(0)).voice_url, THEIRS);
    let body = json!({ "numbers": [SALES], "overwrite": true });
    done(&api, "/api/v1/drift/restore", &body).await;
    assert_eq!(app.twilio().settings(number(0)).voice_url, before);

    // The commands show the jobs of the API, locally and through it.
    let jobs = api.json("/api/v1/jobs").await["data"].take();
    assert_eq!(app.run("job list --json").exits(0).list(), jobs);
    assert_eq!(jobs.as_array().unwrap().len(), 5);
    let of_kind = api.json("/api/v1/jobs?kind=drift_fix&state=succeeded").await["data"].take();
    assert_eq!(of_kind.as_array().unwrap().len(), 2);
    let id = jobs[0]["id"].as_str().unwrap();
    assert_eq!(app.run(&format!("job show {id} --json")).exits(0).json(), jobs[0]);
    app.run(&format!("job cancel {id}")).exits(5).shows(&["the job has ended"]);
}

#[apply(on_both_stores!)]
async fn a_wrong_request_starts_no_job(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let server = app.serve().await;
    let api = configuring(&app, &server);
    let read_only = Api::with(&server, &added_key(&app, "--scopes read").1);
    assert_eq!(code(&read_only.post("/api/v1/drift/check", &json!({})).await, 403), "key_scope");
    let pointer = |answer: &Answer| answer.json()["errors"][0]["pointer"].clone();
    for (path, body, wrong) in [
        ("fix", json!({}), "/numbers"),
        ("fix", json!({ "numbers": [] }), "/numbers"),
        ("fix", json!({ "numbers": [SALES], "all": true }), "/numbers"),
        ("fix", json!({ "numbers": ["sales"] }), "/numbers/0"),
        ("fix", json!({ "all": "yes" }), "/all"),
        ("fix", json!({ "all": false }), "/numbers"),
        ("fix", json!({ "all": true, "take_over": 1 }), "/take_over"),
        ("check", json!({ "account_sid": "AC1" }), "/account_sid"),
        ("check", json!({ "all": true }), "/all"),
        ("check", json!({ "numbers": vec![SALES; 1_001] }), "/numbers"),
        ("restore", json!({ "all": true, "take_over": true }), "/take_over"),
    ] {
        let answer = api.post(&format!("/api/v1/drift/{path}"), &body).await;
        assert_eq!(code(&answer, 422), "body_invalid", "{path} {body}");
        assert_eq!(pointer(&answer), json!(wrong), "{path} {body}");
    }
    let missing = json!({ "numbers": [SALES, UNKNOWN] });
    let answer = api.post("/api/v1/drift/fix", &missing).await;
    assert_eq!(code(&answer, 404), "number_not_found");
    assert_eq!(pointer(&answer), json!("/numbers/1"));
    let missing = json!({ "account_sid": sid("AC", 99) });
    let answer = api.post("/api/v1/drift/restore", &missing).await;
    assert_eq!(code(&answer, 404), "account_not_found");
    let unknown = "/api/v1/jobs/job_01m8jwaxz29rbqtyphtjq1q9h6";
    assert_eq!(code(&api.get(unknown).await, 404), "job_not_found");
    assert_eq!(code(&api.get("/api/v1/jobs?state=lost").await, 400), "query_invalid");
    assert_eq!(api.json("/api/v1/jobs").await["data"], json!([]));
}

/// A server that is killed leaves its job to another one, which continues it.
#[apply(on_both_stores!)]
async fn another_server_finishes_the_job_of_a_killed_one(store: Store) {
    let seed = Seed { accounts: vec![account_seed(MAIN, numbers(0..50))], ..Seed::default() };
    let app = TestApp::with_fleet(store, seed);
    app.twilio().simulator.set_conditions(Conditions { latency_ms: 100, ..Conditions::default() });
    app.assign_by_import(&(0..50).map(number).collect::<Vec<_>>());
    let mut server = app.serve().await;
    let api = configuring(&app, &server);
    let job = start(&api, "/api/v1/drift/fix", &json!({ "all": true })).await;
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    within(DONE, "some numbers are fixed", async || {
        let job = api.json(&path).await;
        (job["progress"]["done"].as_u64().unwrap() > 0).then_some(())
    })
    .await;
    server.kill();
    let server = app.serve().await;
    let api = configuring(&app, &server);
    app.twilio().simulator.set_conditions(Conditions::default());
    let job = ended(&api, &job).await;
    assert_eq!(job["state"], json!("succeeded"), "{job}");
    assert_eq!(job["result"]["left"], json!(0));
    for index in 0..50 {
        assert_eq!(app.twilio().settings(number(index)).voice_url, ours(), "{index}");
    }
}

#[apply(on_both_stores!)]
async fn a_job_of_another_organization_does_not_exist(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    app.assign_by_import(&[number(0)]);
    add_others(&app).await;
    let server = app.serve().await;
    let key = |id: &str| added_key(&app, &format!("--scopes read,configure --organization {id}")).1;
    let (ours, theirs) = (Api::with(&server, &key(OURS_ID)), Api::with(&server, &key(OTHERS_ID)));
    let job = done(&ours, "/api/v1/drift/check", &json!({})).await;
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    assert_eq!(code(&theirs.get(&path).await, 404), "job_not_found");
    let cancel = format!("{path}/cancel");
    assert_eq!(code(&theirs.post(&cancel, &json!({})).await, 404), "job_not_found");
    assert_eq!(code(&ours.post(&cancel, &json!({})).await, 409), "job_ended");
    assert_eq!(theirs.json("/api/v1/jobs").await["data"], json!([]));
    assert_eq!((drifting(&ours).await.len(), drifting(&theirs).await.len()), (1, 0));
    // A check of all numbers is one of those of the organization.
    let none = done(&theirs, "/api/v1/drift/check", &json!({})).await;
    assert_eq!(none["result"]["checked"], json!(0));
    let foreign = theirs.post("/api/v1/drift/fix", &json!({ "numbers": [SALES] })).await;
    assert_eq!(code(&foreign, 404), "number_not_found");
    // Who started it is shown to operators, and to its organization if it was one of its keys.
    let operator = Api::with(&server, &added_key(&app, "--scopes read,configure").1);
    let job = done(&operator.selecting(OURS_ID), "/api/v1/drift/check", &json!({})).await;
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    assert!(job["created_by"].is_string(), "{job}");
    assert_eq!(ours.json(&path).await["created_by"], Value::Null);
}
