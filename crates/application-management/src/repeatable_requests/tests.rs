use switchboard_domain::api_key::{ApiKey, KeyDigest, KeyScopes};
use switchboard_domain::identifier::ApiKeyId;
use switchboard_domain::ports::{ApiKeyStore, BegunRequest, IdempotencyStore as _};
use switchboard_domain::repeatable_request::{KEPT_SECONDS, RepeatableRequest, RequestDigest};
use switchboard_domain::sealing::Keyring;
use switchboard_domain::source_networks::SourceNetworks;

use super::{
    KeptAnswer, LeaseHolder, MAX_ANSWER_BYTES, RepeatableRequests, RepeatedRequestError,
    Repetition, RequestEnd, RunningRequest,
};
use crate::fixtures::{Counting, clock, label};
use crate::test_prelude::*;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
const ONE: &str = "one:MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=";
const TWO: &str = "two:MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=";

/// A store with an API key.
struct Fixture {
    store: Arc<MemoryStore>,
    api_key: ApiKeyId,
    /// One for all, so that no two holders have the same name.
    randomness: Arc<Counting>,
}

impl Fixture {
    fn requests(&self, keys: &str, now: Timestamp) -> RepeatableRequests {
        RepeatableRequests {
            store: self.store.clone(),
            keyring: Arc::new(Keyring::parse(keys).unwrap()),
            randomness: self.randomness.clone(),
            clock: Arc::new(now),
        }
    }

    /// A request with the same key each time.
    fn request(&self, content: &str) -> RepeatableRequest {
        let digest = |text: &str| RequestDigest::of(&[text.as_bytes()]);
        let api_key = self.api_key.clone();
        RepeatableRequest { api_key, key: digest("key"), content: digest(content) }
    }
}

async fn fixture() -> Fixture {
    let store = Arc::new(MemoryStore::new());
    let key = ApiKey {
        id: ApiKeyId::new(NOW, [1; 10]),
        organization: None,
        name: label("ci"),
        scopes: KeyScopes::parse("admin").unwrap(),
        networks: SourceNetworks::default(),
        created_at: NOW,
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    };
    let digest = KeyDigest::new_key(&[1; 32]).1;
    ApiKeyStore::add(store.as_ref(), &operator(), &key, &digest).await.unwrap();
    Fixture { store, api_key: key.id, randomness: clock() }
}

async fn begin(
    requests: &RepeatableRequests,
    request: &RepeatableRequest,
) -> Result<Repetition, RepeatedRequestError> {
    requests.begin(requests.prepare(request.clone())).await
}

async fn first(requests: &RepeatableRequests, request: &RepeatableRequest) -> RunningRequest {
    match begin(requests, request).await.unwrap() {
        Repetition::First(running) => running,
        Repetition::Answered(_) => panic!("the request was executed already"),
    }
}

async fn answered(requests: &RepeatableRequests, request: &RepeatableRequest) -> String {
    match begin(requests, request).await.unwrap() {
        Repetition::First(_) => panic!("the request is executed again"),
        Repetition::Answered(answer) => answer.expose().to_owned(),
    }
}

fn answer(text: &str) -> RequestEnd {
    RequestEnd::Answered(Secret::new(text.to_owned()))
}

#[tokio::test]
async fn an_answer_is_given_again_for_a_day() {
    let fixture = fixture().await;
    let (now, wanted) = (fixture.requests(ONE, NOW), fixture.request("a"));
    let running = first(&now, &wanted).await;
    assert!(matches!(begin(&now, &wanted).await, Err(RepeatedRequestError::Running)));
    now.settle(&running, &answer("secret")).await.unwrap();
    assert_eq!(answered(&now, &wanted).await, "secret");
    let other = begin(&now, &fixture.request("b")).await;
    assert!(matches!(other, Err(RepeatedRequestError::OtherRequest)));
    let last = fixture.requests(ONE, NOW.plus_seconds(KEPT_SECONDS));
    assert_eq!(answered(&last, &wanted).await, "secret");
    let later = fixture.requests(ONE, NOW.plus_seconds(KEPT_SECONDS + 1));
    first(&later, &fixture.request("b")).await;
}

#[tokio::test]
async fn a_request_that_changed_nothing_leaves_its_key_free() {
    let fixture = fixture().await;
    let requests = fixture.requests(ONE, NOW);
    let running = first(&requests, &fixture.request("a")).await;
    requests.settle(&running, &RequestEnd::Refused).await.unwrap();
    first(&requests, &fixture.request("b")).await;
}

#[tokio::test]
async fn a_request_whose_answer_is_too_long_is_not_executed_again() {
    let fixture = fixture().await;
    let requests = fixture.requests(ONE, NOW);
    for end in [answer(&"x".repeat(MAX_ANSWER_BYTES + 1)), RequestEnd::Unanswered] {
        let wanted = RepeatableRequest {
            key: RequestDigest::of(&[format!("{end:?}").as_bytes()]),
            ..fixture.request("a")
        };
        let running = first(&requests, &wanted).await;
        requests.settle(&running, &end).await.unwrap();
        assert!(matches!(begin(&requests, &wanted).await, Err(RepeatedRequestError::NotKept)));
    }
    let wanted = fixture.request("a");
    let running = first(&requests, &wanted).await;
    requests.settle(&running, &answer(&"x".repeat(MAX_ANSWER_BYTES))).await.unwrap();
    assert_eq!(answered(&requests, &wanted).await.len(), MAX_ANSWER_BYTES);
}

/// The stored answer to a request.
async fn stored(store: &MemoryStore, wanted: &RepeatableRequest) -> KeptAnswer {
    let nobody = LeaseHolder::named("nobody");
    match store.begin(wanted, &nobody, NOW, NOW).await.unwrap() {
        BegunRequest::Executed(kept) => kept,
        other @ (BegunRequest::First | BegunRequest::Running | BegunRequest::OtherContent) => {
            panic!("{other:?}")
        }
    }
}

#[tokio::test]
async fn an_answer_is_encrypted_and_bound_to_its_request() {
    let fixture = fixture().await;
    let one = fixture.requests(ONE, NOW);
    let wanted = fixture.request("a");
    let running = first(&one, &wanted).await;
    one.settle(&running, &answer("sbk_secret")).await.unwrap();
    let kept = stored(&fixture.store, &wanted).await;
    let sealed = kept.sealed.unwrap();
    assert!(!sealed.as_bytes().windows(4).any(|bytes| bytes == b"sbk_"));
    // With both keys it opens, and without the one that sealed it does not.
    assert_eq!(
        answered(&fixture.requests(&format!("{TWO},{ONE}"), NOW), &wanted).await,
        "sbk_secret"
    );
    let closed = begin(&fixture.requests(TWO, NOW), &wanted).await;
    assert!(matches!(closed, Err(RepeatedRequestError::Unreadable(_))));
    // Someone who can write to the database copies it to the answer of another request.
    let other = RepeatableRequest { key: RequestDigest::of(&[b"other"]), ..wanted };
    let running = first(&one, &other).await;
    fixture.store.finish(&other, &running.holder, Some(sealed), 10).await.unwrap();
    let moved = begin(&one, &other).await;
    assert!(matches!(moved, Err(RepeatedRequestError::Unreadable(_))));
}

#[tokio::test]
async fn an_unavailable_store_executes_nothing() {
    let fixture = fixture().await;
    let requests = fixture.requests(ONE, NOW);
    fixture.store.fail_next("idempotency.begin", 1, Fault::Unavailable);
    let begun = begin(&requests, &fixture.request("a")).await;
    assert!(matches!(begun, Err(RepeatedRequestError::Store(_))));
}
