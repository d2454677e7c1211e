//! The middleware of requests with an idempotency key: each is executed once, and a repeated one gets the first answer again.

use std::io;
use std::rc::Rc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::{self, Data};
use actix_web::{Error, HttpMessage as _, HttpResponse};
use serde::{Deserialize, Serialize};
use switchboard_application_management::{RepeatableRequests, RequestEnd};
use switchboard_domain::delivery::IdempotencyKey;
use switchboard_domain::repeatable_request::RequestDigest;
use switchboard_domain::secret::Secret;

use crate::body;
use crate::caller::{ORGANIZATION, authenticate};
use crate::problem::{Problem, ProblemCode};
use crate::repeatable::{IDEMPOTENCY_KEY, Progress, Repeatable, settle};
use crate::state::AdminState;

/// The path whose messages keep their idempotency keys themselves, for as long as they are stored.
pub(crate) const OWN_KEYS: &str = "/api/v1/messages";

/// Whether the answer is that of an earlier request.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The headers that are kept with an answer. All others are made anew.
const KEPT: [HeaderName; 3] = [CONTENT_TYPE, ETAG, LOCATION];

/// Executes a `POST` with an idempotency key once. It is executed to its end even if its client closes the connection, so that
/// its answer is kept.
pub(crate) async fn execute_once(
    state: Data<AdminState>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_given = request.headers().contains_key(&IDEMPOTENCY_KEY);
    if request.method() != Method::POST || !is_given || request.path() == OWN_KEYS {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    if let Err(problem) = authenticate(request.request(), &state).await {
        return Ok(request.error_response(problem));
    }
    let repeatable = Rc::new(Repeatable::new(content(&mut request).await));
    request.extensions_mut().insert(Rc::clone(&repeatable));
    let executing = next.call(request);
    let executed = actix_web::rt::spawn(async move {
        let answer = executing.await.map(ServiceResponse::map_into_boxed_body);
        finish(answer, &repeatable, &state.repeatable).await
    });
    // After a panic, it is not known what was changed, so the key stays in use.
    executed.await.unwrap_or_else(|_panic| {
        tracing::error!("API handler panicked");
        Err(Problem::of(ProblemCode::Internal).into())
    })
}

/// Reads the key of a request, and the digest of what makes it up.
async fn content(request: &mut ServiceRequest) -> Result<(IdempotencyKey, RequestDigest), Problem> {
    let key = key(request).ok_or_else(|| Problem::of(ProblemCode::IdempotencyKeyInvalid))?;
    let payload = request.extract::<web::Payload>().await;
    let payload = payload.map_err(|_error| Problem::of(ProblemCode::Internal))?;
    let body = body::bytes(payload).await?;
    let organization = request.headers().get(&ORGANIZATION).map(HeaderValue::as_bytes);
    let content = RequestDigest::of(&[
        request.method().as_str().as_bytes(),
        request.path().as_bytes(),
        request.query_string().as_bytes(),
        organization.unwrap_or_default(),
        &body,
    ]);
    request.set_payload(Payload::from(body));
    Ok((key, content))
}

/// The key of a request, which is given once.
fn key(request: &ServiceRequest) -> Option<IdempotencyKey> {
    let mut values = request.headers().get_all(&IDEMPOTENCY_KEY);
    let key = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    IdempotencyKey::parse(key).ok()
}

/// Records the end of a request that was executed, or answers it with the first answer.
async fn finish(
    answer: Result<ServiceResponse<BoxBody>, Error>,
    repeatable: &Repeatable,
    requests: &RepeatableRequests,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match repeatable.progress() {
        Progress::NotBegun => answer,
        Progress::Answered(text) => {
            let first = replayed(&text).unwrap_or_else(|| {
                let error = io::Error::other("a kept answer cannot be parsed");
                let missing = Problem::of(ProblemCode::IdempotencyAnswerMissing);
                HttpResponse::from_error(missing.because(&error))
            });
            Ok(answer?.into_response(first))
        }
        Progress::Begun(running) => {
            let (answer, end) = match answer {
                Ok(answer) if answer.status().is_success() => {
                    let (answer, end) = kept(answer);
                    (Ok(answer), Some(end))
                }
                refused => {
                    let end = changed_nothing(&refused).then_some(RequestEnd::Refused);
                    (refused, end)
                }
            };
            // Without an end, it is not known what was changed, so the key stays in use.
            if let Some(end) = end {
                settle(requests, running, end).await;
            }
            answer
        }
    }
}

/// Whether this answer to a request says that nothing was changed. After 500 and 503, a change may be stored, or a part of it.
fn changed_nothing(answer: &Result<ServiceResponse<BoxBody>, Error>) -> bool {
    let status = match answer {
        Ok(answer) => answer.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    // What is sent with POST and answered with 502 changes something only after Twilio has answered.
    status.is_client_error() || status == StatusCode::BAD_GATEWAY
}

/// What is kept of an answer besides its body, as one line before the body.
#[derive(Serialize, Deserialize)]
struct Head {
    status: u16,
    headers: Vec<(String, String)>,
}

/// Takes what is kept out of an answer.
fn kept(answer: ServiceResponse<BoxBody>) -> (ServiceResponse<BoxBody>, RequestEnd) {
    let (request, answer) = answer.into_parts();
    let (answer, body) = answer.into_parts();
    let (body, end) = match body.try_into_bytes() {
        Ok(body) => {
            let text = text(&answer, &body);
            (BoxBody::new(body), text.map_or(RequestEnd::Unanswered, RequestEnd::Answered))
        }
        // It is not complete yet.
        Err(stream) => (stream, RequestEnd::Unanswered),
    };
    (ServiceResponse::new(request, answer.set_body(body)), end)
}

fn text(answer: &HttpResponse<()>, body: &[u8]) -> Option<Secret> {
    let header = |name: &HeaderName| {
        let value = answer.headers().get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    };
    let headers = KEPT.iter().filter_map(header).collect();
    let head = Head { status: answer.status().as_u16(), headers };
    let mut text = serde_json::to_string(&head).ok()?;
    text.push('\n');
    text.push_str(std::str::from_utf8(body).ok()?);
    Some(Secret::new(text))
}

/// The answer that was kept as this text.
fn replayed(text: &Secret) -> Option<HttpResponse> {
    let (head, body) = text.expose().split_once('\n')?;
    let head: Head = serde_json::from_str(head).ok()?;
    let mut answer = HttpResponse::build(StatusCode::from_u16(head.status).ok()?);
    for (name, value) in head.headers {
        answer.insert_header((name, value));
    }
    answer.insert_header((REPLAYED, HeaderValue::from_static("true")));
    Some(answer.body(body.to_owned()))
}

#[cfg(test)]
mod tests;
