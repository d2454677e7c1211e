//! `/api/v1/events`

use actix_web::web::{Data, Json};
use serde::Deserialize;
use switchboard_domain::event::{Event, parse_types};
use switchboard_domain::identifier::EventId;
use switchboard_domain::ports::EventFilter;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;
use utoipa::IntoParams;

use crate::caller::{Caller, Read};
use crate::cursor::CursorScope;
use crate::list::{List, PageParams, read_newest};
use crate::objects::EventObject;
use crate::parameters::{parsed, period, revealed};
use crate::problem::Problem;
use crate::responses::ListProblems;
use crate::state::AdminState;

/// What selects events.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventParams {
    /// Only entries at or after this time: an RFC 3339 time, a day such as `2026-11-28` (UTC), or an age such as `24h` or `7d`.
    since: Option<String>,
    /// Only entries before this time.
    until: Option<String>,
    /// Only events of these types: names and groups, separated by commas, for example `call.*,message.failed`.
    r#type: Option<String>,
    /// Only events of this account.
    account_sid: Option<String>,
    /// Only events about this call, message, delivery or agent, by its SID or id.
    subject: Option<String>,
    /// Whether phone numbers of contacts are shown in full. Otherwise, they are masked except for their last two digits.
    #[param(value_type = Option<bool>, default = false)]
    reveal: Option<String>,
    /// The maximum number of entries.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

impl EventParams {
    fn filter(&self, now: Timestamp) -> Result<EventFilter, Problem> {
        Ok(EventFilter {
            period: period(self.since.as_deref(), self.until.as_deref(), now)?,
            kinds: parsed("type", self.r#type.as_deref(), parse_types)?,
            account: parsed("account_sid", self.account_sid.as_deref(), AccountSid::parse)?,
            subject: parsed("subject", self.subject.as_deref(), subject)?,
        })
    }

    fn digest(&self) -> String {
        format!("{:?}", Self { limit: None, cursor: None, reveal: None, ..self.clone() })
    }
}

/// Parses a SID or an id.
fn subject(text: &str) -> Result<String, &'static str> {
    let is_id = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_id && !text.is_empty() { Ok(text.to_owned()) } else { Err("is neither a SID nor an id") }
}

/// List events, newest first
#[utoipa::path(
    get, path = "/api/v1/events", tag = "Events", operation_id = "list_events",
    params(EventParams),
    responses((status = 200, description = "A page of the list.", body = List<EventObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<EventObject>>, Problem> {
    let params: EventParams = caller.query()?;
    let filter = params.filter(state.keys.clock.now())?;
    let phone_numbers = revealed(params.reveal.as_deref())?;
    let cursors = CursorScope::new("events", &params.digest());
    let EventParams { limit, cursor, .. } = params;
    let page = PageParams { limit, cursor }.newest(&cursors, |key| EventId::parse(key).ok())?;
    let read = async |page| state.store.events().newest(&caller.scope, &filter, &page).await;
    let place = |one: &Event| (one.at, one.id.to_string());
    let (events, next) = read_newest(page, place, &cursors, read).await?;
    let data = events.iter().map(|event| EventObject::of(event, phone_numbers)).collect();
    Ok(Json(List::new(data, next)))
}
