//! `/v1/AuthTokens` (Twilio, accounts API: secondary auth token, auth token promotion).

use serde_json::json;

use super::auth;
use super::request::Method;
use super::request_context::RequestContext;
use super::response::{ApiError, ApiResponse};
use crate::dates::rfc_3339;
use crate::simulator::FieldChange;

pub(crate) fn answer(
    context: &mut RequestContext<'_>,
    which: &str,
) -> Result<ApiResponse, ApiError> {
    auth::require_account_access(context.caller)?;
    match (context.request.method, which) {
        (Method::Post, "Secondary") => create(context),
        (Method::Delete, "Secondary") => delete(context),
        (Method::Post, "Promote") => promote(context),
        (_, "Secondary" | "Promote") => Err(ApiError::method()),
        _ => Err(context.not_found()),
    }
}

/// Creates a secondary token. An account has at most one.
fn create(context: &mut RequestContext<'_>) -> Result<ApiResponse, ApiError> {
    let (sid, now) = (context.caller.account, rfc_3339(context.now));
    let url = format!("{}/v1/AuthTokens/Secondary", context.request.base);
    if context.account(sid)?.tokens.secondary.is_some() {
        return Err(ApiError::conflict(20009, "The account already has a secondary auth token"));
    }
    let token = context.state.ids.token();
    let shown = json!({
        "account_sid": sid.as_str(),
        "secondary_auth_token": token.expose(),
        "date_created": now,
        "date_updated": now,
        "url": url,
    });
    context.account_mut(sid)?.tokens.secondary = Some(token);
    Ok(ApiResponse::created(shown).with_changes(changed(context, "secondary_auth_token")))
}

fn delete(context: &mut RequestContext<'_>) -> Result<ApiResponse, ApiError> {
    let path = context.request.path.clone();
    let account = context.account_mut(context.caller.account)?;
    account.tokens.secondary.take().ok_or_else(|| ApiError::not_found(&path))?;
    Ok(ApiResponse::no_content().with_changes(changed(context, "secondary_auth_token")))
}

/// Replaces the primary token by the secondary token. The old primary token is no longer valid.
fn promote(context: &mut RequestContext<'_>) -> Result<ApiResponse, ApiError> {
    let (path, now) = (context.request.path.clone(), context.now);
    let url = format!("{}{path}", context.request.base);
    let account = context.account_mut(context.caller.account)?;
    let token = account.tokens.secondary.take().ok_or_else(|| ApiError::not_found(&path))?;
    let shown = json!({
        "account_sid": account.sid.as_str(),
        "auth_token": token.expose(),
        "date_created": rfc_3339(account.created),
        "date_updated": rfc_3339(now),
        "url": url,
    });
    account.tokens.primary = token;
    account.updated = now;
    Ok(ApiResponse::ok(shown).with_changes(changed(context, "auth_token")))
}

/// Records that a token changed, without its values.
fn changed(context: &RequestContext<'_>, field: &str) -> Vec<FieldChange> {
    let hidden = || json!("[redacted]");
    let resource = context.caller.account.to_string();
    vec![FieldChange { resource, field: field.to_owned(), before: hidden(), after: hidden() }]
}
