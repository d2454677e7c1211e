//! `/api/v1/organizations`

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use switchboard_application_management::OrganizationError;
use switchboard_domain::agent::Label;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::{Organization, Scope};
use utoipa::ToSchema;

use crate::body;
use crate::caller::{Admin, Caller, Needs, Read};
use crate::cursor::CursorScope;
use crate::list::{List, NoParams, PageParams, read_page};
use crate::objects::OrganizationObject;
use crate::precondition::{EntityTag, IfMatch, Precondition, located, tagged};
use crate::problem::{Problem, ProblemCode};
use crate::responses::{BodyProblems, EditProblems, ItemProblems, ListProblems, RemovalProblems};
use crate::state::AdminState;
use crate::versioned::Versioned;

/// The fields of an organization.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrganizationBody {
    /// The name, which need not be unique.
    name: String,
}

/// List organizations, ordered by id
///
/// The key of an organization sees its own only.
#[utoipa::path(
    get, path = "/api/v1/organizations", tag = "Organizations", operation_id = "list_organizations",
    params(PageParams),
    responses((status = 200, description = "A page of the list.", body = List<OrganizationObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<OrganizationObject>>, Problem> {
    let cursors = CursorScope::new("organizations", "");
    let params: PageParams = caller.query()?;
    let page = params.page(&cursors, |key| OrganizationId::parse(key).ok())?;
    let read = async |page| state.store.organizations().list(&caller.scope, &page).await;
    let (organizations, next) = read_page(page, |one| one.id.to_string(), &cursors, read).await?;
    let data = organizations.iter().map(OrganizationObject::of).collect();
    Ok(Json(List::new(data, next)))
}

/// Show an organization
#[utoipa::path(
    get, path = "/api/v1/organizations/{id}", tag = "Organizations", operation_id = "show_organization",
    params(("id" = String, Path, description = "The id of the organization, `org_…`.")),
    responses(
        (status = 200, description = "The organization.", body = OrganizationObject,
         headers(("ETag" = String, description = "The tag of the organization as it is shown, for `If-Match`."))),
        ItemProblems,
    ),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let found = state.organizations.find(&caller.scope, &id(&caller).await?).await?;
    answer(StatusCode::OK, &found)
}

/// Add an organization
///
/// Only an operator key can, without selecting an organization.
#[utoipa::path(
    post, path = "/api/v1/organizations", tag = "Organizations", operation_id = "add_organization",
    request_body = OrganizationBody,
    responses(
        (status = 201, description = "The organization.", body = OrganizationObject,
         headers(("ETag" = String, description = "The tag of the organization, for `If-Match`."))),
        BodyProblems,
    ),
)]
pub(crate) async fn add(
    caller: Caller<Admin>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    must_be_operator(&caller)?;
    let name = name(&request, payload).await?;
    let added = state.organizations.add(&caller.author(), name).await?;
    located(answer(StatusCode::CREATED, &added)?, &format!("/api/v1/organizations/{}", added.id))
}

/// Rename an organization
#[utoipa::path(
    patch, path = "/api/v1/organizations/{id}", tag = "Organizations", operation_id = "change_organization",
    params(("id" = String, Path, description = "The id of the organization, `org_…`."), IfMatch),
    request_body = OrganizationBody,
    responses(
        (status = 200, description = "The organization.", body = OrganizationObject,
         headers(("ETag" = String, description = "The tag of the renamed organization, for `If-Match`."))),
        EditProblems,
    ),
)]
pub(crate) async fn change(
    caller: Caller<Admin>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let precondition = Precondition::of(&caller)?;
    let (id, author) = (id(&caller).await?, caller.author());
    let name = name(&request, payload).await?;
    let edited = Edited { state: &state, scope: &author, id: &id };
    let before = edited.seen(&precondition).await?;
    let renamed = state.organizations.rename(&author, &id, before.as_ref(), name).await;
    answer(StatusCode::OK, &edited.finished(&precondition, renamed).await?)
}

/// Remove an organization
///
/// Only an operator key can, without selecting an organization. The organization owns nothing but revoked API keys, which are
/// removed with it.
#[utoipa::path(
    delete, path = "/api/v1/organizations/{id}", tag = "Organizations", operation_id = "remove_organization",
    params(("id" = String, Path, description = "The id of the organization, `org_…`."), IfMatch),
    responses((status = 204, description = "The organization is removed."), RemovalProblems),
)]
pub(crate) async fn remove(
    caller: Caller<Admin>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    must_be_operator(&caller)?;
    let precondition = Precondition::of(&caller)?;
    let (id, author) = (id(&caller).await?, caller.author());
    let edited = Edited { state: &state, scope: &author, id: &id };
    let before = edited.seen(&precondition).await?;
    let removed = state.organizations.remove(&author, &id, before.as_ref()).await;
    edited.finished(&precondition, removed).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn must_be_operator(caller: &Caller<Admin>) -> Result<(), Problem> {
    match caller.scope {
        Scope::Operator => Ok(()),
        Scope::Organization(_) => Err(Problem::of(ProblemCode::OperatorKeyRequired)),
    }
}

pub(super) async fn id<N: Needs>(caller: &Caller<N>) -> Result<OrganizationId, Problem> {
    let id = caller.path().await.and_then(|text| OrganizationId::parse(&text).ok());
    id.ok_or_else(|| Problem::of(ProblemCode::OrganizationNotFound))
}

async fn name(request: &HttpRequest, payload: Payload) -> Result<Label, Problem> {
    let mut fields = body::read(request, payload).await?;
    let name = fields.required("name", Label::parse);
    fields.end()?;
    // Without mistakes, it was given.
    name.ok_or_else(|| Problem::mistakes(Vec::new()))
}

struct Edited<'a> {
    state: &'a AdminState,
    scope: &'a Scope,
    id: &'a OrganizationId,
}

impl Versioned for Edited<'_> {
    type Stored = Organization;
    type Error = OrganizationError;

    async fn read(&self) -> Result<Organization, Problem> {
        Ok(self.state.organizations.find(self.scope, self.id).await?)
    }

    async fn shown(&self, stored: &Organization) -> Result<impl Serialize, Problem> {
        Ok(OrganizationObject::of(stored))
    }

    fn is_outrun(error: &OrganizationError) -> bool {
        matches!(error, OrganizationError::Changed { .. })
    }
}

fn answer(status: StatusCode, organization: &Organization) -> Result<HttpResponse, Problem> {
    let object = OrganizationObject::of(organization);
    Ok(tagged(status, &object, &EntityTag::of(&object)?))
}
