//! `/api/v1/calendars`

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use switchboard_application_management::routing_plans::{KeepMaterial, PlanError};
use switchboard_domain::agent::Label;
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::DateRange;
use switchboard_domain::ports::Expected;
use utoipa::ToSchema;

use super::materials::{self, entries, keeping, name, new_name, page};
use crate::body;
use crate::caller::{Caller, Configure, Read};
use crate::list::{List, NoParams, PageParams};
use crate::objects::{CalendarDayObject, CalendarObject};
use crate::precondition::{
    EntityTag, Existing, IfMatch, IfNoneMatch, Precondition, located, tagged,
};
use crate::problem::{Problem, ProblemCode};
use crate::responses::{EditProblems, ItemProblems, ListProblems, RemovalProblems};
use crate::state::AdminState;
use crate::versioned::Versioned;

/// The days of a calendar.
#[derive(Serialize, ToSchema)]
pub(crate) struct CalendarBody {
    /// Its days: dates such as `2026-12-24`, and ranges, each with its first and its last day.
    days: Vec<CalendarDayObject>,
}

/// List calendars, ordered by name
///
/// Without their days. They are those of the organization of the key, or of the one that an operator key selects, or else of
/// the default one.
#[utoipa::path(
    get, path = "/api/v1/calendars", tag = "Plans", operation_id = "list_calendars",
    params(PageParams),
    responses((status = 200, description = "A page of the list.", body = List<CalendarObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<CalendarObject>>, Problem> {
    let params: PageParams = caller.query()?;
    let keeping = keeping(&caller, &state);
    let names = keeping.names(&caller.scope).await?.calendars;
    let (names, next) = page(&params, "calendars", &keeping, names).await?;
    let shown = names.iter().map(|name| CalendarObject::of(name, &keeping.organization));
    Ok(Json(List::new(shown.collect(), next)))
}

/// Show a calendar
#[utoipa::path(
    get, path = "/api/v1/calendars/{name}", tag = "Plans", operation_id = "show_calendar",
    params(("name" = String, Path, description = "The name of the calendar.")),
    responses(
        (status = 200, description = "The calendar.", body = CalendarObject,
         headers(("ETag" = String, description = "The tag of the calendar, for `If-Match`."))),
        ItemProblems,
    ),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let (name, keeping) = (name(&caller, MISSING).await?, keeping(&caller, &state));
    let edited = Edited { keeping: &keeping, scope: &caller.scope, name: &name };
    edited.answer(StatusCode::OK, &edited.read().await?)
}

/// Add or replace a calendar
///
/// Routing plans that name it use it at once.
#[utoipa::path(
    put, path = "/api/v1/calendars/{name}", tag = "Plans", operation_id = "set_calendar",
    params(("name" = String, Path, description = "The name of the calendar."), IfMatch, IfNoneMatch),
    request_body(content = CalendarBody, example = json!({"days": ["2026-11-26", {"from": "2026-12-24", "to": "2027-01-01"}]})),
    responses(
        (status = 200, description = "The calendar, which was replaced.", body = CalendarObject,
         headers(("ETag" = String, description = "The tag of the changed calendar, for `If-Match`."))),
        (status = 201, description = "The calendar, which was added.", body = CalendarObject,
         headers(("ETag" = String, description = "The tag of the calendar, for `If-Match`."))),
        EditProblems,
    ),
)]
pub(crate) async fn set(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let (precondition, existing) = (Precondition::of(&caller)?, Existing::of(&caller)?);
    let mut fields = body::read(&request, payload).await?;
    let days = entries(&mut fields, "days", |text| state.materials.calendar(text));
    fields.end()?;
    let name = new_name(&caller).await?;
    let (keeping, author) = (keeping(&caller, &state), caller.author());
    let edited = Edited { keeping: &keeping, scope: &author, name: &name };
    let found = materials::existing(keeping.calendar(&author, &name).await)?;
    let is_replaced = found.is_some();
    let expected = materials::expected(&edited, found, &precondition, existing).await?;
    let set = keeping.set_calendar(&author, &name, &expected, Some(days.clone())).await;
    edited.finished(&precondition, set).await?;
    // What was written: others can change it at any time.
    if is_replaced {
        return edited.answer(StatusCode::OK, &days);
    }
    located(edited.answer(StatusCode::CREATED, &days)?, request.path())
}

/// Remove a calendar that neither a routing plan nor the hours of an agent name
#[utoipa::path(
    delete, path = "/api/v1/calendars/{name}", tag = "Plans", operation_id = "remove_calendar",
    params(("name" = String, Path, description = "The name of the calendar."), IfMatch),
    responses((status = 204, description = "The calendar is removed."), RemovalProblems),
)]
pub(crate) async fn remove(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let precondition = Precondition::of(&caller)?;
    let (name, keeping) = (name(&caller, MISSING).await?, keeping(&caller, &state));
    let author = caller.author();
    let edited = Edited { keeping: &keeping, scope: &author, name: &name };
    let seen = edited.seen(&precondition).await?;
    let expected = seen.map_or(Expected::Anything, Expected::Stored);
    let removed = keeping.set_calendar(&author, &name, &expected, None).await;
    edited.finished(&precondition, removed).await?;
    Ok(HttpResponse::NoContent().finish())
}

const MISSING: ProblemCode = ProblemCode::CalendarNotFound;

struct Edited<'a> {
    keeping: &'a KeepMaterial,
    scope: &'a Scope,
    name: &'a Label,
}

impl Edited<'_> {
    fn answer(&self, status: StatusCode, days: &[DateRange]) -> Result<HttpResponse, Problem> {
        let object = self.object(days);
        Ok(tagged(status, &object, &EntityTag::of(&object)?))
    }

    fn object(&self, days: &[DateRange]) -> CalendarObject {
        CalendarObject::of(self.name, &self.keeping.organization).with_days(days)
    }
}

impl Versioned for Edited<'_> {
    type Stored = Vec<DateRange>;
    type Error = PlanError;

    async fn read(&self) -> Result<Self::Stored, Problem> {
        Ok(self.keeping.calendar(self.scope, self.name).await?)
    }

    async fn shown(&self, stored: &Self::Stored) -> Result<impl Serialize, Problem> {
        Ok(self.object(stored))
    }

    fn is_outrun(error: &PlanError) -> bool {
        matches!(error, PlanError::MaterialChanged { .. })
    }
}
