//! The way of every webhook: read it, hand it to its use case, render the outcome.

use std::pin::pin;

use actix_web::http::ConnectionType;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use switchboard_application::{Closed, WebhookRequest};
use switchboard_domain::rejection::Door;

use crate::desk::FrontDesk;
use crate::request::{Received, claimed_hosts};
use crate::response;
use crate::turn::next_turn;

/// Takes a request through `door`: `answer` calls the use case, `render` makes the response of its answer.
pub(crate) async fn pass<T>(
    desk: &FrontDesk,
    door: Door,
    request: &HttpRequest,
    payload: Payload,
    answer: impl AsyncFnOnce(WebhookRequest<'_>) -> Result<T, Closed>,
    render: impl FnOnce(T) -> HttpResponse,
) -> HttpResponse {
    // Pinned where it is: a future that is handed on by value is kept once more in each that it goes through.
    let work = pin!(async {
        let received = match Received::read(request, payload, &desk.limits).await {
            Ok(received) => received,
            Err(unfit) => {
                desk.instruments.unfit(door);
                return response::unfit(unfit);
            }
        };
        desk.warn_if_unchecked(door);
        let hosts = || claimed_hosts(request);
        match answer(received.webhook(request, &hosts)).await {
            Ok(answer) => render(answer),
            Err(closed) => {
                desk.instruments.closed(door, &closed);
                response::closed(door, &closed)
            }
        }
    });
    let mut response = desk.instruments.guard(door, work).await;
    // The other requests that are at hand are answered before this answer is sent. The answers then leave one right
    // behind the other, and whoever reads them, a proxy most often, is woken once for many of them: to wake a sleeper
    // costs more than to send. The server asks us a second time in any case.
    next_turn().await;
    if desk.is_draining() {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    response
}
