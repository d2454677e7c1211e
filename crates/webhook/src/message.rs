//! `/api/twilio/webhook`: a message asks for TwiML.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_application::{MessageAnswer, WebhookRequest};
use switchboard_domain::ports::Kept;
use switchboard_domain::rejection::Door;

use crate::desk::FrontDesk;
use crate::passage::pass;
use crate::response;

pub(crate) async fn receive(
    request: HttpRequest,
    payload: Payload,
    desk: Data<FrontDesk>,
) -> HttpResponse {
    let receive = async |webhook: WebhookRequest<'_>| desk.receive_message.receive(webhook).await;
    let render = |answer: MessageAnswer| {
        desk.instruments.answered(Door::Message, answer.reason);
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
    pass(&desk, Door::Message, &request, payload, receive, render).await
}
