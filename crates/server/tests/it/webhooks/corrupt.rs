//! Corrupt rows are reported by table, column and key, and never guessed.

use crate::prelude::*;

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
        let reported = within(BEHIND, table, async || {
            server.log().into_iter().find(|line| {
                line.contains("ERROR") && line.contains(table) && line.contains(column)
            })
        })
        .await;
        assert!(!reported.contains(to), "{reported}");
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
    server.send(&call).await.assert_refused("its token cannot be decrypted");
    server
        .send(&call.clone().signed_with(MAIN.token))
        .await
        .assert_refused("the token is not theirs");
    server.send(&call.signed_with("")).await.assert_refused("no token is no key");
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 2))).await.twiml().stream();
    let reported = server
        .log()
        .into_iter()
        .find(|line| line.contains("ERROR") && line.contains("cannot be decrypted"));
    assert!(reported.unwrap().contains(OTHER.sid));
}

#[apply(on_both_stores!)]
async fn an_unreadable_account_does_not_keep_another_one_from_changing_its_token(store: Store) {
    let app = TestApp::seeded(store);
    let server = app.serve().await;
    let call = Webhook::call(MAIN, SALES, &sid("CA", 1));
    server.send(&call).await.twiml().stream();
    let spoil = format!("UPDATE accounts SET name = '' WHERE sid = '{}'", OTHER.sid);
    app.store.execute(&spoil).await;
    let new = "0fedcba9876543210fedcba987654321";
    app.run_reading(new, &["account", "set", MAIN.sid, "--token-file", "-"]).exits(0);
    let signed = call.clone().signed_with(new);
    within(BEHIND, "the new token", async || {
        (server.send(&signed).await.status == 200).then_some(())
    })
    .await;
    server.send(&call).await.assert_refused("its token was revoked");
    server.send(&Webhook::call(OTHER, OTHERS, &sid("CA", 2))).await.assert_refused("unreadable");
    let named = |line: &&String| line.contains("skipped") && line.contains(OTHER.sid);
    assert_eq!(server.log().iter().filter(named).count(), 1);
    let skipped = server.counted("switchboard_unreadable_rows_total", &["table=\"accounts\""]);
    assert!(skipped.await >= 1);
    let listed = app.run("account list").exits(0);
    assert!(listed.stdout.contains(MAIN.sid) && !listed.stdout.contains(OTHER.sid));
    let named = listed.stderr.contains(OTHER.sid) && listed.stderr.contains("column=\"name\"");
    assert!(named, "{}", listed.stderr);
    // The same for other listings and for the removal of the row.
    app.run("agent list").exits(0);
    app.run(&format!("number remove {OTHERS} --yes")).exits(0);
    app.run(&format!("account remove {} --yes", OTHER.sid)).exits(0);
}

#[apply(on_both_stores!)]
async fn a_next_token_that_cannot_be_opened_does_not_refuse_its_account(store: Store) {
    let app = TestApp::seeded(store);
    for (column, other) in [("sealed_next_token", false), ("sealed_token", true)] {
        let swap = format!(
            "UPDATE accounts SET {column} = (SELECT sealed_token FROM accounts WHERE sid = '{}') \
             WHERE sid = '{}'",
            MAIN.sid, OTHER.sid
        );
        app.store.execute(&swap).await;
        let server = app.serve().await;
        let answer = server.send(&Webhook::call(OTHER, OTHERS, &sid("CA", 1))).await;
        assert_eq!(answer.status == 403, other, "{column}");
        let reported = server.log().into_iter().find(|line| line.contains("cannot be decrypted"));
        assert!(reported.unwrap().contains(column), "{column}");
    }
}

#[apply(on_both_stores!)]
async fn a_replaced_token_that_is_put_back_verifies_nothing(store: Store) {
    let app = TestApp::seeded(store);
    let tokens =
        [MAIN.token, "0fedcba9876543210fedcba987654321", "00112233445566778899aabbccddeeff"];
    app.store.execute("CREATE TABLE kept (n INTEGER, token BYTEA)").await;
    let keep = |n: usize| {
        let of = format!("FROM accounts WHERE sid = '{}'", MAIN.sid);
        format!("INSERT INTO kept SELECT {n}, sealed_token {of}")
    };
    app.store.execute(&keep(0)).await;
    for (n, token) in tokens.iter().enumerate().skip(1) {
        app.run_reading(token, &["account", "set", MAIN.sid, "--token-file", "-"]).exits(0);
        app.store.execute(&keep(n)).await;
    }
    for old in 0..tokens.len() {
        let put_back = format!(
            "UPDATE accounts SET sealed_token = (SELECT token FROM kept WHERE n = {old}) WHERE sid = '{}'",
            MAIN.sid
        );
        app.store.execute(&put_back).await;
        let server = app.serve().await;
        for (n, token) in tokens.iter().enumerate() {
            let call = Webhook::call(MAIN, SALES, &sid("CA", 1)).signed_with(token);
            let is_current = (old, n) == (2, 2);
            assert_eq!(server.send(&call).await.status == 200, is_current, "{n} with {old}");
        }
        let reported = server.log().into_iter().any(|line| {
            line.contains("ERROR")
                && line.contains("cannot be decrypted")
                && line.contains(MAIN.sid)
        });
        assert_eq!(reported, old != 2);
    }
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
