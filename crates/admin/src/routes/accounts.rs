//! `/api/v1/accounts`

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use switchboard_domain::account::Account;
use switchboard_domain::organization::Scope;
use switchboard_domain::sid::AccountSid;

use crate::caller::{Caller, Needs, Read};
use crate::cursor::CursorScope;
use crate::list::{List, NoParams, PageParams, read_page};
use crate::objects::AccountObject;
use crate::precondition::{EntityTag, tagged};
use crate::problem::{Problem, ProblemCode};
use crate::responses::{ItemProblems, ListProblems};
use crate::state::AdminState;

/// List accounts, ordered by SID
#[utoipa::path(
    get, path = "/api/v1/accounts", tag = "Accounts", operation_id = "list_accounts",
    params(PageParams),
    responses((status = 200, description = "A page of the list.", body = List<AccountObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<AccountObject>>, Problem> {
    let cursors = CursorScope::new("accounts", "");
    let params: PageParams = caller.query()?;
    let page = params.page(&cursors, |key| AccountSid::parse(key).ok())?;
    let read = async |page| state.store.accounts().list(&caller.scope, &page).await;
    let (accounts, next) = read_page(page, |one| one.sid.to_string(), &cursors, read).await?;
    Ok(Json(List::new(accounts.iter().map(AccountObject::of).collect(), next)))
}

/// Show an account
#[utoipa::path(
    get, path = "/api/v1/accounts/{sid}", tag = "Accounts", operation_id = "show_account",
    params(("sid" = String, Path, description = "The `AccountSid`.")),
    responses(
        (status = 200, description = "The account.", body = AccountObject,
         headers(("ETag" = String, description = "The tag of the account as it is shown, for `If-Match`."))),
        ItemProblems,
    ),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let account = found(&state, &caller.scope, sid(&caller).await?).await?;
    let object = AccountObject::of(&account);
    Ok(tagged(StatusCode::OK, &object, &EntityTag::of(&object)?))
}

/// The account of the path.
pub(super) async fn sid<N: Needs>(caller: &Caller<N>) -> Result<AccountSid, Problem> {
    let sid = caller.path().await.and_then(|text| AccountSid::parse(&text).ok());
    sid.ok_or_else(|| Problem::of(ProblemCode::AccountNotFound))
}

pub(super) async fn found(
    state: &AdminState,
    scope: &Scope,
    sid: AccountSid,
) -> Result<Account, Problem> {
    let found = state.store.accounts().find(scope, sid).await?;
    found.ok_or_else(|| Problem::of(ProblemCode::AccountNotFound))
}
