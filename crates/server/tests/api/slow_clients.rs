//! Slow clients are cut off, and hold up nobody.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::time::{interval, timeout};

use crate::rig::{Installation, MAIN, SALES, Store, Webhook, Wire, sid};

on_both_stores! { a_client_that_takes_more_than_five_seconds_is_cut_off }

/// What a request may take.
const ALLOWED: Duration = Duration::from_secs(5);
/// And until when the connection of one that takes longer is closed, on a machine that has other things to do.
const CUT: Duration = Duration::from_secs(10);

/// Sends the beginning at once and then a byte at a time, if anything at all; tells how it was told off, and when.
async fn slowly(
    address: SocketAddr,
    beginning: &[u8],
    drip: Option<u8>,
) -> (Option<u16>, Duration) {
    let begun = Instant::now();
    let mut wire = Wire::to(address).await.unwrap();
    wire.write(beginning).await.unwrap();
    let mut drops = interval(Duration::from_millis(500));
    loop {
        tokio::select! {
            answer = wire.answer() => {
                let answer = answer.unwrap_or(None);
                assert!(answer.as_ref().is_none_or(|answer| answer.body.is_empty()), "{answer:?}");
                if answer.is_some() {
                    let what = String::from_utf8_lossy(beginning).into_owned();
                    eprintln!("{:?} after {:?} {drip:?}: {answer:?}", what.len(), begun.elapsed());
                    let c = timeout(CUT*3, wire.is_closed()).await;
                    eprintln!("{:?} {drip:?}: closed {c:?} after {:?}", what.len(), begun.elapsed());
                }
                return (answer.map(|answer| answer.status), begun.elapsed());
            }
            _ = drops.tick() => if let Some(byte) = drip {
                // It may just have been closed.
                let _taken = wire.write(&[byte]).await;
            },
        }
        assert!(begun.elapsed() < CUT * 2, "it is never cut off");
    }
}

async fn a_client_that_takes_more_than_five_seconds_is_cut_off(store: Store) {
    let (desk, server) = Installation::served(store).await;
    let request = Webhook::call(MAIN, SALES, &sid("CA", 1)).prepared().bytes();
    let head = request.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let address = server.address;
    let chunked = b"POST /api/twilio/voice HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\
        Content-Type: application/x-www-form-urlencoded\r\n\r\nff\r\nAcco";
    let everybody = async {
        tokio::join!(
            slowly(address, b"POST /api", None),
            slowly(address, &request[..head - 2], None),
            slowly(address, &request[..head - 2], Some(b'x')),
            slowly(address, &request[..head], None),
            slowly(address, &request[..head], Some(b'A')),
            slowly(address, &request[..request.len() - 1], None),
            slowly(address, chunked, Some(b'5')),
        )
    };
    let others = async {
        for number in 0..20 {
            server
                .send(&Webhook::message(MAIN, SALES, &sid("SM", number), "Hi"))
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
        ("drips its chunks", cut.6),
    ] {
        assert!(status.is_none_or(|status| (400..500).contains(&status)), "{what}: {status:?}");
        assert!(after >= ALLOWED - Duration::from_millis(500), "{what}: cut off after {after:?}");
        assert!(after <= CUT, "{what}: cut off after {after:?} only");
    }
    assert_eq!(desk.store.count("messages").await, 20);
    assert_eq!(desk.store.count("calls").await, 0);
}
