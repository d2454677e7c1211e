//! Output on terminals of several widths, in pipes and to readers that leave early.

use crate::prelude::*;

const LONG: &str = "東京のカスタマーサポート・デスク";

/// Numbers, agents, accounts, plans and calls.
fn seed(app: &TestApp) {
    app.add_sales();
    app.run(&["agent", "add", "--name", LONG, "--external-id", "tokyo"]).exits(0);
    app.run(&["agent", "add", "--name=\u{9b}31mred\u{202e}", "--external-id", "control"])
        .misused("--name");
    app.write("plan.json", r#"{"name":"Front desk","otherwise":{"agents":["sales"]}}"#);
    app.run("route plan save plan.json").succeeded();
}

const LISTS: [&str; 9] = [
    "account list",
    "agent list",
    "number list",
    "route plan list",
    "route calendar list",
    "route list list",
    "call list",
    "message list",
    "rejection list",
];

/// What a terminal of this width shows.
fn shown(app: &TestApp, columns: usize, line: &str) -> String {
    let ended = app.run_on_terminal_of(columns, line).exits(0);
    ended.stdout.replace('\r', "")
}

/// The columns that a line takes: these texts have no characters but wide ones and single ones.
fn width(line: &str) -> usize {
    line.chars().map(|character| if character > '\u{2e7f}' { 2 } else { 1 }).sum()
}

/// Tables fit terminals of 40, 80 and 200 columns, and a pipe gets everything.
#[apply(on_both_stores!)]
fn tables_fit_the_terminal_and_pipes_get_everything(store: Store) {
    let app = TestApp::migrated(store);
    seed(&app);
    for columns in [40, 80, 200] {
        for list in ["account list", "agent list", "number list", "route plan list"] {
            let text = shown(&app, columns, list);
            for line in text.lines() {
                assert!(width(line) <= columns, "{columns} {list}: {} {line:?}", width(line));
            }
        }
    }
    let narrow = shown(&app, 40, "account list");
    assert!(narrow.starts_with("SID     AC"), "{narrow}");
    let key = shown(&app, 80, "account list");
    assert!(key.contains(MAIN_SID) && key.starts_with("SID "), "{key}");
    assert!(shown(&app, 84, "agent list").contains('…'));
    let piped = app.run("agent list").succeeded().stdout;
    assert!(piped.contains(LONG) && !piped.contains('…'), "{piped}");
}

/// A reader that leaves early, as `head` does, ends every list quietly.
#[apply(on_both_stores!)]
fn a_closed_pipe_ends_every_command_quietly(store: Store) {
    let app = TestApp::migrated(store);
    seed(&app);
    let others = ["agent show sales", "number show +14155550100", "completions bash", "--help"];
    for line in LISTS.into_iter().chain(others) {
        for json in ["", " --json"] {
            if line.starts_with("completions") || line.starts_with("--") || json.is_empty() {
                let ended = app.run_into_closed_pipe(line);
                assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{line}");
            } else {
                let ended = app.run_into_closed_pipe(&format!("{line}{json}"));
                assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{line}{json}");
            }
        }
    }
}

/// Days and times of RFC 3339 are accepted wherever a time is named, and printed in UTC.
#[apply(on_both_stores!)]
fn times_are_read_and_written_as_rfc_3339(store: Store) {
    let app = TestApp::migrated(store);
    seed(&app);
    for at in ["2026-12-01", "2026-12-01T08:00:00Z", "2026-12-01T08:00:00+01:00"] {
        app.run(&format!("route explain --to {SALES} --from +14155550199 --at {at}")).succeeded();
        app.run(&["route", "simulate", "Front desk", "--at", at]).succeeded();
        app.run(&format!("call list --since {at}")).succeeded();
        app.run(&format!("rejection list --until {at}")).succeeded();
    }
    for at in ["2026-13-01", "2026-02-30", "tomorrow", "2026-12-01T25:00:00Z"] {
        for command in
            ["route explain --to +14155550100 --from +14155550199 --at", "call list --since"]
        {
            let refused = app.run(&format!("{command} {at}")).exits(2);
            assert!(!refused.stderr.contains("failed to parse"), "{refused:?}");
        }
    }
    let created = app.run("account show Main --json").succeeded().json();
    let created = created["created_at"].as_str().unwrap();
    assert!(created.ends_with('Z') && created.contains('T') && created.len() == 20, "{created}");
}
