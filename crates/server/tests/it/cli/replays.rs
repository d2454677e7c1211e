//! Recorded calls and messages are replayed through other versions of plans.

use crate::cli::routes::seed_plan;
use crate::cli::simulation::simulate;
use crate::prelude::*;

/// What the server decided is put through another version before that is saved.
#[apply(on_both_stores!)]
async fn recorded_calls_and_messages_are_replayed(store: Store) {
    let app = TestApp::migrated(store);
    seed_plan(&app);
    app.run_reading(
        r#"{"otherwise":{"agents":["day"]}}"#,
        &["route", "plan", "save", "-", "--plan", "Front desk"],
    )
    .succeeded();
    let mut server = app.serve().await;
    // With a SID of its own, a call counts as a real one.
    let real = sid("CA", 1);
    let call = ["--to", SALES, "--no-stream", "--call-sid", &real, "--json"];
    let report = simulate(&app, &server, "voice", &call).succeeded().json();
    assert_eq!(
        (&report["decision"]["agent_name"], &report["decision"]["plan"]["version"]),
        (&json!("day"), &json!(2))
    );
    assert!(report["twiml"].as_str().unwrap().contains("wss://voice.example.com/day"), "{report}");
    let text = simulate(&app, &server, "message", &["--to", SALES]).succeeded().stdout;
    assert!(
        text.contains("version 2, attached to the number: otherwise → agent day (agt_"),
        "{text}"
    );
    server.signal(Signal::TERM);
    assert!(server.ended(DONE).await.success());

    let explained = app.run(&["route", "explain", "--call", &real]).succeeded();
    explained.shows(&[
        "decided at the time: agent day (agt_",
        "version 2, attached to the number: otherwise → agent day (agt_",
        "…00",
    ]);
    app.run(&["route", "explain", "--call", &sid("CA", 9)]).exits(4);
    app.run(&["route", "explain", "--call", &real, "--to", SALES]).exits(2);

    app.write("next.json", r#"{"rules":[{"name":"Here","when":{"channels":["voice"],"caller":{"countries":["US"]}},"then":{"agents":["night"]}}],"otherwise":{"agents":["day"]}}"#);
    let replay = ["route", "replay", "next.json", "--plan", "Front desk"];
    let replayed = app.run(&[&replay[..], &["--json"]].concat()).succeeded().json();
    let counts = ["calls", "messages", "changed", "without_facts"]
        .map(|count| replayed[count].as_u64().unwrap());
    assert_eq!(counts, [1, 1, 1, 0], "{replayed}");
    let change = &replayed["changes"][0];
    assert_eq!(
        (&change["before"]["name"], &change["after"]["name"]),
        (&json!("day"), &json!("night"))
    );
    assert_eq!(
        (&change["rule"], &change["to"]),
        (&json!({"index": 0, "name": "Here"}), &json!(SALES))
    );
    let text = app.run(&replay).succeeded().stdout;
    let totals = "\nof 1 call and 1 message in the last 7 days, 1 would be decided differently\n";
    assert!(text.ends_with(totals), "{text}");
    assert!(text.contains("+14155550199") && text.contains("rule 1 \"Here\""), "{text}");
    let same = app.run(&["route", "replay", "Front desk"]).succeeded().stdout;
    assert!(same.starts_with("no decision would change\n"), "{same}");
    let other = app.run("route replay next.json --number +14155550101 --json").succeeded().json();
    assert_eq!(other["calls"], 0);
    let saved = app
        .run(&["route", "plan", "save", "next.json", "--plan", "Front desk", "--dry-run"])
        .succeeded()
        .stdout;
    assert!(
        saved.contains(
            "of 1 call and 1 message in the last seven days, 1 would be decided differently"
        ),
        "{saved}"
    );
}

/// A replay compares actions with everything that belongs to them, on calls and on messages.
#[apply(on_both_stores!)]
async fn a_changed_action_is_a_changed_decision(store: Store) {
    let app = TestApp::migrated(store);
    seed_plan(&app);
    let plan = |call: &str, message: &str| {
        let voice = r#"{"when":{"channels":["voice"]},"then":{"next":[CALL]}}"#;
        let plan = r#"{"rules":[VOICE],"otherwise":{"next":[{"dial":{"number":"+14155550142"}},MESSAGE]}}"#;
        plan.replace("VOICE", &voice.replace("CALL", call)).replace("MESSAGE", message)
    };
    let (dial, say) = (r#"{"dial":{"sip":"sip:a@b.example"}}"#, r#"{"say":{"text":"Closed."}}"#);
    app.write("old.json", &plan(dial, say));
    app.run(&["route", "plan", "save", "old.json", "--plan", "Front desk"]).succeeded();
    let mut server = app.serve().await;
    let call = ["--to", SALES, "--no-stream", "--call-sid", &sid("CA", 1)];
    simulate(&app, &server, "voice", &call).succeeded();
    simulate(&app, &server, "message", &["--to", SALES]).succeeded();
    server.signal(Signal::TERM);
    assert!(server.ended(DONE).await.success());

    let replayed = |call: &str, message: &str| {
        app.write("new.json", &plan(call, message));
        let replay = ["route", "replay", "new.json", "--plan", "Front desk", "--json"];
        app.run(&replay).succeeded().json()
    };
    assert_eq!(replayed(dial, say)["changed"], 0);
    for (call, message) in [
        (r#"{"dial":{"sip":"sip:OTHER@c.example"}}"#, say),
        (r#"{"dial":{"sip":"sip:a@b.example","timeout_seconds":30}}"#, say),
        (r#"{"say":{"text":"Closed."}}"#, say),
        (dial, r#"{"say":{"text":"Open."}}"#),
        (dial, r#"{"redirect":"https://example.com/message"}"#),
    ] {
        assert_eq!(replayed(call, message)["changed"], 1, "{call} {message}");
    }
    let change = &replayed(r#"{"enqueue":"support"}"#, say)["changes"][0];
    assert_eq!(
        change["before"],
        json!({"kind": "dial", "to": "sip:a@b.example", "timeout_seconds": 20})
    );
}

/// Carriers send any text as a caller ID. Such a call is recorded, and read again by every command.
#[apply(on_both_stores!)]
async fn calls_from_any_caller_id_can_be_replayed(store: Store) {
    let app = TestApp::migrated(store);
    seed_plan(&app);
    let mut server = app.serve().await;
    let url = format!("http://{}", server.address);
    for (index, from) in (1..).zip(["sip:John Doe@x", "client:", "tel:", "whatsapp:+12"]) {
        let call = ["simulate", "voice", "--from", from, "--to", SALES, "--no-stream"];
        let real = sid("CA", index);
        app.run(&[&call[..], &["--url", &url, "--call-sid", &real]].concat()).succeeded();
        let message = ["simulate", "message", "--from", from, "--to", SALES, "--url", &url];
        app.run(&message).succeeded();
    }
    server.signal(Signal::TERM);
    assert!(server.ended(DONE).await.success());
    let replayed = app.run(&["route", "replay", "Front desk", "--json"]).succeeded().json();
    assert_eq!((&replayed["calls"], &replayed["messages"]), (&json!(4), &json!(4)), "{replayed}");
    let save = ["route", "plan", "save", "plan.toml", "--plan", "Front desk", "--name", "Desk"];
    let saved = app.run(&[&save[..], &["--json"]].concat());
    assert_eq!(saved.succeeded().json()["touches"]["calls"], 4);
}

/// A call that no plan decided is explained by the agent of today, so the decision of the time is printed, too.
#[apply(on_both_stores!)]
async fn the_agent_of_then_and_of_today_are_distinguished(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let call = sid("CA", 1);
    assert_eq!(server.send(&Webhook::call(MAIN, SALES, &call)).await.status, 200);
    app.store.holds(1, "calls").await;
    let reassigned = format!(
        "UPDATE numbers SET agent_id = (SELECT id FROM agents WHERE external_id = 'support') WHERE phone_number = '{SALES}'"
    );
    app.store.execute(&reassigned).await;
    let explain = ["route", "explain", "--call", &call];
    app.run(&explain).succeeded().shows(&[
        "decided at the time: agent Sales & \"Co\" <1> (agt_",
        "no routing plan decided the call; the agent that the number is assigned to today would be:",
        "answered by agent Support (agt_",
    ]);
    let object = app.run(&[&explain[..], &["--json"]].concat()).succeeded().json();
    assert_eq!(object["recorded"]["agent_name"], "Sales & \"Co\" <1>");
    assert_eq!(object["agent_name"], "Support");
}
