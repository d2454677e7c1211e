//! Mistakes in routing plans: all are reported together, and a saved plan with mistakes decides as far as it can.

use super::routes::seed_plan;
use crate::prelude::*;

fn places(ended: &Finished) -> Vec<String> {
    let view: Value = serde_json::from_str(&ended.stdout).unwrap();
    let problems = view["problems"].as_array().unwrap().iter();
    problems.map(|problem| problem["at"].as_str().unwrap().to_owned()).collect()
}

/// Mistakes in how a document is written hide none in what it means.
#[apply(on_both_stores!)]
fn mistakes_of_reading_and_of_meaning_are_reported_together(store: Store) {
    let app = TestApp::migrated(store);
    seed_plan(&app);
    let window = |from: &str, to: &str| json!({"days": ["mon"], "from": from, "to": to});
    let plan = json!({
        "name": "Wrong",
        "time_zone": "Etc/UTC",
        "rulse": [],
        "rules": [
            {"when": {"caller": {"number": ["+14155550199"]}}, "then": {"agents": ["nobody"]}},
            {"when": {"caller": {"lists": ["foes"]}}, "then": {"agents": ["day", {"agent": "night", "wait": 1}]}},
            {"when": {"schedule": {"weekly": [window("09:00", "17:00"), window("16:00", "24:30"), window("12:00", "13:00")]}},
             "then": {"agents": [{"agent": "day", "weight": 0}]}},
            {"when": {"channels": ["fax"]}, "then": {"next": [{"say": {"text": "Bye"}}, {"reject": "busy"}]}}
        ],
        "otherwise": {"agents": ["day", "day"]}
    });
    let save = ["route", "plan", "save", "-", "--json"];
    let ended = app.run_reading(&plan.to_string(), &save);
    let mut expected = [
        "/rulse",
        "/rules/0/when/caller/number",
        "/rules/0/then/agents/0",
        "/rules/1/when/caller/lists/0",
        "/rules/1/then/agents/1/wait",
        "/rules/2/when/schedule/weekly/1/to",
        "/rules/2/when/schedule/weekly/2",
        "/rules/2/then/agents",
        "/rules/3/when/channels/0",
        "/rules/3/then/next/1",
        "/otherwise/agents/1",
    ];
    let mut found = places(&ended);
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!((ended.code, found), (Some(1), expected.map(str::to_owned).to_vec()));
    let ended = app.run_reading(&plan.to_string(), &["route", "simulate", "-", "--json"]);
    assert_eq!(places(&ended).len(), expected.len());
    let text = app.run_reading(&plan.to_string(), &["route", "plan", "save", "-"]);
    text.failed("error: the document has 11 mistakes, and nothing was changed:\n");
    assert_eq!(app.run("route plan list --json").succeeded().list().as_array().unwrap().len(), 1);
}

#[apply(on_both_stores!)]
fn mistakes_of_hours_are_reported_together(store: Store) {
    let app = TestApp::migrated(store);
    seed_plan(&app);
    let set = ["agent", "set", "night", "--name", "Nights", "--hours-file", "-", "--json"];
    let hours = json!({
        "weekley": [],
        "calendars": ["gone"],
        "dates": ["2026-12-24", "never"],
        "time_zone": "Etc/UTC"
    });
    let ended = app.run_reading(&hours.to_string(), &set);
    assert_eq!(places(&ended), ["/dates/1", "/weekley", "/calendars/0"]);
    let excepted = json!({
        "time_zone": "Etc/UTC", "dates": ["2026-12-24"], "except": {"dates": ["2026-12-24"]}
    });
    app.run_reading(&excepted.to_string(), &set[..7])
        .failed("can never match: all dates are excepted");
    app.run("agent show night").succeeded();
}

/// Two rules with agents of their own, in front of the rules of the plan.
fn seed_rules(app: &TestApp) {
    seed_plan(app);
    let plan = json!({
        "name": "Front desk",
        "rules": [
            {"name": "Night", "then": {"agents": ["night"]}, "when": {"caller": {"prefixes": ["+1212"]}}},
            {"name": "Day", "then": {"agents": ["day"]}, "when": {"caller": {"prefixes": ["+1"]}}},
        ],
        "otherwise": {"next": [{"reject": "busy"}]}
    });
    app.run_reading(&plan.to_string(), &["route", "plan", "save", "-", "--plan", "Front desk"])
        .succeeded();
}

/// An agent that cannot be read takes the rules that name it out of service, and no others.
#[apply(on_both_stores!)]
async fn a_rule_that_names_what_cannot_be_read_is_skipped(store: Store) {
    let app = TestApp::over(store);
    app.run("migrate").exits(0);
    seed_rules(&app);
    app.store.execute("UPDATE agents SET name = '' WHERE name = 'night'").await;
    let server = app.serve().await;
    let call = Webhook::call(MAIN, SALES, &sid("CA", 1)).with("From", "+12125550199");
    let twiml = server.send(&call).await.twiml();
    let stream = twiml.stream();
    assert_eq!(stream.attribute("url"), Some("wss://voice.example.com/day"));
    for text in ["a rule of the routing plan is skipped", "row cannot be read and is skipped"] {
        let reported = || server.log().iter().any(|line| line.contains(text)).then_some(());
        within(BEHIND, text, async || reported()).await;
    }
    assert_eq!(server.counted("switchboard_plan_problems_total", &[]).await, 1);
    assert_eq!(server.counted("switchboard_plans_unreadable_total", &[]).await, 0);

    let explain = format!("route explain --to {SALES} --from +12125550199");
    let text = app.run(&explain).exits(0).stdout;
    let skipped = "rule 1 \"Night\" is skipped: /rules/0/then/agents/0: no agent";
    assert!(text.contains(skipped) && text.contains("answered by agent day"), "{text}");
    let view = app.run(&format!("{explain} --json")).exits(0).json();
    assert_eq!(view["plan"]["rules"][0]["mismatch"], "unusable");
    assert_eq!(view["plan"]["rule"]["name"], "Day");
    app.store.holds(1, "calls").await;
    app.run(&format!("call show {}", sid("CA", 1))).exits(0).shows(&[
        skipped,
        "decided: agent day",
        "rule 2 \"Day\" matches and decides",
    ]);
    let doctor = app.run("doctor").stdout;
    assert!(doctor.contains("has 1 mistake and skips the rules that have them"), "{doctor}");
}

/// A plan of an earlier release names agents by name. It works on, is reported, and is rewritten by a rollback to itself.
#[apply(on_both_stores!)]
async fn a_plan_that_names_agents_by_name_is_reported_and_rewritten(store: Store) {
    let app = TestApp::migrated(store);
    seed_rules(&app);
    let show = ["route", "plan", "show", "Front desk", "--json"];
    let stored = app.run(&show).succeeded().json();
    let id = stored["document"]["rules"][0]["then"]["agents"][0].as_str().unwrap().to_owned();
    let earlier =
        format!("UPDATE routing_plan_versions SET document = replace(document, '{id}', 'night')");
    app.store.execute(&earlier).await;
    let explained = app.run(&format!("route explain --to {SALES} --from +12125550199 --json"));
    assert_eq!(explained.succeeded().json()["agent_name"], "night");
    let reported = "plan \"Front desk\" names agents by name";
    let doctor = app.run("doctor").stdout;
    assert!(doctor.contains(reported), "{doctor}");
    let command = doctor.split_once("-> `switchboard ").unwrap().1.split_once('`').unwrap().0;
    app.run(command).succeeded();
    assert_eq!(app.run(&show).succeeded().json()["document"], stored["document"]);
    assert!(!app.run("doctor").stdout.contains(reported));
}

/// With `--json`, a document that cannot be read at all is a problem like any other.
#[apply(on_both_stores!)]
fn a_file_that_cannot_be_read_is_a_problem_in_json(store: Store) {
    let app = TestApp::migrated(store);
    seed_plan(&app);
    let too_long = format!("{{\"name\": \"{}\"}}", "x".repeat(1024 * 1024));
    std::fs::write(app.path("long.json"), too_long).unwrap();
    std::fs::write(app.path("bytes.json"), b"{\"name\": \"\xff\xfe\"}").unwrap();
    let commands = [
        "route plan save",
        "route simulate",
        "route replay",
        "route calendar set holidays",
        "route list set friends",
        "agent set night --hours-file",
    ];
    for command in commands {
        for (file, why) in [
            ("long.json", "is longer than 1 MiB"),
            ("bytes.json", "UTF-8"),
            ("gone.json", "cannot be read"),
        ] {
            let ended = app.run(&format!("{command} {file} --json"));
            let view: Value = serde_json::from_str(&ended.stdout).unwrap();
            let [problem] = view["problems"].as_array().unwrap().as_slice() else {
                panic!("{command} {file}: {view}")
            };
            assert_eq!((ended.code, &problem["at"]), (Some(1), &json!("")), "{command} {file}");
            let text = problem["problem"].as_str().unwrap();
            assert!(text.contains(why), "{command} {file}: {text}");
        }
    }
}
