//! Twilio Connect: a customer authorizes our app, and its account is connected without a token of its own.

use crate::prelude::*;
use switchboard_twilio_simulator::ConnectAppSeed;

/// The Connect app of the main account.
const APP: &str = "CN000000000000000000000000000000c1";
/// The number of the customer's account.
const NUMBER: &str = "+14155550105";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The customer's account as it signs if Twilio uses the token of the owner of the app.
const CUSTOMER: Account = Account { token: MAIN_TOKEN, ..SUB };

/// The main account owns the app. A customer has an account with a number.
fn seed() -> Seed {
    let app = ConnectAppSeed {
        sid: Sid::parse("CN", APP),
        authorize_redirect_url: format!("{PUBLIC_URL}/api/twilio/connect"),
        deauthorize_callback_url: String::new(),
    };
    let main = AccountSeed { connect_apps: vec![app], ..account_seed(MAIN, Vec::new()) };
    let customer = account_seed(OTHER, Vec::new());
    let connected =
        AccountSeed { parent: Some(OTHER_SID.to_owned()), ..account_seed(SUB, numbers([5])) };
    Seed { accounts: vec![main, customer, connected], ..Seed::default() }
}

/// An app that has only the main account, and the agent Sales.
fn app(store: Store) -> TestApp {
    let mut app = TestApp::with_twilio(store, seed());
    app.add_account(MAIN_SID);
    app.run(&["agent", "add", "--name", "Sales", "--reply", "We are open."]).exits(0);
    app.set("TWILIO_CONNECT_APP_SID", APP);
    app.set("TWILIO_CONNECT_ACCOUNT_SID", MAIN_SID);
    // Only what the tests cause asks Twilio.
    app.set("SWITCHBOARD_CHECK_INTERVAL", "0");
    app
}

/// A new link of an organization, or of the default one.
fn link(app: &TestApp, organization: Option<&str>) -> String {
    let mut arguments = vec!["account", "connect", "--json"];
    if let Some(id) = organization {
        arguments.extend(["--organization", id]);
    }
    let made = app.run(&arguments).exits(0).json();
    made["url"].as_str().unwrap().to_owned()
}

/// Opens a link as the customer does, and returns where the browser goes on our server.
async fn choose(link: &str, choice: &str) -> String {
    let (page, query) = link.split_once('?').unwrap();
    let url = format!("{page}/{choice}?{query}&account={SUB_SID}");
    let answer = http().get(url).send().await.unwrap();
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    location.strip_prefix(PUBLIC_URL).unwrap().to_owned()
}

/// Connects the customer's account.
async fn connect(app: &TestApp, server: &Server, organization: Option<&str>) -> u16 {
    let path = choose(&link(app, organization), "accept").await;
    server.get(&path, &[]).await.status
}

/// Gives the customer's number to Sales.
fn assign(app: &TestApp) {
    app.run(&["number", "add", NUMBER, "--account", SUB_SID]).exits(0);
    app.run(&["number", "assign", NUMBER, "--agent", "Sales"]).exits(0);
}

/// The status of the answer to a call of the customer's number.
async fn call(server: &Server, account: Account, n: u128) -> u16 {
    server.send(&Webhook::call(account, NUMBER, &sid("CA", n))).await.status
}

/// Assigns the customer's number, and waits until the server has the account in memory.
async fn answers(app: &TestApp, server: &Server) {
    assign(app);
    within(CHANGED, "the call is answered", async || {
        (call(server, CUSTOMER, 1).await == 200).then_some(())
    })
    .await;
}

/// The customer's account as it is stored.
fn stored(app: &TestApp) -> Value {
    app.run(&["account", "show", SUB_SID, "--json"]).exits(0).json()
}

/// Sends Twilio's callback about an account.
async fn report(server: &Server, account: &str, app: &str) -> Answer {
    let body = format!("AccountSid={account}&ConnectAppSid={app}");
    server.post("/api/twilio/connect/deauthorize", &[FORM], &body).await
}

/// How often Twilio was asked about the customer's account.
fn asked(app: &TestApp) -> usize {
    let path = format!("/2010-04-01/Accounts/{SUB_SID}.json");
    app.twilio().simulator.requests().iter().filter(|request| request.path == path).count()
}

#[apply(on_both_stores!)]
async fn an_account_is_connected_disconnected_and_restored(store: Store) {
    let app = app(store);
    let server = app.serve().await;
    assert_eq!(call(&server, CUSTOMER, 1).await, 403, "nothing is connected");
    assert_eq!(connect(&app, &server, None).await, 200);
    let account = stored(&app);
    assert_eq!((&account["kind"], &account["connect_app_sid"]), (&json!("connect"), &json!(APP)));
    assert!(account["disconnected_at"].is_null(), "{account}");

    // The number is configured at Twilio with the token of the owner of the app.
    assign(&app);
    let settings = app.twilio().settings(phone_number(NUMBER));
    assert_eq!(settings.voice_url, format!("{PUBLIC_URL}/api/twilio/voice"));
    within(CHANGED, "the call is answered", async || {
        (call(&server, CUSTOMER, 2).await == 200).then_some(())
    })
    .await;
    assert_eq!(call(&server, SUB, 3).await, 403, "its own token is not stored");
    let foreign = Account { token: OTHER.token, ..SUB };
    assert_eq!(call(&server, foreign, 4).await, 403);
    let message = Webhook::message(CUSTOMER, NUMBER, &sid("SM", 5), "Hello");
    assert_eq!(server.send(&message).await.status, 200);
    let doctor = app.run("doctor");
    doctor.shows(&["Twilio accepts the tokens of 2 accounts"]);

    // The customer deauthorizes the app.
    assert!(app.twilio().simulator.deauthorize(account_sid(SUB_SID)).is_some());
    assert_eq!(report(&server, SUB_SID, APP).await.status, 204);
    within(CHANGED, "the account is disconnected", async || {
        (call(&server, CUSTOMER, 6).await == 403).then_some(())
    })
    .await;
    assert!(!stored(&app)["disconnected_at"].is_null());
    within(BEHIND, "the refusal is recorded", async || {
        let listed = app.run("rejection list --json").exits(0);
        listed.stdout.contains("account_disconnected").then_some(())
    })
    .await;
    app.run(&["number", "show", NUMBER]).exits(0).shows(&["Sales"]);
    let audited = app.run("audit list --json").exits(0);
    assert!(audited.stdout.contains("deauthorization"), "{}", audited.stdout);

    // Connecting it again restores what it had.
    assert_eq!(connect(&app, &server, None).await, 200);
    assert!(stored(&app)["disconnected_at"].is_null());
    within(CHANGED, "the call is answered again", async || {
        (call(&server, CUSTOMER, 7).await == 200).then_some(())
    })
    .await;
}

#[apply(on_both_stores!)]
async fn a_forged_redirect_changes_nothing_and_looks_like_a_used_one(store: Store) {
    let app = app(store);
    let server = app.serve().await;
    let path = choose(&link(&app, None), "accept").await;
    // A program that only looks at the link uses up nothing.
    assert_eq!(server.request("HEAD", &path, &[]).await.status, 403);
    assert_eq!(server.get(&path, &[]).await.status, 200);
    let used = server.get(&path, &[]).await;
    assert_eq!(used.status, 403);

    let state = |path: &str| {
        let url = Url::parse(&format!("{PUBLIC_URL}{path}")).unwrap();
        url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
    };
    let fresh = || state(&link(&app, None).replace(&app.twilio().base(), ""));
    let at = |account: &str, state: &str| {
        format!("/api/twilio/connect?AccountSid={account}&state={state}")
    };
    let other = sid("AC", 77);
    let denied = choose(&link(&app, None), "deny").await;
    let forged = [
        at(&other, &fresh()),
        // The account of the owner of the app, which its token opens, too.
        at(MAIN_SID, &fresh()),
        at(SUB_SID, &"A".repeat(fresh().len())),
        at(SUB_SID, "state"),
        at("AC1", &fresh()),
        format!("/api/twilio/connect?AccountSid={SUB_SID}"),
        "/api/twilio/connect".to_owned(),
        format!("{}&state=again", at(SUB_SID, &fresh())),
        denied.clone(),
        denied,
    ];
    let before = app.run("account list --json").exits(0).stdout;
    for path in &forged {
        let answer = server.get(path, &[]).await;
        assert_eq!(answer.appearance(), used.appearance(), "{path}");
    }
    assert_eq!(app.run("account list --json").exits(0).stdout, before);
}

#[apply(on_both_stores!)]
async fn a_link_connects_no_account_of_another_organization(store: Store) {
    let app = app(store);
    let other = app.run("organization add --name Other --json").exits(0).json();
    let other = other["id"].as_str().unwrap();
    let key = ["key", "add", "--name", "ci", "--scopes", "configure"];
    let key = app.run(&[&key[..], &["--organization", other, "--json"]].concat()).exits(0).json();
    let bearer = format!("Bearer {}", key["secret"].as_str().unwrap());
    let server = app.serve().await;
    assert_eq!(connect(&app, &server, None).await, 200);
    let before = stored(&app);
    assert_eq!(connect(&app, &server, Some(other)).await, 403);
    assert_eq!(stored(&app), before);

    // A link of the API leads to the organization of its key.
    let links = "/api/v1/connect/links";
    let made = server.admin().post(links, &[("authorization", &bearer)], "").await;
    assert_eq!(made.status, 201, "{}", made.text());
    let url = made.json()["url"].as_str().unwrap().to_owned();
    app.run(&["account", "remove", SUB_SID, "--yes"]).exits(0);
    let path = choose(&url, "accept").await;
    assert_eq!(server.get(&path, &[]).await.status, 200);
    assert_eq!(stored(&app)["organization_id"], json!(other));
    let listed = app.run("audit list --json").exits(0);
    assert!(listed.stdout.contains(key["id"].as_str().unwrap()), "the maker of the link");
}

#[apply(on_both_stores!)]
async fn a_forged_deauthorization_changes_nothing_and_is_asked_about_once(store: Store) {
    let app = app(store);
    let server = app.serve().await;
    assert_eq!(connect(&app, &server, None).await, 200);
    answers(&app, &server).await;
    app.twilio().simulator.forget_requests();
    for _ in 0..20 {
        let other = sid("AC", 77);
        for (account, connect_app) in [
            (SUB_SID, APP),
            (MAIN_SID, APP),
            (&other, APP),
            (SUB_SID, "CN000000000000000000000000000000c2"),
            ("AC1", APP),
        ] {
            assert_eq!(report(&server, account, connect_app).await.status, 204);
        }
    }
    within(DONE, "Twilio is asked", async || {
        server.log().iter().any(|line| line.contains("not confirmed")).then_some(())
    })
    .await;
    assert_eq!(asked(&app), 1);
    assert_eq!(app.twilio().simulator.requests().len(), 1, "once, about a connected account");
    assert!(stored(&app)["disconnected_at"].is_null());
    assert_eq!(call(&server, CUSTOMER, 2).await, 200);
}

#[apply(on_both_stores!)]
async fn a_wrong_token_of_the_owner_disconnects_no_account(store: Store) {
    let app = app(store);
    let server = app.serve().await;
    assert_eq!(connect(&app, &server, None).await, 200);
    answers(&app, &server).await;
    app.write("wrong.txt", "0123456789abcdef0123456789abcdee");
    let set = ["account", "set", MAIN_SID, "--token-file", "wrong.txt", "--no-verify"];
    app.run(&set).exits(0);
    app.twilio().simulator.forget_requests();
    assert_eq!(report(&server, SUB_SID, APP).await.status, 204);
    within(DONE, "Twilio is asked about the owner", async || {
        server.log().iter().any(|line| line.contains("could not be verified")).then_some(())
    })
    .await;
    assert!(stored(&app)["disconnected_at"].is_null());
}

#[apply(on_both_stores!)]
async fn without_an_app_nothing_is_connected(store: Store) {
    let mut app = app(store);
    let link = link(&app, None);
    app.unset("TWILIO_CONNECT_APP_SID");
    app.run("account connect").misused("TWILIO_CONNECT_ACCOUNT_SID");
    app.unset("TWILIO_CONNECT_ACCOUNT_SID");
    app.run("account connect").exits(5).shows(&["TWILIO_CONNECT_APP_SID"]);
    let server = app.serve().await;
    let path = choose(&link, "accept").await;
    assert_eq!(server.get(&path, &[]).await.status, 403);
    assert_eq!(report(&server, SUB_SID, APP).await.status, 204);
}
