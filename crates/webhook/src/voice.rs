//! `/api/twilio/voice`: a call asks for TwiML.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_application::{CallAnswer, WebhookRequest};
use switchboard_domain::rejection::Endpoint;

use crate::passage::pass;
use crate::response;
use crate::state::AppState;

pub(crate) async fn answer(
    request: HttpRequest,
    payload: Payload,
    state: Data<AppState>,
) -> HttpResponse {
    let answer = async |webhook: WebhookRequest<'_>| state.answer_call.answer(webhook).await;
    let render = |answer: CallAnswer| {
        state.metrics.answered(Endpoint::Voice, answer.reason);
        tracing::info!(
            call.sid = %answer.call,
            account.sid = %answer.account,
            agent.id = answer.agent.as_ref().map(tracing::field::display),
            reason = answer.reason.as_str(),
            "call answered"
        );
        response::twiml(answer.twiml)
    };
    pass(&state, Endpoint::Voice, &request, payload, answer, render).await
}
