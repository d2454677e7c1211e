//! Numbers are assigned and unassigned as by the commands, also at Twilio.

use super::api::{Api, OTHERS_ID, OURS_ID, add_others, added_key, code};
use crate::prelude::*;

const THEIRS: &str = "https://theirs.example.org/voice";

/// The path of the assignment of a number.
fn path(number: &str) -> String {
    format!("/api/v1/numbers/{number}/assignment")
}

/// A client that may assign numbers.
fn configuring(app: &TestApp, server: &Server) -> Api {
    Api::with(server, &added_key(app, "--scopes read,configure").1)
}

/// The id of an agent.
async fn agent(api: &Api, name: &str) -> String {
    let agents = api.json("/api/v1/agents").await["data"].take();
    let mut agents = agents.as_array().unwrap().iter();
    let found = agents.find(|agent| agent["name"] == name).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

fn ours() -> String {
    format!("{PUBLIC_URL}/api/twilio/voice")
}

#[apply(on_both_stores!)]
async fn a_number_is_assigned_and_unassigned(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let server = app.serve().await;
    let api = configuring(&app, &server);
    let before = app.twilio().everything().await;
    let (sales, support) = (agent(&api, "Sales").await, agent(&api, "Support").await);
    let assign = async |body: Value| {
        let answer = api.submit("PUT", &path(SALES), &[], &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    let body = json!({ "agent_id": sales, "channels": ["voice"], "repair_policy": "automatic" });
    let assigned = assign(body.clone()).await;
    assert_eq!(app.twilio().settings(number(0)).voice_url, ours());
    assert_eq!(assigned["channels"]["sms"], json!(false));
    assert_eq!(assigned["repair_policy"], json!("automatic"));
    assert_eq!(assigned["carrier"]["outcome"], json!("configured"));
    let changed = assigned["carrier"]["changed"].as_array().unwrap();
    assert!(changed.contains(&json!("voice_url")), "{changed:?}");
    let mut shown = assigned.clone();
    shown.as_object_mut().unwrap().remove("carrier");
    assert_eq!(api.json(&format!("/api/v1/numbers/{SALES}")).await, shown);

    // Repeated, it changes nothing; the command shows the same object.
    app.twilio().take_writes();
    let again = assign(body).await;
    assert_eq!(again["carrier"]["outcome"], json!("not_asked"));
    let command = format!("number assign {SALES} --agent Sales --channels voice --json");
    assert_eq!(app.run(&command).exits(0).json(), again);
    // Another agent answers the channels that are the default, and the policy stays.
    let moved = assign(json!({ "agent_id": support })).await;
    assert_eq!(
        (&moved["agent_name"], &moved["channels"]["sms"]),
        (&json!("Support"), &json!(true))
    );
    assert_eq!(moved["repair_policy"], json!("automatic"));

    let unassigned = api.request("DELETE", &path(SALES)).await;
    assert_eq!(unassigned.status, 200, "{}", unassigned.text());
    let unassigned = unassigned.json();
    assert_eq!(unassigned["unassigned"], json!(SALES));
    assert_eq!(unassigned["agent_id"], json!(support));
    assert_eq!(unassigned["carrier"]["outcome"], json!("restored"));
    assert_eq!(app.twilio().everything().await, before);
    let again = api.request("DELETE", &path(SALES)).await;
    assert_eq!((again.status, &again.json()["agent_id"]), (200, &Value::Null));
    let printed = app.run(&format!("number unassign {SALES} --yes --json")).exits(0).json();
    assert_eq!(printed, again.json());
}

#[apply(on_both_stores!)]
async fn a_wrong_assignment_is_a_problem_and_changes_nothing(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    add_others(&app).await;
    let moved = format!("UPDATE agents SET organization_id = '{OTHERS_ID}' WHERE name = 'Support'");
    app.store.execute(&moved).await;
    let server = app.serve().await;
    let api = configuring(&app, &server);
    let sales = agent(&api, "Sales").await;
    let support = app.store.texts("SELECT id AS value FROM agents WHERE name = 'Support'").await;
    let of = |organization| {
        let options = format!("--scopes configure --organization {organization}");
        Api::with(&server, &added_key(&app, &options).1)
    };
    let (ours, theirs) = (of(OURS_ID), of(OTHERS_ID));
    let numbers = app.run("number list --json").exits(0).stdout;
    let before = app.twilio().everything().await;
    app.twilio().take_writes();
    let missing = "agt_01m8jwaxz29rbqtyphtjq1q9h6";
    let wrong = async |api: &Api, number: &str, body: Value, status: u16| {
        let answer = api.submit("PUT", &path(number), &[], &body).await;
        let code = code(&answer, status);
        let errors = answer.json()["errors"].take();
        let errors = errors.as_array().cloned().unwrap_or_default();
        let pointers = errors.iter().map(|one| one["pointer"].as_str().unwrap().to_owned());
        (code, pointers.collect::<Vec<_>>().join(" "))
    };
    let found = |code: &str, pointers: &str| (code.to_owned(), pointers.to_owned());
    for (body, pointers) in [
        (json!({}), "/agent_id"),
        (json!({ "agent_id": "Sales", "channel": "voice" }), "/agent_id /channel"),
        (json!({ "agent_id": sales, "channels": [] }), "/channels"),
        (json!({ "agent_id": sales, "channels": "voice" }), "/channels"),
        (
            json!({ "agent_id": sales, "channels": ["voice", "fax", "voice,sms", "rcs", 7] }),
            "/channels/1 /channels/2 /channels/3 /channels/4",
        ),
        (
            json!({ "agent_id": sales, "take_over": "yes", "repair_policy": "never" }),
            "/take_over /repair_policy",
        ),
    ] {
        assert_eq!(wrong(&api, SALES, body, 422).await, found("body_invalid", pointers));
    }
    let body = |agent: &str| json!({ "agent_id": agent });
    for number in [UNKNOWN, "4155550100", "whatsapp:+14155550100"] {
        let answer = wrong(&api, number, body(&sales), 404).await;
        assert_eq!(answer, found("number_not_found", ""), "{number}");
    }
    let no_agent = found("agent_not_found", "/agent_id");
    assert_eq!(wrong(&api, SALES, body(missing), 404).await, no_agent);
    // An agent or a number of another organization does not exist for a key of an organization.
    assert_eq!(wrong(&ours, SALES, body(&support[0]), 404).await, no_agent);
    assert_eq!(wrong(&theirs, SALES, body(&support[0]), 404).await, found("number_not_found", ""));
    let other = wrong(&api, SALES, body(&support[0]), 409).await;
    assert_eq!(other, found("other_organization", "/agent_id"));
    // A dry run refuses the same, here and on the command line.
    let dry_run = format!("{}?dry_run=true", path(SALES));
    let planned = api.submit("PUT", &dry_run, &[], &body(&support[0])).await;
    assert_eq!(code(&planned, 409), "other_organization");
    for option in ["", "--dry-run"] {
        let assign = app.run(&format!("number assign {SALES} --agent Support --json {option}"));
        assert_eq!(assign.exits(5).json_error()["code"], json!("other_organization"));
    }
    let reading = Api::operator(&app, &server);
    assert_eq!(wrong(&reading, SALES, body(&sales), 403).await.0, "key_scope");
    assert_eq!(code(&reading.request("DELETE", &path(SALES)).await, 403), "key_scope");
    assert_eq!(code(&theirs.request("DELETE", &path(SALES)).await, 404), "number_not_found");
    let overwrite = format!("{}?overwrite=1", path(SALES));
    assert_eq!(code(&api.request("DELETE", &overwrite).await, 400), "query_invalid");
    assert!(
        app.twilio().simulator.change_number(number(0), |there| there.capabilities.voice = false)
    );
    let unfit = wrong(&api, SALES, json!({ "agent_id": sales, "channels": ["voice"] }), 409).await;
    assert_eq!(unfit, found("channel_unsupported", "/channels"));
    assert!(
        app.twilio().simulator.change_number(number(0), |there| there.capabilities.voice = true)
    );
    assert!(app.twilio().take_writes().is_empty());
    assert_eq!(app.twilio().everything().await, before);
    assert_eq!(app.run("number list --json").exits(0).stdout, numbers);
}

/// What an assignment would write is shown as the command shows it, and nothing is changed.
#[apply(on_both_stores!)]
async fn an_assignment_is_planned(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let server = app.serve().await;
    let api = configuring(&app, &server);
    let body = json!({ "agent_id": agent(&api, "Sales").await });
    let shown = api.json(&format!("/api/v1/numbers/{SALES}")).await;
    let before = app.twilio().everything().await;
    app.twilio().take_writes();
    let dry = format!("{}?dry_run=true", path(SALES));
    let planned = api.submit("PUT", &dry, &[], &body).await;
    assert_eq!(planned.status, 200, "{}", planned.text());
    let mut planned = planned.json();
    let carrier = planned.as_object_mut().unwrap().remove("carrier").unwrap();
    assert_eq!(planned, shown);
    let printed = app.run(&format!("number assign {SALES} --agent Sales --dry-run --json"));
    let printed = printed.exits(0).json();
    assert_eq!(carrier["outcome"], json!("planned"));
    assert_eq!(carrier["changes"], printed["changes"], "{printed}");
    assert!(carrier["changed"].as_array().unwrap().contains(&json!("voice_url")));
    assert_eq!(api.json(&format!("/api/v1/numbers/{SALES}")).await, shown);
    assert!(app.twilio().take_writes().is_empty());
    assert_eq!(app.twilio().everything().await, before);
    // What is planned is what is done.
    let done = api.submit("PUT", &path(SALES), &[], &body).await.json();
    assert_eq!(done["carrier"]["changed"], carrier["changed"]);
    let again = api.submit("PUT", &dry, &[], &body).await.json();
    assert_eq!(again["carrier"]["changes"], json!([]));
    let wrong = api.submit("PUT", &format!("{}?dry_run=1", path(SALES)), &[], &body).await;
    assert_eq!(code(&wrong, 400), "query_invalid");
}

#[apply(on_both_stores!)]
async fn a_change_by_others_is_overwritten_only_if_asked(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let server = app.serve().await;
    let api = configuring(&app, &server);
    let before = app.twilio().everything().await;
    let body = json!({ "agent_id": agent(&api, "Sales").await });
    assert_eq!(api.submit("PUT", &path(SALES), &[], &body).await.status, 200);
    app.twilio().change(number(0), |there| there.voice_url = THEIRS.into());
    app.twilio().take_writes();
    let refused = api.request("DELETE", &path(SALES)).await;
    assert_eq!(code(&refused, 409), "configuration_changed");
    let error = refused.json()["errors"][0].take();
    assert_eq!(error["pointer"], json!("/voice_url"));
    assert!(error["detail"].as_str().unwrap().contains(THEIRS), "{error}");
    assert!(app.twilio().take_writes().is_empty());
    let number = api.json(&format!("/api/v1/numbers/{SALES}")).await;
    assert_eq!(number["agent_name"], json!("Sales"));
    let forced = api.request("DELETE", &format!("{}?overwrite=true", path(SALES))).await;
    assert_eq!((forced.status, &forced.json()["unassigned"]), (200, &json!(SALES)));
    assert_eq!(app.twilio().everything().await, before);
}

#[apply(on_both_stores!)]
async fn what_twilio_does_not_answer_is_finished_by_repeating(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let server = app.serve().await;
    let api = configuring(&app, &server);
    let before = app.twilio().everything().await;
    let body = json!({ "agent_id": agent(&api, "Sales").await });
    let simulator = &app.twilio().simulator;
    let fault = |does| Fault { method: None, path: "*".to_owned(), after: 0, times: None, does };
    for (does, status, expected) in [
        (FaultKind::WrongToken, 409, "twilio_unauthorized"),
        (FaultKind::Html { status: 200 }, 502, "twilio_unreadable"),
        (FaultKind::ServerError { status: 503, carried_out: false }, 502, "twilio_unavailable"),
    ] {
        simulator.inject_fault(fault(does));
        let unfinished = api.submit("PUT", &path(SALES), &[], &body).await;
        assert_eq!(unfinished.status, 200, "{}", unfinished.text());
        let unfinished = unfinished.json();
        assert_eq!(unfinished["agent_name"], json!("Sales"));
        let carrier = &unfinished["carrier"];
        assert_eq!(
            (&carrier["outcome"], &carrier["code"]),
            (&json!("unfinished"), &json!(expected))
        );
        assert!(carrier["details"][0].as_str().unwrap().contains("failed at Twilio"), "{carrier}");
        simulator.clear_faults();
        assert_eq!(app.twilio().everything().await, before);
        let finished = api.submit("PUT", &path(SALES), &[], &body).await.json();
        assert_eq!(finished["carrier"]["outcome"], json!("configured"));
        assert_eq!(app.twilio().settings(number(0)).voice_url, ours());

        simulator.inject_fault(fault(does));
        let failed = api.request("DELETE", &path(SALES)).await;
        assert_eq!(code(&failed, status), expected);
        simulator.clear_faults();
        let number = api.json(&format!("/api/v1/numbers/{SALES}")).await;
        assert_eq!(number["agent_name"], json!("Sales"), "it stays assigned");
        assert_eq!(api.request("DELETE", &path(SALES)).await.status, 200);
        assert_eq!(app.twilio().everything().await, before);
    }
}

#[apply(on_both_stores!)]
async fn an_assignment_whose_client_has_gone_is_finished(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let server = app.serve().await;
    let api = configuring(&app, &server);
    let body = json!({ "agent_id": agent(&api, "Sales").await });
    let simulator = &app.twilio().simulator;
    simulator.forget_requests();
    simulator.set_conditions(Conditions { latency_ms: 100, ..Conditions::default() });
    let path = path(SALES);
    let asked =
        within(DONE, "Twilio is asked", async || (!simulator.requests().is_empty()).then_some(()));
    tokio::select! {
        answer = api.submit("PUT", &path, &[], &body) => panic!("{}", answer.text()),
        () = asked => {}
    }
    within(DONE, "the number is configured", async || {
        let shown = api.json(&format!("/api/v1/numbers/{SALES}")).await;
        let is_done = shown["observed_at"].is_string() && shown["agent_name"] == "Sales";
        (is_done && app.twilio().settings(number(0)).voice_url == ours()).then_some(())
    })
    .await;
}

/// While another process changes a number, nobody else does.
#[apply(on_both_stores!)]
async fn a_number_that_another_process_changes_is_not_changed(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let server = app.serve().await;
    let api = configuring(&app, &server);
    let body = json!({ "agent_id": agent(&api, "Sales").await });
    let before = app.twilio().everything().await;
    let far = match app.store {
        Store::Sqlite(_) => "4102444800000000",
        Store::Postgres(_) | Store::Cluster(_) | Store::Unknown => "'2100-01-01'",
    };
    let lease = format!("INSERT INTO leases VALUES ('number.configure {SALES}', 'another', {far})");
    app.store.execute(&lease).await;
    let path = path(SALES);
    for refused in [api.submit("PUT", &path, &[], &body).await, api.request("DELETE", &path).await]
    {
        assert_eq!(code(&refused, 409), "number_changed");
    }
    for command in ["assign {SALES} --agent Sales", "unassign {SALES} --yes"] {
        let refused = app.run(&format!("number {} --json", command.replace("{SALES}", SALES)));
        assert_eq!(refused.exits(6).json_error()["code"], json!("number_changed"));
    }
    assert_eq!(app.twilio().everything().await, before);
    app.store.execute("DELETE FROM leases").await;
    assert_eq!(api.submit("PUT", &path, &[], &body).await.status, 200);
    assert_eq!(app.store.count("leases").await, 0);
}

/// Of many that change a number at the same time, on two replicas, some are refused, and nothing is lost.
#[apply(on_both_stores!)]
async fn a_number_is_changed_by_one_at_a_time(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let servers = [app.serve().await, app.serve().await];
    let key = added_key(&app, "--scopes read,configure").1;
    let apis = servers.each_ref().map(|server| Api::with(server, &key));
    let before = app.twilio().everything().await;
    let body = json!({ "agent_id": agent(&apis[0], "Sales").await });
    let path = path(SALES);
    for _ in 0..5 {
        let changes = apis.iter().flat_map(|api| [(api, true), (api, false)]);
        let answers = join_all(changes.map(async |(api, assigns)| {
            let submitted = async || api.submit("PUT", &path, &[], &body).await;
            if assigns { submitted().await } else { api.request("DELETE", &path).await }
        }));
        for answer in answers.await {
            if answer.status != 200 {
                assert_eq!(code(&answer, 409), "number_changed");
            }
        }
    }
    assert_eq!(apis[0].request("DELETE", &path).await.status, 200);
    assert_eq!(app.twilio().everything().await, before);
}

#[apply(on_both_stores!)]
async fn a_url_that_is_not_the_servers_is_not_written(store: Store) {
    let mut app = TestApp::with_fleet(store, three_accounts());
    let server = app.serve().await;
    let api = configuring(&app, &server);
    let body = json!({ "agent_id": agent(&api, "Sales").await });
    app.set("SWITCHBOARD_PUBLIC_URL", "https://staging.example.com");
    let other = app.serve().await;
    app.twilio().take_writes();
    let refused = api.submit("PUT", &path(SALES), &[], &body).await;
    assert_eq!(code(&refused, 409), "public_url_refused");
    assert!(refused.text().contains("https://staging.example.com"), "{}", refused.text());
    assert!(app.twilio().take_writes().is_empty());
    let number = api.json(&format!("/api/v1/numbers/{SALES}")).await;
    assert_eq!(number["agent_id"], Value::Null, "nothing is assigned");
    let there = Api::with(&other, &added_key(&app, "--scopes read,configure").1);
    assert_eq!(there.submit("PUT", &path(SALES), &[], &body).await.status, 200);
}
