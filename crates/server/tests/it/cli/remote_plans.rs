//! Routing plans, their calendars and their lists are changed through the admin API as on the database.

use super::remote::Remote;
use crate::prelude::*;

/// The text without the ids of plans, which differ.
fn masked(text: &str) -> String {
    let mut parts = text.split("pln_");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |masked, part| format!("{masked}pln_…{}", &part[26..]))
}

#[apply(on_both_stores!)]
async fn plans_are_changed_through_the_api(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let remote = Remote::of(&app, &server);
    app.write("plan.json", r#"{"name":"Desk","otherwise":{"agents":["hours"]}}"#);
    app.write("next.toml", "[otherwise]\nagents = [\"hours\", \"sales\"]\n");
    app.write("nameless.json", r#"{"otherwise":{"agents":["hours"]}}"#);
    app.write("unknown.json", r#"{"name":"Wrong","otherwise":{"agents":["nobody"]}}"#);
    app.write("syntax.toml", "[otherwise\n");
    let wrong = json!({
        "name": "Wrong",
        "rulse": [],
        "rules": [{"when": {"caller": {"lists": ["foes"]}}, "then": {"agents": ["nobody"]}}],
        "otherwise": {"agents": [{"agent": "hours", "wait": 1}]}
    });
    app.write("wrong.json", &wrong.to_string());
    let save = "route plan save plan.json --author ci";
    let saved = [app.run(&format!("{save} --dry-run")), app.run(save)].map(|ended| ended.exits(0));
    app.run("route plan remove Desk --yes").exits(0);
    let through_api = [remote.run(&format!("{save} --dry-run")), remote.run(save)];
    for (local, through_api) in saved.iter().zip(through_api) {
        assert_eq!(masked(&through_api.exits(0).stdout), masked(&local.stdout));
    }
    let next = "route plan save next.toml --plan Desk";
    let planned = format!("{next} --dry-run");
    assert_eq!(remote.run(&planned).exits(0).stdout, app.run(&planned).exits(0).stdout);
    remote.run(next).exits(0).shows(&["saved version 2 of plan Desk (pln_"]);
    // It names agents by their names, and the same agents by their ids.
    for command in [
        next,
        "route plan show Desk",
        "route plan show Desk --toml",
        "route plan show Desk --version 1",
        "route plan list",
        "route plan versions Desk",
        "route plan remove Desk --dry-run",
        "route plan remove Desk",
        // Errors.
        "route plan show Desks",
        "route plan show Desk --version 9",
        "route plan show Desk --version 0",
        "route plan save plan.json",
        "route plan save plan.json --plan Desks",
        "route plan save missing.json",
        "route plan save nameless.json",
        "route plan save unknown.json",
        "route plan save wrong.json",
        "route plan save wrong.json --plan Desk",
        "route plan save syntax.toml --name Wrong",
        "route plan rollback Desk --version 9",
        "route plan rollback Desk --version 0",
        "route plan rollback Desks --version 1",
        "route plan remove Desks --yes",
    ] {
        // With --toml, there is no --json.
        if command.ends_with("--toml") {
            assert_eq!(remote.run(command).exits(0).stdout, app.run(command).exits(0).stdout);
        } else {
            remote.prints_the_same(command);
        }
    }
    let back = remote.run("route plan rollback Desk --version 1").exits(0);
    back.shows(&["now has the document of version 1, as version 3"]);
    let versions = app.run("route plan versions Desk --json").exits(0).list();
    let authors: Vec<_> = versions.as_array().unwrap().iter().map(|one| &one["author"]).collect();
    assert_eq!(authors, ["ci", "operator", "operator"]);

    // What a version applies to is known, and the calls of the last week are not replayed.
    app.run(&format!("route attach Desk --number {UNASSIGNED}")).exits(0);
    let (here, there) = (app.run(&planned).exits(0).stdout, remote.run(&planned).exits(0).stdout);
    assert!(here.starts_with(&there), "{here}{there}");
    assert!(there.contains("it applies to 1 number"), "{there}");
    let touches = remote.run(&format!("{planned} --json")).exits(0).json()["touches"].take();
    assert_eq!(touches, json!({ "organization": false, "accounts": [], "numbers": 1 }));
    remote.prints_the_same("route plan remove Desk --yes");
    app.run(&format!("route detach --number {UNASSIGNED} --yes")).exits(0);
    remote.run("route plan remove Desk --yes").exits(0).shows(&["removed plan Desk (pln_"]);
    app.run("route plan show Desk").exits(4);
    app.run("audit list --action plan.removed").exits(0).shows(&["key_"]);
}

#[apply(on_both_stores!)]
async fn plans_are_attached_and_detached_through_the_api(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let remote = Remote::of(&app, &server);
    for plan in ["Desk", "Other"] {
        let plan = json!({ "name": plan, "otherwise": { "agents": ["hours"] } });
        app.run_reading(&plan.to_string(), &["route", "plan", "save", "-"]).exits(0);
    }
    let places = [
        format!("--number {SALES}"),
        format!("--number {UNASSIGNED}"),
        format!("--account {MAIN_SID}"),
        "--organization".to_owned(),
    ];
    for place in &places {
        remote.prints_the_same(&format!("route attach Desk {place} --dry-run"));
        remote.prints_the_same(&format!("route attach Desks {place} --dry-run"));
        remote.prints_the_same(&format!("route detach {place} --dry-run"));
        let (attach, detach) =
            (format!("route attach Desk {place}"), format!("route detach {place} --yes"));
        remote.does_the_same(&attach, &detach);
        remote.prints_the_same(&format!("route attach Other {place} --dry-run"));
        remote.prints_the_same(&format!("route detach {place} --dry-run"));
        remote.prints_the_same(&format!("route detach {place}"));
        remote.does_the_same(&detach, &attach);
    }
    // A plan of an account or of the organization decides where a nearer one is detached.
    for place in &places {
        app.run(&format!("route attach Desk {place}")).exits(0);
    }
    for place in &places {
        remote.prints_the_same(&format!("route detach {place} --dry-run"));
        remote.run(&format!("route detach {place} --yes")).exits(0);
    }
    for command in [
        format!("route attach Desk --number {UNKNOWN}"),
        format!("route attach Desk --number {UNKNOWN} --dry-run"),
        "route attach Desk --number hello".to_owned(),
        "route attach Desk --account AC00000000000000000000000000000c04".to_owned(),
        "route attach Desk --account Nobody".to_owned(),
        "route attach Desk --number rcs:nobody".to_owned(),
        format!("route detach --number {UNKNOWN} --yes"),
        format!("route detach --number {UNKNOWN} --dry-run"),
        "route detach --account Nobody --yes".to_owned(),
    ] {
        remote.prints_the_same(&command);
    }
}

#[apply(on_both_stores!)]
async fn calendars_and_lists_are_changed_through_the_api(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let remote = Remote::of(&app, &server);
    app.write("days.txt", "2026-11-26\n2026-12-24..2027-01-01\n");
    app.write("numbers.txt", "+14155550199\n+14155550177\n+14155550199\n");
    app.write("wrong.txt", "never\n+1\n");
    for (kind, name, file) in [("calendar", "holidays", "days.txt"), ("list", "vip", "numbers.txt")]
    {
        let of = |words: &str| format!("route {kind} {words}");
        let (set, removal) =
            (of(&format!("set {name} {file}")), of(&format!("remove {name} --yes")));
        remote.does_the_same(&set, &removal);
        for command in [
            set.clone(),
            of(&format!("show {name}")),
            of(&format!("set {name} wrong.txt")),
            of(&format!("set {name} missing.txt")),
            of(&format!("remove {name}")),
            of(&format!("remove {name} --dry-run")),
            of("remove nothing --yes"),
            of("remove nothing --dry-run"),
        ] {
            remote.prints_the_same(&command);
        }
        remote.does_the_same(&removal, &set);
        app.run(&set).exits(0);
    }
    let plan = json!({
        "name": "Desk",
        "time_zone": "Etc/UTC",
        "rules": [
            {"when": {"caller": {"lists": ["vip"]}}, "then": {"agents": ["sales"]}},
            {"when": {"schedule": {"calendars": ["holidays"]}}, "then": {"agents": ["hours"]}}
        ],
        "otherwise": {"agents": ["sales"]}
    });
    app.run_reading(&plan.to_string(), &["route", "plan", "save", "-"]).exits(0);
    remote.prints_the_same("route calendar remove holidays --yes");
    remote.prints_the_same("route list remove vip --yes");

    // A decision is explained in the same words.
    app.run(&format!("route attach Desk --number {SALES}")).exits(0);
    let explain = format!("route explain --to {SALES}");
    let at = "--at 2026-12-24T17:00:00-05:00";
    for command in [
        format!("{explain} --from +14155550199 {at}"),
        format!("{explain} --from anonymous {at} --country US --state CA --attestation B"),
        format!("{explain} --from +14155550142 {at} --channel sms"),
        format!("route explain --to {SILENT} --from +14155550199 {at}"),
        format!("route explain --to {UNKNOWN} --from +14155550199 {at}"),
        format!("{explain} --from 4155550199"),
        format!("{explain} --from +14155550199 --at yesterday"),
        format!("{explain} --from +14155550199 --channel fax"),
        format!("{explain} --from +14155550199 --channel whatsapp --attestation D"),
    ] {
        remote.prints_the_same(&command);
    }
    let now = remote.run(&format!("{explain} --from +14155550199 --json")).exits(0).json();
    assert_eq!((&now["plan"]["name"], now.get("down")), (&json!("Desk"), None));
    remote.run(&format!("route explain --call {}", sid("CA", 1))).misused("--call");
}
