use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use actix_web::body::{BodySize, BoxBody, MessageBody as _};
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use actix_web::test::TestRequest;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, ResponseError as _};
use futures_util::stream;
use switchboard_application_management::{RepeatableRequests, RequestEnd};
use switchboard_domain::agent::Label;
use switchboard_domain::api_key::{ApiKey, KeyDigest, KeyScopes};
use switchboard_domain::delivery::IdempotencyKey;
use switchboard_domain::identifier::ApiKeyId;
use switchboard_domain::ports::{ApiKeyStore as _, Randomness};
use switchboard_domain::repeatable_request::RequestDigest;
use switchboard_domain::sealing::Keyring;
use switchboard_domain::secret::Secret;
use switchboard_domain::source_networks::SourceNetworks;
use switchboard_domain::time::Timestamp;
use switchboard_store_memory::{MemoryStore, operator};

use super::{REPLAYED, finish, kept, replayed};
use crate::problem::{Problem, ProblemCode};
use crate::repeatable::{Progress, Repeatable};

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

/// Other bytes each time, so that no two holders have the same name.
#[derive(Default)]
struct Counting(AtomicU8);

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

async fn requests() -> (RepeatableRequests, ApiKeyId) {
    let store = Arc::new(MemoryStore::new());
    let key = ApiKey {
        id: ApiKeyId::new(NOW, [1; 10]),
        organization: None,
        name: Label::parse("ci").unwrap(),
        scopes: KeyScopes::parse("admin").unwrap(),
        networks: SourceNetworks::default(),
        created_at: NOW,
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    };
    store.add(&operator(), &key, &KeyDigest::new_key(&[1; 32]).1).await.unwrap();
    let keyring = Keyring::parse("one:MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=").unwrap();
    let (keyring, randomness) = (Arc::new(keyring), Arc::new(Counting::default()));
    (RepeatableRequests { store, keyring, randomness, clock: Arc::new(NOW) }, key.id)
}

fn repeatable() -> Repeatable {
    let key = IdempotencyKey::parse("order-7").unwrap();
    Repeatable::new(Ok((key, RequestDigest::of(&[b"content"]))))
}

fn response(answer: HttpResponse) -> ServiceResponse<BoxBody> {
    TestRequest::default().to_srv_response(answer)
}

fn created(body: &str) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((ETAG, "\"tag\""))
        .insert_header((LOCATION, "/api/v1/agents/agt_1"))
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header(("x-other", "other"))
        .body(body.to_owned())
}

fn body(answer: ServiceResponse<BoxBody>) -> Bytes {
    answer.into_body().try_into_bytes().unwrap()
}

#[actix_web::test]
async fn an_answer_is_kept_as_it_was() {
    for text in ["{\"name\":\"é\\n\"}\n\n", ""] {
        let (answer, end) = kept(response(created(text)));
        assert_eq!(answer.headers().get("x-other").unwrap(), "other");
        assert_eq!(body(answer), text);
        let RequestEnd::Answered(kept) = end else { panic!("{end:?}") };
        let again = replayed(&kept).unwrap();
        assert_eq!(again.status(), StatusCode::CREATED);
        for (name, value) in [
            (ETAG, "\"tag\""),
            (LOCATION, "/api/v1/agents/agt_1"),
            (CONTENT_TYPE, "application/json"),
            (REPLAYED, "true"),
        ] {
            assert_eq!(again.headers().get(&name).unwrap(), value, "{name}");
        }
        assert!(!again.headers().contains_key("x-other"));
        assert_eq!(again.into_body().try_into_bytes().unwrap(), text);
    }
}

#[actix_web::test]
async fn an_answer_that_is_not_complete_or_no_text_is_not_kept() {
    let bytes = Bytes::from_static(b"data");
    let parts = stream::iter([Ok::<_, actix_web::Error>(bytes)]);
    let (answer, end) = kept(response(HttpResponse::Ok().streaming(parts)));
    assert!(matches!(end, RequestEnd::Unanswered), "{end:?}");
    assert_eq!(answer.response().body().size(), BodySize::Stream);
    let (answer, end) = kept(response(HttpResponse::Ok().body(vec![0xff])));
    assert!(matches!(end, RequestEnd::Unanswered), "{end:?}");
    assert_eq!(body(answer), vec![0xff]);
}

#[actix_web::test]
async fn only_an_executed_request_is_answered_again() {
    let (requests, api_key) = requests().await;
    for refused in [
        Ok(response(Problem::of(ProblemCode::BodyInvalid).error_response())),
        Ok(response(Problem::of(ProblemCode::TwilioUnavailable).error_response())),
        Err(Problem::of(ProblemCode::AgentNotFound).into()),
    ] {
        let first = repeatable();
        first.begin(&api_key, &requests).await.unwrap();
        let running = repeatable().begin(&api_key, &requests).await.unwrap_err();
        assert_eq!(running.code(), ProblemCode::IdempotencyKeyRunning);
        let expected = refused.as_ref().ok().map(ServiceResponse::status);
        let answer = finish(refused, &first, &requests).await;
        assert_eq!(answer.ok().map(|answer| answer.status()), expected);
    }
    let first = repeatable();
    first.begin(&api_key, &requests).await.unwrap();
    finish(Ok(response(created("one"))), &first, &requests).await.unwrap();
    for _ in 0..2 {
        let again = repeatable();
        let problem = again.begin(&api_key, &requests).await.unwrap_err();
        let answer = finish(Ok(response(problem.error_response())), &again, &requests).await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        assert_eq!(answer.headers().get(&REPLAYED).unwrap(), "true");
        assert_eq!(body(answer), "one");
    }
}

#[actix_web::test]
async fn the_key_of_a_request_whose_outcome_is_not_known_stays_in_use() {
    for code in [ProblemCode::Internal, ProblemCode::Unavailable] {
        let answers =
            [Ok(response(Problem::of(code).error_response())), Err(Problem::of(code).into())];
        for failed in answers {
            let (requests, api_key) = requests().await;
            let first = repeatable();
            first.begin(&api_key, &requests).await.unwrap();
            let expected = failed.as_ref().ok().map(ServiceResponse::status);
            let answer = finish(failed, &first, &requests).await;
            assert_eq!(answer.ok().map(|answer| answer.status()), expected);
            let again = repeatable().begin(&api_key, &requests).await.unwrap_err();
            assert_eq!(again.code(), ProblemCode::IdempotencyKeyRunning);
        }
    }
}

#[actix_web::test]
async fn a_kept_answer_that_cannot_be_parsed_is_a_problem_with_its_cause() {
    let (requests, api_key) = requests().await;
    let first = repeatable();
    first.begin(&api_key, &requests).await.unwrap();
    let Progress::Begun(running) = first.progress() else { panic!("it has not begun") };
    let text = RequestEnd::Answered(Secret::new("no head".to_owned()));
    requests.settle(&running, &text).await.unwrap();
    let again = repeatable();
    let problem = again.begin(&api_key, &requests).await.unwrap_err();
    let answer = finish(Ok(response(problem.error_response())), &again, &requests).await.unwrap();
    let error = answer.response().error().unwrap().as_error::<Problem>().unwrap();
    assert_eq!(error.code(), ProblemCode::IdempotencyAnswerMissing);
    assert!(error.cause().is_some_and(|cause| !cause.contains("no head")));
}

#[actix_web::test]
async fn what_only_reads_ignores_the_key_but_not_the_body() {
    let (requests, api_key) = requests().await;
    for (code, expected) in [
        (ProblemCode::IdempotencyKeyInvalid, None),
        (ProblemCode::BodyTooLarge, Some(ProblemCode::BodyTooLarge)),
        (ProblemCode::BodyUnreadable, Some(ProblemCode::BodyUnreadable)),
    ] {
        let wrong = Repeatable::new(Err(Problem::of(code)));
        assert_eq!(wrong.check_body().err().map(|problem| problem.code()), expected);
        assert_eq!(wrong.begin(&api_key, &requests).await.unwrap_err().code(), code);
    }
    assert!(repeatable().check_body().is_ok());
}

#[actix_web::test]
async fn a_request_that_did_not_begin_leaves_nothing() {
    let (requests, api_key) = requests().await;
    let refused = Problem::of(ProblemCode::KeyScope).error_response();
    let answer = finish(Ok(response(refused)), &repeatable(), &requests).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    repeatable().begin(&api_key, &requests).await.unwrap();
}
