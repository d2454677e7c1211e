//! `/api/v1/plans`

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use switchboard_application_management::routing_plans::PlanError;
use switchboard_domain::identifier::PlanId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::SavedPlan;
use utoipa::IntoParams;

use crate::caller::{Caller, Needs, Read};
use crate::cursor::CursorScope;
use crate::list::{List, PageParams, read_page};
use crate::objects::{PlanObject, PlanProblemObject};
use crate::precondition::{EntityTag, tagged};
use crate::problem::{Problem, ProblemCode};
use crate::responses::{ItemProblems, ListProblems};
use crate::state::AdminState;

/// An error about the plan that the path names.
pub(super) struct OfPath(pub(super) PlanError);

impl From<OfPath> for Problem {
    fn from(OfPath(error): OfPath) -> Self {
        if matches!(error, PlanError::Unknown { .. }) {
            return Self::of(ProblemCode::PlanNotFound);
        }
        error.into()
    }
}

/// The id or name in the path.
pub(super) async fn word<N: Needs>(caller: &Caller<N>) -> Result<String, Problem> {
    caller.path().await.ok_or_else(|| Problem::of(ProblemCode::PlanNotFound))
}

/// The newest version of the plan with this id or name. A name is unique in an organization only: that of an operator who
/// selects none is looked up in the default one, as everywhere.
pub(super) async fn found(
    state: &AdminState,
    scope: &Scope,
    word: &str,
) -> Result<SavedPlan, Problem> {
    Ok(state.plans.find(scope, word).await.map_err(OfPath)?)
}

/// A plan with its state and its document.
pub(super) async fn whole(
    state: &AdminState,
    scope: &Scope,
    plan: &SavedPlan,
) -> Result<PlanObject, Problem> {
    let places = state.store.plan_places().places(scope, &plan.id).await?;
    let problems = state.plans.check(plan).await?.problems;
    let shown =
        problems.iter().map(|one| PlanProblemObject::of(one, state.wording.plan_remedy(one)));
    Ok(PlanObject::of(plan).with_state(&places, shown.collect()).with_document(&plan.document))
}

/// List routing plans, ordered by id, which is by their age
///
/// The newest versions, without their documents and problems.
#[utoipa::path(
    get, path = "/api/v1/plans", tag = "Plans", operation_id = "list_plans",
    params(PageParams),
    responses((status = 200, description = "A page of the list.", body = List<PlanObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<PlanObject>>, Problem> {
    let cursors = CursorScope::new("plans", "");
    let params: PageParams = caller.query()?;
    let page = params.page(&cursors, |key| PlanId::parse(key).ok())?;
    let read = async |page| state.store.plans().list(&caller.scope, &page).await;
    let (plans, next) = read_page(page, |one| one.id.to_string(), &cursors, read).await?;
    let mut data = Vec::with_capacity(plans.len());
    for plan in &plans {
        let places = state.store.plan_places().places(&caller.scope, &plan.id).await?;
        data.push(PlanObject::of(plan).with_places(&places));
    }
    Ok(Json(List::new(data, next)))
}

/// Which version of a plan is shown.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct VersionParams {
    /// The number of a version; by default the newest one.
    #[param(value_type = Option<u32>, minimum = 1)]
    version: Option<String>,
}

impl VersionParams {
    fn number(&self) -> Result<Option<u32>, Problem> {
        let Some(text) = &self.version else { return Ok(None) };
        let number = text.parse().ok().filter(|number| *number > 0);
        let wrong = || Problem::parameter("version", "is not the number of a version");
        number.ok_or_else(wrong).map(Some)
    }
}

/// Show a routing plan
///
/// With its document, what it is attached to, and its problems. An earlier version has no `ETag`.
#[utoipa::path(
    get, path = "/api/v1/plans/{id}", tag = "Plans", operation_id = "show_plan",
    params(("id" = String, Path, description = "The id of the plan, `pln_…`, or its name."), VersionParams),
    responses(
        (status = 200, description = "The plan.", body = PlanObject,
         headers(("ETag" = String, description = "The tag of the plan as it is shown, for `If-Match`; not of an earlier version."))),
        ItemProblems,
    ),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    let version = caller.query::<VersionParams>()?.number()?;
    let newest = found(&state, &caller.scope, &word(&caller).await?).await?;
    if let Some(version) = version.filter(|version| *version != newest.version) {
        let plan = state.plans.version(&caller.scope, &newest.id, version).await?;
        // A change is never compared with it.
        return Ok(HttpResponse::Ok().json(whole(&state, &caller.scope, &plan).await?));
    }
    let object = whole(&state, &caller.scope, &newest).await?;
    Ok(tagged(StatusCode::OK, &object, &EntityTag::of(&object)?))
}

/// List the versions of a routing plan, oldest first
///
/// Without their documents, which `version` of a single plan shows.
#[utoipa::path(
    get, path = "/api/v1/plans/{id}/versions", tag = "Plans", operation_id = "list_plan_versions",
    params(("id" = String, Path, description = "The id of the plan, `pln_…`, or its name."), PageParams),
    responses((status = 200, description = "A page of the list.", body = List<PlanObject>), ItemProblems),
)]
pub(crate) async fn versions(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<PlanObject>>, Problem> {
    let params: PageParams = caller.query()?;
    let newest = found(&state, &caller.scope, &word(&caller).await?).await?;
    let cursors = CursorScope::new("plan_versions", newest.id.as_str());
    let page = params.page(&cursors, |key| key.parse().ok())?;
    let read = async |page| state.store.plans().versions(&caller.scope, &newest.id, &page).await;
    let (plans, next) = read_page(page, |one| one.version.to_string(), &cursors, read).await?;
    Ok(Json(List::new(plans.iter().map(PlanObject::of).collect(), next)))
}
