//! Health checks without certificates.
#![expect(clippy::unwrap_used, reason = "a fixture fails by panicking")]

use std::io;
use std::sync::{Arc, Mutex};

use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{Reachability, VoiceProbe as _};
use switchboard_domain::web_address::{StreamUrl, WebUrl};
use tokio::time::Instant;
use tracing::Level;
use wiremock::matchers::{any, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fixture::{LONG, SHORT, organization, probe, stream, web};
use crate::servers::{closed_port, halting, listener};

#[tokio::test]
async fn a_server_without_tls_is_healthy_if_it_accepts_a_connection() {
    let (_listener, address) = listener().await;
    let relay = StreamUrl::parse(&format!("ws://localhost:{}/relay", address.port())).unwrap();
    for target in [stream(&format!("ws://{address}/media")), VoiceTarget::ConversationRelay(relay)]
    {
        assert_eq!(
            probe(LONG).check(&organization(1), &target, None).await,
            Reachability::Reachable,
            "{target:?}"
        );
    }
}

#[tokio::test]
async fn a_closed_port_is_not_healthy() {
    let (_socket, address) = closed_port();
    for scheme in ["ws", "wss"] {
        let target = stream(&format!("{scheme}://{address}/media"));
        assert_eq!(
            probe(LONG).check(&organization(1), &target, None).await,
            Reachability::Unreachable,
            "{scheme}"
        );
    }
}

#[tokio::test]
async fn an_unresolvable_name_is_not_healthy() {
    // DNS labels have at most 63 characters, so no DNS query is sent.
    let target = stream(&format!("wss://{}.localhost/media", "n".repeat(64)));
    assert_eq!(probe(LONG).check(&organization(1), &target, None).await, Reachability::Unreachable);
}

#[tokio::test]
async fn a_check_ends_at_its_timeout() {
    let (_silent, address) = listener().await;
    let (begins, _) = halting("HTTP/1.1 200 OK\r\n").await;
    let target = stream(&format!("wss://{address}/media"));
    for health_url in [None, Some(web(&format!("http://{begins}/health")))] {
        let looked_at = Instant::now();
        assert_eq!(
            probe(SHORT).check(&organization(1), &target, health_url).await,
            Reachability::Unreachable
        );
        let took = looked_at.elapsed();
        assert!(took >= SHORT && took < LONG / 2, "{took:?}");
    }
}

#[tokio::test]
async fn the_health_url_determines_the_result() {
    let (_socket, closed) = closed_port();
    let (_listener, open) = listener().await;
    let elsewhere = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&elsewhere).await;
    for (status, is_there) in [(200, true), (204, true), (302, false), (404, false), (503, false)] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(status).insert_header("location", elsewhere.uri());
        Mock::given(method("GET"))
            .and(path("/health"))
            .respond_with(answer)
            .expect(2)
            .mount(&server)
            .await;
        for address in [closed, open] {
            let target = stream(&format!("ws://{address}/media"));
            let health_url = Some(web(&format!("{}/health", server.uri())));
            let found = probe(LONG).check(&organization(1), &target, health_url).await;
            assert_eq!(found == Reachability::Reachable, is_there, "{status}");
            assert_ne!(found, Reachability::Unknown);
        }
    }
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_body_of_a_health_response_is_not_read() {
    let (server, _) = halting("HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n").await;
    let target = stream("wss://voice.example.com/media");
    assert_eq!(
        probe(LONG).check(&organization(1), &target, Some(web(&format!("http://{server}/")))).await,
        Reachability::Reachable
    );
}

#[tokio::test]
async fn phones_and_redirects_are_always_healthy() {
    let (_socket, closed) = closed_port();
    let url = format!("http://{closed}/");
    for target in [
        VoiceTarget::Dial(PhoneNumber::parse("+14155550100").unwrap()),
        VoiceTarget::Redirect(WebUrl::parse(&url).unwrap()),
    ] {
        assert_eq!(
            probe(LONG).check(&organization(1), &target, Some(web(&url))).await,
            Reachability::Reachable,
            "{target:?}"
        );
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_shows_host_and_cause_but_no_path() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let (_socket, closed) = closed_port();
    let target = stream(&format!("wss://{closed}/s3cret"));
    assert_eq!(probe(LONG).check(&organization(1), &target, None).await, Reachability::Unreachable);
    let health_url = Some(web(&format!("http://localhost:{}/s3cret?k=s3cret", closed.port())));
    assert_eq!(
        probe(LONG).check(&organization(1), &target, health_url).await,
        Reachability::Unreachable
    );
    drop(guard);

    let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<_> =
        written.lines().filter(|line| line.contains("health check failed")).collect();
    assert_eq!(lines.len(), 2, "{written}");
    assert!(lines[0].contains("DEBUG") && lines[0].contains("host=\"127.0.0.1\""), "{written}");
    assert!(lines[1].contains("host=\"localhost\""), "{written}");
    assert!(lines.iter().all(|line| line.contains("refused")), "{written}");
    assert!(!written.contains("s3cret"), "{written}");
}
