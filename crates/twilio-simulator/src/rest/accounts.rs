//! `/2010-04-01/Accounts` (Twilio, Account resource).

use serde_json::{Map, Value, json};

use super::access::{self, By};
use super::dates::rfc_2822;
use super::paging::Listing;
use super::reply::{Refusal, Reply};
use super::request::Method;
use super::values;
use super::visit::Visit;
use crate::company::{Account, AccountStatus, differences};

/// What an account has, by Twilio's names: in JSON and in the path.
const SUBRESOURCES: [(&str, &str); 4] = [
    ("incoming_phone_numbers", "IncomingPhoneNumbers"),
    ("applications", "Applications"),
    ("messages", "Messages"),
    ("calls", "Calls"),
];

/// The list: the caller's account and, if it is a main account that comes with its token, its subaccounts.
pub(crate) fn answer_list(visit: &mut Visit<'_>) -> Result<Reply, Refusal> {
    access::may_manage_accounts(visit.caller)?;
    match visit.request.method {
        Method::Get => list(visit),
        Method::Post => create(visit),
        Method::Delete | Method::Other => Err(Refusal::method()),
    }
}

/// One account.
pub(crate) fn answer_one(visit: &mut Visit<'_>, sid: &str) -> Result<Reply, Refusal> {
    access::may_manage_accounts(visit.caller)?;
    // A main account reads and changes a suspended subaccount: how else would it be made active again?
    let sid = access::reach(visit.books, visit.caller, sid)?;
    match visit.request.method {
        Method::Get => Ok(Reply::ok(show(visit.account(sid)?, visit.caller.by))),
        Method::Post => update(visit, sid),
        Method::Delete | Method::Other => Err(Refusal::method()),
    }
}

fn list(visit: &Visit<'_>) -> Result<Reply, Refusal> {
    let (caller, query) = (visit.caller, &visit.request.query);
    let wanted = |account: &Account| {
        let reached = account.sid == caller.account
            || (caller.by == By::Token && account.owner == caller.account);
        reached
            && query.given("FriendlyName").is_none_or(|name| account.friendly_name == name)
            && query.given("Status").is_none_or(|status| json!(account.status) == status)
    };
    let show = |account: &Account| show(account, caller.by);
    Listing::legacy("accounts").answer(visit.request, &visit.books.accounts, wanted, show)
}

/// Opens a subaccount.
fn create(visit: &mut Visit<'_>) -> Result<Reply, Refusal> {
    let owner = visit.caller.account;
    if !visit.account(owner)?.is_main() {
        return Err(Refusal::unauthenticated());
    }
    let name = visit.request.form().get("FriendlyName").unwrap_or("SubAccount");
    let (sid, token) = (visit.books.mint.account(), visit.books.mint.token());
    let mut account = Account::new(sid, owner, token, visit.now);
    account.friendly_name = values::friendly_name(name)?;
    let shown = show(&account, visit.caller.by);
    visit.books.open_account(account);
    let changes = differences(sid.as_str(), &json!({}), &json!({"sid": sid.as_str()}));
    Ok(Reply::created(shown).changing(changes))
}

fn update(
    visit: &mut Visit<'_>,
    sid: switchboard_domain::sid::AccountSid,
) -> Result<Reply, Refusal> {
    let (form, by, now) = (visit.request.form(), visit.caller.by, visit.now);
    let account = visit.account_mut(sid)?;
    let name = form.get("FriendlyName").map(values::friendly_name).transpose()?;
    let status = form.given("Status").map(|text| status(account, text)).transpose()?;
    let before = show(account, by);
    account.friendly_name = name.unwrap_or_else(|| account.friendly_name.clone());
    account.status = status.unwrap_or(account.status);
    account.updated = now;
    let after = show(account, by);
    let changes = differences(sid.as_str(), &before, &after);
    Ok(Reply::ok(after).changing(changes))
}

/// The status that an account may go to: a main account cannot be changed by itself, and what is closed stays so.
fn status(account: &Account, text: &str) -> Result<AccountStatus, Refusal> {
    let wrong = || Refusal::invalid(20001, format!("Status is not valid: {text}"));
    let status = serde_json::from_value(json!(text)).map_err(|_no_status| wrong())?;
    if account.is_main() || account.status == AccountStatus::Closed {
        return Err(wrong());
    }
    Ok(status)
}

/// An account in JSON. API keys are not shown the token.
fn show(account: &Account, by: By) -> Value {
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
    if by == By::Token {
        shown["auth_token"] = json!(account.tokens.primary.expose());
    }
    shown
}
