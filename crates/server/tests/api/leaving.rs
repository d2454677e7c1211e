//! A server that is told to leave drops nobody.

use std::io::{ErrorKind, Result};
use std::net::SocketAddr;
use std::time::Duration;

use crate::load::{Flow, Load};
use crate::rig::{BEHIND, Installation, MAIN, SALES, Store, Webhook, Wire, sid, within};

on_both_stores! {
    no_request_fails_that_was_accepted,
    a_request_that_is_half_sent_is_still_answered,
    a_server_that_is_leaving_says_so_first,
}

/// The drain, and what is written after it.
const GONE: Duration = Duration::from_secs(20);

/// What one sender has seen.
#[derive(Default)]
struct Seen {
    calls: Vec<String>,
    messages: Vec<String>,
    failures: Vec<String>,
}

async fn no_request_fails_that_was_accepted(store: Store) {
    let desk = Installation::seeded(store);
    let mut server = desk.serve().await;
    let address = server.address;
    let load = Load::of(9, |task, flow| async move {
        let mut seen = Seen::default();
        // A third each: calls that keep their connection, calls with a new one each, messages with a new one each.
        match task % 3 {
            0 => by_one_connection(address, task * 100_000, &flow, &mut seen).await,
            kind => by_new_connections(address, task * 100_000, kind == 1, &flow, &mut seen).await,
        }
        seen
    });
    load.flow.more(200).await;
    server.signal("TERM");
    assert_eq!(server.ended(GONE).await.code(), Some(0));
    let seen = load.stop().await;

    let failures: Vec<_> = seen.iter().flat_map(|seen| &seen.failures).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    let calls = desk.store.texts("SELECT sid AS value FROM calls WHERE reason = 'assigned'").await;
    let messages = desk.store.texts("SELECT sid AS value FROM messages").await;
    for seen in &seen {
        assert!(seen.calls.len() + seen.messages.len() > 5, "every sender was answered");
        let unrecorded: Vec<_> = seen.calls.iter().filter(|call| !calls.contains(call)).collect();
        assert!(unrecorded.is_empty(), "{unrecorded:?}");
        assert!(seen.messages.iter().all(|message| messages.contains(message)));
    }
}

async fn by_new_connections(
    address: SocketAddr,
    first: u128,
    calls: bool,
    flow: &Flow,
    seen: &mut Seen,
) {
    for number in first.. {
        if flow.is_stopped() {
            return;
        }
        let mut wire = match Wire::to(address).await {
            Ok(wire) => wire,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return,
            Err(error) => return seen.failures.push(format!("connecting: {error}")),
        };
        if calls {
            let call = sid("CA", number);
            let asked = wire.ask(&Webhook::call(MAIN, SALES, &call).prepared().bytes()).await;
            seen.note("a call", asked, flow, |seen| seen.calls.push(call));
        } else {
            let message = sid("SM", number);
            let asked =
                wire.ask(&Webhook::message(MAIN, SALES, &message, "Hi").prepared().bytes()).await;
            seen.note("a message", asked, flow, |seen| seen.messages.push(message));
        }
    }
}

async fn by_one_connection(address: SocketAddr, first: u128, flow: &Flow, seen: &mut Seen) {
    let mut wire = Wire::to(address).await.unwrap();
    for number in first.. {
        if flow.is_stopped() {
            return;
        }
        let call = sid("CA", number);
        let asked = wire.ask(&Webhook::call(MAIN, SALES, &call).prepared().bytes()).await;
        if seen
            .note("a call by a connection that was kept", asked, flow, |seen| seen.calls.push(call))
        {
            match Wire::to(address).await {
                Ok(next) => wire = next,
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => return,
                Err(error) => return seen.failures.push(format!("connecting again: {error}")),
            }
        }
    }
}

impl Seen {
    /// Takes what came back; tells whether the connection is used up.
    fn note(
        &mut self,
        what: &str,
        asked: Result<Option<crate::rig::Answer>>,
        flow: &Flow,
        answered: impl FnOnce(&mut Self),
    ) -> bool {
        match asked {
            Ok(Some(answer)) if answer.status == 200 => {
                flow.answered();
                answered(self);
                answer.header("connection") == Some("close")
            }
            other => {
                self.failures.push(format!("{what}: {other:?}"));
                true
            }
        }
    }
}

async fn a_request_that_is_half_sent_is_still_answered(store: Store) {
    let desk = Installation::seeded(store);
    let mut server = desk.serve().await;
    let call = sid("CA", 1);
    let request = Webhook::call(MAIN, SALES, &call).prepared().bytes();
    let (begin, end) = request.split_at(request.len() - 40);
    let mut half = Wire::to(server.address).await.unwrap();
    half.write(begin).await.unwrap();
    // The server has read the beginning when it has answered somebody who came later.
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 2))).await.twiml();
    server.signal("TERM");
    within(GONE, "nobody else is let in", async || {
        Wire::to(server.address).await.is_err().then_some(())
    })
    .await;
    half.write(end).await.unwrap();
    let answer = half.answer().await.unwrap().unwrap();
    answer.twiml().stream();
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(server.ended(GONE).await.code(), Some(0));
    assert_eq!(desk.store.count(&format!("calls WHERE sid = '{call}'")).await, 1);
}

async fn a_server_that_is_leaving_says_so_first(store: Store) {
    let desk = Installation::seeded(store);
    let mut server = desk.serve().await;
    assert_eq!(server.get("/readyz", &[]).await.status, 200);
    server.signal("TERM");
    within(BEHIND, "it is not ready any more", async || {
        (server.get("/readyz", &[]).await.status == 503).then_some(())
    })
    .await;
    // Balancers take a moment to notice, so whoever comes meanwhile is served.
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 1))).await.twiml().stream();
    assert_eq!(server.ended(GONE).await.code(), Some(0));
    assert_eq!(desk.store.count("calls").await, 1);

    // Whoever presses Ctrl-C has no balancer.
    let mut server = desk.serve().await;
    server.signal("INT");
    assert_eq!(server.ended(GONE).await.code(), Some(0));
}
