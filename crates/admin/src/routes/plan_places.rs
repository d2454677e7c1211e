//! `/api/v1/numbers/{phone_number}/plan`, and the same of senders, accounts and organizations

use actix_web::web::{Data, Json, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use switchboard_application_management::routing_plans::AttachPlan;
use switchboard_domain::agent::Label;
use switchboard_domain::audit::Author;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::PlanPlace;
use switchboard_domain::sender::Sender;
use utoipa::{IntoParams, ToSchema};

use super::numbers::phone_number;
use super::senders::sender;
use super::{accounts, organizations};
use crate::body;
use crate::caller::{Caller, Configure};
use crate::list::NoParams;
use crate::objects::AttachedPlanObject;
use crate::parameters::flag;
use crate::problem::{Problem, ProblemCode};
use crate::responses::{BodyProblems, ChangeProblems};
use crate::state::AdminState;

/// The plan to attach.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanBody {
    /// The id or the name of a routing plan of the same organization.
    plan: String,
}

/// What a plan is attached to, and the caller within the organization that owns it: a name means a plan of this organization.
struct Target {
    place: PlanPlace,
    owner: Author,
}

async fn of_number(caller: &Caller<Configure>, state: &AdminState) -> Result<Target, Problem> {
    of_stored(phone_number(caller).await?, caller, state).await
}

async fn of_sender(caller: &Caller<Configure>, state: &AdminState) -> Result<Target, Problem> {
    of_stored(sender(caller).await?, caller, state).await
}

async fn of_stored(
    sender: Sender,
    caller: &Caller<Configure>,
    state: &AdminState,
) -> Result<Target, Problem> {
    let found = state.store.numbers().find(&caller.scope, sender).await?;
    let number = found.ok_or_else(|| Problem::of(ProblemCode::NumberNotFound))?;
    let owner = caller.author().within(Scope::Organization(number.organization));
    Ok(Target { place: PlanPlace::Number(sender), owner })
}

async fn of_account(caller: &Caller<Configure>, state: &AdminState) -> Result<Target, Problem> {
    let account = accounts::found(state, &caller.scope, accounts::sid(caller).await?).await?;
    let owner = caller.author().within(Scope::Organization(account.organization));
    Ok(Target { place: PlanPlace::Account(account.sid), owner })
}

async fn of_organization(
    caller: &Caller<Configure>,
    state: &AdminState,
) -> Result<Target, Problem> {
    let id = organizations::id(caller).await?;
    let id = state.organizations.find(&caller.scope, &id).await?.id;
    let owner = caller.author().within(Scope::Organization(id.clone()));
    Ok(Target { place: PlanPlace::Organization(id), owner })
}

/// Whether the plan is only looked at.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AttachParams {
    /// Whether nothing is changed: the answer is what attaching the plan would change.
    #[param(value_type = Option<bool>, default = false)]
    dry_run: Option<String>,
}

/// What becomes of a plan and a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attaching {
    Planned,
    Done,
}

impl Attaching {
    fn of(caller: &Caller<Configure>) -> Result<Self, Problem> {
        let params: AttachParams = caller.query()?;
        let is_planned = flag("dry_run", params.dry_run.as_deref())?;
        Ok(if is_planned { Self::Planned } else { Self::Done })
    }
}

async fn attach(
    attaching: Attaching,
    target: Target,
    request: &HttpRequest,
    payload: Payload,
    state: &AdminState,
) -> Result<Json<AttachedPlanObject>, Problem> {
    let Target { place, owner } = target;
    let mut fields = body::read(request, payload).await?;
    let plan = fields.required("plan", Label::parse);
    fields.end()?;
    // Without mistakes, it was given.
    let plan = plan.ok_or_else(|| Problem::mistakes(Vec::new()))?;
    let use_case = AttachPlan { plans: &state.plans, store: state.store.as_ref() };
    Ok(Json(match attaching {
        Attaching::Planned => {
            let planned = use_case.preview(&owner, plan.as_str(), |_plan| place).await?;
            AttachedPlanObject::planned(&planned)
        }
        Attaching::Done => {
            let attached = use_case.attach(&owner, plan.as_str(), |_plan| place).await?;
            AttachedPlanObject::of(&attached)
        }
    }))
}

async fn detach(target: Target, state: &AdminState) -> Result<HttpResponse, Problem> {
    state.plans.detach(&target.owner, &target.place).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Attach a routing plan to a phone number
///
/// It replaces the plan that is attached to the number, and decides in place of the agent that is assigned to it.
#[utoipa::path(
    put, path = "/api/v1/numbers/{phone_number}/plan", tag = "Numbers", operation_id = "attach_number_plan",
    params(("phone_number" = String, Path, description = "The number with its country code, `+14155550100`."), AttachParams),
    request_body = PlanBody,
    responses((status = 200, description = "The plan, for how many numbers it decides, and who answered them before.", body = AttachedPlanObject), BodyProblems),
)]
pub(crate) async fn attach_number(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<Json<AttachedPlanObject>, Problem> {
    let attaching = Attaching::of(&caller)?;
    attach(attaching, of_number(&caller, &state).await?, &request, payload, &state).await
}

/// Detach the routing plan of a phone number
#[utoipa::path(
    delete, path = "/api/v1/numbers/{phone_number}/plan", tag = "Numbers", operation_id = "detach_number_plan",
    params(("phone_number" = String, Path, description = "The number with its country code, `+14155550100`.")),
    responses((status = 204, description = "No plan is attached to the number."), ChangeProblems),
)]
pub(crate) async fn detach_number(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    detach(of_number(&caller, &state).await?, &state).await
}

/// Attach a routing plan to a sender
///
/// As for a phone number.
#[utoipa::path(
    put, path = "/api/v1/senders/{sender}/plan", tag = "Senders", operation_id = "attach_sender_plan",
    params(("sender" = String, Path, description = "The sender, for example `rcs:acme_agent`."), AttachParams),
    request_body = PlanBody,
    responses((status = 200, description = "The plan, for how many numbers it decides, and who answered them before.", body = AttachedPlanObject), BodyProblems),
)]
pub(crate) async fn attach_sender(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<Json<AttachedPlanObject>, Problem> {
    let attaching = Attaching::of(&caller)?;
    attach(attaching, of_sender(&caller, &state).await?, &request, payload, &state).await
}

/// Detach the routing plan of a sender
#[utoipa::path(
    delete, path = "/api/v1/senders/{sender}/plan", tag = "Senders", operation_id = "detach_sender_plan",
    params(("sender" = String, Path, description = "The sender, for example `rcs:acme_agent`.")),
    responses((status = 204, description = "No plan is attached to the sender."), ChangeProblems),
)]
pub(crate) async fn detach_sender(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    detach(of_sender(&caller, &state).await?, &state).await
}

/// Attach a routing plan to an account
///
/// It decides for the numbers of the account, except those with their own plan.
#[utoipa::path(
    put, path = "/api/v1/accounts/{sid}/plan", tag = "Accounts", operation_id = "attach_account_plan",
    params(("sid" = String, Path, description = "The `AccountSid`."), AttachParams),
    request_body = PlanBody,
    responses((status = 200, description = "The plan, for how many numbers it decides, and who answered them before.", body = AttachedPlanObject), BodyProblems),
)]
pub(crate) async fn attach_account(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<Json<AttachedPlanObject>, Problem> {
    let attaching = Attaching::of(&caller)?;
    attach(attaching, of_account(&caller, &state).await?, &request, payload, &state).await
}

/// Detach the routing plan of an account
#[utoipa::path(
    delete, path = "/api/v1/accounts/{sid}/plan", tag = "Accounts", operation_id = "detach_account_plan",
    params(("sid" = String, Path, description = "The `AccountSid`.")),
    responses((status = 204, description = "No plan is attached to the account."), ChangeProblems),
)]
pub(crate) async fn detach_account(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    detach(of_account(&caller, &state).await?, &state).await
}

/// Attach a routing plan to an organization
///
/// It decides for the numbers of the organization, except those with their own plan or a plan of their account.
#[utoipa::path(
    put, path = "/api/v1/organizations/{id}/plan", tag = "Organizations", operation_id = "attach_organization_plan",
    params(("id" = String, Path, description = "The id of the organization, `org_…`."), AttachParams),
    request_body = PlanBody,
    responses((status = 200, description = "The plan, for how many numbers it decides, and who answered them before.", body = AttachedPlanObject), BodyProblems),
)]
pub(crate) async fn attach_organization(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<Json<AttachedPlanObject>, Problem> {
    let attaching = Attaching::of(&caller)?;
    attach(attaching, of_organization(&caller, &state).await?, &request, payload, &state).await
}

/// Detach the routing plan of an organization
#[utoipa::path(
    delete, path = "/api/v1/organizations/{id}/plan", tag = "Organizations", operation_id = "detach_organization_plan",
    params(("id" = String, Path, description = "The id of the organization, `org_…`.")),
    responses((status = 204, description = "No plan is attached to the organization."), ChangeProblems),
)]
pub(crate) async fn detach_organization(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    detach(of_organization(&caller, &state).await?, &state).await
}
