//! A command prints the same on the database and through the admin API of a running server.

use crate::admin_api::records::{our_message, served_with_records};
use crate::prelude::*;

/// An organization that does not exist.
const NOBODY: &str = "org_01m8jwaxz29rbqtyphtjq1q9h7";

/// A program that works through the API of a server.
pub(super) struct Remote<'a> {
    app: &'a TestApp,
    url: String,
}

impl<'a> Remote<'a> {
    /// With a new operator key that may do everything.
    pub(super) fn of(app: &'a TestApp, server: &Server) -> Self {
        let scopes = "read,route,configure,admin";
        let added = app.run(&format!("key add --name remote --scopes {scopes} --json")).exits(0);
        app.write("key.txt", added.json()["secret"].as_str().unwrap());
        Self { app, url: format!("http://{}", server.admin.unwrap()) }
    }

    /// The URL of the server.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    #[track_caller]
    pub(super) fn run(&self, line: &str) -> Finished {
        self.run_with("key.txt", line)
    }

    /// The command prints the same text and JSON with the API and without it. It changes nothing.
    #[track_caller]
    pub(super) fn prints_the_same(&self, command: &str) {
        for form in ["", " --json"] {
            let line = format!("{command}{form}");
            let (local, through_api) = (self.app.run(&line), self.run(&line));
            assert_eq!(through_api.code, local.code, "{line}: {through_api:#?}");
            assert_eq!(through_api.stdout, local.stdout, "{line}");
            // Cursors are those of the API.
            if !local.stderr.contains("cursor") {
                assert_eq!(through_api.stderr, local.stderr, "{line}");
            }
        }
    }

    /// The command prints the same with the API as without it. In between, another command restores what it changes.
    #[track_caller]
    pub(super) fn does_the_same(&self, command: &str, restore: &str) {
        let local = self.app.run(command).exits(0);
        self.app.run(restore).exits(0);
        let through_api = self.run(command).exits(0);
        assert_eq!(through_api.stdout, local.stdout, "{command}");
        assert_eq!(through_api.stderr, local.stderr, "{command}");
    }

    /// With another file of a key.
    #[track_caller]
    fn run_with(&self, key: &str, line: &str) -> Finished {
        self.app.run(&format!("--url {} --key {key} {line}", self.url))
    }
}

/// The first id of a list.
fn first(app: &TestApp, list: &str) -> String {
    let listed = app.run(&format!("{list} --json")).exits(0).list();
    listed[0]["id"].as_str().unwrap().to_owned()
}

#[apply(on_both_stores!)]
async fn a_command_prints_the_same_through_the_api(store: Store) {
    let (app, server) = served_with_records(store).await;
    app.write("holidays.txt", "2026-11-26\n2026-12-24..2027-01-01\n");
    app.run("route calendar set holidays holidays.txt").exits(0);
    app.write("vip.txt", "+14155550199\n+14155550177\n");
    app.run("route list set vip vip.txt").exits(0);
    app.write("plan.json", r#"{"name":"Desk","otherwise":{"agents":["hours"]}}"#);
    app.run("route plan save plan.json --author ci").exits(0);
    app.run(&format!("route attach Desk --number {UNASSIGNED}")).exits(0);
    app.run("subscription add --url https://example.com/events --types call.*").exits(0);
    let remote = Remote::of(&app, &server);
    let conversation = format!("conversation show {}", first(&app, "conversation list"));
    let delivery = format!("delivery show {}", first(&app, "delivery list"));
    let subscription = format!("subscription show {}", first(&app, "subscription list"));
    let by_subscription =
        format!("delivery list --subscription {}", first(&app, "subscription list"));
    let message = format!("message show {}", our_message());
    let (account, number) = (format!("account show {MAIN_SID}"), format!("number show {SALES}"));
    let of_account = format!("number list --account {MAIN_SID}");
    let to = format!("call list --to {SALES} --reveal");
    let commands = [
        "account list",
        &account,
        "account show Main",
        "agent list",
        "agent show hours",
        "audit list",
        "audit list --action agent.changed --actor command_line",
        "call list",
        "call list --agent sales --since 1h",
        "call list --outcome answered --reason assigned",
        "call list --plan Desk",
        &to,
        &conversation,
        "conversation list --agent sales",
        &delivery,
        &by_subscription,
        "delivery list --state delivered --reveal",
        "event list --type call.*",
        &message,
        "message list --limit 2",
        "message list --account Main",
        &number,
        &of_account,
        "number list --agent sales",
        "organization list",
        "organization show Others",
        "rejection list",
        "rejection list --reason signature_wrong --account Main",
        "route calendar list",
        "route calendar show holidays",
        "route list list",
        "route list show vip",
        "route plan list",
        "route plan versions Desk",
        "sender list",
        &subscription,
        "subscription list",
        // Errors: what does not exist, and what cannot be.
        "account show AC00000000000000000000000000000c04",
        "account show Nobody",
        "agent show salse",
        "call list --account Main --agent support",
        "call list --agent agt_01m8jwaxz29rbqtyphtjq1q9h7",
        "call list --reason nonsense",
        "call list --since 1h --until 2h",
        "conversation show cnv_01m8jwaxz29rbqtyphtjq1q9h7",
        "delivery list --subscription sub_01m8jwaxz29rbqtyphtjq1q9h7",
        "delivery show dlv_01m8jwaxz29rbqtyphtjq1q9h7",
        "message show SM000000000000000000000000000000ff",
        "message show CA000000000000000000000000000000ff",
        "number list --agent nobody",
        "number show +14155550188",
        "number show hello",
        &format!("organization show {NOBODY}"),
        "organization show other",
        "route calendar show holiday",
        "route list show nobody",
        "route plan versions desk",
        "sender show rcs:nobody",
        "subscription show sub_01m8jwaxz29rbqtyphtjq1q9h7",
    ];
    for command in commands {
        remote.prints_the_same(command);
    }
    let call = format!("call show {}", sid("CA", 1));
    let shown = remote.run(&format!("{call} --json")).exits(0).json();
    assert_eq!(shown, app.run(&format!("{call} --json")).exits(0).json());
    remote.run(&call).misused("add --json");
    remote.run("agent list --health").misused("--health");
}

/// A cursor leads to the rest of the list, and one of the database is none of the API.
#[apply(on_both_stores!)]
async fn a_list_goes_on_where_its_cursor_says(store: Store) {
    let (app, server) = served_with_records(store).await;
    let remote = Remote::of(&app, &server);
    let begun = remote.run("call list --limit 2 --json").exits(0);
    let next: Value = serde_json::from_str(&begun.stderr).unwrap();
    let cursor = next["next_cursor"].as_str().unwrap();
    let rest = remote.run(&format!("call list --json --cursor {cursor}")).succeeded();
    let all = app.run("call list --json").succeeded();
    assert_eq!(format!("{}{}", begun.stdout, rest.stdout), all.stdout);
    let error = remote.run("call list --json --cursor nonsense").exits(2).json_error();
    assert_eq!(error["code"], "invalid_value");
}

#[apply(on_both_stores!)]
async fn what_keeps_a_command_from_the_api_is_named(store: Store) {
    let (mut app, server) = TestApp::served(store).await;
    let remote = Remote::of(&app, &server);
    let url = remote.url.clone();
    app.write("wrong.txt", "sbk_wrong");
    app.write("token.txt", MAIN_TOKEN);
    let code = |finished: Finished, exit: i32| {
        finished.exits(exit).json_error()["code"].as_str().unwrap().to_owned()
    };
    let wrong = remote.run_with("wrong.txt", "number list --json");
    wrong.assert_hides("sbk_wrong");
    assert_eq!(code(wrong, 5), "key_unknown");
    remote.run_with("token.txt", "number list").misused("contains no key of the API");
    let misplaced = remote.run_with("sbk_misplaced", "number list --json");
    misplaced.assert_hides("sbk_misplaced");
    assert_eq!(code(misplaced, 2), "invalid_value");
    let narrow = app.run("key add --name narrow --scopes route --json").exits(0).json();
    app.write("narrow.txt", narrow["secret"].as_str().unwrap());
    assert_eq!(code(remote.run_with("narrow.txt", "number list --json"), 5), "key_scope");

    let at = |url: &str| app.run(&format!("--url {url} --key key.txt number list --json"));
    assert_eq!(code(at("http://127.0.0.1:9"), 6), "server_unavailable");
    assert_eq!(code(at(&format!("http://{}", server.address)), 1), "server_unreadable");
    assert_eq!(code(at("http://switchboard.example.com"), 2), "invalid_value");
    app.run("--url http://10.0.0.1:8088 --key key.txt number list").misused("ssh -L");
    app.run(&format!("--url {url} number list")).misused("--key FILE");
    app.run("--key key.txt number list").misused("without --url");

    remote.run("prune --yes").misused("`switchboard prune` does not work through --url");
    remote.run("route simulate Desk").misused("/api/docs");
    assert_eq!(remote.run("route schema").exits(0).stdout, app.run("route schema").stdout);

    let listed = app.run("number list").exits(0).stdout;
    let key = std::fs::read_to_string(app.path("key.txt")).unwrap();
    let read = app.run_reading(&key, &["--url", &url, "--key", "-", "number", "list"]);
    assert_eq!(read.succeeded().stdout, listed);
    // The database is not opened.
    app.set("SWITCHBOARD_URL", &url);
    app.set("SWITCHBOARD_KEY_FILE", "key.txt");
    app.set("DATABASE_URL", "sqlite://nowhere/nothing.db");
    assert_eq!(app.run("number list").succeeded().stdout, listed);
    app.run("doctor").misused("does not work through SWITCHBOARD_URL");
}

/// Organizations, keys and subscriptions are changed through the API, too.
#[apply(on_both_stores!)]
async fn objects_are_changed_through_the_api(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let remote = Remote::of(&app, &server);
    let acme = remote.run("organization add --name Acme --json").exits(0).json();
    let id = acme["id"].as_str().unwrap();
    assert_eq!(app.run(&format!("organization show {id} --json")).exits(0).json(), acme);
    remote.run("organization set Acme --name Ajax").exits(0).shows(&["renamed", "Ajax"]);
    app.run(&format!("organization show {id}")).exits(0).shows(&["Ajax"]);

    let key = "key add --name theirs --scopes read --expires 1d --organization Ajax --json";
    let key = remote.run(key).exits(0).json();
    assert_eq!((&key["organization"], &key["state"]), (&json!(id), &json!("active")));
    app.write("theirs.txt", key["secret"].as_str().unwrap());
    remote.run_with("theirs.txt", "number list").succeeded().shows(&["no numbers yet"]);
    let foreign = remote.run_with("theirs.txt", &format!("number show {SALES} --json"));
    assert_eq!(foreign.exits(4).json_error()["code"], "number_not_found");
    remote.run("key revoke theirs").misused("--yes");
    remote.run("key revoke theirs --yes").exits(0).shows(&["revoked API key", "(theirs)"]);
    let refused = remote.run_with("theirs.txt", "number list --json").exits(5).json_error();
    assert_eq!(refused["code"], "key_revoked");
    remote.run("key list").exits(0).shows(&["theirs", "revoked"]);

    let add = format!("subscription add --url https://example.com/1 --organization {id} --json");
    let added = remote.run(&add).exits(0).json();
    assert_eq!(added["organization"], json!(id));
    assert!(added["secret"].as_str().unwrap().starts_with("whsec_"), "{added}");
    let id_of_subscription = added["id"].as_str().unwrap();
    remote.run(&format!("subscription set {id_of_subscription}")).misused("nothing to change");
    let set = format!("subscription set {id_of_subscription} --types call.* --disable --json");
    let changed = remote.run(&set).exits(0).json();
    assert_eq!((&changed["types"], &changed["state"]), (&json!(["call.*"]), &json!("disabled")));
    let rotated = remote.run(&format!("subscription rotate-secret {id_of_subscription} --json"));
    assert_ne!(rotated.exits(0).json()["secret"], added["secret"]);
    let in_use = remote.run("organization remove Ajax --yes --json").exits(5).json_error();
    assert_eq!(in_use["code"], "organization_in_use");
    let gone = format!("subscription remove {id_of_subscription}");
    let planned = remote.run(&format!("{gone} --dry-run")).exits(0);
    assert_eq!(planned.stdout, app.run(&format!("{gone} --dry-run")).exits(0).stdout);
    remote.run(&format!("{gone} --yes")).exits(0).shows(&["removed subscription"]);
    remote.run("organization remove Ajax --yes").exits(0).shows(&["removed organization"]);
    assert_eq!(remote.run(&format!("{gone} --yes")).exits(4).stdout, "");
    app.run("audit list --action organization.removed").exits(0).shows(&["key_"]);
}
