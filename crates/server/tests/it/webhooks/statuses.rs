//! Status callbacks: the stored state is right for every permutation of the events.

use itertools::Itertools as _;

use crate::prelude::*;

async fn taken(client: &Client, webhook: &Webhook) {
    let answer = client.send(webhook).await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert_eq!(answer.header("content-type"), None);
}

#[apply(on_both_stores!)]
async fn a_call_ends_as_completed_for_every_permutation_of_its_events(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let events = ["initiated", "ringing", "in-progress", "completed"];
    for (number, order) in (0..events.len()).permutations(events.len()).enumerate() {
        for (place, event) in order.iter().enumerate() {
            let event = events[*event];
            let webhook = Webhook::call_status(MAIN, SALES, &sid("CA", number as u128), event)
                .and("CallbackSource", "call-progress-events")
                .and("SequenceNumber", "0");
            let webhook =
                if event == "completed" { webhook.and("CallDuration", "42") } else { webhook };
            taken(&server, &webhook).await;
            if place == number % 4 {
                taken(&server, &webhook).await;
            }
        }
    }
    let ended = "calls WHERE status = 'completed' AND duration_seconds = 42";
    app.store.holds(24, ended).await;
    assert_eq!(app.store.count("calls").await, 24);
}

#[apply(on_both_stores!)]
async fn a_message_ends_as_delivered_for_every_permutation_of_its_events(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let events = ["queued", "sending", "sent", "delivered"];
    for (number, order) in (0..events.len()).permutations(events.len()).enumerate() {
        for event in order {
            let webhook =
                Webhook::message_status(MAIN, SALES, &sid("SM", number as u128), events[event]);
            taken(&server, &webhook).await;
            taken(&server, &webhook).await;
        }
    }
    assert_eq!(
        app.store.count("messages WHERE status = 'delivered' AND direction = 'outbound'").await,
        24
    );
    assert_eq!(app.store.count("messages").await, 24);
}

#[apply(on_both_stores!)]
async fn a_status_never_removes_what_is_stored(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let (call, message) = (sid("CA", 1), sid("SM", 1));
    taken(&server, &Webhook::call_status(MAIN, SALES, &call, "completed").and("CallDuration", "7"))
        .await;
    server.send(&Webhook::call(MAIN, SALES, &call)).await.twiml().stream();
    taken(&server, &Webhook::call_status(MAIN, SALES, &call, "ringing")).await;
    let query = format!(
        "SELECT coalesce(reason, 'none') || ' ' || status || ' ' || CAST(duration_seconds AS text) || ' ' || to_address \
        AS value FROM calls WHERE sid = '{call}' AND reason IS NOT NULL"
    );
    let reported =
        within(BEHIND, "the call is recorded", async || app.store.texts(&query).await.pop()).await;
    assert_eq!(reported, format!("assigned completed 7 {SALES}"));

    server.send(&Webhook::message(MAIN, SALES, &message, "Kept")).await.twiml();
    taken(&server, &Webhook::message_status(MAIN, SALES, &message, "read")).await;
    let query =
        "SELECT direction || ' ' || body || ' ' || reason || ' ' || status AS value FROM messages";
    assert_eq!(app.store.text(query).await, "inbound Kept assigned read");

    // A status that comes before its message does not hide it.
    let late = sid("SM", 2);
    taken(&server, &Webhook::message_status(MAIN, SALES, &late, "delivered")).await;
    server.send(&Webhook::message(MAIN, SALES, &late, "Late")).await.twiml().only("Message");
    assert_eq!(
        app.store.text(&format!("{query} WHERE sid = '{late}'")).await,
        "inbound Late assigned delivered"
    );
    // Another account's event of the same SID is another message.
    taken(&server, &Webhook::message_status(OTHER, OTHERS, &late, "failed")).await;
    assert_eq!(
        app.store.text(&format!("{query} WHERE sid = '{late}' AND body IS NOT NULL")).await,
        "inbound Late assigned delivered"
    );
}

#[apply(on_both_stores!)]
async fn a_message_that_failed_keeps_its_error(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let failed = Webhook::message_status(MAIN, SALES, &sid("SM", 1), "undelivered")
        .and("ErrorCode", "30003");
    taken(&server, &failed).await;
    taken(
        &server,
        &Webhook::message_status(MAIN, SALES, &sid("SM", 1), "sent").and("ErrorCode", ""),
    )
    .await;
    let query = "SELECT status || ' ' || CAST(error_code AS text) AS value FROM messages";
    assert_eq!(app.store.text(query).await, "undelivered 30003");
}

#[apply(on_both_stores!)]
async fn unrelated_status_events_are_accepted_and_not_stored(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let stream = Webhook::call(MAIN, SALES, &sid("CA", 1))
        .at("/api/twilio/status")
        .without("CallStatus")
        .and("StreamEvent", "stream-started");
    taken(&server, &stream).await;
    let call = sid("CA", 2);
    taken(&server, &Webhook::call_status(MAIN, SALES, &call, "completed")).await;
    let known = format!("calls WHERE sid = '{call}'");
    app.store.holds(1, &known).await;
    assert_eq!(app.store.count("calls").await, 1);
}
