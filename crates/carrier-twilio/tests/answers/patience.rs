//! How often and when a request is sent again.

use std::time::Duration;

use switchboard_domain::carrier::CarrierError;
use switchboard_domain::configuration::{Configuration, Field};
use switchboard_domain::ports::carrier::NumberCarrier;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::rig::{Rig, access, answering, error, number, number_sid, page, phone};

/// Half a second, and twice that: chance makes every pause as long as it can be.
const JITTERED: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(1)];

fn changes() -> Configuration {
    Configuration::new().with(Field::VoiceUrl, "https://example.com/new")
}

async fn find(rig: &Rig) -> Result<(), CarrierError> {
    rig.carrier.find(&access(), phone()).await.map(|_| ())
}

async fn update(rig: &Rig) -> Result<(), CarrierError> {
    rig.carrier.update(&access(), number_sid(), &changes()).await.map(|_| ())
}

fn busy() -> ResponseTemplate {
    error(429, 20429, "Too Many Requests")
}

#[tokio::test]
async fn who_is_turned_away_comes_again_at_another_time() {
    let done = ResponseTemplate::new(200).set_body_json(number());
    let (rig, _server) = answering([busy(), busy(), done]).await;
    update(&rig).await.unwrap();
    assert_eq!(rig.pauses(), JITTERED);
}

#[tokio::test]
async fn retry_after_is_kept_to_as_far_as_anybody_waits() {
    let after = |text: &str| busy().insert_header("Retry-After", text);
    let (rig, _server) = answering([after("2"), after("3600"), page(&[], None)]).await;
    find(&rig).await.unwrap();
    assert_eq!(rig.pauses(), [2_500, 5_000].map(Duration::from_millis));
    let (rig, _server) = answering([after("Wed, 21 Oct 2026 07:28:00 GMT"), page(&[], None)]).await;
    find(&rig).await.unwrap();
    assert_eq!(rig.pauses(), JITTERED[..1]);
}

#[tokio::test]
async fn after_three_tries_it_is_told() {
    let (rig, _server) = answering([busy(), busy(), busy()]).await;
    assert!(matches!(update(&rig).await, Err(CarrierError::Busy { .. })));
    let failed = || error(503, 20503, "Service unavailable");
    let (rig, _server) = answering([failed(), failed(), failed()]).await;
    assert!(matches!(find(&rig).await, Err(CarrierError::Unavailable { .. })));
    assert_eq!(rig.pauses(), JITTERED);
}

#[tokio::test]
async fn a_change_is_not_sent_again_after_a_failure() {
    let (rig, server) = answering([error(500, 20500, "Internal error")]).await;
    assert!(matches!(update(&rig).await, Err(CarrierError::Unavailable { .. })));
    assert_eq!(rig.pauses(), []);
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_question_is_asked_again_after_a_silence_and_a_change_is_not() {
    let server = MockServer::start().await;
    let late = ResponseTemplate::new(200).set_delay(Duration::from_secs(60));
    Mock::given(any()).respond_with(late).mount(&server).await;
    let rig = Rig::waiting(&server.uri(), Duration::from_millis(200));
    assert!(matches!(update(&rig).await, Err(CarrierError::Unavailable { .. })));
    assert_eq!(rig.pauses(), []);
    assert!(matches!(find(&rig).await, Err(CarrierError::Unavailable { .. })));
    assert_eq!(rig.pauses(), JITTERED);
}

#[tokio::test]
async fn what_was_never_sent_is_sent_again_whatever_it_is() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let rig = Rig::at(&format!("http://{address}"));
    let error = update(&rig).await.unwrap_err();
    assert_eq!(rig.pauses(), JITTERED);
    let text = switchboard_domain::causes::Causes(&error).to_string();
    assert!(text.starts_with("Twilio cannot be reached for number.update"), "{text}");
    assert!(text.to_lowercase().contains("connection refused"), "{text}");
    assert!(!text.contains(number_sid().as_str()), "{text}");
}

#[tokio::test]
async fn what_is_refused_is_not_asked_again() {
    for answer in [error(400, 21402, "no"), error(401, 20003, "no"), error(404, 20404, "no")] {
        let (rig, server) = answering([answer]).await;
        assert!(find(&rig).await.is_err());
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }
}
