//! Processes an API request: counts it, injects faults, dispatches it and records it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use switchboard_domain::sid::AccountSid;

use super::auth;
use super::paging::loop_back;
use super::request::Request;
use super::response::{ApiError, ApiResponse, Other};
use super::routes::dispatch;
use crate::simulator::{FaultKind, FieldChange, RecordedRequest, Simulator};

/// The response, and how to send it.
#[derive(Debug)]
pub(crate) struct OutgoingResponse {
    pub(crate) status: u16,
    pub(crate) body: Body,
    /// The value of `Retry-After`, in seconds.
    pub(crate) retry_after: Option<u32>,
    /// The account's concurrent requests, including this one.
    pub(crate) concurrency: usize,
    /// How long to wait before the response is sent.
    pub(crate) delay: Duration,
    /// Whether the connection is closed in the middle of the body.
    pub(crate) cut_off: bool,
}

#[derive(Debug)]
pub(crate) enum Body {
    Nothing,
    Json(Value),
    Other(Other),
    /// An HTML error page.
    Page,
}

/// Counts one request of an account until dropped.
#[derive(Debug)]
pub(crate) struct InFlightRequest {
    simulator: Arc<Simulator>,
    account: Option<AccountSid>,
}

impl Drop for InFlightRequest {
    fn drop(&mut self) {
        if let Some(account) = self.account {
            self.simulator.log().end(account);
        }
    }
}

/// Answers a request. The request takes effect immediately, even if the response is delayed; it counts as in flight
/// until the returned guard is dropped.
pub(crate) fn answer(
    simulator: &Arc<Simulator>,
    request: &Request,
) -> (OutgoingResponse, InFlightRequest) {
    let account = request
        .credentials
        .as_ref()
        .and_then(|credentials| Some(auth::claimed_account(&simulator.state(), credentials)?.sid));
    let concurrency = account.map_or(0, |account| simulator.log().begin(account));
    let in_flight = InFlightRequest { simulator: Arc::clone(simulator), account };
    let (fault, conditions) = {
        let mut injected = simulator.injected();
        (injected.take_due(request.method.as_str(), &request.path), injected.conditions)
    };
    let over_limit = conditions.max_concurrent_requests.is_some_and(|most| concurrency > most);
    let mut delay = Duration::from_millis(conditions.latency_ms.into());
    let mut retry_after = None;
    let mut cut_off = false;

    let dispatch = || dispatch(request, &mut simulator.state(), simulator.now());
    let result = match fault {
        _ if over_limit => Err(ApiError::too_many()),
        None => dispatch(),
        Some(FaultKind::TooManyRequests { retry_after: seconds }) => {
            retry_after = seconds;
            Err(ApiError::too_many())
        }
        Some(FaultKind::ServerError { status, carried_out }) => {
            let done = carried_out.then(|| dispatch().ok()).flatten();
            Ok(failed(status, done.map(|response| response.changes).unwrap_or_default()))
        }
        Some(FaultKind::Slow { milliseconds }) => {
            delay += Duration::from_millis(milliseconds.into());
            dispatch()
        }
        Some(FaultKind::CutOff) => {
            cut_off = true;
            dispatch()
        }
        Some(FaultKind::Html { status }) => Ok(ApiResponse { status, ..ApiResponse::no_content() }),
        Some(FaultKind::PageLoop) => dispatch().map(|mut response| {
            response.body.iter_mut().for_each(loop_back);
            response
        }),
        Some(FaultKind::WrongToken) => Err(ApiError::unauthenticated()),
    };
    let page = !over_limit && matches!(fault, Some(FaultKind::Html { .. }));
    let response = result.unwrap_or_else(|error| ApiResponse {
        status: error.status,
        ..ApiResponse::ok(error.body())
    });
    simulator.log().record(RecordedRequest {
        number: 0,
        method: request.method.as_str().to_owned(),
        path: request.path.clone(),
        account,
        status: response.status,
        sent: request.body_field_names(),
        changes: response.changes,
    });
    let body = match (response.body, response.other) {
        _ if page => Body::Page,
        (Some(body), _) => Body::Json(body),
        (None, Some(other)) => Body::Other(other),
        (None, None) => Body::Nothing,
    };
    (
        OutgoingResponse {
            status: response.status,
            body,
            retry_after,
            concurrency,
            delay,
            cut_off,
        },
        in_flight,
    )
}

/// A server error with the changes that the request made.
fn failed(status: u16, changes: Vec<FieldChange>) -> ApiResponse {
    let error = ApiError { status, code: 20500, message: "Internal Server Error".to_owned() };
    ApiResponse { status, changes, ..ApiResponse::ok(error.body()) }
}
