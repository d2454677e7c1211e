//! Which requests are sent again, and how often.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::time::{Duration, Instant};

use switchboard_domain::carrier::CarrierError;
use switchboard_domain::configuration::{Configuration, Field};
use switchboard_domain::ports::carrier::NumberCarrier;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fixture::{Fixture, access, answering, error, number, number_sid, page, phone};

fn changes() -> Configuration {
    Configuration::new().with(Field::VoiceUrl, "https://example.com/new")
}

async fn find(fixture: &Fixture) -> Result<(), CarrierError> {
    fixture.carrier.find(&access(), phone()).await.map(|_| ())
}

async fn update(fixture: &Fixture) -> Result<(), CarrierError> {
    fixture.carrier.update(&access(), number_sid(), &changes()).await.map(|_| ())
}

async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

fn busy() -> ResponseTemplate {
    error(429, 20429, "Too Many Requests")
}

#[tokio::test]
async fn a_write_that_was_turned_away_is_retried() {
    let done = ResponseTemplate::new(200).set_body_json(number());
    let (fixture, server) = answering([busy(), busy(), done]).await;
    update(&fixture).await.unwrap();
    assert_eq!(requests(&server).await, 3);
}

#[tokio::test]
async fn the_header_retry_after_delays_the_retry() {
    let after_a_second = busy().insert_header("Retry-After", "1");
    let (fixture, _server) = answering([after_a_second, page(&[], None)]).await;
    let start = Instant::now();
    find(&fixture).await.unwrap();
    let elapsed = start.elapsed();
    assert!(elapsed >= Duration::from_secs(1), "{elapsed:?}");
}

#[tokio::test]
async fn the_third_failure_is_returned() {
    let (fixture, server) = answering([busy(), busy(), busy()]).await;
    assert!(matches!(update(&fixture).await, Err(CarrierError::Busy { .. })));
    assert_eq!(requests(&server).await, 3);
    let failed = || error(503, 20503, "Service unavailable");
    let (fixture, server) = answering([failed(), failed(), failed()]).await;
    assert!(matches!(find(&fixture).await, Err(CarrierError::Unavailable { .. })));
    assert_eq!(requests(&server).await, 3);
}

#[tokio::test]
async fn a_write_is_not_retried_after_a_server_error() {
    let (fixture, server) = answering([error(500, 20500, "Internal error")]).await;
    assert!(matches!(update(&fixture).await, Err(CarrierError::Unavailable { .. })));
    assert_eq!(requests(&server).await, 1);
}

#[tokio::test]
async fn a_read_is_retried_after_a_timeout_and_a_write_is_not() {
    let server = MockServer::start().await;
    let late = ResponseTemplate::new(200).set_delay(Duration::from_secs(60));
    Mock::given(any()).respond_with(late).mount(&server).await;
    let fixture = Fixture::with_timeout(&server.uri(), Duration::from_millis(200));
    assert!(matches!(update(&fixture).await, Err(CarrierError::Unavailable { .. })));
    assert_eq!(requests(&server).await, 1);
    assert!(matches!(find(&fixture).await, Err(CarrierError::Unavailable { .. })));
    assert_eq!(requests(&server).await, 4);
}

#[tokio::test]
async fn a_refused_connection_is_reported_without_the_url() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let fixture = Fixture::at(&format!("http://{address}"));
    let error = update(&fixture).await.unwrap_err();
    let text = switchboard_domain::causes::Causes(&error).to_string();
    assert!(text.starts_with("Twilio cannot be reached for number.update"), "{text}");
    assert!(text.to_lowercase().contains("connection refused"), "{text}");
    assert!(!text.contains(number_sid().as_str()), "{text}");
}

#[tokio::test]
async fn a_refusal_is_not_retried() {
    for answer in [error(400, 21402, "no"), error(401, 20003, "no"), error(404, 20404, "no")] {
        let (fixture, server) = answering([answer]).await;
        assert!(find(&fixture).await.is_err());
        assert_eq!(requests(&server).await, 1);
    }
}
