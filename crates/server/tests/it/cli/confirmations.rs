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
