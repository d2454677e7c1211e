//! What every request of the API passes: the check of its network, host and origin, the log, and the headers of every answer.

use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HOST, HeaderName, HeaderValue, ORIGIN};
use actix_web::http::{Method, header::X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _, ResponseError as _};
use futures_util::FutureExt as _;

use crate::caller::AcceptedKey;
use crate::problem::{Problem, ProblemCode};
use crate::state::AdminState;

fn check(request: &ServiceRequest, state: &AdminState) -> Result<(), Problem> {
    if !state.accepts(request.peer_addr(), request.headers()) {
        return Err(Problem::of(ProblemCode::SourceRefused));
    }
    let hosts = &state.hosts;
    let text = |name: HeaderName| {
        let mut values = request.headers().get_all(name);
        let value = values.next();
        // A header that is repeated or unreadable is accepted by nobody.
        value.map(|value| match values.next() {
            Some(_) => String::new(),
            None => value.to_str().unwrap_or_default().to_owned(),
        })
    };
    let authority = text(HOST).unwrap_or_default();
    let target = request.uri().authority().map(ToString::to_string);
    if !hosts.allow_host(&authority) || target.is_some_and(|target| target != authority) {
        return Err(Problem::of(ProblemCode::HostRefused));
    }
    match text(ORIGIN) {
        Some(origin) if !hosts.allow_origin(&origin, &authority) => {
            Err(Problem::of(ProblemCode::OriginRefused))
        }
        _ => Ok(()),
    }
}

/// Refuses requests from networks that are not allowed, for other hosts and of other origins, and logs each request with its
/// problem.
pub(crate) async fn check_and_log(
    state: Data<AdminState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let method = request.method().clone();
    let answer = match check(&request, &state) {
        Err(problem) => request.into_response(problem.error_response()).map_into_boxed_body(),
        // A second handle of the request would make its routing panic, so errors become answers further out.
        Ok(()) => match AssertUnwindSafe(next.call(request)).catch_unwind().await {
            Ok(answer) => answer?.map_into_boxed_body(),
            Err(_panic) => {
                tracing::error!("API handler panicked");
                return Err(Problem::of(ProblemCode::Internal).into());
            }
        },
    };
    log(&method, &answer);
    Ok(with_headers(answer))
}

/// Nothing of the API is kept by caches.
fn with_headers(mut answer: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let headers = answer.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    answer
}

/// Logs the pattern of the path, not the path, which can contain phone numbers.
fn log(method: &Method, answer: &ServiceResponse<BoxBody>) {
    let request = answer.request();
    let status = answer.status().as_u16();
    let path = request.match_pattern();
    let path = path.as_deref();
    let extensions = request.extensions();
    let key = extensions.get::<AcceptedKey>().map(|key| key.0.as_str());
    let problem = answer.response().error().and_then(|error| error.as_error::<Problem>());
    let code = problem.map(|problem| problem.code().as_str());
    let error = problem.and_then(Problem::cause);
    if status == 500 || status == 503 {
        tracing::error!(%method, path, status, code, key.id = key, error, "API request failed");
    } else if status > 500 || error.is_some() {
        tracing::warn!(%method, path, status, code, key.id = key, error, "API request failed");
    } else if status >= 400 {
        tracing::debug!(%method, path, status, code, key.id = key, "API request refused");
    } else if *method == Method::GET || *method == Method::HEAD {
        tracing::debug!(%method, path, status, key.id = key, "API request");
    } else {
        tracing::info!(%method, path, status, key.id = key, "API request");
    }
}
