//! `/2010-04-01/Accounts/{AC…}/Calls` (Twilio, Call resource).
//!
//! A created call stays queued; its status changes only through
//! [`Simulator::advance_call`](crate::Simulator::advance_call). An incoming call in progress can be redirected and
//! ended.

use serde_json::{Value, json};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::paging::Listing;
use super::request::{Method, Parameters};
use super::request_context::RequestContext;
use super::response::{ApiError, ApiResponse};
use super::values::{is_callable, method, reference};
use crate::dates::rfc_2822;
use crate::simulator::{
    Account, Call, CallStatus, Direction, IncomingPhoneNumber, Instructions, LiveCall, Sid,
    differences,
};

/// The maximum length of TwiML in a request, in characters (Twilio, error 32018).
const MAX_TWIML_CHARACTERS: usize = 4_000;

pub(crate) fn answer(
    context: &mut RequestContext<'_>,
    account: AccountSid,
    sid: Option<&str>,
) -> Result<ApiResponse, ApiError> {
    let method = context.request.method;
    let Some(sid) = sid else {
        return match method {
            Method::Get => list(context, account),
            Method::Post => create(context, account),
            Method::Delete | Method::Other => Err(ApiError::method()),
        };
    };
    let calls = &context.account(account)?.calls;
    let call = Sid::parse("CA", sid).and_then(|sid| calls.get(sid));
    let call = call.ok_or_else(|| context.not_found())?;
    match method {
        Method::Get => Ok(ApiResponse::ok(show(account, call))),
        Method::Post => {
            let (sid, before, now) = (call.sid, show(account, call), context.now);
            let form = context.request.form();
            let mut after = Value::Null;
            if let Some(call) = context.account_mut(account)?.calls.get_mut(sid) {
                let update = update(call, form, now)?;
                after = show(account, call);
                if let Some(live) = context.state.live.get(sid) {
                    apply_to_live_call(live, update);
                }
            }
            let changes = differences(sid.as_str(), &before, &after);
            Ok(ApiResponse::ok(after).with_changes(changes))
        }
        Method::Delete | Method::Other => Err(ApiError::method()),
    }
}

fn list(context: &RequestContext<'_>, account: AccountSid) -> Result<ApiResponse, ApiError> {
    let query = &context.request.query;
    let wanted = |call: &Call| {
        query.non_empty("To").is_none_or(|to| call.to == to)
            && query.non_empty("From").is_none_or(|from| call.from == from)
            && query.non_empty("Status").is_none_or(|status| json!(call.status) == status)
    };
    let calls = &context.account(account)?.calls;
    Listing::legacy("calls").answer(context.request, calls, wanted, |call| show(account, call))
}

fn create(context: &mut RequestContext<'_>, account: AccountSid) -> Result<ApiResponse, ApiError> {
    let form = context.request.form();
    let owner = context.account(account)?;
    let to = form.non_empty("To");
    let to = to.ok_or_else(|| ApiError::invalid(21201, "No 'To' number is specified"))?;
    let from = form.non_empty("From");
    let from = from.ok_or_else(|| ApiError::invalid(21213, "No 'From' number is specified"))?;
    let is_from = |number: &&IncomingPhoneNumber| number.phone_number.as_str() == from;
    let number = owner.numbers.newest_first().find(is_from).map(|number| number.sid);
    if number.is_none() {
        return Err(ApiError::invalid(21210, "'From' is not a number of this account"));
    }
    let instructions = match instructions(form)? {
        Some(instructions) => instructions,
        None => of_application(owner, form)?,
    };
    let call = Call {
        sid: context.state.ids.sid(*b"CA"),
        from: from.to_owned(),
        to: to.to_owned(),
        number,
        direction: Direction::OutboundApi,
        status: CallStatus::Queued,
        instructions,
        status_callback: form.get("StatusCallback").unwrap_or_default().to_owned(),
        created: context.now,
        started: None,
        ended: None,
        updated: context.now,
    };
    let shown = show(account, &call);
    let changes = differences(call.sid.as_str(), &json!({}), &shown);
    context.account_mut(account)?.calls.put(call);
    Ok(ApiResponse::created(shown).with_changes(changes))
}

/// What a request changes about a call.
struct CallUpdate {
    next: Option<Instructions>,
    over: bool,
}

/// Updates a call that has not ended (Twilio, error 21220): ends it or replaces its TwiML.
fn update(call: &mut Call, form: &Parameters, now: Timestamp) -> Result<CallUpdate, ApiError> {
    if call.status.is_over() {
        let message = "Call is not in-progress. Cannot redirect.";
        return Err(ApiError::invalid(21220, message));
    }
    let status = match form.non_empty("Status") {
        Some("completed") => Some(CallStatus::Completed),
        Some("canceled") if call.status != CallStatus::InProgress => Some(CallStatus::Canceled),
        // Twilio ignores `canceled` for a call in progress.
        None | Some("canceled") => None,
        Some(other) => {
            return Err(ApiError::invalid(21218, format!("Status is not valid: {other}")));
        }
    };
    let next = instructions(form)?;
    if let Some(next) = &next {
        call.instructions = next.clone();
        call.updated = now;
    }
    if let Some(callback) = form.get("StatusCallback") {
        callback.clone_into(&mut call.status_callback);
    }
    if let Some(status) = status {
        call.advance(status, now);
    }
    Ok(CallUpdate { next, over: status.is_some() })
}

fn apply_to_live_call(live: &dyn LiveCall, update: CallUpdate) {
    match update.next {
        _ if update.over => live.hang_up(),
        Some(Instructions::Url(target)) => live.follow(target),
        Some(Instructions::Twiml(twiml)) => live.follow_twiml(twiml),
        None => {}
    }
}

/// The TwiML source in a request: a URL, or TwiML itself. `None` if the request has neither.
fn instructions(form: &Parameters) -> Result<Option<Instructions>, ApiError> {
    if let Some(twiml) = form.non_empty("Twiml") {
        if twiml.chars().count() > MAX_TWIML_CHARACTERS {
            return Err(ApiError::invalid(32018, "Twiml must be at most 4000 characters"));
        }
        return Ok(Some(Instructions::Twiml(twiml.to_owned())));
    }
    let Some(url) = form.non_empty("Url") else { return Ok(None) };
    if !is_callable(url) {
        return Err(ApiError::invalid(21205, format!("Url is not a valid URL: {url}")));
    }
    let method = method("Method", form.get("Method").unwrap_or_default())?;
    Ok(Some(Instructions::Url((url.to_owned(), method))))
}

fn of_application(account: &Account, form: &Parameters) -> Result<Instructions, ApiError> {
    let missing = || ApiError::invalid(21205, "Url parameter is required.");
    let text = form.non_empty("ApplicationSid").ok_or_else(missing)?;
    let sid = reference("AP", "ApplicationSid", text)?;
    let application = sid.and_then(|sid| account.applications.get(sid));
    let unknown = || ApiError::invalid(21218, format!("ApplicationSid is not valid: {text}"));
    let settings = &application.ok_or_else(unknown)?.settings;
    Ok(Instructions::Url((settings.voice_url.clone(), settings.voice_method)))
}

/// A call as JSON.
fn show(account: AccountSid, call: &Call) -> Value {
    let uri = format!("/2010-04-01/Accounts/{account}/Calls/{}", call.sid);
    let duration = call
        .ended
        .zip(call.started)
        .map(|(ended, started)| ended.seconds().saturating_sub(started.seconds()).to_string());
    json!({
        "sid": call.sid,
        "account_sid": account.as_str(),
        "from": call.from,
        "from_formatted": call.from,
        "to": call.to,
        "to_formatted": call.to,
        "phone_number_sid": call.number,
        "parent_call_sid": null,
        "status": call.status,
        "direction": call.direction,
        "start_time": call.started.map(rfc_2822),
        "end_time": call.ended.map(rfc_2822),
        "duration": duration,
        "price": null,
        "price_unit": "USD",
        "answered_by": null,
        "forwarded_from": null,
        "caller_name": null,
        "group_sid": null,
        "trunk_sid": null,
        "queue_time": "0",
        "api_version": "2010-04-01",
        "date_created": rfc_2822(call.created),
        "date_updated": rfc_2822(call.updated),
        "subresource_uris": {"recordings": format!("{uri}/Recordings.json")},
        "uri": format!("{uri}.json"),
    })
}
