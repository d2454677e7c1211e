//! `import prisma`: what the earlier system knows comes over, or is told.

use serde_json::json;

use crate::adopt::rig::{Desk, Earlier, MAIN, MAIN_TOKEN, SUB, SUB_TOKEN, Store, seed};

on_both_stores! {
    everything_comes_over_once,
    a_single_mistake_keeps_everything_out,
    what_is_no_earlier_system_is_told,
}

async fn earlier() -> Earlier {
    let earlier = Earlier::with_subaccounts().await;
    earlier
        .execute(&format!(
            r#"INSERT INTO "Chatbot" VALUES ('c1', 'Sales', 'Be brief.', 'alloy', 'gpt-4o'), ('c2', ' ', '', NULL, NULL);
            INSERT INTO "TwilioPhoneNumber"
                ("phoneNumber", "chatbotId", "subaccountSid", "subaccountAuthToken", "isSubaccount") VALUES
                ('+1 (415) 555-0100', 'c1', NULL, NULL, false),
                ('+14155550110', 'c2', '{SUB}', '{SUB_TOKEN}', true),
                ('+14155550111', NULL, '{SUB}', '{SUB_TOKEN}', true);"#
        ))
        .await;
    earlier
}

async fn everything_comes_over_once(store: Store) {
    let mut desk = Desk::over(store, seed(&json!([]))).await;
    let earlier = earlier().await;
    desk.write("url.txt", earlier.url());
    desk.set("TWILIO_ACCOUNT_SID", MAIN);
    desk.set("TWILIO_AUTH_TOKEN", MAIN_TOKEN);
    let import = ["import", "prisma", "--from-file", "url.txt", "--json"];
    let expected = |dry_run: bool| {
        json!({
            "dry_run": dry_run, "accounts": 2, "agents": 2, "numbers": 3, "assigned": 2,
            "known_agents": 0, "known_numbers": 0,
            "remarks": [{"table": "Chatbot", "key": "c2", "field": "name", "remark": "is empty; the id stands in for it"}],
        })
    };
    let dry = desk.run(&[&import[..], &["--dry-run"]].concat()).await.with(0).json();
    assert_eq!(dry, expected(true));
    assert_eq!(desk.run(&["account", "list", "--json"]).await.with(0).json(), json!([]));
    assert_eq!(desk.run(&import).await.with(0).json(), expected(false));

    let agent = desk.run(&["agent", "show", "c1", "--json"]).await.with(0).json();
    let told = ["name", "prompt", "voice", "model"].map(|field| agent[field].as_str().unwrap());
    assert_eq!(told, ["Sales", "Be brief.", "alloy", "gpt-4o"]);
    let number = desk.run(&["number", "show", "+14155550100", "--json"]).await.with(0).json();
    assert_eq!((&number["agent_name"], &number["account_sid"]), (&json!("Sales"), &json!(MAIN)));
    let number = desk.run(&["number", "show", "+14155550110", "--json"]).await.with(0).json();
    assert_eq!((&number["agent_name"], &number["account_sid"]), (&json!("c2"), &json!(SUB)));
    let account = desk.run(&["account", "show", SUB, "--json"]).await.with(0).json();
    assert_eq!(account["parent_sid"], MAIN);

    let again = desk.run(&["import", "prisma", "--from-file", "url.txt"]).await.with(0);
    again.tells(&["imported 0 accounts, 0 agents and 0 numbers, 0 numbers assigned; 2 agents and 3 numbers were here already"]);
}

async fn a_single_mistake_keeps_everything_out(store: Store) {
    let desk = Desk::over(store, seed(&json!([]))).await;
    let earlier = earlier().await;
    earlier
        .execute(
            r#"INSERT INTO "TwilioPhoneNumber"
                ("phoneNumber", "chatbotId", "subaccountSid", "subaccountAuthToken", "isSubaccount")
                VALUES ('4155550120', 'c1', 'AC12', 'two words', true)"#,
        )
        .await;
    desk.write("url.txt", earlier.url());
    let refused = desk.run(&["import", "prisma", "--from-file", "url.txt"]).await.with(1);
    assert_eq!(refused.stdout, "");
    assert!(!refused.stderr.replace("for example +14155550100", "").contains("41555501"));
    refused.tells(&[
        "nothing was imported: 3 mistakes in the database of the earlier system",
        "TwilioPhoneNumber …00, subaccountSid: is not there, so the main account owns the number; name it with --account",
        "TwilioPhoneNumber …20, phoneNumber: has no country code",
        "TwilioPhoneNumber …20, subaccountSid: is not an account SID",
    ]);
    assert_eq!(desk.run(&["agent", "list", "--json"]).await.with(0).json(), json!([]));
    let named = ["import", "prisma", "--from-file", "url.txt", "--account", MAIN];
    desk.run(&named).await.with(1).tells(&["2 mistakes"]);
    earlier.execute(r#"DELETE FROM "TwilioPhoneNumber" WHERE "phoneNumber" = '4155550120'"#).await;
    desk.run(&named)
        .await
        .with(1)
        .tells(&["is not known here; add it with `switchboard account add"]);
}

async fn what_is_no_earlier_system_is_told(store: Store) {
    let desk = Desk::over(store, seed(&json!([]))).await;
    let from = |url: &'static str| ["import", "prisma", "--from", url];
    let refused = desk.run(&from("postgres://me:hunter2@127.0.0.1:1/app")).await.with(2);
    assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
    refused.tells(&["--from has a password in its URL", "--from-file"]);
    desk.run(&from("mysql://127.0.0.1/app")).await.with(2).tells(&["--from does not start with"]);
    desk.run(&from("postgres://me@127.0.0.1:1/app")).await.with(1).tells(&["127.0.0.1"]);
    desk.run(&["import", "prisma"]).await.with(2);
    desk.write("url.txt", "postgres://me:hunter2@127.0.0.1:1/app\n");
    let away = desk.run(&["import", "prisma", "--from-file", "url.txt"]).await.with(1);
    assert!(!away.stderr.contains("hunter2"), "{away:?}");

    let empty = throwaway_postgres::Database::empty().await;
    desk.write("url.txt", &empty.url);
    let other = desk.run(&["import", "prisma", "--from-file", "url.txt"]).await.with(1);
    other.tells(&[
        "the database of the earlier system could not be read",
        "has no table \"Chatbot\"",
    ]);
}
