//! Slow clients are disconnected and delay no other request.

use crate::prelude::*;
use tokio::time::{interval, timeout};

/// What a request may take.
const ALLOWED: Duration = Duration::from_secs(5);
/// And until when the connection of one that takes longer is closed, on a machine that has other things to do.
const CUT: Duration = Duration::from_secs(10);
/// How long a connection may stay that is of no more use.
const LET_GO: Duration = Duration::from_secs(5);

/// Sends the beginning at once and then a byte at a time, if anything at all. Tells with which status the server gave
/// up, if with any, and when; then it must have closed the connection.
async fn slowly(
    address: SocketAddr,
    beginning: &[u8],
    drip: Option<u8>,
) -> (Option<u16>, Duration) {
    let begun = Instant::now();
    let mut wire = Wire::to(address).await.unwrap();
    wire.write(beginning).await.unwrap();
    let mut drops = interval(Duration::from_millis(500));
    let answer = loop {
        tokio::select! {
            answer = wire.answer() => break answer.unwrap_or(None),
            _ = drops.tick() => if let Some(byte) = drip {
                // It may just have been closed.
                let _taken = wire.write(&[byte]).await;
            },
        }
        assert!(begun.elapsed() < CUT, "no end after {:?}", begun.elapsed());
    };
    let after = begun.elapsed();
    if let Some(answer) = &answer {
        assert!(answer.body.is_empty(), "{answer:?}");
        let closed = timeout(LET_GO, wire.is_closed()).await;
        let beginning = String::from_utf8_lossy(beginning);
        assert_eq!(
            closed,
            Ok(true),
            "reported {} after {after:?}, and still connected:\n{beginning}",
            answer.status
        );
    }
    (answer.map(|answer| answer.status), after)
}

#[apply(on_both_stores!)]
async fn a_client_that_takes_more_than_five_seconds_is_cut_off(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let request = Webhook::call(MAIN, SALES, &sid("CA", 1)).prepared().bytes();
    let head = request.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let address = server.address;
    let everybody = async {
        tokio::join!(
            slowly(address, b"POST /api", None),
            slowly(address, &request[..head - 2], None),
            slowly(address, &request[..head - 2], Some(b'x')),
            slowly(address, &request[..head], None),
            slowly(address, &request[..head], Some(b'A')),
            slowly(address, &request[..request.len() - 1], None),
        )
    };
    let others = async {
        for number in 0..20 {
            server
                .send(
                    &Webhook::message(MAIN, SALES, &sid("SM", number), "Hi")
                        // One contact would be a program that answers the replies.
                        .with("From", &format!("+1415556{number:04}")),
                )
                .await
                .twiml()
                .only("Message");
        }
    };
    let (cut, ()) = tokio::join!(everybody, others);
    for (what, (status, after)) in [
        ("stops in the first line", cut.0),
        ("stops in the headers", cut.1),
        ("drips its headers", cut.2),
        ("sends no body", cut.3),
        ("drips its body", cut.4),
        ("keeps the last byte", cut.5),
    ] {
        assert!(status.is_none_or(|status| (400..500).contains(&status)), "{what}: {status:?}");
        assert!(after + Duration::from_millis(500) >= ALLOWED, "{what}: cut off after {after:?}");
    }
    assert_eq!(app.store.count("messages").await, 20);
    assert_eq!(app.store.count("calls").await, 0);
}

#[apply(on_both_stores!)]
async fn chunks_that_never_end_hold_no_connection(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let address = server.address;
    let head = |line: &str| {
        let headers = "Host: a\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked";
        format!("{line} HTTP/1.1\r\n{headers}\r\n\r\n").into_bytes()
    };
    let beginning = |line, chunk: &[u8]| [&head(line), chunk].concat();
    let voice = "POST /api/twilio/voice";
    let large = [b"ffffff\r\n".to_vec(), vec![b'x'; 80 * 1024]].concat();
    let beginnings = [
        (beginning(voice, b""), 408),
        (beginning(voice, b"f"), 408),
        (beginning(voice, b"ffff\r\nAcco"), 408),
        (beginning(voice, &large), 413),
        (beginning("PUT /api/twilio/voice", b"ff\r\nAcco"), 405),
        (beginning("POST /nowhere", b"ff\r\nAcco"), 404),
        (beginning("GET /healthz", b"ff\r\nAcco"), 200),
        (beginning("GET /api/voice/sessions/CA1", b"ff\r\nAcco"), 401),
    ];
    let silent = beginnings.iter().map(|(beginning, _)| async move {
        let mut wire = Wire::to(address).await.unwrap();
        let _all_taken = wire.write(beginning).await;
        let answer = timeout(CUT, wire.answer()).await.unwrap().unwrap().unwrap();
        (answer.status, timeout(LET_GO, wire.is_closed()).await.is_ok())
    });
    let dripping = slowly(address, &beginnings[2].0, Some(b'x'));
    let (ended, drip_ended) = tokio::join!(futures_util::future::join_all(silent), dripping);
    let expected: Vec<_> = beginnings.iter().map(|(_, status)| (*status, true)).collect();
    assert_eq!(ended, expected, "status, and whether the connection was closed");
    assert_eq!(drip_ended.0, Some(408));
}

#[apply(on_both_stores!)]
async fn a_body_that_nobody_reads_holds_no_connection(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let beginning = |line: &str, length| {
        let head = format!("{line} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n");
        [head.into_bytes(), vec![b'x'; 1_000]].concat()
    };
    for (line, length, expected) in [
        ("POST /nowhere", 60_000, 404),
        ("PUT /api/twilio/voice", 60_000, 405),
        ("GET /healthz", 60_000, 200),
        ("GET /api/voice/sessions/CA1", 60_000, 401),
    ] {
        let mut wire = Wire::to(server.address).await.unwrap();
        wire.write(&beginning(line, length)).await.unwrap();
        let answer = timeout(CUT, wire.answer()).await.unwrap().unwrap().unwrap();
        assert_eq!(answer.status, expected, "{line}");
        assert_eq!(timeout(LET_GO, wire.is_closed()).await, Ok(true), "{line}");
    }
}

#[apply(on_both_stores!)]
async fn a_webhook_that_comes_in_chunks_is_answered(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let mut wire = Wire::to(server.address).await.unwrap();
    // A proxy on the way may send on what it gets piece by piece.
    for number in 0..3 {
        let prepared = Webhook::call(MAIN, SALES, &sid("CA", number)).prepared();
        let whole = String::from_utf8(prepared.bytes()).unwrap();
        let (head, body) = whole.split_once("\r\n\r\n").unwrap();
        let head =
            head.replace(&format!("Content-Length: {}", body.len()), "Transfer-Encoding: chunked");
        let (one, two) = body.split_at(10);
        let chunks = format!("{head}\r\n\r\na\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n", two.len());
        wire.ask(chunks.as_bytes()).await.unwrap().unwrap().twiml().stream();
    }
}
