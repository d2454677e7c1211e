//! Corrupt rows are reported by table, column and key, and never guessed.

use crate::kit::{
    BEHIND, MAIN, OTHER, OTHERS, SALES, SILENT, Store, TestApp, Webhook, apply, on_both_stores,
    sid, within,
};

#[apply(on_both_stores!)]
async fn a_row_that_makes_no_sense_fails_alone_and_is_named(store: Store) {
    let app = TestApp::seeded(store);
    app.store.execute("UPDATE agents SET name = '' WHERE external_id = 'sales'").await;
    app.store
        .execute(&format!("UPDATE numbers SET channels = 'fax' WHERE phone_number = '{SILENT}'"))
        .await;
    let server = app.serve().await;
    for (to, table, column) in [(SALES, "agents", "name"), (SILENT, "numbers", "channels")] {
        for webhook in [
            Webhook::call(MAIN, to, &sid("CA", 1)),
            Webhook::message(MAIN, to, &sid("SM", 1), "Hi"),
        ] {
            let answer = server.send(&webhook).await;
            assert_eq!((answer.status, answer.text()), (500, ""), "{table}");
        }
        let told = within(BEHIND, table, async || {
            server.log().into_iter().find(|line| {
                line.contains("ERROR") && line.contains(table) && line.contains(column)
            })
        })
        .await;
        assert!(!told.contains(to), "{told}");
    }
    server.send(&Webhook::call(OTHER, OTHERS, &sid("CA", 2))).await.twiml().stream();
    assert_eq!(app.store.count("messages").await, 0);
}

#[apply(on_both_stores!)]
async fn an_account_whose_token_cannot_be_opened_is_refused_alone_and_is_named(store: Store) {
    let app = TestApp::seeded(store);
    // The token of one account in the row of another: sealed with our key, and still not theirs.
    let swap = format!(
        "UPDATE accounts SET sealed_token = (SELECT sealed_token FROM accounts WHERE sid = '{}') WHERE sid = '{}'",
        MAIN.sid, OTHER.sid
    );
    app.store.execute(&swap).await;
    let server = app.serve().await;
    let call = Webhook::call(OTHER, OTHERS, &sid("CA", 1));
    server.send(&call).await.assert_refused("its token cannot be opened");
    server
        .send(&call.clone().signed_with(MAIN.token))
        .await
        .assert_refused("the token is not theirs");
    server.send(&call.signed_with("")).await.assert_refused("no token is no key");
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 2))).await.twiml().stream();
    let told = server
        .log()
        .into_iter()
        .find(|line| line.contains("ERROR") && line.contains("cannot be opened"));
    assert!(told.unwrap().contains(OTHER.sid));
}

#[apply(on_both_stores!)]
async fn a_schema_that_is_newer_than_the_program_is_refused(store: Store) {
    let app = TestApp::seeded(store);
    app.store
        .execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000001')")
        .await;
    for command in [&["serve"][..], &["migrate"], &["account", "list"]] {
        let ran = app.run(command);
        assert_eq!(ran.code, Some(1), "{command:?}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("29991231000001") || ran.stderr.contains("newer"),
            "{command:?}: {}",
            ran.stderr
        );
    }
}
