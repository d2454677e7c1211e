//! `/v1/AuthTokens` (Twilio, accounts API: secondary auth token, auth token promotion).

use serde_json::json;

use super::access;
use super::dates::rfc_3339;
use super::reply::{Refusal, Reply};
use super::request::Method;
use super::visit::Visit;
use crate::company::FieldChange;

pub(crate) fn answer(visit: &mut Visit<'_>, which: &str) -> Result<Reply, Refusal> {
    access::may_manage_accounts(visit.caller)?;
    match (visit.request.method, which) {
        (Method::Post, "Secondary") => create(visit),
        (Method::Delete, "Secondary") => delete(visit),
        (Method::Post, "Promote") => promote(visit),
        (_, "Secondary" | "Promote") => Err(Refusal::method()),
        _ => Err(visit.missing()),
    }
}

/// Makes a secondary token. While there is one, there is no second one.
fn create(visit: &mut Visit<'_>) -> Result<Reply, Refusal> {
    let (sid, now) = (visit.caller.account, rfc_3339(visit.now));
    let url = format!("{}/v1/AuthTokens/Secondary", visit.request.base);
    if visit.account(sid)?.tokens.secondary.is_some() {
        return Err(Refusal::conflict(20009, "The account already has a secondary auth token"));
    }
    let token = visit.books.mint.token();
    let shown = json!({
        "account_sid": sid.as_str(),
        "secondary_auth_token": token.expose(),
        "date_created": now,
        "date_updated": now,
        "url": url,
    });
    visit.account_mut(sid)?.tokens.secondary = Some(token);
    Ok(Reply::created(shown).changing(changed(visit, "secondary_auth_token")))
}

fn delete(visit: &mut Visit<'_>) -> Result<Reply, Refusal> {
    let path = visit.request.path.clone();
    let account = visit.account_mut(visit.caller.account)?;
    account.tokens.secondary.take().ok_or_else(|| Refusal::not_found(&path))?;
    Ok(Reply::gone().changing(changed(visit, "secondary_auth_token")))
}

/// The secondary token becomes the primary one, and the primary one opens nothing any more.
fn promote(visit: &mut Visit<'_>) -> Result<Reply, Refusal> {
    let (path, now) = (visit.request.path.clone(), visit.now);
    let url = format!("{}{path}", visit.request.base);
    let account = visit.account_mut(visit.caller.account)?;
    let token = account.tokens.secondary.take().ok_or_else(|| Refusal::not_found(&path))?;
    let shown = json!({
        "account_sid": account.sid.as_str(),
        "auth_token": token.expose(),
        "date_created": rfc_3339(account.created),
        "date_updated": rfc_3339(now),
        "url": url,
    });
    account.tokens.primary = token;
    account.updated = now;
    Ok(Reply::ok(shown).changing(changed(visit, "auth_token")))
}

/// That a token changed, but neither from what nor to what.
fn changed(visit: &Visit<'_>, field: &str) -> Vec<FieldChange> {
    let hidden = || json!("[redacted]");
    let resource = visit.caller.account.to_string();
    vec![FieldChange { resource, field: field.to_owned(), before: hidden(), after: hidden() }]
}
