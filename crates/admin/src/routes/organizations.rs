//! `/api/v1/organizations`

use actix_web::web::{Data, Json};
use switchboard_domain::identifier::OrganizationId;

use crate::caller::{Caller, Read};
use crate::cursor::CursorScope;
use crate::list::{List, PageParams, read_page};
use crate::objects::OrganizationObject;
use crate::problem::Problem;
use crate::responses::ListProblems;
use crate::state::AdminState;

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
