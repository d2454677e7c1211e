//! The laws of [`IdempotencyStore`](switchboard_domain::ports::IdempotencyStore).

use switchboard_domain::identifier::ApiKeyId;
use switchboard_domain::ports::{BegunRequest, KeptAnswer};
use switchboard_domain::repeatable_request::{RepeatableRequest, RequestDigest};

use crate::api_keys::sample;
use crate::concurrent::at_once;
use crate::expect_error::assert_missing;
use crate::prelude::*;
use crate::{Fixture, samples};

/// More answers than any law keeps.
const MOST: u32 = 100;

/// Adds API key `n` of an organization.
async fn api_key(fixture: &Fixture, n: u8, owner: &OrganizationId) -> ApiKeyId {
    let (key, digest) = sample(n, Some(owner));
    fixture.api_keys().add(&fixture.operator, &key, &digest).await.unwrap();
    key.id
}

fn digest(text: &str) -> RequestDigest {
    RequestDigest::of(&[text.as_bytes()])
}

/// A request with an idempotency key.
fn request(api_key: &ApiKeyId, key: &str, content: &str) -> RepeatableRequest {
    RepeatableRequest { api_key: api_key.clone(), key: digest(key), content: digest(content) }
}

/// A request whose content is its key.
fn named(api_key: &ApiKeyId, key: &str) -> RepeatableRequest {
    request(api_key, key, key)
}

fn holder(name: &str) -> LeaseHolder {
    LeaseHolder::named(name)
}

fn sealed(text: &str) -> Sealed {
    Sealed::from_bytes(text.as_bytes().to_vec())
}

/// Begins a request at a second, where what began before another second is forgotten.
async fn begin_since(
    fixture: &Fixture,
    request: &RepeatableRequest,
    by: &str,
    at: i64,
    since: i64,
) -> BegunRequest {
    let (at, since) = (samples::at(at), samples::at(since));
    fixture.idempotency().begin(request, &holder(by), at, since).await.unwrap()
}

async fn begin(fixture: &Fixture, request: &RepeatableRequest, by: &str, at: i64) -> BegunRequest {
    begin_since(fixture, request, by, at, 0).await
}

async fn finish(fixture: &Fixture, request: &RepeatableRequest, by: &str, answer: Option<&str>) {
    let answer = answer.map(sealed);
    let by = holder(by);
    fixture.idempotency().finish(request, &by, answer, MOST).await.unwrap();
}

async fn forget(fixture: &Fixture, request: &RepeatableRequest, by: &str) {
    fixture.idempotency().forget(request, &holder(by)).await.unwrap();
}

fn executed(by: &str, answer: Option<&str>) -> BegunRequest {
    BegunRequest::Executed(KeptAnswer { holder: holder(by), sealed: answer.map(sealed) })
}

#[laws(idempotency::idempotency_laws)]
pub mod laws {
    use super::*;

    /// A request is executed once. Until it is finished it runs, and afterwards its answer is as it was kept.
    pub async fn a_request_is_executed_once(fixture: &Fixture) {
        let api_key = api_key(fixture, 1, &fixture.ours).await;
        let [with_answer, without] = ["one", "two"].map(|key| named(&api_key, key));
        for request in [&with_answer, &without] {
            assert_eq!(begin(fixture, request, "first", 10).await, BegunRequest::First);
            assert_eq!(begin(fixture, request, "second", 20).await, BegunRequest::Running);
        }
        finish(fixture, &with_answer, "first", Some("answer é\0")).await;
        finish(fixture, &without, "first", None).await;
        for _ in 0..2 {
            let answered = executed("first", Some("answer é\0"));
            assert_eq!(begin(fixture, &with_answer, "third", 30).await, answered);
            assert_eq!(begin(fixture, &without, "third", 30).await, executed("first", None));
        }
    }

    /// A request with another content is distinguished, whether the first one is finished or not.
    pub async fn another_request_with_the_key_is_distinguished(fixture: &Fixture) {
        let api_key = api_key(fixture, 1, &fixture.ours).await;
        let [first, other] = ["first", "other"].map(|content| request(&api_key, "key", content));
        assert_eq!(begin(fixture, &first, "one", 10).await, BegunRequest::First);
        assert_eq!(begin(fixture, &other, "two", 10).await, BegunRequest::OtherContent);
        finish(fixture, &first, "one", Some("answer")).await;
        assert_eq!(begin(fixture, &other, "two", 10).await, BegunRequest::OtherContent);
        assert_eq!(begin(fixture, &first, "two", 10).await, executed("one", Some("answer")));
    }

    /// Idempotency keys are independent, and so are those of different API keys.
    pub async fn keys_are_independent(fixture: &Fixture) {
        let ours = api_key(fixture, 1, &fixture.ours).await;
        let also_ours = api_key(fixture, 2, &fixture.ours).await;
        let theirs = api_key(fixture, 3, &fixture.theirs).await;
        assert_eq!(begin(fixture, &named(&ours, "a"), "one", 10).await, BegunRequest::First);
        finish(fixture, &named(&ours, "a"), "one", Some("answer")).await;
        for other in [named(&ours, "b"), named(&also_ours, "a"), named(&theirs, "a")] {
            assert_eq!(begin(fixture, &other, "two", 10).await, BegunRequest::First);
            finish(fixture, &other, "two", None).await;
        }
        let known = begin(fixture, &named(&ours, "a"), "three", 10).await;
        assert_eq!(known, executed("one", Some("answer")));
    }

    /// A forgotten request can begin again. Only its holder forgets it, and only before it is finished.
    pub async fn a_forgotten_key_is_free(fixture: &Fixture) {
        let request = named(&api_key(fixture, 1, &fixture.ours).await, "key");
        forget(fixture, &request, "nobody").await;
        assert_eq!(begin(fixture, &request, "one", 10).await, BegunRequest::First);
        forget(fixture, &request, "two").await;
        assert_eq!(begin(fixture, &request, "two", 10).await, BegunRequest::Running);
        forget(fixture, &request, "one").await;
        assert_eq!(begin(fixture, &request, "two", 10).await, BegunRequest::First);
        finish(fixture, &request, "two", Some("answer")).await;
        forget(fixture, &request, "two").await;
        assert_eq!(begin(fixture, &request, "one", 10).await, executed("two", Some("answer")));
    }

    /// Only the holder of a request finishes it.
    pub async fn a_request_is_finished_by_its_holder_only(fixture: &Fixture) {
        let request = named(&api_key(fixture, 1, &fixture.ours).await, "key");
        finish(fixture, &request, "nobody", Some("answer")).await;
        assert_eq!(begin(fixture, &request, "one", 10).await, BegunRequest::First);
        finish(fixture, &request, "two", Some("answer")).await;
        assert_eq!(begin(fixture, &request, "two", 10).await, BegunRequest::Running);
    }

    /// A request that began too long ago is forgotten, finished or not, and another one can have its key.
    pub async fn an_expired_key_is_free(fixture: &Fixture) {
        let api_key = api_key(fixture, 1, &fixture.ours).await;
        let [running, answered] = ["running", "answered"].map(|key| named(&api_key, key));
        for request in [&running, &answered] {
            assert_eq!(begin(fixture, request, "one", 10).await, BegunRequest::First);
        }
        finish(fixture, &answered, "one", Some("answer")).await;
        let kept = begin_since(fixture, &running, "two", 20, 10).await;
        assert_eq!(kept, BegunRequest::Running);
        let kept = begin_since(fixture, &answered, "two", 20, 10).await;
        assert_eq!(kept, executed("one", Some("answer")));
        for key in ["running", "answered"] {
            let other = request(&api_key, key, "another content");
            assert_eq!(begin_since(fixture, &other, "two", 20, 11).await, BegunRequest::First);
            // The holder before is late, and changes nothing.
            finish(fixture, &other, "one", Some("late")).await;
            forget(fixture, &other, "one").await;
            assert_eq!(begin_since(fixture, &other, "three", 30, 11).await, BegunRequest::Running);
        }
    }

    /// Of many requests with one key at once, one is the first.
    pub async fn one_of_many_that_come_at_once_is_the_first(fixture: &Fixture) {
        let api_key = api_key(fixture, 1, &fixture.ours).await;
        let expired = named(&api_key, "expired");
        assert_eq!(begin(fixture, &expired, "somebody", 10).await, BegunRequest::First);
        for wanted in [named(&api_key, "new"), expired] {
            let results = at_once(|n| {
                let (store, wanted) = (fixture.store(), wanted.clone());
                let by = holder(&format!("holder {n}"));
                let (at, since) = (samples::at(30), samples::at(20));
                async move { store.idempotency().begin(&wanted, &by, at, since).await.unwrap() }
            });
            let (first, others): (Vec<_>, Vec<_>) =
                results.await.into_iter().partition(|begun| *begun == BegunRequest::First);
            assert_eq!(first.len(), 1);
            assert!(others.iter().all(|begun| *begun == BegunRequest::Running), "{others:?}");
        }
    }

    /// Of each API key, a limited number of executed requests is kept. Those that began first are forgotten. Requests that run
    /// do not count, and are kept.
    pub async fn the_oldest_answers_of_an_api_key_are_forgotten(fixture: &Fixture) {
        let ours = api_key(fixture, 1, &fixture.ours).await;
        let theirs = api_key(fixture, 2, &fixture.theirs).await;
        let running = named(&ours, "running");
        assert_eq!(begin(fixture, &running, "one", 1).await, BegunRequest::First);
        let other = named(&theirs, "other");
        assert_eq!(begin(fixture, &other, "one", 1).await, BegunRequest::First);
        finish(fixture, &other, "one", Some("theirs")).await;
        let requests: Vec<_> = (1..=4).map(|n| named(&ours, &n.to_string())).collect();
        // They finish in another order than they begin.
        for (at, request) in (2..).zip(&requests) {
            assert_eq!(begin(fixture, request, "one", at).await, BegunRequest::First);
        }
        for request in requests.iter().rev() {
            let (by, answer) = (holder("one"), sealed("answer"));
            let store = fixture.idempotency();
            store.finish(request, &by, Some(answer), 2).await.unwrap();
        }
        for (n, request) in requests.iter().enumerate() {
            let expected =
                if n < 2 { BegunRequest::First } else { executed("one", Some("answer")) };
            assert_eq!(begin(fixture, request, "two", 50).await, expected, "{n}");
        }
        assert_eq!(begin(fixture, &running, "two", 50).await, BegunRequest::Running);
        assert_eq!(begin(fixture, &other, "two", 50).await, executed("one", Some("theirs")));
    }

    /// Expired requests are deleted, at most `limit` of them, the oldest first, finished or not.
    pub async fn the_oldest_are_deleted_first_and_no_more_than_the_limit(fixture: &Fixture) {
        let api_key = api_key(fixture, 1, &fixture.ours).await;
        let requests: Vec<_> = (1..=6).map(|n| named(&api_key, &n.to_string())).collect();
        for (at, request) in (1..).zip(&requests) {
            assert_eq!(begin(fixture, request, "one", at).await, BegunRequest::First);
            if at % 2 == 0 {
                finish(fixture, request, "one", Some("answer")).await;
            }
        }
        let delete = async |before, limit| {
            fixture.idempotency().delete_expired(samples::at(before), limit).await.unwrap()
        };
        assert_eq!(delete(1, 100).await, 0);
        assert_eq!(delete(5, 0).await, 0);
        assert_eq!(delete(5, 3).await, 3);
        assert_eq!(begin(fixture, &requests[3], "two", 9).await, executed("one", Some("answer")));
        assert_eq!(begin(fixture, &requests[2], "two", 9).await, BegunRequest::First);
        assert_eq!(delete(5, 3).await, 1);
        assert_eq!(begin(fixture, &requests[3], "two", 9).await, BegunRequest::First);
        assert_eq!(begin(fixture, &requests[4], "two", 9).await, BegunRequest::Running);
    }

    /// Nothing is kept for an API key that does not exist, and an API key is removed with what was kept for it.
    pub async fn what_was_kept_is_removed_with_its_api_key(fixture: &Fixture) {
        let api_key = api_key(fixture, 1, &fixture.theirs).await;
        let request = named(&api_key, "key");
        assert_eq!(begin(fixture, &request, "one", 10).await, BegunRequest::First);
        finish(fixture, &request, "one", Some("answer")).await;
        let operator = &fixture.operator;
        fixture.api_keys().revoke(operator, &api_key, samples::at(20)).await.unwrap();
        fixture.organizations().remove(operator, &fixture.theirs, None).await.unwrap();
        let at = samples::at(30);
        let begun = fixture.idempotency().begin(&request, &holder("two"), at, samples::at(0)).await;
        assert_missing(begun, Entity::ApiKey);
        assert_eq!(fixture.idempotency().delete_expired(at, 10).await.unwrap(), 0);
    }

    /// Executed requests are kept when the store is opened again.
    pub async fn what_was_executed_is_kept(fixture: &Fixture) {
        let request = named(&api_key(fixture, 1, &fixture.ours).await, "key");
        assert_eq!(begin(fixture, &request, "one", 10).await, BegunRequest::First);
        finish(fixture, &request, "one", Some("answer")).await;
        let Some(store) = fixture.reopened().await else { return };
        let (at, since) = (samples::at(20), samples::at(0));
        let begun = store.idempotency().begin(&request, &holder("two"), at, since).await.unwrap();
        assert_eq!(begun, executed("one", Some("answer")));
    }
}
