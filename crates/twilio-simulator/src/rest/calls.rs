//! `/2010-04-01/Accounts/{AC…}/Calls` (Twilio, Call resource).
//!
//! A call that is created stays queued: it comes further only by order
//! ([`Company::advance_call`](crate::Company::advance_call)). A call from outside that is going on hears what it is
//! told.

use serde_json::{Value, json};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::dates::rfc_2822;
use super::paging::Listing;
use super::reply::{Refusal, Reply};
use super::request::{Method, Parameters};
use super::values::{is_callable, method, reference};
use super::visit::Visit;
use crate::company::{
    Account, Call, CallStatus, Direction, IncomingPhoneNumber, Instructions, LiveCall, Sid,
    differences,
};

/// Longest TwiML in a request (Twilio, error 32018).
const LONGEST_TWIML: usize = 4_000;

pub(crate) fn answer(
    visit: &mut Visit<'_>,
    account: AccountSid,
    sid: Option<&str>,
) -> Result<Reply, Refusal> {
    let method = visit.request.method;
    let Some(sid) = sid else {
        return match method {
            Method::Get => list(visit, account),
            Method::Post => create(visit, account),
            Method::Delete | Method::Other => Err(Refusal::method()),
        };
    };
    let calls = &visit.account(account)?.calls;
    let call = Sid::parse("CA", sid).and_then(|sid| calls.get(sid));
    let call = call.ok_or_else(|| visit.missing())?;
    match method {
        Method::Get => Ok(Reply::ok(show(account, call))),
        Method::Post => {
            let (sid, before, now) = (call.sid, show(account, call), visit.now);
            let form = visit.request.form();
            let mut after = Value::Null;
            if let Some(call) = visit.account_mut(account)?.calls.get_mut(sid) {
                let told = update(call, form, now)?;
                after = show(account, call);
                if let Some(live) = visit.books.live.get(sid) {
                    tell(live, told);
                }
            }
            let changes = differences(sid.as_str(), &before, &after);
            Ok(Reply::ok(after).changing(changes))
        }
        Method::Delete | Method::Other => Err(Refusal::method()),
    }
}

fn list(visit: &Visit<'_>, account: AccountSid) -> Result<Reply, Refusal> {
    let query = &visit.request.query;
    let wanted = |call: &Call| {
        query.given("To").is_none_or(|to| call.to == to)
            && query.given("From").is_none_or(|from| call.from == from)
            && query.given("Status").is_none_or(|status| json!(call.status) == status)
    };
    let calls = &visit.account(account)?.calls;
    Listing::legacy("calls").answer(visit.request, calls, wanted, |call| show(account, call))
}

fn create(visit: &mut Visit<'_>, account: AccountSid) -> Result<Reply, Refusal> {
    let form = visit.request.form();
    let owner = visit.account(account)?;
    let to = form.given("To");
    let to = to.ok_or_else(|| Refusal::invalid(21201, "No 'To' number is specified"))?;
    let from = form.given("From");
    let from = from.ok_or_else(|| Refusal::invalid(21213, "No 'From' number is specified"))?;
    let is_from = |number: &&IncomingPhoneNumber| number.phone_number.as_str() == from;
    let number = owner.numbers.newest_first().find(is_from).map(|number| number.sid);
    if number.is_none() {
        return Err(Refusal::invalid(21210, "'From' is not a number of this account"));
    }
    let instructions = match instructions(form)? {
        Some(instructions) => instructions,
        None => of_application(owner, form)?,
    };
    let call = Call {
        sid: visit.books.mint.sid(*b"CA"),
        from: from.to_owned(),
        to: to.to_owned(),
        number,
        direction: Direction::OutboundApi,
        status: CallStatus::Queued,
        instructions,
        status_callback: form.get("StatusCallback").unwrap_or_default().to_owned(),
        created: visit.now,
        started: None,
        ended: None,
        updated: visit.now,
    };
    let shown = show(account, &call);
    let changes = differences(call.sid.as_str(), &json!({}), &shown);
    visit.account_mut(account)?.calls.put(call);
    Ok(Reply::created(shown).changing(changes))
}

/// What a request told a call.
struct Told {
    next: Option<Instructions>,
    over: bool,
}

/// Changes a call that is not over yet (Twilio, error 21220): ends it, or tells it what to do next.
fn update(call: &mut Call, form: &Parameters, now: Timestamp) -> Result<Told, Refusal> {
    if call.status.is_over() {
        let message = "Call is not in-progress. Cannot redirect.";
        return Err(Refusal::invalid(21220, message));
    }
    let status = match form.given("Status") {
        Some("completed") => Some(CallStatus::Completed),
        Some("canceled") if call.status != CallStatus::InProgress => Some(CallStatus::Canceled),
        // What people are in already cannot be taken back, which Twilio passes over.
        None | Some("canceled") => None,
        Some(other) => {
            return Err(Refusal::invalid(21218, format!("Status is not valid: {other}")));
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
    Ok(Told { next, over: status.is_some() })
}

fn tell(live: &dyn LiveCall, told: Told) {
    match told.next {
        _ if told.over => live.hang_up(),
        Some(Instructions::Fetched(target)) => live.follow(target),
        Some(Instructions::Given(twiml)) => live.follow_twiml(twiml),
        None => {}
    }
}

/// What a call is told to do: to ask a URL, or to follow TwiML itself.
fn instructions(form: &Parameters) -> Result<Option<Instructions>, Refusal> {
    if let Some(twiml) = form.given("Twiml") {
        if twiml.chars().count() > LONGEST_TWIML {
            return Err(Refusal::invalid(32018, "Twiml must be at most 4000 characters"));
        }
        return Ok(Some(Instructions::Given(twiml.to_owned())));
    }
    let Some(url) = form.given("Url") else { return Ok(None) };
    if !is_callable(url) {
        return Err(Refusal::invalid(21205, format!("Url is not a valid URL: {url}")));
    }
    let method = method("Method", form.get("Method").unwrap_or_default())?;
    Ok(Some(Instructions::Fetched((url.to_owned(), method))))
}

fn of_application(account: &Account, form: &Parameters) -> Result<Instructions, Refusal> {
    let missing = || Refusal::invalid(21205, "Url parameter is required.");
    let text = form.given("ApplicationSid").ok_or_else(missing)?;
    let sid = reference("AP", "ApplicationSid", text)?;
    let application = sid.and_then(|sid| account.applications.get(sid));
    let unknown = || Refusal::invalid(21218, format!("ApplicationSid is not valid: {text}"));
    let settings = &application.ok_or_else(unknown)?.settings;
    Ok(Instructions::Fetched((settings.voice_url.clone(), settings.voice_method)))
}

/// A call in JSON.
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
