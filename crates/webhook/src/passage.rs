//! The way of every webhook: read it, hand it to its use case, render the outcome.

use actix_web::http::ConnectionType;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use switchboard_application::{Closed, WebhookRequest};
use switchboard_domain::rejection::Door;

use crate::desk::FrontDesk;
use crate::request::{Received, claimed_hosts};
use crate::response;

/// Takes a request through `door`: `answer` calls the use case, `render` makes the response of its answer.
pub(crate) async fn pass<T>(
    desk: &FrontDesk,
    door: Door,
    request: &HttpRequest,
    payload: Payload,
    answer: impl AsyncFnOnce(WebhookRequest<'_>) -> Result<T, Closed>,
    render: impl FnOnce(T) -> HttpResponse,
) -> HttpResponse {
    let work = async {
        let received = match Received::read(request, payload, &desk.limits).await {
            Ok(received) => received,
            Err(unfit) => {
                desk.instruments.unfit(door);
                return response::unfit(unfit);
            }
        };
        desk.warn_if_unchecked(door);
        let hosts = claimed_hosts(request);
        match answer(received.webhook(request, &hosts)).await {
            Ok(answer) => render(answer),
            Err(closed) => {
                desk.instruments.closed(door, &closed);
                response::closed(door, &closed)
            }
        }
    };
    let mut response = desk.instruments.guard(door, work).await;
    if desk.is_draining() {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    response
}
