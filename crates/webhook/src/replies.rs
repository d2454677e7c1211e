//! `/api/messages/{MessageSid}/replies`: the endpoint of an agent replies later.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderName;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::Serialize;
use switchboard_application_delivery::{LateReply, ReplyRefused};
use switchboard_domain::causes::Causes;
use switchboard_domain::identifier::DeliveryId;
use switchboard_domain::ports::Retry;
use switchboard_domain::sid::MessageSid;

use crate::body::{BodyLimits, ReadBody, Reserved};
use crate::error::RequestError;
use crate::problem::problem;
use crate::response;
use crate::session::{bearer, unauthorized};
use crate::state::AppState;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The accepted replies.
#[derive(Serialize)]
struct Accepted<'a> {
    /// The ids of their deliveries, in order.
    deliveries: Vec<&'a str>,
}

pub(crate) async fn accept(
    request: HttpRequest,
    path: Path<String>,
    body: ReplyBody,
    state: Data<AppState>,
) -> HttpResponse {
    let (Some(token), Ok(message)) = (bearer(&request), MessageSid::parse(&path)) else {
        return unauthorized();
    };
    let key = request.headers().get(IDEMPOTENCY_KEY);
    let key = key.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let late = LateReply { message, token, key, body: &body.0 };
    match state.use_cases.accept_replies.accept(&late).await {
        Ok(ids) => {
            let deliveries = ids.iter().map(DeliveryId::as_str).collect();
            HttpResponse::Accepted().json(Accepted { deliveries })
        }
        Err(refused) => refusal(message, &refused),
    }
}

fn refusal(message: MessageSid, refused: &ReplyRefused) -> HttpResponse {
    let (status, code) = match refused {
        ReplyRefused::Token => {
            tracing::debug!(message.sid = %message, "reply refused: its token is not valid");
            return unauthorized();
        }
        ReplyRefused::Key(_) => (StatusCode::BAD_REQUEST, "idempotency_key_invalid"),
        ReplyRefused::Body(_) => (StatusCode::UNPROCESSABLE_ENTITY, "reply_invalid"),
        ReplyRefused::Nothing => (StatusCode::UNPROCESSABLE_ENTITY, "reply_missing"),
        ReplyRefused::TooMany => (StatusCode::CONFLICT, "too_many_replies"),
        ReplyRefused::Gone => (StatusCode::GONE, "message_gone"),
        ReplyRefused::Store(cause) => {
            tracing::error!(message.sid = %message, error = %Causes(refused), "reply not stored");
            return response::empty(match cause.retry() {
                Retry::Later => StatusCode::SERVICE_UNAVAILABLE,
                Retry::Never => StatusCode::INTERNAL_SERVER_ERROR,
            });
        }
    };
    tracing::info!(message.sid = %message, code, "reply refused");
    problem(status, "The reply is not accepted", code, refused.to_string())
}

/// The body of a reply, within the limits of webhooks.
pub(crate) struct ReplyBody(
    pub(crate) Bytes,
    #[expect(dead_code, reason = "held while the body lives")] Reserved,
);

impl FromRequest for ReplyBody {
    type Error = RequestError;
    type Future = futures_util::future::LocalBoxFuture<'static, Result<Self, RequestError>>;

    fn from_request(http: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let state = http.app_data::<Data<AppState>>();
        let limits = state.map_or_else(BodyLimits::default, |state| state.limits);
        let reserved = Reserved::of(state.map(|state| std::sync::Arc::clone(&state.budget)));
        let mut body = ReadBody::new(payload.take(), limits, reserved);
        Box::pin(async move {
            let bytes = (&mut body).await?;
            Ok(Self(bytes, body.take_reserved()))
        })
    }
}
