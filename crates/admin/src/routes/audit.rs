//! `/api/v1/audit`

use actix_web::web::{Data, Json};
use serde::Deserialize;
use switchboard_domain::audit::{Action, ActorFilter, AuditEntry, AuditFilter};
use switchboard_domain::ports::Page;
use switchboard_domain::time::Timestamp;
use utoipa::IntoParams;

use crate::caller::{Admin, Caller};
use crate::cursor::CursorScope;
use crate::list::{List, PageParams, read_newest};
use crate::objects::{AuditEntryObject, AuditReader};
use crate::parameters::{parsed, period, revealed};
use crate::problem::Problem;
use crate::responses::ListProblems;
use crate::state::AdminState;

/// What selects entries of the audit log.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditParams {
    /// Only entries at or after this time: an RFC 3339 time, a day such as `2026-11-28` (UTC), or an age such as `24h` or `7d`.
    since: Option<String>,
    /// Only entries before this time.
    until: Option<String>,
    /// Only changes by this actor: the id of an API key, a kind such as `command_line`, or a kind and a name such as
    /// `command_line:alice`.
    actor: Option<String>,
    /// Only changes of the object with this id, SID or name.
    object: Option<String>,
    /// Only entries of this action, for example `agent.changed`.
    action: Option<String>,
    /// Whether phone numbers are shown in full. Otherwise, they are masked except for their last two digits.
    #[param(value_type = Option<bool>, default = false)]
    reveal: Option<String>,
    /// The maximum number of entries.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

impl AuditParams {
    fn filter(&self, now: Timestamp, reader: AuditReader) -> Result<AuditFilter, Problem> {
        let action = |text: &str| Action::parse(text).ok_or("is not an action");
        let actor = |text: &str| {
            let actor = ActorFilter::parse(text);
            match reader {
                AuditReader::Operator => actor.ok_or("is not an actor"),
                AuditReader::Organization => actor
                    .and_then(ActorFilter::for_organization)
                    .ok_or("is not a kind of actors or the id of an API key"),
            }
        };
        Ok(AuditFilter {
            period: period(self.since.as_deref(), self.until.as_deref(), now)?,
            actor: parsed("actor", self.actor.as_deref(), actor)?,
            object: self.object.clone(),
            action: parsed("action", self.action.as_deref(), action)?,
        })
    }

    fn digest(&self) -> String {
        format!("{:?}", Self { limit: None, cursor: None, reveal: None, ..self.clone() })
    }
}

/// List the changes of the configuration, newest first
///
/// The key of an organization sees the changes of its own objects, without the names and addresses of operators, and
/// without hashes. It can select actors by their kind or by the id of an API key of its own. An operator key sees all changes, or those of the organization that it selects.
#[utoipa::path(
    get, path = "/api/v1/audit", tag = "Audit", operation_id = "list_audit_entries",
    params(AuditParams),
    responses(
        (status = 200, description = "A page of the list.", body = List<AuditEntryObject>),
        ListProblems,
    ),
)]
pub(crate) async fn list(
    caller: Caller<Admin>,
    state: Data<AdminState>,
) -> Result<Json<List<AuditEntryObject>>, Problem> {
    let params: AuditParams = caller.query()?;
    let reader = if caller.is_operator { AuditReader::Operator } else { AuditReader::Organization };
    let filter = params.filter(state.keys.clock.now(), reader)?;
    let phone_numbers = revealed(params.reveal.as_deref())?;
    let cursors = CursorScope::new("audit", &params.digest());
    let AuditParams { limit, cursor, .. } = params;
    let page = PageParams { limit, cursor }.newest(&cursors, |key| key.parse::<u64>().ok())?;
    let read = async |page: Page<(Timestamp, u64)>| {
        let page = Page { after: page.after.map(|(_, sequence)| sequence), limit: page.limit };
        state.store.audit().newest(&caller.scope, &filter, &page).await
    };
    let place = |entry: &AuditEntry| (entry.record.at, entry.sequence.to_string());
    let (entries, next) = read_newest(page, place, &cursors, read).await?;
    let object = |entry: &AuditEntry| AuditEntryObject::of(entry, phone_numbers, reader);
    Ok(Json(List::new(entries.iter().map(object).collect(), next)))
}
