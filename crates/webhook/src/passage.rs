//! The way of every webhook: read it, hand it to its use case, render the outcome.

use std::pin::pin;

use actix_web::http::ConnectionType;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use switchboard_application::{WebhookError, WebhookRequest};
use switchboard_domain::rejection::Endpoint;

use crate::request::{Received, claimed_hosts};
use crate::response;
use crate::state::AppState;
use crate::yield_now::yield_now;

/// Takes a request through `endpoint`: `answer` calls the use case, `render` makes the response of its answer.
pub(crate) async fn pass<T>(
    state: &AppState,
    endpoint: Endpoint,
    request: &HttpRequest,
    payload: Payload,
    answer: impl AsyncFnOnce(WebhookRequest<'_>) -> Result<T, WebhookError>,
    render: impl FnOnce(T) -> HttpResponse,
) -> HttpResponse {
    // Pinned where it is: a future that is handed on by value is kept once more in each that it goes through.
    let work = pin!(async {
        let received = match Received::read(request, payload, &state.limits).await {
            Ok(received) => received,
            Err(unfit) => {
                state.metrics.unfit(endpoint);
                return response::unfit(unfit);
            }
        };
        state.warn_if_unchecked(endpoint);
        let hosts = || claimed_hosts(request);
        match answer(received.webhook(request, &hosts)).await {
            Ok(answer) => render(answer),
            Err(closed) => {
                state.metrics.closed(endpoint, &closed);
                response::closed(endpoint, &closed)
            }
        }
    });
    let mut response = state.metrics.guard(endpoint, work).await;
    // The other requests that are at hand are answered before this answer is sent. The answers then leave one right
    // behind the other, and whoever reads them, a proxy most often, is woken once for many of them: to wake a sleeper
    // costs more than to send. The server asks us a second time in any case.
    yield_now().await;
    if state.is_draining() {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    response
}
