//! The whole migration from the legacy system, as described in `docs/migration.md`.

use crate::prelude::*;

const ONE: &str = "+14155550100";
const OTHER: &str = "+14155550110";

/// A number as the legacy system has configured it.
fn old(phone_number: &str, agent: &str) -> Value {
    let url = |path: &str| format!("{PUBLIC_URL}/api/twilio/{path}?agentId={agent}");
    json!({
        "phone_number": phone_number,
        "settings": {"voice_url": url("voice"), "sms_url": url("webhook"), "voice_fallback_url": "https://keep.example.com"},
    })
}

#[apply(on_both_stores!)]
async fn numbers_of_one_account_come_over(store: Store) {
    let accounts = json!([{
        "sid": MAIN_SID, "name": "Main", "auth_token": MAIN_TOKEN, "numbers": [old(ONE, "c1"), old(OTHER, "c2")],
    }]);
    let earlier = EarlierDatabase::current().await;
    let numbers = format!(
        "INSERT INTO \"TwilioPhoneNumber\" (\"phoneNumber\", \"chatbotId\") VALUES ('{ONE}', 'c1'), ('{OTHER}', 'c2')"
    );
    come_over(store, &accounts, &earlier, &numbers).await;
}

#[apply(on_both_stores!)]
async fn numbers_of_subaccounts_come_over(store: Store) {
    let accounts = json!([
        {"sid": MAIN_SID, "name": "Main", "auth_token": MAIN_TOKEN, "numbers": [old(ONE, "c1")]},
        {"sid": SUB_SID, "name": "Sub", "auth_token": SUB_TOKEN, "parent": MAIN_SID, "numbers": [old(OTHER, "c2")]},
    ]);
    let earlier = EarlierDatabase::with_subaccounts().await;
    let numbers = format!(
        "INSERT INTO \"TwilioPhoneNumber\" \
            (\"phoneNumber\", \"chatbotId\", \"subaccountSid\", \"subaccountAuthToken\", \"isSubaccount\") \
            VALUES ('{ONE}', 'c1', NULL, NULL, false), ('{OTHER}', 'c2', '{SUB_SID}', '{SUB_TOKEN}', true)"
    );
    come_over(store, &accounts, &earlier, &numbers).await;
}

async fn come_over(store: Store, accounts: &Value, earlier: &EarlierDatabase, numbers: &str) {
    let mut app = TestApp::adopting(store, accounts);
    app.set("TWILIO_ACCOUNT_SID", MAIN_SID);
    app.set("TWILIO_AUTH_TOKEN", MAIN_TOKEN);
    let before = [ONE, OTHER].map(|number| app.twilio().simulator.number(phone_number(number)));
    earlier
        .execute(r#"INSERT INTO "Chatbot" VALUES ('c1', 'Sales', 'Sell.', NULL, NULL), ('c2', 'Help', 'Help.', NULL, NULL)"#)
        .await;
    earlier.execute(numbers).await;
    app.write("url.txt", earlier.url());
    app.run("import prisma --from-file url.txt").exits(0);

    // The old URLs are answered before anything is changed at the Twilio simulator, and after.
    let server = app.serve().await;
    for (call, (number, agent)) in (1..).zip([(ONE, "Sales"), (OTHER, "Help")]) {
        let answer = server.send(&incoming_call(&app.twilio().simulator, number, call)).await;

        assert_eq!(answer.status, 200);
        assert!(answer.text().contains(&format!("value=\"{agent}\"")), "{}", answer.text());
    }
    let report = app.run(&format!("account sync {MAIN_SID} --json")).exits(0).json();
    assert!(report["numbers"].as_array().unwrap().iter().all(|row| row["voice"] == "legacy"));
    let planned = app.run("webhooks plan").exits(3);
    assert_eq!(planned.stdout.matches("legacy_agent_id").count(), 4, "{planned:?}");
    app.run("webhooks fix --yes").exits(0);
    app.run("webhooks check").exits(0);
    for (call, (number, agent)) in (3..).zip([(ONE, "Sales"), (OTHER, "Help")]) {
        assert_eq!(
            app.twilio().settings(phone_number(number)).voice_url,
            format!("{PUBLIC_URL}/api/twilio/voice")
        );
        let answer = server.send(&incoming_call(&app.twilio().simulator, number, call)).await;

        assert_eq!(answer.status, 200);
        assert!(answer.text().contains(&format!("value=\"{agent}\"")), "{}", answer.text());
    }

    app.run("webhooks restore --all --yes").exits(0);
    let after = [ONE, OTHER].map(|number| app.twilio().simulator.number(phone_number(number)));
    assert!(before == after, "what was there before has not come back");
}
