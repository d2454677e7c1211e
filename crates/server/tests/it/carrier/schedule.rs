//! The server looks at the fleet by itself, and one of several does.

use std::time::Duration;

use switchboard_twilio_simulator::Conditions;

use crate::carrier::rig::{Desk, MAIN, PUBLIC_URL, Store, number, sid, three_accounts, within};

on_both_stores! {
    numbers_are_repaired_if_their_policy_says_so,
    no_interval_is_no_check,
}

/// Several looks fit into it.
const LOOKS: Duration = Duration::from_secs(30);
const DRIFT: &str = "https://drift.example.com";

async fn numbers_are_repaired_if_their_policy_says_so(store: Store) {
    let mut desk = Desk::over(store, three_accounts()).await;
    let [automatic, manual] = [number(0), number(1)];
    for (number, policy) in [(automatic, "automatic"), (manual, "manual")] {
        let text = number.as_str();
        desk.run(&["number", "assign", text, "--agent", "Sales", "--repair", policy]).await.with(0);
    }
    desk.set("SWITCHBOARD_CHECK_INTERVAL", "1");
    let (server, _) = desk.serve().await;
    for number in [automatic, manual] {
        desk.by_hand(number, |there| there.voice_url = DRIFT.into());
    }
    within(LOOKS, "the automatic one is repaired", async || {
        let voice_url = desk.settings(automatic).voice_url;
        (voice_url == format!("{PUBLIC_URL}/api/twilio/voice")).then_some(())
    })
    .await;
    // A whole look comes after that, and the other one stays as it is.
    let looks = || server.log().iter().filter(|line| line.contains("webhooks checked")).count();
    let seen = looks();
    within(LOOKS, "it looks again", async || (looks() > seen + 1).then_some(())).await;
    assert_eq!(desk.settings(manual).voice_url, DRIFT);
    desk.run(&["webhooks", "check"]).await.with(3).tells(&[manual.as_str(), "wrong_url"]);
}

async fn no_interval_is_no_check(store: Store) {
    let mut desk = Desk::over(store, three_accounts()).await;
    desk.run(&["number", "assign", number(0).as_str(), "--agent", "Sales"]).await.with(0);
    desk.company.forget_requests();
    desk.set("SWITCHBOARD_CHECK_INTERVAL", "0");
    let (mut server, _) = desk.serve().await;
    // Whatever runs behind the answers has begun and ended with it.
    server.signal("TERM");
    assert!(server.ended().await.success());
    assert!(desk.company.requests().is_empty());
}

/// An SQLite file is one process' own, so only Postgres has several servers.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_servers_looks_at_a_time() {
    let mut desk = Desk::over(Store::postgres().await, three_accounts()).await;
    desk.run(&["number", "assign", number(0).as_str(), "--agent", "Sales"]).await.with(0);
    desk.company.forget_requests();
    // A look takes longer than the pause between two of them, so that two at once would be seen.
    desk.company.set_conditions(Conditions { latency_ms: 400, ..Conditions::default() });
    desk.set("SWITCHBOARD_CHECK_INTERVAL", "1");
    let servers = [desk.serve().await.0, desk.serve().await.0];
    within(LOOKS, "both have looked", async || {
        let looked = |line: &String| line.contains("webhooks checked");
        let looks =
            servers.each_ref().map(|server| server.log().into_iter().filter(looked).count());
        (looks.iter().sum::<usize>() >= 6 && looks.iter().all(|count| *count > 0)).then_some(())
    })
    .await;
    assert_eq!(desk.company.peak_concurrency(sid(MAIN)), 1);
}
