//! Genuine requests that cannot be read: each leaves a line in the log, a record and a count.

use crate::prelude::*;

/// What is wrong with a request, and the status of the answer.
fn requests() -> Vec<(&'static str, Webhook, u16)> {
    let call = |index| Webhook::call(MAIN, SALES, &sid("CA", index));
    let message = |index| Webhook::message(MAIN, SALES, &sid("SM", index), "Hi");
    vec![
        ("a message without Body", message(1).without("Body"), 400),
        ("a message that repeats To", message(2).and("To", SALES), 400),
        ("a message whose sender has a control character", message(3).with("From", "+1\u{1}"), 400),
        ("a call without CallSid", call(1).without("CallSid"), 400),
        ("a call that repeats From", call(2).and("From", "+14155550199"), 400),
        ("a call with 70 kB of AddOns", call(3).and("AddOns", &"x".repeat(70_000)), 413),
    ]
}

#[apply(on_both_stores!)]
async fn a_request_that_cannot_be_read_is_logged_recorded_and_counted(store: Store) {
    let (app, server) = TestApp::served(store).await;
    for (count, (what, request, status)) in (1..).zip(requests()) {
        let answer = server.send(&request).await;
        assert_eq!((answer.status, answer.text()), (status, ""), "{what}");
        let unreadable = ["outcome=\"unreadable\""];
        assert_eq!(
            server.counted("switchboard_webhooks_total", &unreadable).await,
            count,
            "{what}"
        );
        // Rejections of one second are one row with a count.
        within(BEHIND, what, async || {
            let recorded = "SELECT CAST(COALESCE(SUM(count), 0) AS TEXT) AS value FROM rejections \
                            WHERE refusal = 'unreadable'";
            (app.store.text(recorded).await == count.to_string()).then_some(())
        })
        .await;
    }
    // At most one line a second is written.
    let is_reported = |line: &String| line.contains("WARN") && line.contains("webhook unreadable");
    let line = within(BEHIND, "the log", async || server.log().into_iter().find(is_reported)).await;
    let log = server.log();
    assert!(line.contains("message") && line.contains(MAIN.sid), "{line}");
    assert!(!log.iter().any(|line| line.contains(SALES)), "{log:?}");
    assert_eq!((app.store.count("calls").await, app.store.count("messages").await), (0, 0));
    let listed = app.run("rejection list --reason unreadable").succeeded().stdout;
    assert!(listed.contains(MAIN.sid), "{listed}");
}
