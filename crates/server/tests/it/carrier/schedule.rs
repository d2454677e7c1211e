//! The scheduled check: the server checks all numbers by itself, one of several servers at a time.

use crate::prelude::*;

/// Several looks fit into it.
const LOOKS: Duration = Duration::from_secs(30);
const DRIFT: &str = "https://drift.example.com";

#[apply(on_both_stores!)]
async fn numbers_are_repaired_if_their_policy_says_so(store: Store) {
    let mut app = TestApp::with_fleet(store, three_accounts());
    let [automatic, manual] = [number(0), number(1)];
    for (number, policy) in [(automatic, "automatic"), (manual, "manual")] {
        let text = number.as_str();
        app.run(&format!("number assign {text} --agent Sales --repair {policy}")).exits(0);
    }
    app.set("SWITCHBOARD_CHECK_INTERVAL", "1");
    let server = app.serve().await;
    for number in [automatic, manual] {
        app.twilio().change(number, |there| there.voice_url = DRIFT.into());
    }
    within(LOOKS, "the automatic one is repaired", async || {
        let voice_url = app.twilio().settings(automatic).voice_url;
        (voice_url == format!("{PUBLIC_URL}/api/twilio/voice")).then_some(())
    })
    .await;
    // A whole look comes after that, and the other one stays as it is.
    let looks = || server.log().iter().filter(|line| line.contains("webhooks checked")).count();
    let seen = looks();
    within(LOOKS, "it looks again", async || (looks() > seen + 1).then_some(())).await;
    assert_eq!(app.twilio().settings(manual).voice_url, DRIFT);
    app.run("webhooks check").exits(3).shows(&[manual.as_str(), "wrong_url"]);
}

#[apply(on_both_stores!)]
async fn no_interval_is_no_check(store: Store) {
    let mut app = TestApp::with_fleet(store, three_accounts());
    app.run(&["number", "assign", number(0).as_str(), "--agent", "Sales"]).exits(0);
    app.twilio().simulator.forget_requests();
    app.set("SWITCHBOARD_CHECK_INTERVAL", "0");
    let mut server = app.serve().await;
    // Whatever runs behind the answers has begun and ended with it.
    server.signal(Signal::TERM);
    assert!(server.ended(DONE).await.success());
    assert!(app.twilio().simulator.requests().is_empty());
}

/// An SQLite file is one process' own, so only Postgres has several servers.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_servers_looks_at_a_time() {
    let mut app = TestApp::with_fleet(Store::postgres().await, three_accounts());
    app.run(&["number", "assign", number(0).as_str(), "--agent", "Sales"]).exits(0);
    app.twilio().simulator.forget_requests();
    // A look takes longer than the pause between two of them, so that two at once would be seen.
    app.twilio().simulator.set_conditions(Conditions { latency_ms: 400, ..Conditions::default() });
    app.set("SWITCHBOARD_CHECK_INTERVAL", "1");
    let servers = [app.serve().await, app.serve().await];
    within(LOOKS, "both have looked", async || {
        let looked = |line: &String| line.contains("webhooks checked");
        let looks =
            servers.each_ref().map(|server| server.log().into_iter().filter(looked).count());
        (looks.iter().sum::<usize>() >= 6 && looks.iter().all(|count| *count > 0)).then_some(())
    })
    .await;
    assert_eq!(app.twilio().simulator.peak_concurrency(account_sid(MAIN_SID)), 1);
}
