//! The public URL that commands write to Twilio is the one that the server runs with.

use crate::prelude::*;

const NAME: &str = "SWITCHBOARD_PUBLIC_URL";

fn voice_url(app: &TestApp, number: PhoneNumber) -> String {
    app.twilio().settings(number).voice_url
}

#[apply(on_both_stores!)]
async fn a_terminal_without_the_variable_writes_the_url_of_the_server(store: Store) {
    let mut app = TestApp::with_fleet(store, three_accounts());
    app.serve().await;
    app.unset(NAME);
    app.assign_by_import(&[number(0), number(1)]);
    app.run("webhooks fix --yes").exits(0);
    app.run(&["number", "assign", number(2).as_str(), "--agent", "Sales"])
        .exits(0)
        .shows(&[&format!("→ \"{PUBLIC_URL}/api/twilio/voice\"")]);
    for index in 0..3 {
        assert_eq!(voice_url(&app, number(index)), format!("{PUBLIC_URL}/api/twilio/voice"));
    }
    app.run("webhooks check").exits(0);
}

#[apply(on_both_stores!)]
async fn another_url_than_that_of_the_server_is_not_written(store: Store) {
    let mut app = TestApp::with_fleet(store, three_accounts());
    app.serve().await;
    app.assign_by_import(&[number(0), number(1)]);
    app.set(NAME, "https://staging.example.com");
    let text = number(2).as_str().to_owned();
    app.twilio().take_writes();
    for command in [
        "webhooks fix --yes".to_owned(),
        "webhooks fix --dry-run".to_owned(),
        "webhooks plan --out plan.json".to_owned(),
        format!("webhooks fix {}", number(0).as_str()),
        format!("number assign {text} --agent Sales"),
    ] {
        app.run(&command).fails().shows(&[
            NAME,
            "https://staging.example.com",
            PUBLIC_URL,
            "nothing was changed at Twilio",
            "`switchboard serve`",
        ]);
    }
    assert!(app.twilio().take_writes().is_empty(), "nothing is written");
    let shown = app.run(&format!("number show {text} --json")).exits(0).json();
    assert_eq!(shown["agent_id"], serde_json::Value::Null, "nothing is assigned");
    // A server with the new URL is how it changes.
    app.serve().await;
    app.run("webhooks fix --yes").exits(0);
    assert_eq!(voice_url(&app, number(0)), "https://staging.example.com/api/twilio/voice");
}

#[apply(on_both_stores!)]
async fn the_first_write_decides_if_no_server_has_run(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let [first, second] = [0, 1].map(|index| number(index).as_str().to_owned());
    app.run(&format!("number assign {first} --agent Sales")).exits(0);
    let assign = ["number", "assign", &second, "--agent", "Sales"];
    app.run_with(NAME, "https://staging.example.com", &assign).failed("nothing was changed");
}

#[apply(on_both_stores!)]
async fn a_url_that_twilio_cannot_call_is_not_written_to_twilio(store: Store) {
    let mut app = TestApp::migrated(store);
    app.add_sales();
    // Not this machine, so it stands for Twilio; nothing answers there.
    app.set("TWILIO_API_URL", "https://twilio.invalid");
    let assign = ["number", "assign", SALES, "--agent", "Sales", "--channels", "voice"];
    let fix = ["webhooks", "fix", "--account", MAIN_SID, "--yes"];
    for command in [&assign[..], &fix[..]] {
        app.run(command)
            .failed("SWITCHBOARD_PUBLIC_URL is not set, so it is http://localhost:8080");
        for (url, why) in [
            ("http://calls.example.com", "an http:// URL"),
            ("https://LOCALHOST:8443/in", "a local address"),
            ("https://127.0.0.2", "a local address"),
            ("https://[::ffff:127.0.0.1]", "a local address"),
            ("https://user:s3cret@localhost", "a local address"),
        ] {
            let refused = app.run_with(NAME, url, command).failed(why);
            refused.assert_hides("s3cret");
        }
        app.set(NAME, PUBLIC_URL);
        let refused = app.run_with("SWITCHBOARD_VOICE_FALLBACK_URL", "http://a.example", command);
        refused.failed("SWITCHBOARD_VOICE_FALLBACK_URL is an http:// URL");
        app.unset(NAME);
    }
    // The server does not repair with it either.
    app.set("SWITCHBOARD_LISTEN", "127.0.0.1:0");
    let server = app.serve().await;
    within(DONE, "the repair is off", async || {
        let off = |line: &String| line.contains("repair of webhook configurations is off");
        server.log().iter().any(off).then_some(())
    })
    .await;
}

#[apply(on_both_stores!)]
async fn a_dry_run_of_an_assignment_shows_each_change(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let text = number(0).as_str().to_owned();
    app.twilio().take_writes();
    let assign = format!("number assign {text} --agent Sales --dry-run");
    let dry = app.run(&assign).succeeded();
    dry.shows(&[&format!("→ \"{PUBLIC_URL}/api/twilio/voice\"")]);
    let json = app.run(&format!("{assign} --json")).succeeded().json();
    assert!(json["changes"].to_string().contains(PUBLIC_URL), "{json}");
    assert!(app.twilio().take_writes().is_empty());
    let shown = app.run(&format!("number show {text} --json")).exits(0).json();
    assert_eq!(shown["agent_id"], serde_json::Value::Null);
}

#[apply(on_both_stores!)]
async fn doctor_compares_the_url_with_that_of_the_server(store: Store) {
    let mut app = TestApp::with_fleet(store, three_accounts());
    app.serve().await;
    app.set(NAME, "https://staging.example.com");
    app.run("doctor").fails().shows(&["but the server runs with", PUBLIC_URL]);
}
