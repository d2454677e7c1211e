//! `/api/v1/connect/links`

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::Data;
use switchboard_domain::organization::{Scope, default_organization};

use crate::caller::{Caller, Configure};
use crate::list::NoParams;
use crate::objects::ConnectLinkObject;
use crate::problem::Problem;
use crate::responses::ChangeProblems;
use crate::state::AdminState;

/// Make a link by which a customer connects an account
///
/// The customer opens the link and authorizes the Connect app at Twilio. Its account then belongs to the organization of the key, or
/// to the one that an operator key selects, or else to the default one. The link can be used once, for an hour. Each organization
/// has at most 20 links; the oldest are forgotten.
#[utoipa::path(
    post, path = "/api/v1/connect/links", tag = "Accounts", operation_id = "add_connect_link",
    responses((status = 201, description = "The link.", body = ConnectLinkObject), ChangeProblems),
)]
pub(crate) async fn add(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let author = caller.author();
    let organization = match author.scope() {
        Scope::Organization(id) => id.clone(),
        Scope::Operator => default_organization(),
    };
    let invitation = state.inviting.invite(&author, organization).await?;
    Ok(HttpResponse::Created()
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .json(ConnectLinkObject::of(&invitation)))
}
