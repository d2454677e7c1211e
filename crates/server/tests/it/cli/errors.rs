use crate::prelude::*;

/// Two agents and two accounts of the same name, and a plan.
fn seed(app: &TestApp) {
    app.add_sales();
    app.run("agent add --name Night --external-id night1")
        .exits(0)
        .shows(&["answers neither calls nor messages yet", "--stream-url"]);
    app.run("agent add --name Night --external-id night2")
        .exits(0)
        .shows(&["1 other agent with this name", "use the id agt_"]);
    for sid in [OTHER_SID, SUB_SID] {
        let add = ["account", "add", sid, "--name", "Twin", "--token-file", "-", "--no-verify"];
        app.run_reading(MAIN_TOKEN, &add).succeeded();
    }
    app.write("plan.json", r#"{"name":"Front desk","otherwise":{"agents":["sales"]}}"#);
    app.run("route plan save plan.json").succeeded();
    app.write("days.txt", "2026-12-24\n");
    app.run("route calendar set holidays days.txt").succeeded();
}

/// Every kind of error is one JSON object on standard error, with its own code and exit code.
#[apply(on_both_stores!)]
fn errors_are_objects_and_exit_codes_tell_them_apart(store: Store) {
    let app = TestApp::migrated(store);
    seed(&app);
    let cases: [(&[&str], i32, &str); 22] = [
        (&["agent", "frobnicate"], 2, "unknown_command"),
        (&["agent", "list", "--colour"], 2, "unknown_argument"),
        (&["agent", "show"], 2, "missing_argument"),
        (&["call", "list", "--limit", "many"], 2, "invalid_value"),
        (&["account", "show", "AC12"], 2, "invalid_value"),
        (&["number", "show", "+1415"], 2, "invalid_value"),
        (&["agent", "remove", "sales", "--yes", "--dry-run"], 2, "argument_conflict"),
        (&["route", "calendar", "remove", "holidays"], 2, "confirmation_required"),
        (&["account", "show", "AC00000000000000000000000000000fff"], 4, "account_not_found"),
        (&["account", "show", "Mian"], 4, "account_not_found"),
        (&["agent", "show", "Salse"], 4, "agent_not_found"),
        (&["number", "show", "+14155550199"], 4, "number_not_found"),
        (&["route", "plan", "show", "Frontdesk"], 4, "plan_not_found"),
        (&["route", "plan", "show", "Front desk", "--version", "7"], 4, "plan_version_not_found"),
        (&["route", "calendar", "show", "holyday"], 4, "calendar_not_found"),
        (&["route", "list", "remove", "vip", "--yes"], 4, "list_not_found"),
        (&["call", "show", "CA00000000000000000000000000000099"], 4, "not_found"),
        (&["agent", "show", "Night"], 5, "agent_ambiguous"),
        (&["account", "show", "Twin"], 5, "account_ambiguous"),
        (&["number", "add", SALES, "--account", "Main"], 5, "number_exists"),
        (&["account", "remove", "Main", "--yes"], 5, "account_in_use"),
        (&["agent", "set", "sales", "--prompt-file", "none.txt"], 1, "failed"),
    ];
    for (arguments, exit, code) in cases {
        let ended = app.run(&[arguments, &["--json"]].concat()).exits(exit);
        let error = ended.json_error();
        assert_eq!(error["code"], code, "{arguments:?}: {error}");
        assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{error}");
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
        let text = app.run(arguments).exits(exit);
        assert!(text.stdout.is_empty() && !text.stderr.starts_with('{'), "{text:?}");
    }
    let error = app.run("account show AC12 --json").json_error();
    assert_eq!(error["pointer"], "the account");
    let error = app.run("call list --limit many --json").json_error();
    assert_eq!(error["pointer"], "--limit <N>");
    // What follows `--` is no option.
    assert!(app.run("agent show -- --json").exits(4).stderr.starts_with("error: "));
}

/// Names that are like an unknown one are suggested, and an ambiguous name lists what it could mean.
#[apply(on_both_stores!)]
fn near_names_are_suggested_and_ambiguous_ones_listed(store: Store) {
    let app = TestApp::migrated(store);
    seed(&app);
    for (arguments, near) in [
        (&["agent", "show", "Salse"][..], "did you mean \"Sales\""),
        (&["number", "list", "--agent", "SALES"], "did you mean \"Sales\""),
        (&["account", "show", "main"], "did you mean \"Main\"?"),
        (&["route", "plan", "show", "Front dsk"], "did you mean \"Front desk\"?"),
        (&["route", "calendar", "show", "holiday"], "did you mean \"holidays\"?"),
        (&["agent", "lst"], "list"),
    ] {
        let error = app.run(&[arguments, &["--json"]].concat()).json_error();
        assert!(error["hint"].as_str().unwrap().contains(near), "{arguments:?}: {error}");
        app.run(arguments).shows(&[near]);
    }
    let twins = app.run("account show Twin").exits(5).shows(&[
        "2 accounts are named \"Twin\"",
        OTHER_SID,
        SUB_SID,
    ]);
    assert!(twins.stderr.contains("use the SID of one of them"), "{twins:?}");
    app.run("agent show Night").exits(5).shows(&["agt_", "use the id of one of them"]);
}

/// Accounts are named by SID or name wherever they are named, and every list and removal has a short name.
#[apply(on_both_stores!)]
fn accounts_have_names_and_commands_short_names(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    let shown = app.run("account show Main --json").succeeded().json();
    assert_eq!(shown["sid"], MAIN_SID);
    assert!(app.run("number ls --account Main").succeeded().stdout.contains(SALES));
    app.run("account set Main --region ie1").succeeded();
    app.run("number add +14155550177 --account Main").succeeded();
    app.run("number rm +14155550177 --yes").succeeded();
    app.write("plan.json", r#"{"name":"Front desk","otherwise":{"agents":["sales"]}}"#);
    app.run("route plan save plan.json").succeeded();
    app.run(&["route", "attach", "Front desk", "--account", "Main"]).succeeded();
    app.run("route detach --account Main --yes").succeeded();
    app.run("call ls --account Main").succeeded();
    app.run("rejection ls --account Main").succeeded();
    app.run("account ls").succeeded();
    app.run("agent ls").succeeded();
    app.run(&["route", "plan", "ls"]).succeeded();
    app.run(&["route", "plan", "rm", "Front desk", "--yes"]).succeeded();
}

/// Each mistake of a document or a file has its place, also if there are many.
#[apply(on_both_stores!)]
fn the_mistakes_of_a_file_have_pointers(store: Store) {
    let app = TestApp::migrated(store);
    app.write("plan.json", r#"{"name":"Desk","otherwise":{"agents":["nobody"]}}"#);
    let ended = app.run("route plan save plan.json --json").exits(1);
    let error: Value = serde_json::from_str(&ended.stderr).unwrap();
    assert_eq!(error["code"], "document_invalid");
    assert_eq!(error["errors"][0]["pointer"], "/otherwise/agents/0");
    assert_eq!(error["errors"][0]["code"], "agent_not_found");

    app.write("numbers.csv", "phone_number,account_sid,agent_external_id\n+1,AC1,\n");
    let error = app.run("import csv --numbers numbers.csv --json").exits(1).json_error();
    assert_eq!(error["code"], "import_invalid");
    assert_eq!(error["errors"][0]["pointer"], "numbers.csv:2:phone_number");
    assert!(
        error["errors"][0]["message"].as_str().unwrap().starts_with("phone_number "),
        "{error}"
    );
}

/// A database or a setting that cannot be used is distinguished from a wrong command.
#[tokio::test(flavor = "multi_thread")]
async fn missing_databases_and_wrong_settings_have_codes() {
    let mut app = TestApp::without_settings();
    app.set("DATABASE_URL", "sqlite://missing.db");
    let error = app.run("agent list --json").exits(6).json_error();
    assert_eq!(error["code"], "database_missing");
    assert!(error["hint"].as_str().unwrap().contains("switchboard migrate"), "{error}");
    app.set("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none");
    assert_eq!(app.run("agent list --json").exits(6).json_error()["code"], "database_unavailable");
    app.set("SWITCHBOARD_LISTEN", "everywhere");
    let error = app.run("agent list --json").exits(2).json_error();
    assert_eq!(error["code"], "settings_invalid");
    assert_eq!(error["errors"][0]["pointer"], "SWITCHBOARD_LISTEN");
}
