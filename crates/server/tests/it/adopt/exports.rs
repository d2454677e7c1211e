//! `export`: what it writes, `import csv` reads.

use crate::prelude::*;

const IMPORT: [&str; 8] = [
    "import",
    "csv",
    "--accounts",
    "out/accounts.csv",
    "--agents",
    "out/agents.csv",
    "--numbers",
    "out/numbers.csv",
];

const HOURS: &str = r#"
time_zone = "America/New_York"
weekly = [{ days = ["mon", "tue"], from = "09:00", to = "17:00" }]
calendars = ["holidays"]
"#;

fn app(store: Store) -> TestApp {
    let app = TestApp::with_main_account(store, &json!([]));
    app.write("sub.txt", SUB_TOKEN);
    let add = [
        "account",
        "add",
        SUB_SID,
        "--name",
        "Sub, \"2\"",
        "--parent",
        MAIN_SID,
        "--token-file",
        "sub.txt",
        "--no-verify",
    ];
    app.run(&add).exits(0);
    app.write("prompt.txt", "Be brief,\r\nbe \"kind\".\n");
    let agent = [
        "agent",
        "add",
        "--name",
        "Sales",
        "--external-id",
        "sales",
        "--prompt-file",
        "prompt.txt",
    ];
    let targets = ["--stream-url", "wss://voice.example.com/s", "--reply", " Hello, "];
    app.run(&[&agent[..], &targets].concat()).exits(0);
    app.write("days.txt", "2026-12-24\n");
    app.run("route calendar set holidays days.txt").exits(0);
    app.write("hours.toml", HOURS);
    let limits = "agent set sales --capacity 3 --hours-file hours.toml --parameter tier=gold --parameter note=a&b";
    app.run(limits).exits(0);
    app.run("agent set sales --health-url https://voice.example.com/health").exits(0);
    let dialling = "agent add --name Dialed --external-id dialed --dial +14155550199";
    app.run(&dialling).exits(0);
    for number in ["+14155550100", "+14155550101"] {
        app.run(&format!("number add {number} --account {SUB_SID}")).exits(0);
    }
    app
}

/// Everything that the lists show.
fn everything(app: &TestApp) -> Vec<Value> {
    let mut all = Vec::new();
    for list in ["account", "agent", "number"] {
        all.push(app.run(&format!("{list} list --json")).exits(0).json());
    }
    for agent in ["sales", "dialed"] {
        all.push(app.run(&format!("agent show {agent} --json")).exits(0).json());
    }
    all
}

fn files(app: &TestApp) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(app.path("out")).unwrap().map(Result::unwrap);
    let text = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, std::fs::read_to_string(entry.path()).unwrap())
    };
    files.map(text).collect()
}

#[apply(on_both_stores!)]
async fn what_goes_out_comes_in_and_changes_nothing(store: Store) {
    let app = app(store);
    app.write("plan.json", r#"{"name":"Desk","otherwise":{"agents":["sales"]}}"#);
    app.run("route plan save plan.json").exits(0);
    let assign = "number assign +14155550100 --agent sales --channels voice";
    // Nobody is at the Twilio simulator, which is no obstacle to who answers here.
    app.run(&assign);
    let before = everything(&app);
    let exported = app.run("export --to out").exits(0).shows(&[
        "exported 2 accounts, 2 agents and 2 numbers to out",
        "not exported: 1 routing plan with what they are attached to, 1 calendar and 0 lists",
    ]);
    assert_eq!(exported.stderr.lines().count(), 1);
    let written = files(&app);
    assert_eq!(written.keys().collect::<Vec<_>>(), ["accounts.csv", "agents.csv", "numbers.csv"]);
    assert!(written.values().all(|text| !text.contains(MAIN_TOKEN) && !text.contains(SUB_TOKEN)));

    let imported = app.run(&[&IMPORT[..], &["--json"]].concat()).exits(0).json();
    let none = json!({"accounts": 0, "agents": 0, "numbers": 0});
    assert_eq!((&imported["new"], &imported["changed"]), (&none, &none));
    assert_eq!(imported["unchanged"], json!({"accounts": 2, "agents": 2, "numbers": 2}));
    assert_eq!(everything(&app), before);
    app.run("export --to out --force").exits(0);
    assert_eq!(files(&app), written);
}

#[apply(on_both_stores!)]
async fn another_installation_asks_for_the_tokens(store: Store) {
    let app = app(store);
    let report = app.run("export --to out --json").exits(0).json();
    assert_eq!(report["numbers"], 2);
    let other = TestApp::adopting(Store::sqlite(), &json!([]));
    let out = other.path("out");
    std::fs::create_dir(&out).unwrap();
    for (name, text) in files(&app) {
        std::fs::write(out.join(name), text).unwrap();
    }
    other.run(&IMPORT).fails().shows(&[
        "nothing was imported: 3 mistakes",
        "out/accounts.csv line 2: auth_token is empty, and the account is not known here",
    ]);
    let accounts = std::fs::read_to_string(out.join("accounts.csv")).unwrap();
    let accounts = accounts.replace(",,", &format!(",{MAIN_TOKEN},"));
    std::fs::write(out.join("accounts.csv"), accounts).unwrap();
    let dry = [&IMPORT[..], &["--dry-run"]].concat();
    // Hours name a calendar, which the other installation does not have.
    other.run(&dry).fails().shows(&["agents.csv line 3: hours cannot be used", "\"holidays\""]);
    other.write("days.txt", "2026-12-24\n");
    other.run("route calendar set holidays days.txt").exits(0);
    let would = other.run(&dry).exits(0).shows(&[
        "would import 2 accounts, 2 agents and 2 numbers; nothing was changed",
        "new: 2 accounts, 2 agents and 2 numbers",
    ]);
    assert!(!would.stdout.contains("unchanged:"), "{would:?}");
    assert_eq!(other.run("agent list --json").exits(0).json(), json!([]));
    other.run(&IMPORT).exits(0).shows(&["imported 2 accounts, 2 agents and 2 numbers"]);
    other.run("export --to again").exits(0);
    for (name, text) in files(&app) {
        let again = std::fs::read_to_string(other.path("again").join(&name)).unwrap();
        assert_eq!(again, text, "{name}");
    }

    other.write("more.csv", "external_id,name,state\nsales,Sales,disabled\nnew,New,\n");
    let report = other.run("import csv --agents more.csv --dry-run --json").exits(0).json();
    assert_eq!((&report["dry_run"], &report["agents"]), (&json!(true), &json!(2)));
    let counts = [&report["new"], &report["changed"], &report["unchanged"]];
    assert_eq!(counts.map(|counts| counts["agents"].clone()), [json!(1), json!(1), json!(0)]);
    other.run("import csv --agents more.csv").exits(0).shows(&["new: 0 accounts, 1 agent"]);
    other.write(
        "more.csv",
        "external_id,name,stream_url,dial\nsales,Sales,wss://a.example/s,+14155550199\n",
    );
    other.run("import csv --agents more.csv").fails().shows(&["is not the only target"]);
}

#[apply(on_both_stores!)]
async fn files_that_are_there_are_not_written_over_unasked(store: Store) {
    let app = TestApp::adopting(store, &json!([]));
    std::fs::create_dir(app.path("out")).unwrap();
    app.write("out/numbers.csv", "mine");
    let refused = app.run("export --to out").fails();
    refused.shows(&[
        "out/numbers.csv already exists; name another folder, or overwrite it with --force",
    ]);
    assert_eq!(files(&app), BTreeMap::from([("numbers.csv".to_owned(), "mine".to_owned())]));
    app.run("export --to out --force").exits(0);
    assert_eq!(
        files(&app)["numbers.csv"],
        "phone_number,account_sid,agent_external_id,channels,repair\n"
    );
    app.write("file", "");
    app.run("export --to file").fails().shows(&["files cannot be written there"]);
}

#[apply(on_both_stores!)]
async fn cells_that_a_spreadsheet_would_run_are_warned_of(store: Store) {
    let app = TestApp::adopting(store, &json!([]));
    let names = ["=HYPERLINK(1)", "+cmd|' /C calc'!A0", "@SUM(1)", "-1", "Sales"];
    for (index, name) in names.iter().enumerate() {
        let id = format!("agent-{index}");
        app.run(&["agent", "add", &format!("--name={name}"), "--external-id", &id]).exits(0);
    }
    app.run("export --to out").exits(0).shows(&["warning: 4 cells begin with ="]);
    // The way back stays exact.
    assert!(files(&app)["agents.csv"].contains(",=HYPERLINK(1),"));
}
