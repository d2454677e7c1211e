//! The whole way from the earlier system to this one, as `docs/migration.md` tells it.

use serde_json::{Value, json};

use crate::adopt::rig::{Desk, Earlier, MAIN, MAIN_TOKEN, PUBLIC_URL, SUB, SUB_TOKEN, Store, seed};

on_both_stores! {
    numbers_of_one_account_come_over,
    numbers_of_subaccounts_come_over,
}

const ONE: &str = "+14155550100";
const OTHER: &str = "+14155550110";

/// A number as the earlier system has configured it.
fn old(phone_number: &str, agent: &str) -> Value {
    let url = |path: &str| format!("{PUBLIC_URL}/api/twilio/{path}?agentId={agent}");
    json!({
        "phone_number": phone_number,
        "settings": {"voice_url": url("voice"), "sms_url": url("webhook"), "voice_fallback_url": "https://keep.example.com"},
    })
}

async fn numbers_of_one_account_come_over(store: Store) {
    let accounts = json!([{
        "sid": MAIN, "name": "Main", "auth_token": MAIN_TOKEN, "numbers": [old(ONE, "c1"), old(OTHER, "c2")],
    }]);
    let earlier = Earlier::current().await;
    let numbers = format!(
        "INSERT INTO \"TwilioPhoneNumber\" (\"phoneNumber\", \"chatbotId\") VALUES ('{ONE}', 'c1'), ('{OTHER}', 'c2')"
    );
    come_over(store, &accounts, &earlier, &numbers).await;
}

async fn numbers_of_subaccounts_come_over(store: Store) {
    let accounts = json!([
        {"sid": MAIN, "name": "Main", "auth_token": MAIN_TOKEN, "numbers": [old(ONE, "c1")]},
        {"sid": SUB, "name": "Sub", "auth_token": SUB_TOKEN, "parent": MAIN, "numbers": [old(OTHER, "c2")]},
    ]);
    let earlier = Earlier::with_subaccounts().await;
    let numbers = format!(
        "INSERT INTO \"TwilioPhoneNumber\" \
            (\"phoneNumber\", \"chatbotId\", \"subaccountSid\", \"subaccountAuthToken\", \"isSubaccount\") \
            VALUES ('{ONE}', 'c1', NULL, NULL, false), ('{OTHER}', 'c2', '{SUB}', '{SUB_TOKEN}', true)"
    );
    come_over(store, &accounts, &earlier, &numbers).await;
}

async fn come_over(store: Store, accounts: &Value, earlier: &Earlier, numbers: &str) {
    let mut desk = Desk::over(store, seed(accounts)).await;
    desk.set("TWILIO_ACCOUNT_SID", MAIN);
    desk.set("TWILIO_AUTH_TOKEN", MAIN_TOKEN);
    let before = [ONE, OTHER].map(|number| desk.company.number(crate::adopt::rig::number(number)));
    earlier
        .execute(r#"INSERT INTO "Chatbot" VALUES ('c1', 'Sales', 'Sell.', NULL, NULL), ('c2', 'Help', 'Help.', NULL, NULL)"#)
        .await;
    earlier.execute(numbers).await;
    desk.write("url.txt", earlier.url());
    desk.run(&["import", "prisma", "--from-file", "url.txt"]).await.with(0);

    // The old URLs are answered before anything is changed at the phone company, and after.
    let server = desk.serve().await;
    for (call, (number, agent)) in (1..).zip([(ONE, "Sales"), (OTHER, "Help")]) {
        let (status, twiml) = server.call(number, call).await;
        assert_eq!(status, 200);
        assert!(twiml.contains(&format!("value=\"{agent}\"")), "{twiml}");
    }
    let report = desk.run(&["account", "sync", MAIN, "--json"]).await.with(0).json();
    assert!(report["numbers"].as_array().unwrap().iter().all(|row| row["voice"] == "legacy"));
    let planned = desk.run(&["webhooks", "plan"]).await.with(3);
    assert_eq!(planned.stdout.matches("legacy_agent_id").count(), 4, "{planned:?}");
    desk.run(&["webhooks", "fix"]).await.with(0);
    desk.run(&["webhooks", "check"]).await.with(0);
    for (call, (number, agent)) in (3..).zip([(ONE, "Sales"), (OTHER, "Help")]) {
        assert_eq!(desk.settings(number).voice_url, format!("{PUBLIC_URL}/api/twilio/voice"));
        let (status, twiml) = server.call(number, call).await;
        assert_eq!(status, 200);
        assert!(twiml.contains(&format!("value=\"{agent}\"")), "{twiml}");
    }

    desk.run(&["webhooks", "restore", "--all"]).await.with(0);
    let after = [ONE, OTHER].map(|number| desk.company.number(crate::adopt::rig::number(number)));
    assert!(before == after, "what was there before has not come back");
}
