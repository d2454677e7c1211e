//! Lists are followed: each record is printed once, however many are recorded at once, and again when its state changes.

use std::collections::BTreeSet;

use crate::prelude::*;

/// So many calls and messages are recorded between two looks of a followed list, which reads 500 at once.
const BURST: usize = 4_000;

/// The SIDs that a followed list has printed.
fn printed(tail: &Process) -> Vec<String> {
    let out = tail.out();
    let sid = |line: &String| {
        serde_json::from_str::<Value>(line).unwrap()["sid"].as_str().map(str::to_owned)
    };
    out.iter().filter_map(sid).collect()
}

/// Waits until a followed list has printed this many records, each once.
async fn prints(tail: &Process, count: usize) -> Vec<String> {
    let sids = within(DONE, "the records are printed", async || {
        let sids = printed(tail);
        (sids.len() >= count).then_some(sids)
    })
    .await;
    assert_eq!(sids.iter().collect::<BTreeSet<_>>().len(), count);
    assert_eq!(sids.len(), count);
    sids
}

/// Adds copies of the record `…1` of a table, numbered from `first`, each so many microseconds after the one before.
async fn add(store: &Store, table: &str, (first, last): (usize, usize), microseconds: &str) {
    let at = match store {
        Store::Sqlite(_) => format!("first_seen_at + ({microseconds})"),
        _ => format!("first_seen_at + ({microseconds}) * interval '1 microsecond'"),
    };
    let columns = match table {
        "calls" => {
            "direction, from_address, to_address, agent_id, reason, verified_by, decided_at, status, status_rank, status_at"
        }
        _ => {
            "direction, from_address, to_address, agent_id, reason, verified_by, received_at, status, status_rank, status_at, \
              media_count, body"
        }
    };
    let statement = format!(
        "INSERT INTO {table} (account_sid, sid, organization_id, {columns}, first_seen_at) \
         WITH RECURSIVE counted (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM counted WHERE i < {last}) \
         SELECT account_sid, substr(sid, 1, 34 - length(CAST(i AS text))) || CAST(i AS text), organization_id, {columns}, {at} \
         FROM {table}, counted WHERE sid LIKE '%00001'"
    );
    store.execute(&statement).await;
}

#[apply(on_both_stores!)]
async fn a_burst_is_followed_without_loss_and_duplicates(store: Store) {
    let (app, server) = TestApp::served(store).await;
    assert_eq!(server.send(&Webhook::call(MAIN, SALES, &sid("CA", 1))).await.status, 200);
    let message = Webhook::message(MAIN, SALES, &sid("SM", 1), "Are you open?");
    assert_eq!(server.send(&message).await.status, 200);
    app.store.holds(1, "calls").await;
    for (command, table) in [("call", "calls"), ("message", "messages")] {
        let tail = app.start(&[command, "tail", "--since", "1h", "--json"]);
        prints(&tail, 1).await;
        // Some of them at the same time.
        add(&app.store, table, (2, BURST), "i / 2").await;
        let sids = prints(&tail, BURST).await;
        assert!(sids.is_sorted(), "in the order of time");
        // One is recorded late, and one more shows that the list was read again after it.
        add(&app.store, table, (BURST + 1, BURST + 1), "-30000000").await;
        let late = prints(&tail, BURST + 1).await.pop().unwrap();
        assert!(late.ends_with(&(BURST + 1).to_string()), "{late}");
        add(&app.store, table, (BURST + 2, BURST + 2), "i").await;
        prints(&tail, BURST + 2).await;
    }
}

#[apply(on_both_stores!)]
async fn a_followed_list_takes_the_filters_of_the_list(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let (answered, unanswered) = (sid("CA", 1), sid("CA", 2));
    let since = ["--since", "1h", "--json"];
    let start = |command: &[&str]| app.start(&[command, &since[..]].concat());
    let of_answered = start(&["call", "tail", "--outcome", "answered"]);
    let of_unanswered = start(&["call", "tail", "--outcome", "unanswered"]);
    for (call, to) in [(&answered, SALES), (&unanswered, UNASSIGNED)] {
        assert_eq!(server.send(&Webhook::call(MAIN, to, call)).await.status, 200);
    }
    assert_eq!(prints(&of_unanswered, 1).await, [unanswered]);
    assert!(of_answered.out().is_empty());
    let ended = Webhook::call_status(MAIN, SALES, &answered, "completed")
        .and("CallbackSource", "call-progress-events")
        .and("SequenceNumber", "0");
    assert_eq!(server.send(&ended).await.status, 204);
    assert_eq!(prints(&of_answered, 1).await, [answered]);

    let of_failed = start(&["message", "tail", "--status", "failed"]);
    for n in [1, 2] {
        let message = Webhook::message(MAIN, SALES, &sid("SM", n), "Are you open?");
        assert_eq!(server.send(&message).await.status, 200);
    }
    let list = |status: &str| {
        let listed = app.run(&format!("message list --status {status} --json")).succeeded().stdout;
        listed.lines().count()
    };
    assert_eq!((list("received"), list("failed")), (2, 0));
    let fail = format!("UPDATE messages SET status = 'failed' WHERE sid = '{}'", sid("SM", 2));
    app.store.execute(&fail).await;
    assert_eq!((list("received"), list("failed")), (1, 1));
    assert_eq!(prints(&of_failed, 1).await, [sid("SM", 2)]);
}

/// The clock of a server may be slower than that of the command.
#[apply(on_both_stores!)]
async fn what_is_recorded_after_the_start_is_printed(store: Store) {
    let (app, server) = TestApp::served(store).await;
    assert_eq!(server.send(&Webhook::call(MAIN, SALES, &sid("CA", 1))).await.status, 200);
    app.store.holds(1, "calls").await;
    let tail = app.start(&["call", "tail", "--json"]);
    // Earlier than the start, so they are printed once the list was read.
    let mut count = 1;
    within(DONE, "the list was read", async || {
        count += 1;
        add(&app.store, "calls", (count, count), "-20000000").await;
        printed(&tail).pop()
    })
    .await;
    add(&app.store, "calls", (count + 1, count + 1), "-30000000").await;
    let last = (count + 1).to_string();
    within(DONE, "the late call is printed", async || {
        printed(&tail).into_iter().find(|sid| sid.ends_with(&last))
    })
    .await;
    assert!(!printed(&tail).contains(&sid("CA", 1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_followed_list_goes_on_after_an_outage() {
    let app = TestApp::seeded(Store::cluster().await);
    let server = app.serve().await;
    assert_eq!(server.send(&Webhook::call(MAIN, SALES, &sid("CA", 1))).await.status, 200);
    app.store.holds(1, "calls").await;
    let mut tail = app.start(&["call", "tail", "--since", "1h", "--json"]);
    prints(&tail, 1).await;
    app.store.private().stop(StopMode::Fast).await;
    let is_outage = |line: &str| line.contains("trying again").then(|| line.to_owned());
    let warned = tail.line("an outage", is_outage).await;
    assert!(warned.starts_with("{\"warning\":"), "{warned}");
    app.store.private().start().await;
    assert_eq!(server.send(&Webhook::call(MAIN, SALES, &sid("CA", 2))).await.status, 200);
    assert_eq!(prints(&tail, 2).await, [sid("CA", 1), sid("CA", 2)]);
    assert_eq!(tail.log().iter().filter(|line| line.contains("warning")).count(), 1);
}
