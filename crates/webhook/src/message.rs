//! `/api/twilio/webhook`: a message asks for TwiML.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_application::{MessageAnswer, WebhookRequest};
use switchboard_domain::ports::Kept;
use switchboard_domain::rejection::Endpoint;

use crate::passage::pass;
use crate::response;
use crate::state::AppState;

pub(crate) async fn receive(
    request: HttpRequest,
    payload: Payload,
    state: Data<AppState>,
) -> HttpResponse {
    let receive = async |webhook: WebhookRequest<'_>| state.receive_message.receive(webhook).await;
    let render = |answer: MessageAnswer| {
        state.metrics.answered(Endpoint::Message, answer.reason);
        tracing::info!(
            message.sid = %answer.message,
            account.sid = %answer.account,
            agent.id = answer.agent.as_ref().map(tracing::field::display),
            reason = answer.reason.as_str(),
            repeated = answer.kept == Kept::Repeated,
            "message kept"
        );
        response::twiml(answer.twiml)
    };
    pass(&state, Endpoint::Message, &request, payload, receive, render).await
}
