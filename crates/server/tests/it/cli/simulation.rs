use crate::prelude::*;

/// Simulates a call or a message against a server.
pub(crate) fn simulate(app: &TestApp, server: &Server, what: &str, more: &[&str]) -> Finished {
    let url = format!("http://{}", server.address);
    app.run(&[&["simulate", what, "--from", "+1 415 555 0199", "--url", &url], more].concat())
}

/// The output has the answer, the decision and its reason.
#[apply(on_both_stores!)]
async fn a_call_and_a_message_are_answered(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    app.run("agent set Sales --stream-url ws://127.0.0.1:9/s").succeeded();
    let server = app.serve().await;
    // Nothing listens where the stream goes.
    let text = simulate(&app, &server, "voice", &["--to", SALES]).exits(1).stdout;
    for words in [
        "status 200, text/xml",
        "\n    <Stream url=\"ws://127.0.0.1:9/s\" statusCallback=\"",
        "answered by Sales (agt_",
        "the number is assigned to this agent",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let report = simulate(
        &app,
        &server,
        "message",
        &["--to", SALES, "--body", "Are you open? ☎ & <more>", "--json"],
    )
    .succeeded()
    .json();
    assert_eq!(
        (&report["status"], &report["decision"]["reason"]),
        (&200.into(), &"assigned".into())
    );
    assert!(
        report["twiml"].as_str().unwrap().contains("<Message>We are open.</Message>"),
        "{report}"
    );

    let text =
        simulate(&app, &server, "message", &["--to", "whatsapp:+14155550100"]).succeeded().stdout;
    assert!(text.contains("not answered by Sales") && text.contains("--channels"), "{text}");
    let text = simulate(&app, &server, "voice", &["--to", "+14155550177", "--account", MAIN_SID])
        .succeeded()
        .stdout;
    assert!(text.contains("not answered: the destination number is unknown"), "{text}");
}

/// Simulated calls are marked and end. They take no capacity, and a replay leaves them out.
#[apply(on_both_stores!)]
async fn a_simulated_call_does_not_count(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    app.run("agent set Sales --dial +14155550123 --capacity 1").succeeded();
    app.write("plan.json", r#"{"name": "One", "rules": [], "otherwise": {"agents": ["Sales"]}}"#);
    app.run("route plan save plan.json").succeeded();
    app.run(&format!("route attach One --number {SALES}")).succeeded();
    let server = app.serve().await;
    for _ in 0..3 {
        let call = simulate(&app, &server, "voice", &["--to", SALES, "--no-stream"]).succeeded();
        assert!(call.stdout.contains("answered by Sales (agt_"), "{call:?}");
    }
    app.store.holds(3, "calls WHERE simulated = 1 AND status = 'completed'").await;
    let replayed = app.run("route replay plan.json --plan One --json").succeeded().json();
    assert_eq!(replayed["calls"], 0, "{replayed}");
}

/// A failed stream is counted for its agent, and the caller hears a sentence.
#[apply(on_both_stores!)]
async fn a_failed_stream_is_counted_and_spoken_about(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    app.run("agent set Sales --stream-url ws://127.0.0.1:9/s").succeeded();
    let server = app.serve().await;
    let failed = simulate(&app, &server, "voice", &["--to", SALES]).exits(1);
    assert!(failed.stdout.contains("We are sorry."), "{failed:?}");
    let name = "switchboard_connections_failed_total";
    assert_eq!(server.counted(name, &["agent=\"agt_"]).await, 1);
}

/// An answered call cannot be rejected: explanation, simulation and record say what happens in its place.
#[apply(on_both_stores!)]
async fn a_rejection_behind_a_failed_agent_is_reported(store: Store) {
    const TOLD: &str =
        "reject (busy): the call was answered before, so the caller hears an apology";
    let app = TestApp::migrated(store);
    app.add_sales();
    app.run("agent set Sales --stream-url ws://127.0.0.1:9/s").succeeded();
    app.write(
        "plan.json",
        r#"{"name": "One", "otherwise": {"agents": ["Sales"], "next": [{"reject": "busy"}]}}"#,
    );
    app.run("route plan save plan.json").succeeded();
    app.run(&format!("route attach One --number {SALES}")).succeeded();
    let explained = app.run(&format!("route explain --to {SALES} --from +12125550199"));
    assert!(explained.exits(0).stdout.contains(&format!("then {TOLD}")));
    let server = app.serve().await;
    let failed = simulate(&app, &server, "voice", &["--to", SALES]).exits(1).stdout;
    for text in ["We are sorry.", &format!("the routing plan goes on to {TOLD}")] {
        assert!(failed.contains(text), "{failed}");
    }
    let sid = failed.split_whitespace().find(|word| word.starts_with("CA")).unwrap();
    let shown = within(BEHIND, "the record of the attempts", async || {
        let shown = app.run(&format!("call show {sid}")).stdout;
        shown.contains("attempt 2").then_some(shown)
    })
    .await;
    assert!(shown.contains("the action reject; the call was answered before"), "{shown}");
}

/// A command cannot see the circuit breakers of running servers, so it checks for itself and says so.
#[apply(on_both_stores!)]
async fn a_voice_server_that_is_down_is_shown_as_such(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let up = format!("ws://{}/s", listener.local_addr().unwrap());
    app.run("agent set Sales --stream-url ws://127.0.0.1:9/s").succeeded();
    app.run(&format!("agent add --name Up --stream-url {up}")).succeeded();
    app.run("agent add --name Phone --dial +14155550123").succeeded();
    let health = |agent: &str| {
        app.run(&format!("agent show {agent} --json")).succeeded().json()["voice_health"].clone()
    };
    assert_eq!([health("Sales"), health("Up")], [json!("down"), json!("up")]);
    assert_eq!(health("Phone"), Value::Null);
    let seen = "down: does not answer a health check from this machine";
    assert!(app.run("agent show Sales").succeeded().stdout.contains(seen));
    let listed = app.run("agent list --health").succeeded().stdout;
    assert_eq!(listed.matches("voice server down").count(), 1, "{listed}");
    assert!(!app.run("agent list").succeeded().stdout.contains("down"));
    let explain = format!("route explain --to {SALES} --from +12125550199");
    let explained = app.run(&explain).exits(0).stdout;
    assert!(explained.contains("down: agent Sales (agt_"), "{explained}");
    let view = app.run(&format!("{explain} --json")).exits(0).json();
    assert_eq!(view["down"][0]["name"], "Sales");
    let then = app.run(&format!("{explain} --at 2026-01-01T00:00:00Z --json")).exits(0).json();
    assert_eq!(then["down"], json!([]), "nothing is known about another time");
    let doctor = app.run("doctor").stdout;
    assert!(doctor.contains("those of 1 agent do not answer this machine"), "{doctor}");
}

/// A refusal is a failure, and the likely causes are shown.
#[apply(on_both_stores!)]
async fn a_wrong_signature_is_refused(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    app.add_account(OTHER_SID);
    app.write("wrong.txt", "0123456789abcdef0123456789abcdef");
    let server = app.serve().await;
    let refused = simulate(&app, &server, "voice", &["--to", SALES, "--token-file", "wrong.txt"]);
    assert!(refused.code == Some(1) && refused.stdout.contains("status 403"), "{refused:?}");
    assert!(refused.stdout.contains("has another token for it"), "{refused:?}");
    let refused =
        simulate(&app, &server, "voice", &["--to", SALES, "--account", OTHER_SID, "--json"]);
    assert_eq!(refused.code, Some(1));
    let report: serde_json::Value = serde_json::from_str(&refused.stdout).unwrap();
    assert_eq!((&report["status"], &report["twiml"]), (&403.into(), &"".into()));
    assert_eq!(report["decision"]["number_account_sid"], MAIN_SID);
}

/// The server adds the account of the settings at start.
#[apply(on_both_stores!)]
async fn the_main_account_comes_with_the_settings(store: Store) {
    let mut app = TestApp::migrated(store);
    app.set("TWILIO_ACCOUNT_SID", MAIN_SID);
    app.set("TWILIO_AUTH_TOKEN", MAIN_TOKEN);
    app.set("SWITCHBOARD_ENCRYPTION_KEYS", &format!("k1:{ENCRYPTION_KEY}"));
    let server = app.serve().await;
    app.unset("TWILIO_ACCOUNT_SID");
    app.unset("TWILIO_AUTH_TOKEN");
    let list = app.run("account list --json").succeeded().list();
    assert_eq!((&list[0]["sid"], &list[0]["name"]), (&MAIN_SID.into(), &"Main".into()));
    app.run(&format!("number add {SALES} --account {MAIN_SID}")).succeeded();
    let text = simulate(&app, &server, "voice", &["--to", SALES]).succeeded().stdout;
    assert!(text.contains("the number is not assigned to an agent"), "{text}");
}

/// Invalid requests are reported before anything is sent.
#[apply(on_both_stores!)]
fn what_cannot_be_sent_is_refused(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    let simulate = |more: &[&str]| {
        app.run(&[&["simulate", "voice", "--url", "http://127.0.0.1:1"], more].concat())
    };
    simulate(&["--to", SALES, "--from", "anonymous"])
        .failed("no server answers at http://127.0.0.1:1/");
    simulate(&["--to", "4155550100", "--from", SALES]).misused("--to has no country code");
    simulate(&["--to", "+14155550109", "--from", SALES]).failed("--to is not a known number");
    simulate(&["--to", SALES, "--from", SALES, "--call-sid", "CA1"]).misused("--call-sid");
    simulate(&["--to", SALES, "--from", SALES, "--account", OTHER_SID]).failed("is unknown");
    simulate(&["--to", SALES]).misused("--from");
    app.run(&format!("simulate voice --to {SALES} --from {SALES} --url localhost"))
        .misused("--url is not the URL");
}
