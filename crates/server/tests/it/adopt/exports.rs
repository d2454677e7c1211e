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
        all.push(app.run(&format!("{list} list --json")).exits(0).list());
    }
    for agent in ["sales", "dialed"] {
        all.push(app.run(&format!("agent show {agent} --json")).exits(0).json());
    }
    all
}

/// The exported files by their paths below the folder.
pub(super) fn files(app: &TestApp) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![(String::new(), app.path("out"))];
    while let Some((prefix, folder)) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
            if entry.path().is_dir() {
                folders.push((format!("{name}/"), entry.path()));
            } else {
                files.insert(name, std::fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    files
}

/// The documents of routing, read by the commands of routing into another database, are exported as the same documents,
/// although the ids of agents differ.
#[apply(on_both_stores!)]
async fn routing_goes_out_as_documents_that_are_read_elsewhere(store: Store) {
    let names = ["calendars/holidays.txt", "lists/VIP%2Fpaid up.txt", "plans/Front desk.json"];
    let app = app(store);
    app.write("numbers.txt", "+14155550123\n+14155550111\n");
    app.run(&["route", "list", "set", "VIP/paid up", "numbers.txt"]).exits(0);
    app.write("days.txt", "2026-12-24\n2026-12-31..2027-01-01\n");
    app.run("route calendar set holidays days.txt").exits(0);
    // A name that two agents have does not name one of them.
    app.run("agent add --name Sales --external-id other --dial +14155550198").exits(0);
    app.write(
        "plan.json",
        r#"{"rules":[{"when":{"caller":{"lists":["VIP/paid up"]}},"then":{"agents":["other"]}}],"otherwise":{"agents":["sales"]}}"#,
    );
    app.run(&["route", "plan", "save", "plan.json", "--name", "Front desk"]).exits(0);
    let report = app.run("export --to out --json").exits(0).json();
    let counts = ["calendars", "lists", "plans"].map(|kind| report[kind].clone());
    assert_eq!(counts, [json!(1), json!(1), json!(1)]);
    let written = files(&app);
    assert_eq!(written[names[1]], "+14155550111\n+14155550123\n");
    assert!(!written[names[2]].contains("agt_"), "{}", written[names[2]]);

    let other = TestApp::migrated(Store::sqlite());
    for (agent, phone) in [("other", "+14155550198"), ("sales", "+14155550197")] {
        other.run(&format!("agent add --name Sales --external-id {agent} --dial {phone}")).exits(0);
    }
    for (file, name) in names.iter().zip(["days", "numbers", "plan"]) {
        other.write(name, &written[*file]);
    }
    other.run("route calendar set holidays days").exits(0);
    other.run(&["route", "list", "set", "VIP/paid up", "numbers"]).exits(0);
    other.run("route plan save plan").exits(0).shows(&["saved plan Front desk"]);
    other.run("export --to out").exits(0);
    let again = files(&other);
    for name in names {
        assert_eq!(again[name], written[name], "{name}");
    }
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
        "exported 2 accounts, 2 agents, 2 numbers, 1 calendar, 0 lists, 1 routing plan, 0 consents and 0 subscriptions to out",
        "exported to configuration.jsonl only: the earlier versions of 1 routing plan, and where they are attached",
    ]);
    assert_eq!(exported.stderr.lines().count(), 1);
    let written = files(&app);
    let names = [
        "accounts.csv",
        "agents.csv",
        "calendars/holidays.txt",
        "configuration.jsonl",
        "numbers.csv",
        "plans/Desk.json",
    ];
    assert_eq!(written.keys().collect::<Vec<_>>(), names);
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
    std::fs::create_dir(out.join("calendars")).unwrap();
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
    assert_eq!(other.run("agent list --json").exits(0).list(), json!([]));
    other.run(&IMPORT).exits(0).shows(&["imported 2 accounts, 2 agents and 2 numbers"]);
    other.run("export --to again").exits(0);
    for (name, text) in files(&app) {
        // Other ids and times.
        if name == "configuration.jsonl" {
            continue;
        }
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
