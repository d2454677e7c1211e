//! `/api/twilio/status`: how far a call or a message has come.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_application::WebhookRequest;
use switchboard_domain::rejection::Door;

use crate::desk::FrontDesk;
use crate::passage::pass;
use crate::response;

pub(crate) async fn record(
    request: HttpRequest,
    payload: Payload,
    desk: Data<FrontDesk>,
) -> HttpResponse {
    let record = async |webhook: WebhookRequest<'_>| desk.record_status.record(webhook).await;
    let render = |_heard| {
        desk.instruments.acknowledged(Door::Status);
        response::empty(StatusCode::NO_CONTENT)
    };
    pass(&desk, Door::Status, &request, payload, record, render).await
}
