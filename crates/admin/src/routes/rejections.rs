//! `/api/v1/rejections`

use actix_web::web::{Data, Json};
use serde::Deserialize;
use switchboard_domain::history::RejectionFilter;
use switchboard_domain::identifier::RejectionId;
use switchboard_domain::rejection::{Refusal, Rejection};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;
use utoipa::IntoParams;

use crate::caller::{Caller, Read};
use crate::cursor::CursorScope;
use crate::list::{List, PageParams, read_newest};
use crate::objects::RejectionObject;
use crate::parameters::{parsed, period, word};
use crate::problem::Problem;
use crate::responses::ListProblems;
use crate::state::AdminState;

/// What selects rejections.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RejectionParams {
    /// Only entries at or after this time: an RFC 3339 time, a day such as `2026-11-28` (UTC), or an age such as `24h` or `7d`.
    since: Option<String>,
    /// Only entries before this time.
    until: Option<String>,
    /// Only entries of this account.
    account_sid: Option<String>,
    /// Only entries with this reason: `signature_missing`, `signature_wrong`, `account_unknown`, `account_mismatch`,
    /// `link_wrong`, `source_refused` or `unreadable`.
    reason: Option<String>,
    /// The maximum number of entries.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

impl RejectionParams {
    fn filter(&self, now: Timestamp) -> Result<RejectionFilter, Problem> {
        Ok(RejectionFilter {
            period: period(self.since.as_deref(), self.until.as_deref(), now)?,
            account: parsed("account_sid", self.account_sid.as_deref(), AccountSid::parse)?,
            refusal: word(
                "reason",
                self.reason.as_deref(),
                Refusal::parse,
                Refusal::ALL.map(Refusal::as_str),
            )?,
        })
    }

    fn digest(&self) -> String {
        format!("{:?}", Self { limit: None, cursor: None, ..self.clone() })
    }
}

/// List refused requests, newest first
///
/// Only operator keys see the requests of unknown accounts.
#[utoipa::path(
    get, path = "/api/v1/rejections", tag = "Rejections", operation_id = "list_rejections",
    params(RejectionParams),
    responses((status = 200, description = "A page of the list.", body = List<RejectionObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<RejectionObject>>, Problem> {
    let params: RejectionParams = caller.query()?;
    let filter = params.filter(state.keys.clock.now())?;
    let cursors = CursorScope::new("rejections", &params.digest());
    let RejectionParams { limit, cursor, .. } = params;
    let page = PageParams { limit, cursor }.newest(&cursors, |key| RejectionId::parse(key).ok())?;
    let read = async |page| state.store.newest_rejections(&caller.scope, &filter, &page).await;
    let place = |one: &Rejection| (one.at, one.id.to_string());
    let (rejections, next) = read_newest(page, place, &cursors, read).await?;
    let object = |one: &Rejection| RejectionObject::of(one, state.wording.as_ref());
    Ok(Json(List::new(rejections.iter().map(object).collect(), next)))
}
