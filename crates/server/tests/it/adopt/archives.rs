//! The archive of an export brings the whole configuration to another database.

use std::collections::BTreeSet;

use super::exports::files;
use crate::prelude::*;

const ARCHIVE: &str = "configuration.jsonl";
const IMPORT: [&str; 3] = ["import", "archive", ARCHIVE];

/// An account of another organization.
const THEIRS: &str = "AC00000000000000000000000000000d01";
const THEIR_TOKEN: &str = "dddddddddddddddddddddddddddddddd";

/// Agents of every kind, one with every optional field.
fn add_agents(app: &TestApp) {
    let named = |name: &str, more: &[&str]| {
        let add = ["agent", "add", "--name", name, "--external-id", name];
        app.run(&[&add[..], more].concat()).exits(0);
    };
    named(
        "Everything",
        &[
            "--prompt-file",
            "prompt.txt",
            "--voice",
            "alloy",
            "--model",
            "gpt-4o",
            "--language",
            "de-DE",
            "--relay-url",
            "wss://voice.example.com/relay",
            "--relay-attribute",
            "welcomeGreeting=Hello",
            "--parameter",
            "tier=gold",
            "--message-webhook",
            "https://example.com/messages",
            "--whatsapp-template",
            "HX0123456789abcdef0123456789abcdef",
            "--template-variable",
            "1={body}",
        ],
    );
    app.run("agent set Everything --capacity 3 --hours-file hours.toml --health-url https://voice.example.com/health")
        .exits(0);
    named(
        "Forms",
        &["--voice-twilio", "https://example.com/v", "--message-twilio", "https://example.com/m"],
    );
    named(
        "Chat",
        &[
            "--chat-model",
            "gpt-4o",
            "--chat-url",
            "https://example.com/v1",
            "--dial",
            "+14155550199",
        ],
    );
    named("Static", &["--reply", " Hello, ", "--stream-url", "wss://voice.example.com/s"]);
    app.run("agent set Static --disable").exits(0);
}

/// An installation with objects of every kind, in two organizations, with every optional field.
async fn filled(store: Store) -> TestApp {
    let app = TestApp::with_fleet(store, three_accounts());
    let first = number(0).as_str().to_owned();
    app.run(&format!("number assign {first} --agent Sales --repair automatic")).exits(0);
    app.write("prompt.txt", "Be brief,\r\nbe \"kind\" – ☎.\n");
    app.write("days.txt", "2026-12-24\n2026-12-31..2027-01-01\n");
    app.run("route calendar set holidays days.txt").exits(0);
    app.write("numbers.txt", "+14155550123\n+14155550111\n");
    app.run(&["route", "list", "set", "VIP/paid up", "numbers.txt"]).exits(0);
    app.write(
        "hours.toml",
        "time_zone = \"America/New_York\"\nweekly = [{ days = [\"mon\"], from = \"09:00\", to = \"17:00\" }]\n\
         calendars = [\"holidays\"]\n",
    );
    add_agents(&app);

    let plan = r#"{"rules":[{"when":{"caller":{"lists":["VIP/paid up"]}},"then":{"agents":["Everything"]}}],"otherwise":{"agents":["Chat"]}}"#;
    app.write("plan.json", plan);
    app.run(&["route", "plan", "save", "plan.json", "--name", "Desk"]).exits(0);
    app.write("plan.json", &plan.replace("Chat", "Static"));
    app.run(&["route", "plan", "save", "plan.json", "--plan", "Desk", "--author", "somebody"])
        .exits(0);
    for place in
        [&*format!("--number {first}"), &format!("--account {OTHER_SID}"), "--organization"]
    {
        app.run(&format!("route attach Desk {place}")).exits(0);
    }

    let added = app.run("organization add --name Theirs --json").exits(0).json();
    let theirs = added["id"].as_str().unwrap();
    app.write("token.txt", THEIR_TOKEN);
    let add = [
        "account",
        "add",
        THEIRS,
        "--name",
        "Theirs",
        "--token-file",
        "token.txt",
        "--region",
        "ie1",
    ];
    app.run(&[&add[..], &["--no-verify", "--parent", MAIN_SID]].concat()).exits(0);
    let subscribe = "subscription add --url https://example.com/events --types call.*";
    app.run(subscribe).exits(0);
    app.run(&format!("{subscribe} --organization {theirs}")).exits(0);
    app.run("key add --name ci --scopes read,route --expires 90d --networks 10.0.0.0/8").exits(0);
    app.run(&format!("key add --name old --scopes read --organization {theirs}")).exits(0);
    app.run("key revoke old --yes").exits(0);
    // What only events bring about, and what only the API sets for another organization.
    app.store
        .execute(&format!(
            "UPDATE accounts SET organization_id = '{theirs}', validation = 'report', connect_app_sid = '{}',
                connect_owner_sid = '{MAIN_SID}', disconnected_at = created_at WHERE sid = '{THEIRS}';
             UPDATE agents SET gone_target = 'https://example.com/messages', gone_at = created_at WHERE external_id = 'Everything';
             UPDATE subscriptions SET disabled_reason = 'gone', disabled_at = created_at WHERE organization_id = '{theirs}';
             INSERT INTO calendars (organization_id, name, days) SELECT '{theirs}', name, days FROM calendars;
             INSERT INTO number_lists (organization_id, name) SELECT '{theirs}', name FROM number_lists;
             INSERT INTO number_list_entries (organization_id, list_name, phone_number)
                SELECT '{theirs}', list_name, phone_number FROM number_list_entries;
             INSERT INTO consents (organization_id, sender, contact, state, changed_at, account_sid, message_sid)
                SELECT '{theirs}', '{SALES}', '+14155550199', 'opted_out', created_at, '{THEIRS}', '{}' FROM accounts
                WHERE sid = '{THEIRS}'",
            sid("CN", 1),
            sid("SM", 1)
        ))
        .await;
    let server = app.serve().await;
    drop(server);
    app
}

/// The columns of each table that have a value in some row.
fn set_columns(archive: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut all, mut set) = (BTreeSet::new(), BTreeSet::new());
    for line in archive.lines().skip(1) {
        let row: Value = serde_json::from_str(line).unwrap();
        for (column, value) in row["row"].as_object().unwrap() {
            let name = format!("{}.{column}", row["table"].as_str().unwrap());
            if !value.is_null() {
                set.insert(name.clone());
            }
            all.insert(name);
        }
    }
    (all, set)
}

#[apply(on_both_stores!)]
async fn an_archive_brings_everything_to_another_database(store: Store) {
    let elsewhere = match &store {
        Store::Sqlite(_) => Store::postgres().await,
        _ => Store::sqlite(),
    };
    let app = filled(store).await;
    app.run("export --to out").exits(0);
    let exported = files(&app);
    let archive = &exported[ARCHIVE];
    let (all, set) = set_columns(archive);
    assert_eq!(all.difference(&set).collect::<Vec<_>>(), Vec::<&String>::new(), "set in no row");
    for secret in [MAIN_TOKEN, SUB_TOKEN, THEIR_TOKEN, "sealed", "whsec_", "sbk_"] {
        assert!(!archive.contains(secret), "{secret}");
    }

    let copy = TestApp::over(elsewhere);
    copy.run("migrate").exits(0);
    copy.write(ARCHIVE, archive);
    copy.run(&IMPORT).exits(5).shows(&["no token is given for 3 accounts", MAIN_SID, "--accounts"]);
    let other_token = OTHER.token;
    let tokens = format!(
        "sid,name,auth_token\n{MAIN_SID},,{MAIN_TOKEN}\n{SUB_SID},,{SUB_TOKEN}\n{OTHER_SID},,{other_token}\n"
    );
    let import = [&IMPORT[..], &["--accounts", "tokens.csv"]].concat();
    copy.write("tokens.csv", &format!("{tokens}AC12,,{MAIN_TOKEN}\n{SUB_SID},,two words\n"));
    let refused = copy.run(&import).exits(1).shows(&["line 5: sid", "line 6: auth_token"]);
    assert!(!refused.stderr.contains("two words"), "{}", refused.stderr);
    copy.write("tokens.csv", &tokens);
    copy.run(&[&import[..], &["--dry-run"]].concat())
        .exits(0)
        .shows(&["would import", "agents: 6"]);
    assert_eq!(copy.run("account list --json").exits(0).list(), json!([]));
    copy.run(&import).exits(0).shows(&[
        "agents: 6",
        "agent rotate-secret",
        "subscription rotate-secret",
    ]);
    copy.run("export --to out").exits(0);
    let again = files(&copy);
    assert_eq!(again.keys().collect::<Vec<_>>(), exported.keys().collect::<Vec<_>>());
    for (name, text) in &exported {
        assert_eq!(&again[name], text, "{name}");
    }
    copy.run(&import).exits(5).shows(&["the database is not empty", "import csv"]);

    // The copy answers as the original does.
    let explain = format!("route explain --to {SALES} --from +14155550123 --json");
    let explained = |app: &TestApp| app.run(&explain).exits(0).json();
    let (mut one, mut other) = (explained(&app), explained(&copy));
    for explanation in [&mut one, &mut other] {
        explanation["at"].take();
    }
    assert_eq!(one, other);
    let server = copy.serve().await;
    assert_eq!(server.send(&Webhook::call(MAIN, SALES, &sid("CA", 1))).await.status, 200);
}

#[apply(on_both_stores!)]
fn a_file_that_is_no_archive_is_refused(store: Store) {
    let app = TestApp::over(store);
    app.run("migrate").exits(0);
    let import = |text: &str| {
        app.write(ARCHIVE, text);
        app.run(&IMPORT).exits(1)
    };
    let head = r#"{"archive":"switchboard-configuration","format":1,"rows":1}"#;
    let row =
        |table: &str, values: &str| format!("{head}\n{{\"table\":\"{table}\",\"row\":{values}}}\n");
    import("").shows(&["is not an archive", "switchboard export"]);
    import("sid,name\n").shows(&["is not an archive"]);
    import(&head.replace("\"format\":1", "\"format\":2"))
        .shows(&["has the format 2", "reads the format 1"]);
    import(&format!("{head}\nnonsense\n")).shows(&["line 2 is not a row"]);
    import(&row("tokens", "{}")).shows(&["the table \"tokens\"", "does not know"]);
    import(&row("number_lists", r#"{"name":"vip"}"#)).shows(&["number_lists", "organization_id"]);
    let unknown = r#"{"organization_id":"org_00000000000000000000000001","name":"vip"}"#;
    import(&row("number_lists", unknown));
    app.run(&[&IMPORT[..], &["--dry-run"]].concat()).exits(1);
    let unusable = |table: &str, values: &str, what: &[&str]| {
        let values = values
            .replace("ORG", switchboard_domain::organization::default_organization().as_str());
        app.write(ARCHIVE, &row(table, &values));
        for dry_run in [&[][..], &["--dry-run"]] {
            app.run(&[&IMPORT[..], dry_run].concat())
                .exits(1)
                .shows(&[table, "cannot be read"])
                .shows(what);
        }
    };
    unusable(
        "calendars",
        r#"{"organization_id":"ORG","name":"holidays","days":"someday"}"#,
        &["\"holidays\"", "\"days\""],
    );
    unusable("number_lists", r#"{"organization_id":"ORG","name":""}"#, &["\"name\"", "empty"]);
    let subscription = r#"{"id":"sub_01kb7y8m6q0123456789abcdef","organization_id":"ORG","url":"ftp://example.com","types":"*","disabled_reason":null,"disabled_at":null,"created_at":0}"#;
    unusable("subscriptions", subscription, &["sub_01kb7y8m6q0123456789abcdef", "\"url\""]);
    let plan = r#"{"id":"pln_01kb7y8m6q0123456789abcdef","organization_id":"ORG","name":"Desk","version":3}"#;
    unusable("routing_plans", plan, &["pln_01kb7y8m6q0123456789abcdef", "\"version\""]);
    let key = r#"{"id":"key_01kb7y8m6q0123456789abcdef","organization_id":null,"name":"ci","scopes":"read","networks":"","digest":"00","created_at":0,"expires_at":null,"revoked_at":null}"#;
    unusable("api_keys", key, &["key_01kb7y8m6q0123456789abcdef", "\"digest\""]);
    let consent = r#"{"organization_id":"ORG","sender":"+14155550100","contact":"+14155550199","state":"perhaps","changed_at":0,"account_sid":"AC00000000000000000000000000000001","message_sid":null}"#;
    unusable("consents", consent, &["\"state\""]);
    let url = r#"{"id":1,"url":"nowhere"}"#;
    unusable("public_url", url, &["\"url\""]);
    import(&format!("{head}\n")).shows(&["has 0 rows", "says 1", "a part is missing"]);
    assert_eq!(app.run("route list list --json").exits(0).list(), json!([]));
    app.run("import archive missing.jsonl").exits(1).shows(&["cannot be read"]);
    app.write(ARCHIVE, &format!("{}\n", head.replace("\"rows\":1", "\"rows\":0")));
    app.run(&IMPORT).exits(0).shows(&["imported 0 rows"]);
    app.run("organization add --name Foreign").exits(0);
    app.run(&IMPORT).exits(5).shows(&["the database is not empty", "organizations"]);
}
