//! Graceful shutdown: a stopping server drops no request.

use crate::prelude::*;
use std::io::Result;

/// The drain, and what is written after it.
const GONE: Duration = Duration::from_secs(20);

/// What one sender has seen.
#[derive(Default)]
struct Seen {
    calls: Vec<String>,
    messages: Vec<String>,
    failures: Vec<String>,
}

/// A connection for one more request. `None` if the server no longer listens.
async fn connected(address: SocketAddr) -> Option<Wire> {
    match Wire::to(address).await {
        Ok(wire) => Some(wire),
        // It was closed before, or while, it was asked.
        Err(error)
            if [ErrorKind::ConnectionRefused, ErrorKind::ConnectionReset]
                .contains(&error.kind()) =>
        {
            None
        }
        Err(error) => panic!("neither connected nor refused: {error}"),
    }
}

impl Seen {
    /// Records the result. Returns `None` if there was no answer, and otherwise whether the server closes the connection.
    fn note(&mut self, asked: Result<Option<Answer>>, request: &str) -> Option<Last> {
        match asked {
            Ok(Some(answer)) if answer.status == 200 => {
                let seen =
                    if request.starts_with("CA") { &mut self.calls } else { &mut self.messages };
                seen.push(request.to_owned());
                Some(Last(answer.header("connection") == Some("close")))
            }
            other => {
                self.failures.push(format!("{request}: {other:?}"));
                None
            }
        }
    }
}

struct Last(bool);

/// Calls by one connection for as long as the server keeps it, then by the next one.
async fn call_by_kept_connections(address: SocketAddr, first: u128, flow: Flow) -> Seen {
    let mut seen = Seen::default();
    let mut kept = None;
    for number in first.. {
        let is_kept = kept.is_some();
        let next = match kept.take() {
            Some(wire) => Some(wire),
            None => connected(address).await,
        };
        let Some(mut wire) = next.filter(|_| !flow.is_stopped()) else { break };
        let call = sid("CA", number);
        let asked = wire.ask(&Webhook::call(MAIN, SALES, &call).prepared().bytes()).await;
        if !is_kept && !matches!(asked, Ok(Some(_))) {
            break;
        }
        match seen.note(asked, &call) {
            Some(Last(is_last)) => kept = (!is_last).then_some(wire),
            None => break,
        }
        flow.answered();
    }
    seen
}

/// Calls, or writes, each time by a new connection.
async fn send_by_new_connections(address: SocketAddr, kind: &str, first: u128, flow: Flow) -> Seen {
    let mut seen = Seen::default();
    for number in first.. {
        let Some(mut wire) = connected(address).await.filter(|_| !flow.is_stopped()) else { break };
        let request = sid(kind, number);
        let webhook = match kind {
            "CA" => Webhook::call(MAIN, SALES, &request),
            _ => Webhook::message(MAIN, SALES, &request, "Hi"),
        };
        let asked = wire.ask(&webhook.prepared().bytes()).await;
        if seen.note(asked, &request).is_none() {
            break;
        }
        flow.answered();
    }
    seen
}

/// Ends the server under a load, and looks for everything that was answered.
async fn end_under(app: &TestApp, mut server: Server, load: Load<Seen>) {
    load.flow.more(200).await;
    server.signal(Signal::TERM);
    assert_eq!(server.ended(GONE).await.code(), Some(0));
    let seen = load.stop().await;
    let failures: Vec<_> = seen.iter().flat_map(|seen| &seen.failures).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    let calls = app.store.texts("SELECT sid AS value FROM calls WHERE reason = 'assigned'").await;
    let messages = app.store.texts("SELECT sid AS value FROM messages").await;
    for Seen { calls: answered, messages: kept, .. } in &seen {
        assert!(answered.len() + kept.len() > 5, "a sender was not served");
        let unrecorded: Vec<_> = answered.iter().filter(|call| !calls.contains(call)).collect();
        assert!(unrecorded.is_empty(), "{unrecorded:?}");
        assert!(kept.iter().all(|message| messages.contains(message)));
    }
}

#[apply(on_both_stores!)]
async fn a_persistent_connection_is_reported_before_it_is_closed(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let address = server.address;
    let load = Load::of(6, |task, flow| call_by_kept_connections(address, task * 100_000, flow));
    end_under(&app, server, load).await;
}

#[apply(on_both_stores!)]
async fn every_accepted_connection_is_answered(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let address = server.address;
    let load = Load::of(6, |task, flow| {
        let kind = if task % 2 == 0 { "CA" } else { "SM" };
        send_by_new_connections(address, kind, task * 100_000, flow)
    });
    end_under(&app, server, load).await;
}

#[apply(on_both_stores!)]
async fn a_request_that_is_half_sent_is_still_answered(store: Store) {
    let app = TestApp::seeded(store);
    let mut server = app.serve().await;
    let call = sid("CA", 1);
    let request = Webhook::call(MAIN, SALES, &call).prepared().bytes();
    let (begin, end) = request.split_at(request.len() - 40);
    let mut half = Wire::to(server.address).await.unwrap();
    half.write(begin).await.unwrap();
    // The server has read the first half once it has answered a later request.
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 2))).await.twiml();
    server.signal(Signal::TERM);
    within(GONE, "nobody else is let in", async || {
        Wire::to(server.address).await.is_err().then_some(())
    })
    .await;
    half.write(end).await.unwrap();
    let answer = half.answer().await.unwrap().unwrap();
    answer.twiml().stream();
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(server.ended(GONE).await.code(), Some(0));
    assert_eq!(app.store.count(&format!("calls WHERE sid = '{call}'")).await, 1);
}

#[apply(on_both_stores!)]
async fn a_stopping_server_reports_not_ready_first(store: Store) {
    let app = TestApp::seeded(store);
    let mut server = app.serve().await;
    assert_eq!(server.get("/readyz", &[]).await.status, 200);
    server.signal(Signal::TERM);
    within(BEHIND, "it is not ready any more", async || {
        (server.get("/readyz", &[]).await.status == 503).then_some(())
    })
    .await;
    // Load balancers take a moment to notice, so requests are served until then.
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 1))).await.twiml().stream();
    assert_eq!(server.ended(GONE).await.code(), Some(0));
    assert_eq!(app.store.count("calls").await, 1);

    // There is no load balancer where Ctrl-C is pressed.
    let mut server = app.serve().await;
    server.signal(Signal::INT);
    assert_eq!(server.ended(GONE).await.code(), Some(0));
}
