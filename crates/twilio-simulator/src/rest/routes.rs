//! The routing table: which resource handles which path.

use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::request::Request;
use super::request_context::RequestContext;
use super::response::{ApiError, ApiResponse};
use super::{
    accounts, applications, auth, auth_tokens, calls, media, messages, numbers, regions, senders,
    services, short_codes,
};
use crate::simulator::State;

/// Authenticates the request and passes it to the resource of its path.
pub(crate) fn dispatch(
    request: &Request,
    state: &mut State,
    now: Timestamp,
) -> Result<ApiResponse, ApiError> {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    if let ["media", sid] = segments[..] {
        return media::file(request, state, sid);
    }
    let caller = auth::authenticate(state, request.credentials.as_ref())?;
    let mut context = RequestContext { request, caller, state, now };
    match segments[..] {
        ["2010-04-01", "Accounts", account, "Messages", message, "Media", sid] => {
            let account = owner(&context, account)?;
            media::answer(&context, account, message, sid)
        }
        ["2010-04-01", ref path @ .., last] => {
            // Without `.json` Twilio answers in XML, which the simulator does not support.
            let last = last.strip_suffix(".json").ok_or_else(|| context.not_found())?;
            dispatch_2010(&mut context, path, last)
        }
        ["v1", "Services", ref path @ ..] => services::answer(&mut context, path),
        ["v1", "AuthTokens", which] => auth_tokens::answer(&mut context, which),
        ["v2", "Channels", "Senders", ref path @ ..] => senders::answer(&mut context, path),
        ["v2", "PhoneNumbers", number] => regions::answer(&mut context, number),
        _ => Err(context.not_found()),
    }
}

/// Routes a path of the 2010 API. `last` is the last segment without `.json`.
fn dispatch_2010(
    context: &mut RequestContext<'_>,
    path: &[&str],
    last: &str,
) -> Result<ApiResponse, ApiError> {
    match *path {
        [] if last == "Accounts" => accounts::answer_list(context),
        ["Accounts"] => accounts::answer_one(context, last),
        // Short codes are below `SMS`.
        ["Accounts", account] | ["Accounts", account, "SMS"] => {
            dispatch_subresource(context, account, last, None)
        }
        ["Accounts", account, "SMS", resource] | ["Accounts", account, resource] => {
            dispatch_subresource(context, account, resource, Some(last))
        }
        _ => Err(context.not_found()),
    }
}

fn dispatch_subresource(
    context: &mut RequestContext<'_>,
    account: &str,
    resource: &str,
    sid: Option<&str>,
) -> Result<ApiResponse, ApiError> {
    let account = owner(context, account)?;
    match resource {
        "IncomingPhoneNumbers" => numbers::answer(context, account, sid),
        "ShortCodes" => short_codes::answer(context, account, sid),
        "Applications" => applications::answer(context, account, sid),
        "Messages" => messages::answer(context, account, sid),
        "Calls" => calls::answer(context, account, sid),
        _ => Err(context.not_found()),
    }
}

/// The account of a path, if the caller may act for it and it is active.
fn owner(context: &RequestContext<'_>, account: &str) -> Result<AccountSid, ApiError> {
    let account = auth::authorize(context.state, context.caller, account)?;
    let state = &context.state;
    if !state.accounts.get(account).is_some_and(|account| state.is_active(account)) {
        return Err(ApiError::inactive());
    }
    Ok(account)
}
