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
    let legacy = LegacyDatabase::current().await;
    let numbers = format!(
        "INSERT INTO \"TwilioPhoneNumber\" (\"phoneNumber\", \"chatbotId\") VALUES ('{ONE}', 'c1'), ('{OTHER}', 'c2')"
    );
    come_over(store, &accounts, &legacy, &numbers).await;
}

#[apply(on_both_stores!)]
async fn numbers_of_subaccounts_come_over(store: Store) {
    let accounts = json!([
        {"sid": MAIN_SID, "name": "Main", "auth_token": MAIN_TOKEN, "numbers": [old(ONE, "c1")]},
        {"sid": SUB_SID, "name": "Sub", "auth_token": SUB_TOKEN, "parent": MAIN_SID, "numbers": [old(OTHER, "c2")]},
    ]);
    let legacy = LegacyDatabase::with_subaccounts().await;
    let numbers = format!(
        "INSERT INTO \"TwilioPhoneNumber\" \
            (\"phoneNumber\", \"chatbotId\", \"subaccountSid\", \"subaccountAuthToken\", \"isSubaccount\") \
            VALUES ('{ONE}', 'c1', NULL, NULL, false), ('{OTHER}', 'c2', '{SUB_SID}', '{SUB_TOKEN}', true)"
    );
    come_over(store, &accounts, &legacy, &numbers).await;
}

async fn come_over(store: Store, accounts: &Value, legacy: &LegacyDatabase, numbers: &str) {
    let mut app = TestApp::adopting(store, accounts);
    app.set("TWILIO_ACCOUNT_SID", MAIN_SID);
    app.set("TWILIO_AUTH_TOKEN", MAIN_TOKEN);
    let before = [ONE, OTHER].map(|number| app.twilio().simulator.number(phone_number(number)));
    legacy
        .execute(r#"INSERT INTO "Chatbot" VALUES ('c1', 'Sales', 'Sell.', NULL, NULL), ('c2', 'Help', 'Help.', NULL, NULL)"#)
        .await;
    legacy.execute(numbers).await;
    app.write("url.txt", legacy.url());
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

/// The blocks of a language in the page, in order.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fences = page.split("```").collect::<Vec<_>>();
    let inside = fences.iter().skip(1).step_by(2);
    inside
        .filter_map(|block| block.strip_prefix(&format!("{language}\n")))
        .map(str::to_owned)
        .collect()
}

/// The account of the examples.
const DOCUMENTED: &str = "AC0123456789abcdef0123456789abcdef";

/// The tables of the page's map, and a table of the documented schema that has the same number and agent.
const TABLES: &str = r#"
    CREATE TABLE "Assistant" ("slug" TEXT PRIMARY KEY, "title" TEXT, "instructions" TEXT, "locale" TEXT, "socketUrl" TEXT);
    CREATE TABLE "PhoneNumber" ("e164" TEXT PRIMARY KEY, "assistantSlug" TEXT, "twilioSid" TEXT);
    CREATE TABLE "TwilioAccount" ("sid" TEXT PRIMARY KEY, "token" TEXT, "label" TEXT);
    INSERT INTO "Assistant" VALUES ('help', 'Help', 'Help.', 'en-US', 'wss://media.example.com/help');
    INSERT INTO "Chatbot" VALUES ('sales', 'Sales', 'Sell.', NULL, NULL);
"#;

/// Every command of `docs/migration.md` is run as it is written, in its order, with the exit code that the page names.
#[apply(on_both_stores!)]
async fn every_command_of_the_page_runs(store: Store) {
    let page = include_str!("../../../../../docs/migration.md");
    let accounts = json!([
        {"sid": DOCUMENTED, "name": "Main", "auth_token": MAIN_TOKEN, "numbers": [old(ONE, "sales")]},
        {"sid": SUB_SID, "name": "Sub", "auth_token": SUB_TOKEN, "parent": DOCUMENTED, "numbers": [old(OTHER, "help")]},
    ]);
    let mut app = TestApp::adopting(store, &accounts);
    let legacy = LegacyDatabase::current().await;
    legacy.execute(TABLES).await;
    let numbers = format!(
        "INSERT INTO \"TwilioPhoneNumber\" (\"phoneNumber\", \"chatbotId\") VALUES ('{ONE}', 'sales'); \
         INSERT INTO \"PhoneNumber\" VALUES ('{OTHER}', 'help', '{SUB_SID}'), ('{ONE}', 'help', NULL); \
         INSERT INTO \"TwilioAccount\" VALUES ('{SUB_SID}', '{SUB_TOKEN}', 'Sub')"
    );
    legacy.execute(&numbers).await;
    app.write("legacy-url.txt", legacy.url());
    app.write("token.txt", MAIN_TOKEN);
    app.write("map.toml", &blocks(page, "toml")[0]);
    let mut server = None;
    for line in
        blocks(page, "sh").iter().flat_map(|block| block.lines()).filter(|line| !line.is_empty())
    {
        if let Some((name, value)) =
            line.strip_prefix("export ").and_then(|rest| rest.split_once('='))
        {
            app.set(name, value);
            continue;
        }
        let (command, comment) = line.split_once(" # exit code ").unwrap_or((line, "0"));
        let code: i32 = comment.split(' ').next().unwrap().parse().unwrap();
        let command = command.trim().strip_prefix("switchboard ").unwrap();
        match command {
            "serve" => {
                server = Some(app.serve().await);
                continue;
            }
            // The example account has no calls from which a person would wait for one.
            rotation if rotation.starts_with("account rotate-token") => {
                let ended = app.run(&format!("{rotation} --settle 0 --verify-within 1"));
                ended.exits(code);
                continue;
            }
            _ => {}
        }
        let mut arguments = words(command);
        if let (Some(server), "simulate") = (&server, arguments[0].as_str()) {
            arguments.extend(["--url".to_owned(), format!("http://{}", server.address)]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ended = app.run(&arguments);
        assert_eq!(ended.code, Some(code), "{line}\n{ended:#?}");
        check(&app, line, &ended);
    }
}

/// What a command of the page has to bring about.
fn check(app: &TestApp, line: &str, ended: &Finished) {
    if line.contains("import prisma") && !line.contains("--dry-run") {
        assert!(ended.stdout.contains("1 agent and 1 number"), "{ended:?}");
    }
    if line == "switchboard webhooks fix --yes" {
        for number in [ONE, OTHER] {
            let settings = app.twilio().settings(phone_number(number));
            assert_eq!(settings.voice_url, "https://voice.example.com/api/twilio/voice");
        }
    }
    if line == "switchboard webhooks restore --all --yes" {
        for number in [ONE, OTHER] {
            let settings = app.twilio().settings(phone_number(number));
            assert!(settings.voice_url.contains("agentId="), "{}", settings.voice_url);
        }
    }
}

/// The words of a command as a shell reads them.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in command.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
