//! Commands that destroy something show their impact and need a confirmation; without a terminal, `--yes`.

use crate::prelude::*;

/// Without `--yes` the command is refused with exit code 2 and the impact, a dry run shows the impact, and both change
/// nothing.
fn asks(app: &TestApp, command: &str, impact: &str) {
    let state = || {
        ["account list --json", "agent list --json", "number list --json"]
            .map(|list| app.run(list).succeeded().stdout)
    };
    let before = state();
    app.run(command).misused("--yes").shows(&[impact, "--dry-run"]);
    let dry = app.run(&format!("{command} --dry-run")).succeeded();
    assert!(dry.stdout.contains(impact), "{dry:?}");
    let dry = app.run(&format!("{command} --dry-run --json")).succeeded().json();
    assert_eq!(dry["dry_run"], true);
    assert!(dry["impact"].to_string().contains(impact), "{dry}");
    app.run(&format!("{command} --dry-run --yes")).exits(2);
    assert_eq!(state(), before, "{command}");
}

#[apply(on_both_stores!)]
async fn what_destroys_something_needs_a_confirmation(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    let rotate = format!("account rotate-token {MAIN_SID}");
    asks(&app, &rotate, "every other application that uses the old token stops working");
    asks(&app, &format!("number unassign {SALES}"), "no longer answers the number");
    asks(&app, &format!("number release {SALES}"), "no longer answers the number");
    asks(&app, &format!("number remove {SALES}"), "no longer answers the number");
    app.run(&format!("number remove {SALES} --yes --force")).succeeded();
    asks(&app, "agent remove Sales", "is deleted with its prompt of");
    app.run("agent remove Sales --yes").succeeded();
    asks(&app, &format!("account remove {MAIN_SID}"), "is deleted with its tokens");
    app.run(&format!("account remove {MAIN_SID} -y")).succeeded();
}

#[apply(on_both_stores!)]
async fn what_takes_a_plan_away_needs_a_confirmation(store: Store) {
    let app = TestApp::migrated(store);
    app.add_sales();
    app.write("busy.json", r#"{"name": "Busy", "otherwise": {"next": [{"reject": "busy"}]}}"#);
    app.run("route plan save busy.json").succeeded();
    app.run("route attach Busy --organization --dry-run").succeeded().shows(&[
        "would be attached to the organization",
        "it would decide for 1 number: 1 in place of their assigned agents",
    ]);
    // Nothing was changed.
    app.run("route detach --organization").succeeded();
    app.run("route attach Busy --organization")
        .succeeded()
        .shows(&["it decides for 1 number: 1 in place of their assigned agents"]);
    app.run("route attach Busy --organization --dry-run").succeeded().shows(&["1 as before"]);
    app.run("route attach Nothing --organization --dry-run").exits(4);
    app.run("route attach Busy --number +14155550999 --dry-run").exits(4);
    app.run(&format!("route attach Busy --account {} --dry-run", sid("AC", 99))).exits(4);
    asks(&app, "route detach --organization", "their assigned agents answer 1 number");
    app.run("route detach --organization --yes").succeeded();
    // Without a plan there is nothing to lose.
    app.run(&format!("route detach --number {SALES}")).succeeded();
    app.run(&format!("route detach --number {SALES} --dry-run"))
        .succeeded()
        .shows(&["no plan is attached"]);
    asks(&app, "route plan remove Busy", "is deleted with 1 version");
    app.run("route plan remove Busy --yes").succeeded();
    app.write("days.txt", "2026-12-24..2026-12-26\n");
    app.write("numbers.txt", "+12125550177\n");
    app.run("route calendar set days days.txt").succeeded();
    app.run("route list set vip numbers.txt").succeeded();
    asks(&app, "route calendar remove days", "calendar days is deleted with 1 entry");
    asks(&app, "route list remove vip", "list vip is deleted with 1 number");
    app.run("route calendar remove days --yes").succeeded();
    app.run("route list remove vip --yes").succeeded();
}

/// On a terminal, a person sees the impact and answers.
#[apply(on_both_stores!)]
async fn a_person_on_a_terminal_is_asked(store: Store) {
    let app = TestApp::migrated(store);
    app.write("numbers.txt", "+12125550177\n");
    app.run("route list set vip numbers.txt").succeeded();
    let refused = app.run_on_terminal("n\n", "route list remove vip").exits(1);
    refused.shows(&["list vip is deleted with 1 number", "Continue? [y/N]", "nothing was changed"]);
    app.run("route list show vip").succeeded();
    app.run_on_terminal("y\n", "route list remove vip").exits(0).shows(&["removed list vip"]);
    assert_eq!(app.run("route list list --json").succeeded().list(), serde_json::json!([]));
}

#[apply(on_both_stores!)]
async fn what_has_nothing_to_lose_needs_none(store: Store) {
    let app = TestApp::migrated(store);
    app.add_account(MAIN_SID);
    app.run(&format!("number add {SALES} --account {MAIN_SID}")).succeeded();
    app.run(&format!("number unassign {SALES} --dry-run"))
        .succeeded()
        .shows(&["nothing is changed"]);
    app.run(&format!("number unassign {SALES}")).succeeded().shows(&["was not assigned"]);
    app.run("webhooks restore --all").succeeded().shows(&["no saved configurations"]);
}
