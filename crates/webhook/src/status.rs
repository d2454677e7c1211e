//! `/api/twilio/status`: how far a call or a message has come.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_application::WebhookRequest;
use switchboard_domain::rejection::Endpoint;

use crate::passage::pass;
use crate::response;
use crate::state::AppState;

pub(crate) async fn record(
    request: HttpRequest,
    payload: Payload,
    state: Data<AppState>,
) -> HttpResponse {
    let record = async |webhook: WebhookRequest<'_>| state.record_status.record(webhook).await;
    let render = |_heard| {
        state.metrics.acknowledged(Endpoint::Status);
        response::empty(StatusCode::NO_CONTENT)
    };
    pass(&state, Endpoint::Status, &request, payload, record, render).await
}
