//! `/api/v1/routes/explain`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload};
use serde::Serialize;
use utoipa::ToSchema;

use crate::body;
use crate::caller::{Caller, Read};
use crate::explanation_request::{self, ExplanationRequest};
use crate::list::NoParams;
use crate::objects::ExplanationObject;
use crate::party::Party;
use crate::problem::{Mistake, Problem};
use crate::reported::Reported;
use crate::responses::BodyProblems;
use crate::state::AdminState;

/// A hypothetical call or message.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExplainBody {
    /// The number that is called or texted.
    to: String,
    /// The caller or sender: a number, `anonymous`, or another address as Twilio writes it.
    from: String,
    /// The time: `now`, a day such as `2026-11-27` (UTC), or RFC 3339.
    #[schema(default = "now")]
    at: Option<String>,
    /// `voice`, `sms`, `whatsapp`, `rcs` or `messenger`; by default the one that the addresses imply, else `voice`.
    channel: Option<String>,
    /// The caller's country as Twilio reports it, for example `US`.
    country: Option<String>,
    /// The caller's state or province as Twilio reports it, for example `CA`.
    state: Option<String>,
    /// The caller's city as Twilio reports it.
    city: Option<String>,
    /// The caller's postal code as Twilio reports it.
    postal_code: Option<String>,
    /// The STIR/SHAKEN attestation of the number: `A`, `B` or `C`.
    attestation: Option<String>,
}

/// Explain who would answer a call or message, and why
///
/// The same decision function answers webhooks. The current calls of agents are counted, unless `at` is a time other than
/// now. Voice servers are assumed to be reachable.
#[utoipa::path(
    post, path = "/api/v1/routes/explain", tag = "Routes", operation_id = "explain_route",
    request_body = ExplainBody,
    responses((status = 200, description = "The decision.", body = ExplanationObject), BodyProblems),
)]
pub(crate) async fn explain(
    caller: Caller<Read>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<Json<ExplanationObject>, Problem> {
    caller.query::<NoParams>()?;
    let mut fields = body::read(&request, payload).await?;
    let to = fields.required("to", Party::parse);
    let from = fields.required("from", Party::parse);
    let at = fields.text("at", explanation_request::time).flatten();
    let channel = fields.text("channel", explanation_request::channel);
    let reported = Reported::read(&mut fields);
    fields.end()?;
    let (Some(to), Some(from)) = (to, from) else { return Err(Problem::mistakes(Vec::new())) };
    let facts = reported.facts(&from.address);
    let asked = ExplanationRequest { to: to.address, from: from.address, channel, at, facts };
    asked.check().map_err(|why| {
        let (pointer, detail) = ("/channel".to_owned(), format!("channel {why}"));
        Problem::mistakes(vec![Mistake { pointer, code: "invalid", detail }])
    })?;
    let (now, wording) = (state.keys.clock.now(), state.wording.as_ref());
    let (_, answer) = asked.ask(&state.explaining, &caller.scope, now, wording).await?;
    Ok(Json(answer))
}
