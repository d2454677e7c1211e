//! Start: the account of the settings, validation modes, and what prevents a start.

use crate::prelude::*;

const CALL: &str = "CA00000000000000000000000000000001";

#[apply(on_both_stores!)]
async fn the_account_of_the_settings_is_verified(store: Store) {
    let mut app = TestApp::over(store);
    let main = Account {
        sid: "AC0000000000000000000000000000d001",
        token: "dddddddddddddddddddddddddddddd01",
    };
    app.run("migrate").exits(0);
    app.set("TWILIO_ACCOUNT_SID", main.sid);
    app.set("TWILIO_AUTH_TOKEN", main.token);
    let server = app.serve().await;
    server.send(&Webhook::call(main, SALES, CALL)).await.twiml().only("Reject");
    server
        .send(&Webhook::call(main, SALES, CALL).signed_with(OTHER.token))
        .await
        .assert_refused("another token");
    drop(server);

    // The settings are the truth about the token, at every start.
    let changed = Account { token: "dddddddddddddddddddddddddddddd02", ..main };
    app.unset("TWILIO_AUTH_TOKEN");
    app.write("token", &format!("{}\n", changed.token));
    app.set("TWILIO_AUTH_TOKEN_FILE", "token");
    let server = app.serve().await;
    server.send(&Webhook::call(changed, SALES, CALL)).await.twiml();
    server.send(&Webhook::call(main, SALES, CALL)).await.assert_refused("the old token");
    drop(server);

    app.unset("TWILIO_AUTH_TOKEN_FILE");
    let ran = app.run("serve");
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("TWILIO_ACCOUNT_SID is set without TWILIO_AUTH_TOKEN"),
        "{}",
        ran.stderr
    );
}

#[apply(on_both_stores!)]
async fn report_mode_answers_all_requests_and_records_what_it_would_refuse(store: Store) {
    let mut app = TestApp::seeded(store);
    app.set("TWILIO_SIGNATURE_VALIDATION", "report");
    let server = app.serve().await;
    let cases = [
        (Webhook::call(MAIN, SALES, &sid("CA", 1)).unsigned(), "signature_missing"),
        (Webhook::call(MAIN, SALES, &sid("CA", 2)).signed_with(OTHER.token), "signature_wrong"),
        (Webhook::call(OTHER, SALES, &sid("CA", 3)), "account_mismatch"),
        (Webhook::call(MAIN, SALES, &sid("CA", 4)), "primary_token"),
    ];
    for (webhook, _) in &cases {
        server.send(webhook).await.twiml().stream();
    }
    let reported = "SELECT verified_by AS value FROM calls ORDER BY sid";
    let verified_by = within(BEHIND, "the calls are recorded", async || {
        let verified_by = app.store.texts(reported).await;
        (verified_by.len() == cases.len()).then_some(verified_by)
    })
    .await;
    assert_eq!(verified_by, cases.each_ref().map(|(_, verified_by)| *verified_by));
    let refusals = "SELECT refusal AS value FROM rejections ORDER BY refusal";
    let refused = within(BEHIND, "what would be refused is recorded", async || {
        let refused = app.store.texts(refusals).await;
        (refused.len() == 3).then_some(refused)
    })
    .await;
    assert_eq!(refused, ["account_mismatch", "signature_missing", "signature_wrong"]);
    assert_eq!(
        server.send(&Webhook::call(MAIN, SALES, CALL).without("To")).await.status,
        400,
        "readable it must be"
    );
    assert!(server.log().iter().any(|line| line.contains("not enforced")), "it says so at start");
}

#[apply(on_both_stores!)]
async fn disabled_checks_nothing_and_says_so(store: Store) {
    let mut app = TestApp::seeded(store);
    app.set("TWILIO_SIGNATURE_VALIDATION", "disabled");
    let server = app.serve().await;
    server.send(&Webhook::call(MAIN, SALES, CALL).unsigned()).await.twiml().stream();
    server.send(&Webhook::message(MAIN, OTHERS, &sid("SM", 1), "Hi").unsigned()).await.twiml();
    assert_eq!(server.counted("switchboard_unchecked_requests_total", &[]).await, 2);
    let log = server.log();
    assert!(log.iter().any(|line| line.contains("SIGNATURES ARE NOT CHECKED")), "at start");
    let warned =
        log.iter().filter(|line| line.contains("WARN") && line.contains("signature not checked"));
    assert_eq!(warned.count(), 2, "with every request");
    let verified_by = app.store.text("SELECT verified_by AS value FROM messages").await;
    assert_eq!(verified_by, "unchecked");
}

#[apply(on_both_stores!)]
async fn a_wrong_encryption_key_is_named_and_nothing_starts(store: Store) {
    let mut app = TestApp::seeded(store);
    let other = "YW5vdGhlci1rZXktb2YtdGhlLXNhbWUtbGVuZ3RoISE=";
    let cases = [
        // The same name with another key, another name, and no key at all.
        (Some(format!("k1:{other}")), "SWITCHBOARD_ENCRYPTION_KEYS"),
        (Some(format!("k2:{other}")), "k1"),
        (None, "encryption.keys"),
    ];
    for (keys, named) in cases {
        match &keys {
            Some(keys) => app.set("SWITCHBOARD_ENCRYPTION_KEYS", keys),
            None => app.unset("SWITCHBOARD_ENCRYPTION_KEYS"),
        }
        let ran = app.run("serve");
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(ran.stderr.contains(named), "{named}: {}", ran.stderr);
        assert!(!ran.stderr.contains(other), "{}", ran.stderr);
        assert!(!ran.stderr.contains("listening"), "{}", ran.stderr);
    }
}

#[apply(on_both_stores!)]
async fn an_address_that_is_taken_is_named(store: Store) {
    let mut app = TestApp::seeded(store);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    app.set("SWITCHBOARD_LISTEN", &address);
    let ran = app.run("serve");
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let sentence = format!("cannot listen on {address}");
    assert!(
        ran.stderr.contains(&sentence) && ran.stderr.contains("SWITCHBOARD_LISTEN"),
        "{}",
        ran.stderr
    );
    drop(taken);

    let server = app.serve().await;
    let ran = app.run("serve");
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains(&sentence), "{}", ran.stderr);
    server.send(&Webhook::call(MAIN, SALES, CALL)).await.twiml().stream();
}

#[apply(on_both_stores!)]
async fn a_database_that_is_not_there_is_not_made(store: Store) {
    let mut app = TestApp::over(store);
    let url = app.store.url();
    let mistyped = url.replace("switchboard.db", "swichboard.db").replace("/test_", "/tset_");
    assert_ne!(mistyped, url);
    app.set("DATABASE_URL", &mistyped);
    for command in
        [&["serve"][..], &["account", "list"], &["import", "csv", "--accounts", "accounts.csv"]]
    {
        let ran = app.run(command);
        assert_eq!(ran.code, Some(6), "{command:?}: {}", ran.stderr);
        assert!(
            ran.stderr.starts_with("error: ") && ran.stderr.contains("chboard.db")
                || ran.stderr.contains("tset_"),
            "{}",
            ran.stderr
        );
    }
    if let Store::Sqlite(folder) = &app.store {
        let files = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files, 0, "a new empty database was made");
    }
}

#[apply(on_both_stores!)]
async fn every_mistake_in_the_settings_is_reported_at_once(store: Store) {
    let mut app = TestApp::over(store);
    app.set("SWITCHBOARD_LISTEN", "here");
    app.set("SWITCHBOARD_PUBLIC_URL", "ftp://calls.example.com");
    app.set("SWITCHBOARD_ENCRYPTION_KEYS", "k1:c2hvcnQ=");
    app.set("TWILIO_SIGNATURE_VALIDATION", "sometimes");
    app.set("TWILIO_AUTH_TOKEN", "s3cret-token");
    let ran = app.run("serve");
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    let names = [
        "SWITCHBOARD_LISTEN",
        "SWITCHBOARD_PUBLIC_URL",
        "SWITCHBOARD_ENCRYPTION_KEYS",
        "TWILIO_SIGNATURE_VALIDATION",
        "TWILIO_AUTH_TOKEN",
    ];
    for name in names {
        assert!(ran.stderr.contains(name), "{name}: {}", ran.stderr);
    }
    for secret in ["c2hvcnQ=", "s3cret-token"] {
        assert!(!ran.stderr.contains(secret), "{}", ran.stderr);
    }
}

#[apply(on_both_stores!)]
async fn two_replicas_make_one_database(store: Store) {
    // An SQLite file belongs to one process, but starting a second one must not break the first.
    if let Store::Sqlite(folder) = &store {
        std::fs::write(folder.path().join("switchboard.db"), b"").unwrap();
    }
    let mut app = TestApp::over(store);
    let main = Account {
        sid: "AC0000000000000000000000000000d001",
        token: "dddddddddddddddddddddddddddddd01",
    };
    app.set("TWILIO_ACCOUNT_SID", main.sid);
    app.set("TWILIO_AUTH_TOKEN", main.token);
    let (one, two) = tokio::join!(app.serve(), app.serve());
    for (number, server) in [&one, &two].into_iter().enumerate() {
        server.send(&Webhook::call(main, SALES, &sid("CA", number as u128))).await.twiml();
        server.send(&Webhook::message(main, SALES, &sid("SM", number as u128), "Hi")).await.twiml();
        // Each sees what the other has stored.
        server.send(&Webhook::message(main, SALES, &sid("SM", 9), "Hi")).await.twiml();
    }
    assert_eq!(app.store.count("messages").await, 3);
    app.store.holds(2, "calls").await;
    assert_eq!(app.store.count("accounts").await, 1);
    assert_eq!(app.store.count("organizations").await, 1);
}
