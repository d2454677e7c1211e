//! `/2010-04-01/Accounts` (Twilio, Account resource).

use serde_json::{Map, Value, json};

use super::auth::{self, CredentialKind};
use super::paging::Listing;
use super::request::Method;
use super::request_context::RequestContext;
use super::response::{ApiError, ApiResponse};
use super::values;
use crate::dates::rfc_2822;
use crate::simulator::{Account, AccountStatus, differences};

/// The subresources of an account: name in JSON and name in the path.
const SUBRESOURCES: [(&str, &str); 4] = [
    ("incoming_phone_numbers", "IncomingPhoneNumbers"),
    ("applications", "Applications"),
    ("messages", "Messages"),
    ("calls", "Calls"),
];

/// Lists the caller's account, and its subaccounts if the caller is a main account that authenticates with its token.
pub(crate) fn answer_list(context: &mut RequestContext<'_>) -> Result<ApiResponse, ApiError> {
    auth::require_account_access(context.caller)?;
    match context.request.method {
        Method::Get => list(context),
        Method::Post => create(context),
        Method::Delete | Method::Other => Err(ApiError::method()),
    }
}

/// Handles one account.
pub(crate) fn answer_one(
    context: &mut RequestContext<'_>,
    sid: &str,
) -> Result<ApiResponse, ApiError> {
    auth::require_account_access(context.caller)?;
    // A main account may read and reactivate a suspended subaccount, so activity is not checked here.
    let sid = auth::authorize(context.state, context.caller, sid)?;
    match context.request.method {
        Method::Get => Ok(ApiResponse::ok(show(context.account(sid)?, context.caller.kind))),
        Method::Post => update(context, sid),
        Method::Delete | Method::Other => Err(ApiError::method()),
    }
}

fn list(context: &RequestContext<'_>) -> Result<ApiResponse, ApiError> {
    let (caller, query) = (context.caller, &context.request.query);
    let wanted = |account: &Account| {
        let route = account.sid == caller.account
            || (caller.kind == CredentialKind::Token && account.owner == caller.account);
        route
            && query.non_empty("FriendlyName").is_none_or(|name| account.friendly_name == name)
            && query.non_empty("Status").is_none_or(|status| json!(account.status) == status)
    };
    let show = |account: &Account| show(account, caller.kind);
    Listing::legacy("accounts").answer(context.request, &context.state.accounts, wanted, show)
}

/// Creates a subaccount.
fn create(context: &mut RequestContext<'_>) -> Result<ApiResponse, ApiError> {
    let owner = context.caller.account;
    if !context.account(owner)?.is_main() {
        return Err(ApiError::unauthenticated());
    }
    let name = context.request.form().get("FriendlyName").unwrap_or("SubAccount");
    let (sid, token) = (context.state.ids.account(), context.state.ids.token());
    let mut account = Account::new(sid, owner, token, context.now);
    account.friendly_name = values::friendly_name(name)?;
    let shown = show(&account, context.caller.kind);
    context.state.add_account(account);
    let changes = differences(sid.as_str(), &json!({}), &json!({"sid": sid.as_str()}));
    Ok(ApiResponse::created(shown).with_changes(changes))
}

fn update(
    context: &mut RequestContext<'_>,
    sid: switchboard_domain::sid::AccountSid,
) -> Result<ApiResponse, ApiError> {
    let (form, by, now) = (context.request.form(), context.caller.kind, context.now);
    let account = context.account_mut(sid)?;
    let name = form.get("FriendlyName").map(values::friendly_name).transpose()?;
    let status = form.non_empty("Status").map(|text| status(account, text)).transpose()?;
    let before = show(account, by);
    account.friendly_name = name.unwrap_or_else(|| account.friendly_name.clone());
    account.status = status.unwrap_or(account.status);
    account.updated = now;
    let after = show(account, by);
    let changes = differences(sid.as_str(), &before, &after);
    Ok(ApiResponse::ok(after).with_changes(changes))
}

/// Parses a new status. The status of a main account or a closed account cannot be changed.
fn status(account: &Account, text: &str) -> Result<AccountStatus, ApiError> {
    let wrong = || ApiError::invalid(20001, format!("Status is not valid: {text}"));
    let status = serde_json::from_value(json!(text)).map_err(|_no_status| wrong())?;
    if account.is_main() || account.status == AccountStatus::Closed {
        return Err(wrong());
    }
    Ok(status)
}

/// An account as JSON. The token is omitted for API keys.
fn show(account: &Account, kind: CredentialKind) -> Value {
    let uri = format!("/2010-04-01/Accounts/{}", account.sid);
    let subresources: Map<String, Value> = SUBRESOURCES
        .into_iter()
        .map(|(name, path)| (name.to_owned(), json!(format!("{uri}/{path}.json"))))
        .collect();
    let mut shown = json!({
        "sid": account.sid.as_str(),
        "owner_account_sid": account.owner.as_str(),
        "friendly_name": account.friendly_name,
        "status": account.status,
        "type": account.kind,
        "date_created": rfc_2822(account.created),
        "date_updated": rfc_2822(account.updated),
        "uri": format!("{uri}.json"),
        "subresource_uris": subresources,
    });
    if kind == CredentialKind::Token {
        shown["auth_token"] = json!(account.tokens.primary.expose());
    }
    shown
}
