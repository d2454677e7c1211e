//! How strictly the signatures of one account are checked, and the way from reporting to enforcing.

use crate::prelude::*;

/// Signed for the URL behind a proxy that the public URL does not name.
fn behind_a_proxy(account: Account, number: &str, n: u128) -> Webhook {
    Webhook::call(account, number, &sid("CA", n)).signed_for("http://calls.example.com")
}

async fn set(app: &TestApp, server: &Server, account: &str, mode: &str) {
    app.run(&format!("account set {account} --validation {mode} --force")).succeeded();
    within(CHANGED, "the server knows the mode", async || {
        let unsigned = Webhook::call(MAIN, SALES, &sid("CA", 900)).unsigned();
        let answered = server.send(&unsigned).await.status == 200;
        (answered == (mode == "report")).then_some(())
    })
    .await;
}

/// Waits until `account show` counts requests with this reason.
async fn counted(app: &TestApp, reason: &str) {
    within(BEHIND, "the requests are counted", async || {
        let shown = app.run(&format!("account show {MAIN_SID}")).succeeded().stdout;
        shown.contains(&format!(": {reason}")).then_some(())
    })
    .await;
}

#[apply(on_both_stores!)]
async fn one_account_is_only_reported_and_then_enforced(store: Store) {
    let (app, server) = TestApp::served(store).await;
    server.send(&behind_a_proxy(MAIN, SALES, 1)).await.assert_refused("enforced by default");
    set(&app, &server, MAIN_SID, "report").await;
    server.send(&behind_a_proxy(MAIN, SALES, 2)).await.twiml();
    let other = behind_a_proxy(OTHER, OTHERS, 3);
    server.send(&other).await.assert_refused("another account stays enforced");
    // The account that reports does not open the numbers of others.
    let foreign = Webhook::call(MAIN, SUBS, &sid("CA", 8)).unsigned();
    server.send(&foreign).await.assert_refused("a number of another account");
    app.run("doctor").shows(&["not enforced for 1 account", MAIN_SID]);
    counted(&app, "signature_wrong, near miss scheme http://calls.example.com").await;
    counted(&app, "signature_missing").await;

    let refused = app.run(&format!("account set {MAIN_SID} --validation enforced --json"));
    assert_eq!(refused.code, Some(5), "{refused:?}");
    let message = refused.json_error()["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("signature_wrong, near miss scheme http://calls.example.com"),
        "{message}"
    );
    assert!(!message.contains("signature_missing"), "{message}");
    app.run(&format!("account show {MAIN_SID}")).succeeded().shows(&[
        "report",
        "without a valid signature in the last 24 hours:",
        "near miss scheme http://calls.example.com",
    ]);
    server.send(&behind_a_proxy(MAIN, SALES, 4)).await.twiml();

    set(&app, &server, MAIN_SID, "enforced").await;
    server.send(&behind_a_proxy(MAIN, SALES, 5)).await.assert_refused("enforced again");
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 6))).await.twiml();
}

#[apply(on_both_stores!)]
async fn an_account_without_genuine_requests_is_enforced_without_force(store: Store) {
    let mut app = TestApp::seeded(store);
    app.set("TWILIO_SIGNATURE_VALIDATION", "report");
    let server = app.serve().await;
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 1)).unsigned()).await.twiml();
    counted(&app, "signature_missing").await;
    let enforce = format!("account set {MAIN_SID} --validation enforced");
    app.run(&enforce).exits(5).shows(&["no request of the last 24 hours verified", "--force"]);
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 7))).await.twiml();
    app.store.holds(1, "calls WHERE verified_by = 'primary_token'").await;
    app.run(&enforce).succeeded();
    within(CHANGED, "the account is enforced", async || {
        let unsigned = Webhook::call(MAIN, SALES, &sid("CA", 2)).unsigned();
        (server.send(&unsigned).await.status == 403).then_some(())
    })
    .await;
    server.send(&Webhook::call(OTHER, OTHERS, &sid("CA", 3)).unsigned()).await.twiml();
    app.run(&format!("account set {MAIN_SID} --validation disabled")).misused("--validation");
}
