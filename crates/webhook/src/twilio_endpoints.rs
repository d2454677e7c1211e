//! The endpoints that Twilio calls.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use switchboard_application::FollowUpAnswer;
use switchboard_domain::rejection::Endpoint;

use crate::error::WebhookResponseError;
use crate::response;
use crate::state::AppState;
use crate::webhook::Webhook;

/// `/api/twilio/voice`: a call requests TwiML.
pub(crate) async fn voice(
    webhook: Webhook,
    state: Data<AppState>,
) -> Result<HttpResponse, WebhookResponseError> {
    let answer = state.use_cases.answer_call.answer(webhook.request()).await?;
    state.metrics.answered(Endpoint::Voice, answer.reason);
    tracing::info!(
        call.sid = %answer.call,
        account.sid = %answer.account,
        agent.id = answer.agent.as_ref().map(tracing::field::display),
        reason = answer.reason.as_str(),
        "{}",
        if answer.is_answered() { "call answered" } else { "call not answered" }
    );
    Ok(response::twiml(answer.twiml))
}

/// `/api/twilio/webhook`: a message is received.
pub(crate) async fn message(
    webhook: Webhook,
    state: Data<AppState>,
) -> Result<HttpResponse, WebhookResponseError> {
    let answer = state.use_cases.receive_message.receive(webhook.request()).await?;
    state.metrics.answered(Endpoint::Message, answer.reason);
    tracing::info!(
        message.sid = %answer.message,
        account.sid = %answer.account,
        agent.id = answer.agent.as_ref().map(tracing::field::display),
        reason = answer.reason.as_str(),
        repeated = answer.insertion == switchboard_domain::ports::Insertion::Duplicate,
        "message received"
    );
    Ok(match answer.offer {
        Some(offer) => response::twiml_with(answer.twiml, offer),
        None => response::twiml(answer.twiml),
    })
}

/// `/api/twilio/status`: the status of a call or a message has changed.
pub(crate) async fn status(
    webhook: Webhook,
    state: Data<AppState>,
) -> Result<HttpResponse, WebhookResponseError> {
    state.use_cases.record_status.record(webhook.request()).await?;
    state.metrics.acknowledged(Endpoint::Status);
    Ok(response::empty(StatusCode::NO_CONTENT))
}

/// `/api/twilio/voice/connected`: an agent's stream, a dialed phone or a recording has ended.
pub(crate) async fn connected(
    webhook: Webhook,
    state: Data<AppState>,
) -> Result<HttpResponse, WebhookResponseError> {
    let twiml = state.use_cases.end_connection.end(webhook.request()).await?;
    state.metrics.acknowledged(Endpoint::Connected);
    Ok(response::twiml(twiml))
}

/// `/api/twilio/voice/handler`: the TwiML of a handler asks for another document, or for a callback.
pub(crate) async fn handler(
    webhook: Webhook,
    state: Data<AppState>,
) -> Result<HttpResponse, WebhookResponseError> {
    let answer = state.use_cases.follow_handler.follow(webhook.request()).await?;
    state.metrics.acknowledged(Endpoint::Handler);
    Ok(match answer {
        FollowUpAnswer::Twiml(twiml) => response::twiml(twiml),
        FollowUpAnswer::Acknowledged => response::empty(StatusCode::NO_CONTENT),
    })
}
