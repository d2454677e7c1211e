//! `/api/v1/accounts`

use actix_web::web::{Data, Json};
use switchboard_domain::sid::AccountSid;

use crate::caller::{Caller, Read};
use crate::cursor::CursorScope;
use crate::list::{List, NoParams, PageParams, read_page};
use crate::objects::AccountObject;
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
    responses((status = 200, description = "The account.", body = AccountObject), ItemProblems),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<AccountObject>, Problem> {
    let missing = || Problem::of(ProblemCode::AccountNotFound);
    caller.query::<NoParams>()?;
    let sid = caller.path().await.and_then(|text| AccountSid::parse(&text).ok());
    let found = state.store.accounts().find(&caller.scope, sid.ok_or_else(missing)?).await?;
    Ok(Json(AccountObject::of(&found.ok_or_else(missing)?)))
}
