//! `/api/twilio/voice/connected`: the agent's stream has ended.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_application::WebhookRequest;
use switchboard_domain::rejection::Endpoint;

use crate::passage::pass;
use crate::response;
use crate::state::AppState;

pub(crate) async fn end(
    request: HttpRequest,
    payload: Payload,
    state: Data<AppState>,
) -> HttpResponse {
    let end = async |webhook: WebhookRequest<'_>| state.end_connection.end(webhook).await;
    let render = |twiml| {
        state.metrics.acknowledged(Endpoint::Connected);
        response::twiml(twiml)
    };
    pass(&state, Endpoint::Connected, &request, payload, end, render).await
}
