//! `/api/v1/deliveries`

use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use switchboard_application_delivery::{ReplaySelection, UncertainMessages};
use switchboard_domain::delivery::{Delivery, DeliveryState};
use switchboard_domain::identifier::{AgentId, DeliveryId, SubscriptionId};
use switchboard_domain::ports::DeliveryFilter;
use switchboard_domain::sid::MessageSid;
use switchboard_domain::time::Timestamp;
use utoipa::{IntoParams, ToSchema};

use crate::caller::{Caller, Read, Route};
use crate::cursor::CursorScope;
use crate::list::{List, PageParams, read_newest};
use crate::objects::DeliveryObject;
use crate::parameters::{RecordParams, flag, parsed, period, revealed, word};
use crate::problem::{Problem, ProblemCode};
use crate::responses::{ChangeProblems, ItemProblems, ListProblems};
use crate::state::AdminState;

/// What selects deliveries.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveryParams {
    /// Only deliveries that were added at or after this time: an RFC 3339 time, a day such as `2026-11-28` (UTC), or an age such
    /// as `24h` or `7d`.
    since: Option<String>,
    /// Only deliveries that were added before this time.
    until: Option<String>,
    /// Only deliveries of this agent.
    agent_id: Option<String>,
    /// Only deliveries of events to this subscription.
    subscription_id: Option<String>,
    /// Only deliveries in this state: `pending`, `delivering`, `delivered`, `dead` or `canceled`.
    state: Option<String>,
    /// Only deliveries of this inbound message and of the replies to it.
    message_sid: Option<String>,
    /// Whether phone numbers of contacts are shown in full. Otherwise, they are masked except for their last two digits.
    #[param(value_type = Option<bool>, default = false)]
    reveal: Option<String>,
    /// The maximum number of entries.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

impl DeliveryParams {
    fn filter(&self, now: Timestamp) -> Result<DeliveryFilter, Problem> {
        let subscription = self.subscription_id.as_deref();
        Ok(DeliveryFilter {
            period: period(self.since.as_deref(), self.until.as_deref(), now)?,
            agent: parsed("agent_id", self.agent_id.as_deref(), AgentId::parse)?,
            subscription: parsed("subscription_id", subscription, SubscriptionId::parse)?,
            state: word(
                "state",
                self.state.as_deref(),
                DeliveryState::parse,
                DeliveryState::ALL.map(DeliveryState::as_str),
            )?,
            message: parsed("message_sid", self.message_sid.as_deref(), MessageSid::parse)?,
            ..DeliveryFilter::default()
        })
    }

    fn digest(&self) -> String {
        format!("{:?}", Self { limit: None, cursor: None, reveal: None, ..self.clone() })
    }
}

/// List deliveries, newest first
#[utoipa::path(
    get, path = "/api/v1/deliveries", tag = "Deliveries", operation_id = "list_deliveries",
    params(DeliveryParams),
    responses((status = 200, description = "A page of the list.", body = List<DeliveryObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<DeliveryObject>>, Problem> {
    let params: DeliveryParams = caller.query()?;
    let filter = params.filter(state.keys.clock.now())?;
    let phone_numbers = revealed(params.reveal.as_deref())?;
    let cursors = CursorScope::new("deliveries", &params.digest());
    let DeliveryParams { limit, cursor, .. } = params;
    let page = PageParams { limit, cursor }.newest(&cursors, |key| DeliveryId::parse(key).ok())?;
    let read = async |page| state.store.deliveries().newest(&caller.scope, &filter, &page).await;
    let place = |one: &Delivery| (one.created_at, one.id.to_string());
    let (deliveries, next) = read_newest(page, place, &cursors, read).await?;
    let mut reading = state.reading(&caller.scope, phone_numbers);
    let mut data = Vec::with_capacity(deliveries.len());
    for delivery in &deliveries {
        data.push(reading.delivery(delivery).await?);
    }
    Ok(Json(List::new(data, next)))
}

/// Show a delivery with its attempts
#[utoipa::path(
    get, path = "/api/v1/deliveries/{id}", tag = "Deliveries", operation_id = "show_delivery",
    params(("id" = String, Path, description = "The id of the delivery, `dlv_…`."), RecordParams),
    responses((status = 200, description = "The delivery.", body = DeliveryObject), ItemProblems),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<DeliveryObject>, Problem> {
    let missing = || Problem::of(ProblemCode::DeliveryNotFound);
    let phone_numbers = caller.query::<RecordParams>()?.phone_numbers()?;
    let id = caller.path().await.and_then(|text| DeliveryId::parse(&text).ok());
    let id = id.ok_or_else(missing)?;
    let found = state.store.deliveries().find(&caller.scope, &id).await?;
    let delivery = found.ok_or_else(missing)?;
    Ok(Json(state.reading(&caller.scope, phone_numbers).delivery(&delivery).await?))
}

/// Whether a contact may get a message twice.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReplayParams {
    /// Whether a message is sent again although the contact may already have it. It is looked up at Twilio first.
    #[param(value_type = Option<bool>, default = false)]
    accept_uncertain: Option<String>,
}

/// What a replay did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Replayed)]
pub(crate) struct ReplayedObject {
    /// The number of deliveries that are attempted again: 1, or 0 if another replay came first.
    replayed: u64,
}

/// Attempt a dead delivery again
///
/// It is due at once; `GET /api/v1/deliveries/{id}` shows the result.
#[utoipa::path(
    post, path = "/api/v1/deliveries/{id}/replay", tag = "Deliveries", operation_id = "replay_delivery",
    params(("id" = String, Path, description = "The id of a dead delivery, `dlv_…`."), ReplayParams),
    responses((status = 200, description = "It is attempted again.", body = ReplayedObject), ChangeProblems),
)]
pub(crate) async fn replay(
    caller: Caller<Route>,
    state: Data<AdminState>,
) -> Result<Json<ReplayedObject>, Problem> {
    let params: ReplayParams = caller.query()?;
    let uncertain = if flag("accept_uncertain", params.accept_uncertain.as_deref())? {
        UncertainMessages::SendAgain
    } else {
        UncertainMessages::Refuse
    };
    let id = caller.path().await.and_then(|text| DeliveryId::parse(&text).ok());
    let id = id.ok_or_else(|| Problem::of(ProblemCode::DeliveryNotFound))?;
    let plan = state.replaying.plan(&caller.scope, &ReplaySelection::Delivery(id)).await?;
    let replayed = state.replaying.run(&caller.scope, &plan, uncertain).await?;
    Ok(Json(ReplayedObject { replayed }))
}
