//! `/api/twilio/voice/connected`: the agent's stream has ended.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_application::WebhookRequest;
use switchboard_domain::rejection::Door;

use crate::desk::FrontDesk;
use crate::passage::pass;
use crate::response;

pub(crate) async fn end(
    request: HttpRequest,
    payload: Payload,
    desk: Data<FrontDesk>,
) -> HttpResponse {
    let end = async |webhook: WebhookRequest<'_>| desk.end_connection.end(webhook).await;
    let render = |twiml| {
        desk.instruments.acknowledged(Door::Connected);
        response::twiml(twiml)
    };
    pass(&desk, Door::Connected, &request, payload, end, render).await
}
