use crate::prelude::*;

const OFFICE: &str = r#"
name = "Front desk"
time_zone = "America/New_York"

[[rules]]
name = "Open"
then.agents = ["day"]
[[rules.when.schedule.weekly]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = 09:00
to = 17:00

[[rules]]
name = "Friends"
when.caller.lists = ["friends"]
then.next = [{ dial.number = "+1 415 555 0142" }]

[otherwise]
agents = [{ agent = "night", weight = 3 }, "day"]
"#;

/// Agents `day` and `night`, a list, a number, and a plan that decides for it.
pub(crate) fn seed_plan(app: &TestApp) {
    app.add_sales();
    for agent in ["day", "night"] {
        let url = format!("wss://voice.example.com/{agent}");
        app.run(&format!("agent add --name {agent} --stream-url {url} --reply {agent}"))
            .succeeded();
    }
    app.write("friends.txt", "+1 (212) 555-0177  # Ada\n");
    app.run("route list set friends friends.txt").succeeded();
    app.write("plan.toml", OFFICE);
    app.run("route plan save plan.toml --author Ada").succeeded();
    let attached = app.run(&["route", "attach", "Front desk", "--number", SALES]).succeeded();
    assert!(attached.stdout.contains(" to +14155550100\nit decides for 1 number"), "{attached:?}");
}

fn explain(app: &TestApp, from: &str, at: &str) -> Value {
    app.run(&format!("route explain --to {SALES} --from {from} --at {at} --json"))
        .succeeded()
        .json()
}

/// From the first to the last version.
#[apply(on_both_stores!)]
fn a_plan_is_saved_shown_changed_rolled_back_and_removed(store: Store) {
    let app = TestApp::migrated(store);
    seed_plan(&app);
    let list = app.run("route plan list --json").succeeded().list();
    assert_eq!(
        (&list[0]["name"], &list[0]["version"], &list[0]["author"]),
        (&json!("Front desk"), &json!(1), &json!("Ada"))
    );
    assert_eq!(list[0]["attached"], json!([{ "number": SALES }]));
    let document = app.run(&["route", "plan", "show", "Front desk"]).succeeded().stdout;
    assert_eq!(
        serde_json::from_str::<Value>(&document).unwrap()["rules"][1]["then"]["next"][0]["dial"]["number"],
        "+14155550142"
    );

    // What is shown can be edited and saved, in either form.
    let toml = app.run(&["route", "plan", "show", "Front desk", "--toml"]).succeeded().stdout;
    app.write("edited.toml", &toml.replace("Open", "Weekdays"));
    let save = ["route", "plan", "save", "edited.toml", "--plan", "Front desk"];
    let dry = app.run(&[&save[..], &["--dry-run", "--json"]].concat()).succeeded().json();
    assert_eq!(
        (&dry["saved"], &dry["version"], &dry["touches"]["numbers"]),
        (&json!(false), &json!(2), &json!(1))
    );
    let reported = app.run(&save).succeeded().stdout;
    assert!(
        reported.starts_with("saved version 2 of plan Front desk (pln_")
            && reported.contains("it applies to 1 number\n"),
        "{reported}"
    );
    app.run(&save).succeeded().shows(&["is the same as version 2; nothing was saved"]);
    assert_eq!(
        explain(&app, "+14155550199", "2026-11-27T10:00:00-05:00")["plan"]["rule"],
        json!({"index": 0, "name": "Weekdays"})
    );

    let back = app
        .run(&["route", "plan", "rollback", "Front desk", "--version", "1", "--json"])
        .succeeded()
        .json();
    assert_eq!(back["version"], 3);
    let versions =
        app.run(&["route", "plan", "versions", "Front desk", "--json"]).succeeded().list();
    let authors: Vec<_> = versions
        .as_array()
        .unwrap()
        .iter()
        .map(|version| (&version["version"], &version["author"]))
        .collect();
    assert_eq!(
        authors,
        [
            (&json!(1), &json!("Ada")),
            (&json!(2), &json!("operator")),
            (&json!(3), &json!("operator"))
        ]
    );
    assert_eq!(app.run(&["route", "plan", "show", "Front desk"]).succeeded().stdout, document);
    let second = app
        .run(&["route", "plan", "show", "Front desk", "--version", "2", "--json"])
        .succeeded()
        .json();
    assert_eq!(second["document"]["rules"][0]["name"], "Weekdays");

    app.run(&["route", "plan", "remove", "Front desk"])
        .failed("the routing plan is still attached to a number");
    app.run(&format!("route detach --number {SALES} --yes")).succeeded();
    app.run(&["route", "plan", "remove", "Front desk"]).misused("is deleted with 3 versions");
    app.run(&["route", "plan", "remove", "Front desk", "--yes"]).succeeded();
    assert!(app.run("route plan list").succeeded().stdout.contains("no plans yet"));
}

/// The nearest plan decides; rule by rule, and what the clock changes next.
#[apply(on_both_stores!)]
fn a_route_is_explained_rule_by_rule(store: Store) {
    let app = TestApp::migrated(store);
    seed_plan(&app);
    let text = app
        .run(&format!(
            "route explain --to {SALES} --from +14155550199 --at 2026-11-27T16:30:00-05:00"
        ))
        .succeeded()
        .stdout;
    for line in [
        "call from +14155550199 to +14155550100 at 2026-11-27T21:30:00Z",
        "version 1, attached to the number: rule 1 \"Open\" → agent day (agt_",
        "  rule 1 \"Open\" matches and decides",
        "  rule 2 \"Friends\" does not match: the number is not listed",
        "target: stream to wss://voice.example.com/day",
        "next change at 2026-11-27 17:00 New York time, 2026-11-27T22:00:00Z: agent",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let friend = explain(&app, "+12125550177", "2026-11-28T12:00:00-05:00");
    assert_eq!((&friend["reason"], &friend["agent_id"]), (&json!("planned_action"), &Value::Null));
    assert_eq!(
        friend["plan"]["fallback_chain"],
        json!([{"kind": "dial", "to": "+14155550142", "timeout_seconds": 20}])
    );
    assert_eq!(friend["plan"]["rules"][0]["mismatch"], "schedule");
    assert_eq!(friend["plan"]["next"]["shown"], "2026-11-30 09:00");
    let written = explain(&app, "whatsapp:+14155550199", "2026-11-27T12:00:00Z");
    assert_eq!(
        (&written["channel"], &written["target"]["kind"]),
        (&json!("whatsapp"), &json!("reply"))
    );
    let withheld = explain(&app, "anonymous", "2026-11-28T12:00:00-05:00");
    assert_eq!(withheld["plan"]["rules"][1]["mismatch"], "number");
    assert_eq!(
        (&withheld["plan"]["random"], &friend["plan"]["random"]),
        (&json!(true), &json!(false))
    );
    let simulate = ["route", "simulate", "Front desk", "--json", "--from"];
    for (from, channel, random) in
        [("whatsapp:+12125550123", "whatsapp", false), ("anonymous", "voice", true)]
    {
        let week = app.run(&[&simulate[..], &[from]].concat()).succeeded().json();
        assert_eq!((&week["channel"], &week["random"]), (&json!(channel), &json!(random)));
    }

    // A farther plan waits for the nearer one to go.
    app.write("far.json", r#"{"otherwise":{"next":[{"reject":"busy"}]}}"#);
    app.run("route plan save far.json --name Far").succeeded();
    app.run(&format!("route attach Far --account {MAIN_SID}")).succeeded();
    assert_eq!(explain(&app, "anonymous", "now")["plan"]["name"], "Front desk");
    app.run(&format!("route detach --number {SALES} --yes")).succeeded();
    let far = explain(&app, "anonymous", "now");
    assert_eq!(
        (&far["plan"]["name"], &far["plan"]["attached_to"], &far["plan"]["rule"]),
        (&json!("Far"), &json!("account"), &Value::Null)
    );
    app.run(&format!("route detach --account {MAIN_SID} --yes")).succeeded();
    let own = app
        .run(&format!("route explain --to {SALES} --from +14155550199 --channel sms"))
        .succeeded()
        .stdout;
    assert!(
        own.contains("no routing plan is attached to the number\nanswered by agent Sales (agt_"),
        "{own}"
    );
    app.run("route attach Far --organization").succeeded();
    assert_eq!(explain(&app, "anonymous", "now")["plan"]["attached_to"], "organization");
}

/// A plan stores the ids of its agents: renaming them, or other agents with their names, changes nothing. What a plan
/// names cannot be removed.
#[apply(on_both_stores!)]
fn a_plan_keeps_its_agents_when_they_are_renamed(store: Store) {
    let app = TestApp::migrated(store);
    seed_plan(&app);
    let before = explain(&app, "anonymous", "now");
    app.run(&["agent", "set", "night", "--name", "Night desk"]).succeeded();
    app.run("agent add --name day --reply other").exits(0);
    app.run("agent add --name night --external-id day --reply other").succeeded();
    let after = explain(&app, "anonymous", "now");
    assert_eq!(before["agent_id"], after["agent_id"]);

    // People see names, except where a name is not unique. Programs see ids.
    let shown = app.run(&["route", "plan", "show", "Front desk"]).succeeded().stdout;
    let document: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(document["otherwise"]["agents"][0]["agent"], "Night desk");
    let day = document["otherwise"]["agents"][1]["agent"].as_str().unwrap();
    assert!(day.starts_with("agt_"), "{shown}");
    let stored = app.run(&["route", "plan", "show", "Front desk", "--json"]).succeeded().json();
    let night = &stored["document"]["otherwise"]["agents"][0]["agent"];
    assert!(night.as_str().unwrap().starts_with("agt_"), "{stored}");
    assert_eq!(stored["problems"], json!([]));
    app.write("shown.json", &shown);
    app.run(&["route", "plan", "save", "shown.json", "--plan", "Front desk"]).succeeded();
    let again = app.run(&["route", "plan", "show", "Front desk", "--json"]).succeeded().json();
    assert_eq!(again["document"], stored["document"]);

    app.run(&["agent", "remove", "Night desk"])
        .failed("routing plan \"Front desk\" still uses agent agt_");
    app.run(&["agent", "remove", day]).failed("still uses agent");
    app.run("route list remove friends --yes")
        .failed("routing plan \"Front desk\" still uses the list \"friends\"");
}

/// A plan that names what is not there, because the database was changed, decides without it, and each command that
/// shows plans reports it. A document that cannot be read is not used: the number's own agent answers.
#[apply(on_both_stores!)]
async fn a_damaged_plan_is_reported(store: Store) {
    let app = TestApp::migrated(store);
    seed_plan(&app);
    let stored = app.run(&["route", "plan", "show", "Front desk", "--json"]).succeeded().json();
    let night = stored["document"]["otherwise"]["agents"][0]["agent"].as_str().unwrap();
    let damage = "UPDATE routing_plan_versions SET document = replace(document, '{night}', 'gone')";
    app.store.execute(&damage.replace("{night}", night)).await;
    let broken = explain(&app, "anonymous", "now");
    let mistake = "/otherwise/agents/0: no agent";
    assert_eq!((&broken["reason"], &broken["agent_name"]), (&json!("planned"), &json!("day")));
    assert!(broken["plan"]["problems"][0].as_str().unwrap().starts_with(mistake), "{broken}");
    let listed = app.run("route plan list").succeeded().stdout;
    assert!(listed.contains("1 mistake"), "{listed}");
    let listed = app.run("route plan list --json").succeeded().list();
    assert_eq!(listed[0]["problems"][0]["at"], "/otherwise/agents/0");
    app.run(&["route", "plan", "show", "Front desk"]).succeeded();
    let checks = app.run("doctor --json");
    let report = checks.list();
    let check =
        report.as_array().unwrap().iter().find(|check| check["name"] == "routing plans").unwrap();
    assert_eq!((checks.code, &check["state"]), (Some(1), &json!("fail")), "{check}");
    assert!(check["detail"].as_str().unwrap().contains(mistake), "{check}");
    app.store.execute("UPDATE routing_plan_versions SET document = '{}'").await;
    let broken = explain(&app, "anonymous", "now");
    assert_eq!((&broken["reason"], &broken["plan"]), (&json!("no_voice_target"), &Value::Null));
    assert!(broken["plan_problems"][0].as_str().unwrap().contains("otherwise"), "{broken}");
}

/// All mistakes are reported at once, and the old version stays.
#[apply(on_both_stores!)]
fn a_plan_with_mistakes_is_refused_with_a_pointer_to_each(store: Store) {
    let app = TestApp::migrated(store);
    seed_plan(&app);
    let wrong = OFFICE
        .replace("New_York", "Nowhere")
        .replace("17:00", "\"24:30\"")
        .replace("\"day\"]\n[[", "\"day\"]\nx = 1\n[[");
    let ended = app.run_reading(&wrong, &["route", "plan", "save", "-", "--plan", "Front desk"]);
    let ended = ended.failed("error: the document has 3 mistakes, and nothing was changed:\n");
    for line in [
        "\n/time_zone: is not a time zone",
        "\n/rules/0/when/schedule/weekly/0/to: must be a time of day",
        "\n/rules/0/x: is not a known key",
    ] {
        assert!(ended.stderr.contains(line), "{line}\n{ended:?}");
    }
    let wrong = OFFICE.replace("\"night\"", "\"nobody\"").replace("\"friends\"", "\"foes\"");
    let ended =
        app.run_reading(&wrong, &["route", "plan", "save", "-", "--plan", "Front desk", "--json"]);
    let problems: Value = serde_json::from_str(&ended.stdout).unwrap();
    let places: Vec<_> =
        problems["problems"].as_array().unwrap().iter().map(|problem| &problem["at"]).collect();
    assert_eq!(
        (ended.code, places),
        (Some(1), vec![&json!("/rules/1/when/caller/lists/0"), &json!("/otherwise/agents/0")])
    );
    assert_eq!(
        app.run(&["route", "plan", "show", "Front desk", "--json"]).succeeded().json()["version"],
        1
    );

    app.run("route plan save plan.toml").failed("another routing plan is named \"Front desk\"");
    app.run("route plan save gone.toml").failed("the plan gone.toml cannot be read");
    app.run(&["route", "plan", "save", "plan.toml", "--plan", "Back desk"])
        .failed("no routing plan has the id or name \"Back desk\"");
    app.run(&["route", "plan", "rollback", "Front desk", "--version", "7"])
        .failed(" has no version 7");
    app.run(&["route", "attach", "Front desk"]).misused("--number <NUMBER>");
    app.run(&["route", "attach", "Front desk", "--number", "+14155550101"])
        .failed("number …01 is unknown");
    app.run(&["route", "attach", "Front desk", "--account", OTHER_SID]).failed("is unknown");
    app.run(&format!("route explain --to {SALES} --from {SALES} --at tomorrow"))
        .misused("--at is neither now, a day such as");
    app.run(&format!("route explain --to {SALES} --from {SALES} --country USA"))
        .misused("--country is not a country");
    app.run(&["route", "simulate", "Back desk"]).failed("no routing plan has the id or name");
    app.run("route simulate plan.toml --days 0").misused("--days");
}

/// Calendars and lists are what plans name, and agents have limits of their own.
#[apply(on_both_stores!)]
fn calendars_lists_and_limits_are_kept(store: Store) {
    let app = TestApp::migrated(store);
    seed_plan(&app);
    app.write("days.txt", "2026-12-25\n2026-12-28..2027-01-02 # between the years\n");
    app.run("route calendar set holidays days.txt").succeeded();
    assert_eq!(
        app.run("route calendar show holidays").succeeded().stdout,
        "2026-12-25\n2026-12-28..2027-01-02\n"
    );
    let shown = app.run("route calendar show holidays --json").succeeded().json();
    assert_eq!(shown["days"], json!(["2026-12-25", {"from": "2026-12-28", "to": "2027-01-02"}]));
    assert_eq!(
        app.run("route calendar list --json").succeeded().list(),
        json!([{"name": "holidays", "organization_id": "org_00000000000000000000000000"}])
    );
    assert_eq!(app.run("route list show friends").succeeded().stdout, "+12125550177\n");
    assert_eq!(app.run("route list list").succeeded().stdout, "friends\n");
    let broken =
        app.run_reading("2026-13-01\n\nnever\n", &["route", "calendar", "set", "holidays", "-"]);
    broken.failed("the document has 2 mistakes");
    app.run("route calendar show busy").failed("no calendar is named \"busy\"");

    app.write("hours.toml", "calendars = [\"holidays\"]\ntime_zone = \"america/new_york\"\n");
    let set = [
        "agent",
        "set",
        "night",
        "--capacity",
        "2",
        "--hours-file",
        "hours.toml",
        "--health-url",
        "https://voice.example.com/healthz",
    ];
    app.run(&set).succeeded();
    let shown = app.run("agent show night --json").succeeded().json();
    assert_eq!(
        (&shown["capacity"], &shown["health_url"]),
        (&json!(2), &json!("https://voice.example.com/healthz"))
    );
    assert_eq!(shown["hours"], json!({"time_zone": "America/New_York", "calendars": ["holidays"]}));
    let text = app.run("agent show night").succeeded().stdout;
    let is_limit = |line: &str| line.starts_with("Concurrent calls ") && line.ends_with(" 2");
    assert!(text.lines().any(is_limit), "{text}");
    // Off duty but for holidays: the other one takes all that is not weighted to it.
    let off = explain(&app, "+14155550199", "2026-11-28T12:00:00-05:00");
    assert_eq!(
        (&off["agent_name"], off["plan"]["fallback_chain"].as_array().unwrap().len()),
        (&json!("day"), 1)
    );
    let on = explain(&app, "+14155550199", "2027-01-02T12:00:00-05:00");
    assert_eq!(on["plan"]["fallback_chain"].as_array().unwrap().len(), 2);
    app.run("agent set night --no-capacity --no-hours --no-health-url").succeeded();
    let shown = app.run("agent show night --json").succeeded().json();
    assert_eq!(
        (&shown["capacity"], &shown["hours"], &shown["health_url"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    app.run("agent set night --capacity 0").misused("--capacity");
    app.run("agent set night --capacity 2 --no-capacity").misused("cannot be used with");
    app.run_reading("{}", &["agent", "set", "night", "--hours-file", "-"])
        .failed("the document: can never match: hours that never come");
}

#[test]
fn a_week_is_simulated_as_text_as_json_and_as_a_drawing() {
    let app = TestApp::migrated(Store::sqlite());
    seed_plan(&app);
    // Who takes a call by weight is chance; this one does not come to that.
    let weights = r#"agents = [{ agent = "night", weight = 3 }, "day"]"#;
    let written = format!(
        "[[rules]]\nname = \"Written\"\nwhen.channels = [\"sms\"]\nthen.{weights}\n\n[otherwise]"
    );
    let document =
        OFFICE.replace(weights, r#"agents = ["night"]"#).replace("[otherwise]", &written);
    app.write("plan.toml", &document);
    app.run(&["route", "plan", "save", "plan.toml", "--plan", "Front desk"]).succeeded();
    let simulate = ["route", "simulate", "plan.toml", "--at", "2026-03-06", "--svg", "week.svg"];
    let text = app.run(&simulate).succeeded().stdout;
    let open = format!("fri 2026-03-06  {}{}{}", "A".repeat(18), "B".repeat(16), "A".repeat(14));
    for line in [
        open.as_str(),
        "sun 2026-03-08  AAAA--AA",
        "\nB  agent day (agt_",
        "\n-  skipped by the clock",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let split = text
        .lines()
        .skip_while(|line| !line.starts_with("rule 3 \"Written\" splits 10000 callers by weight"));
    let night = split.skip(1).map(str::trim).next().unwrap();
    assert!(
        night.ends_with("night, weight 3")
            && ["73.", "74.", "75.", "76."].iter().any(|part| night.starts_with(part)),
        "{text}"
    );
    let drawing = std::fs::read_to_string(app.path("week.svg")).unwrap();
    assert!(drawing.starts_with("<svg ") && drawing.contains(">day<"), "{drawing}");
    let json = app
        .run(&["route", "simulate", "Front desk", "--at", "2026-03-06", "--days", "2", "--json"])
        .succeeded()
        .json();
    assert_eq!((&json["to"], json["days"].as_array().unwrap().len()), (&json!(SALES), 2));
    assert_eq!(json["days"][0]["half_hours"][18]["outcomes"][0]["rule"]["name"], "Open");
    assert_eq!(json["destinations"][1]["letter"], "B");
    // A saved plan and the document that is its next version keep the same callers.
    let next = app
        .run(&[
            "route",
            "simulate",
            "plan.toml",
            "--plan",
            "Front desk",
            "--at",
            "2026-03-06",
            "--days",
            "2",
            "--json",
        ])
        .succeeded()
        .json();
    assert_eq!((&next["splits"], &next["days"]), (&json["splits"], &json["days"]));
}

#[test]
fn the_schema_and_the_secret_are_printed() {
    let app = TestApp::migrated(Store::sqlite());
    seed_plan(&app);
    let schema = app.run("route schema").succeeded().json();
    assert_eq!(schema["title"], "Routing plan");
    let secret = app.run("route secret").succeeded().stdout;
    assert!(secret.trim().strip_prefix("whsec_").is_some_and(|key| key.len() >= 32), "no secret");
    let json = app.run("route secret --json").succeeded().json();
    assert_eq!(json["secret"], secret.trim());
    let own = ["route", "secret", "--organization", json["organization"].as_str().unwrap()];
    assert_eq!(app.run(&own).succeeded().stdout, secret);
    let other = ["route", "secret", "--organization", "org_00000000000000000000000001"];
    assert_ne!(app.run(&other).succeeded().stdout, secret, "each organization has its own");
}
