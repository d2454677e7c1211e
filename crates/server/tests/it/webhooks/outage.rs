//! Database outages: cached numbers are answered, others get a 503 so that Twilio uses the fallback URL, and the server
//! recovers by itself.

use crate::prelude::*;

/// After this the server has noticed that the database is there again.
const RECOVERED: Duration = Duration::from_secs(30);
/// Twilio waits no longer.
const TWILIO_WAITS: Duration = Duration::from_secs(15);

/// Calls cached numbers until it is stopped. Returns the answered calls.
async fn call(client: Client, first: u128, flow: Flow) -> Vec<String> {
    let mut answered = Vec::new();
    for number in first.. {
        if flow.is_stopped() {
            break;
        }
        let (account, to) =
            [(MAIN, SALES), (SUB, SUBS), (OTHER, OTHERS)][usize::try_from(number % 3).unwrap()];
        let call = sid("CA", number);
        client.send(&Webhook::call(account, to, &call)).await.twiml().stream();
        answered.push(call);
        flow.answered();
        // A hundred calls a second from each of them are a load, and leave the processor to others.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    answered
}

async fn send_timely(client: &Client, webhook: &Webhook) -> u16 {
    let begun = Instant::now();
    let answer = client.send(webhook).await;
    assert!(begun.elapsed() < TWILIO_WAITS);
    assert!(answer.status == 200 || answer.body.is_empty());
    answer.status
}

async fn stops_and_starts(stop: impl AsyncFn(&Store), start: impl AsyncFn(&Store)) {
    let app = TestApp::seeded(Store::cluster().await);
    let server = app.serve().await;
    let message = |number| Webhook::message(MAIN, SALES, &sid("SM", number), "Hi");
    for (account, to) in [(MAIN, SALES), (SUB, SUBS), (OTHER, OTHERS)] {
        server.send(&Webhook::call(account, to, &sid("CA", 1))).await.twiml().stream();
    }
    let twiml = server.send(&Webhook::call(MAIN, SALES, &sid("CA", 2))).await.twiml();
    let token = format!("Bearer {}", twiml.stream().parameter("sessionToken").unwrap());
    let session = format!("/api/voice/sessions/{}", sid("CA", 2));
    assert_eq!(server.get(&session, &[("Authorization", &token)]).await.status, 200);
    assert_eq!(server.send(&message(1)).await.status, 200);

    let client = server.client();
    let load = Load::of(4, |task, flow| call(client.clone(), 1_000_000 * (task + 1), flow));
    load.flow.more(50).await;
    stop(&app.store).await;
    load.flow.more(200).await;
    // A number that is not cached, one that is not stored, and a message, which must be stored first.
    let unknown = [
        Webhook::call(MAIN, UNASSIGNED, &sid("CA", 3)),
        Webhook::call(MAIN, UNKNOWN, &sid("CA", 4)),
        message(2),
    ];
    for webhook in &unknown {
        assert_eq!(send_timely(&server, webhook).await, 503);
    }
    // Refusals and status callbacks of calls need no database.
    server.send(&message(3).signed_with(OTHER.token)).await.assert_refused("the database is away");
    assert_eq!(server.get(&session, &[("Authorization", &token)]).await.status, 200);
    assert_eq!(
        server.send(&Webhook::call_status(MAIN, SALES, &sid("CA", 2), "completed")).await.status,
        204
    );
    // The end of the call waits to be recorded, and ends its session.
    assert_eq!(server.get(&session, &[("Authorization", &token)]).await.status, 404);
    assert_eq!(server.get("/healthz", &[]).await.status, 200);
    // It takes requests, so no balancer should take it out. The store is asked once a second.
    within(RECOVERED, "it is reported that the store is away", async || {
        let ready = server.get("/readyz", &[]).await;
        assert_eq!(ready.status, 200);
        (ready.text() == "ready, store unavailable\n").then_some(())
    })
    .await;
    load.flow.more(200).await;
    start(&app.store).await;

    for webhook in &unknown {
        within(RECOVERED, "all is well again", async || {
            (send_timely(&server, webhook).await == 200).then_some(())
        })
        .await;
    }
    let answered: Vec<_> = load.stop().await.into_iter().flatten().collect();
    assert!(answered.len() >= 450);
    // What was decided meanwhile is written down when there is where to write it.
    within(RECOVERED, "every call is recorded", async || {
        let recorded =
            app.store.texts("SELECT sid AS value FROM calls WHERE reason = 'assigned'").await;
        let recorded: std::collections::BTreeSet<_> = recorded.into_iter().collect();
        answered.iter().all(|call| recorded.contains(call)).then_some(())
    })
    .await;
    let ended = format!(
        "calls WHERE sid = '{}' AND status = 'completed' AND reason = 'assigned'",
        sid("CA", 2)
    );
    assert_eq!(app.store.count(&ended).await, 1);
    assert_eq!(app.store.count("messages").await, 2);
    assert_eq!(server.counted("switchboard_calls_unrecorded_total", &[]).await, 0);
    within(RECOVERED, "it is ready", async || {
        (server.get("/readyz", &[]).await.text() == "ready\n").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_stopped_and_started_under_load() {
    stops_and_starts(
        async |store| store.private().stop(StopMode::Fast).await,
        async |store| store.private().start().await,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_hangs_and_goes_on_under_load() {
    stops_and_starts(
        async |store| store.private().pause().await,
        async |store| store.private().resume().await,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_stops_in_time_although_the_database_hangs() {
    let app = TestApp::seeded(Store::cluster().await);
    let mut server = app.serve().await;
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 1))).await.twiml().stream();
    app.store.private().pause().await;
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 2))).await.twiml().stream();
    server.signal(Signal::TERM);
    let status = server.ended(Duration::from_secs(20)).await;
    assert_eq!(status.code(), Some(0));
    // The loss is logged.
    assert!(
        server
            .log()
            .iter()
            .any(|line| line.contains("ERROR") && line.contains("call records lost"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_database_at_start_is_reported_in_a_sentence() {
    let app = TestApp::seeded(Store::cluster().await);
    app.store.private().stop(StopMode::Fast).await;
    let ran = app.run("serve");
    assert_eq!(ran.code, Some(6), "{}", ran.stderr);
    assert!(ran.stderr.contains("error: ") && ran.stderr.contains("database"), "{}", ran.stderr);
    app.store.private().start().await;
    let server = app.serve().await;
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 1))).await.twiml().stream();
}
