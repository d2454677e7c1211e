//! `import prisma`: the data of the legacy system is imported, or every mistake is reported.

use crate::prelude::*;

async fn legacy() -> LegacyDatabase {
    let legacy = LegacyDatabase::with_subaccounts().await;
    legacy
        .execute(&format!(
            r#"INSERT INTO "Chatbot" VALUES ('c1', 'Sales', 'Be brief.', 'alloy', 'gpt-4o'), ('c2', ' ', '', NULL, NULL);
            INSERT INTO "TwilioPhoneNumber"
                ("phoneNumber", "chatbotId", "subaccountSid", "subaccountAuthToken", "isSubaccount") VALUES
                ('+1 (415) 555-0100', 'c1', NULL, NULL, false),
                ('+14155550110', 'c2', '{SUB_SID}', '{SUB_TOKEN}', true),
                ('+14155550111', NULL, '{SUB_SID}', '{SUB_TOKEN}', true);"#
        ))
        .await;
    legacy
}

#[apply(on_both_stores!)]
async fn everything_comes_over_once(store: Store) {
    let mut app = TestApp::adopting(store, &json!([]));
    let legacy = legacy().await;
    app.write("url.txt", legacy.url());
    app.set("TWILIO_ACCOUNT_SID", MAIN_SID);
    app.set("TWILIO_AUTH_TOKEN", MAIN_TOKEN);
    let import = ["import", "prisma", "--from-file", "url.txt", "--json"];
    let expected = |dry_run: bool| {
        json!({
            "dry_run": dry_run, "accounts": 2, "agents": 2, "numbers": 3, "assigned": 2,
            "known_agents": 0, "known_numbers": 0,
            "remarks": [{"table": "Chatbot", "key": "c2", "field": "name", "remark": "is empty; the id is used instead"}],
        })
    };
    let dry = app.run(&[&import[..], &["--dry-run"]].concat()).exits(0).json();
    assert_eq!(dry, expected(true));
    assert_eq!(app.run("account list --json").exits(0).list(), json!([]));
    assert_eq!(app.run(&import).exits(0).json(), expected(false));

    let agent = app.run("agent show c1 --json").exits(0).json();
    let reported = ["name", "prompt", "voice", "model"].map(|field| agent[field].as_str().unwrap());
    assert_eq!(reported, ["Sales", "Be brief.", "alloy", "gpt-4o"]);
    let number = app.run("number show +14155550100 --json").exits(0).json();
    assert_eq!(
        (&number["agent_name"], &number["account_sid"]),
        (&json!("Sales"), &json!(MAIN_SID))
    );
    let number = app.run("number show +14155550110 --json").exits(0).json();
    assert_eq!((&number["agent_name"], &number["account_sid"]), (&json!("c2"), &json!(SUB_SID)));
    let account = app.run(&format!("account show {SUB_SID} --json")).exits(0).json();
    assert_eq!(account["parent_sid"], MAIN_SID);

    let again = app.run("import prisma --from-file url.txt").exits(0);
    again.shows(&["imported 0 accounts, 0 agents and 0 numbers, of which 0 assigned; 2 agents and 3 numbers already existed"]);
}

#[apply(on_both_stores!)]
async fn a_single_mistake_keeps_everything_out(store: Store) {
    let app = TestApp::adopting(store, &json!([]));
    let legacy = legacy().await;
    legacy
        .execute(
            r#"INSERT INTO "TwilioPhoneNumber"
                ("phoneNumber", "chatbotId", "subaccountSid", "subaccountAuthToken", "isSubaccount")
                VALUES ('4155550120', 'c1', 'AC12', 'two words', true)"#,
        )
        .await;
    app.write("url.txt", legacy.url());
    let refused = app.run("import prisma --from-file url.txt").fails();
    assert_eq!(refused.stdout, "");
    assert!(!refused.stderr.replace("for example +14155550100", "").contains("41555501"));
    refused.shows(&[
        "nothing was imported: 3 mistakes",
        "TwilioPhoneNumber 1, subaccountSid: is empty, so the main account owns the number",
        "TwilioPhoneNumber 4, phoneNumber: has no country code",
        "TwilioPhoneNumber 4, subaccountSid: is not an account SID",
    ]);
    assert_eq!(app.run("agent list --json").exits(0).list(), json!([]));
    let named = format!("import prisma --from-file url.txt --account {MAIN_SID}");
    app.run(&named).fails().shows(&["2 mistakes"]);
    legacy.execute(r#"DELETE FROM "TwilioPhoneNumber" WHERE "phoneNumber" = '4155550120'"#).await;
    app.run(&named).exits(4).shows(&["is unknown", "add it with `switchboard account add"]);
}

#[apply(on_both_stores!)]
async fn another_database_than_a_legacy_one_is_refused(store: Store) {
    let app = TestApp::adopting(store, &json!([]));
    let from = |url: &'static str| ["import", "prisma", "--from", url];
    let refused = app.run(&from("postgres://me:hunter2@127.0.0.1:1/app")).exits(2);
    assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
    refused.shows(&["--from contains a password", "--from-file"]);
    app.run(&from("mysql://127.0.0.1/app")).exits(2).shows(&["--from does not start with"]);
    app.run(&from("postgres://me@127.0.0.1:1/app")).exits(6).shows(&["127.0.0.1"]);
    app.run("import prisma").exits(2);
    app.write("url.txt", "postgres://me:hunter2@127.0.0.1:1/app\n");
    let away = app.run("import prisma --from-file url.txt").exits(6);
    assert!(!away.stderr.contains("hunter2"), "{away:?}");

    let empty = throwaway_postgres::Database::empty().await;
    app.write("url.txt", &empty.url);
    let other = app.run("import prisma --from-file url.txt").fails();
    other.shows(&[
        "the database of the legacy system could not be read",
        "has no table \"Chatbot\"",
        "tables there: none",
    ]);

    let legacy = LegacyDatabase::current().await;
    app.write("url.txt", legacy.url());
    let mapped = |map: &str| {
        app.write("map.toml", map);
        app.run("import prisma --from-file url.txt --map map.toml").fails()
    };
    mapped("[agents]\ntable = \"Bots\"")
        .shows(&["no table \"Bots\"", "Chatbot, TwilioPhoneNumber"]);
    mapped("[numbers]\nphone_number = \"e164\"").shows(&[
        "the table \"TwilioPhoneNumber\" has no column \"e164\"",
        "columns there: chatbotId, id, phoneNumber",
    ]);
    mapped("[numbers]\nphone = \"e164\"").shows(&["--map map.toml is not a map", "phone_number"]);
    app.run("import prisma --from-file url.txt --map none.toml").fails().shows(&["cannot be read"]);
}
