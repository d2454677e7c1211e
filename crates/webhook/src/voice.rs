//! `/api/twilio/voice`: a call asks for TwiML.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_application::{CallAnswer, WebhookRequest};
use switchboard_domain::rejection::Door;

use crate::desk::FrontDesk;
use crate::passage::pass;
use crate::response;

pub(crate) async fn answer(
    request: HttpRequest,
    payload: Payload,
    desk: Data<FrontDesk>,
) -> HttpResponse {
    let answer = async |webhook: WebhookRequest<'_>| desk.answer_call.answer(webhook).await;
    let render = |answer: CallAnswer| {
        desk.instruments.answered(Door::Voice, answer.reason);
        tracing::info!(
            call.sid = %answer.call,
            account.sid = %answer.account,
            agent.id = answer.agent.as_ref().map(tracing::field::display),
            reason = answer.reason.as_str(),
            "call answered"
        );
        response::twiml(answer.twiml)
    };
    pass(&desk, Door::Voice, &request, payload, answer, render).await
}
