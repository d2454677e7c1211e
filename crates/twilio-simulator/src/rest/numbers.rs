//! `/2010-04-01/Accounts/{AC…}/IncomingPhoneNumbers` (Twilio, `IncomingPhoneNumber` resource).

use serde_json::{Value, json};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

use super::access::By;
use super::dates::rfc_2822;
use super::number_settings::set;
use super::paging::Listing;
use super::reply::{Refusal, Reply};
use super::request::Method;
use super::values;
use super::visit::Visit;
use crate::company::{
    Capabilities, DEFAULT_REGION, IncomingPhoneNumber, NumberSettings, Sid, differences,
};

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
    let sid = Sid::parse("PN", sid).ok_or_else(|| visit.missing())?;
    match method {
        Method::Get => Ok(Reply::ok(show(account, number(visit, account, sid)?))),
        Method::Post => update(visit, account, sid),
        Method::Delete => {
            number(visit, account, sid)?;
            visit.books.disconnect(account, sid);
            let changes = differences(sid.as_str(), &json!({"sid": sid}), &json!({"sid": null}));
            Ok(Reply::gone().changing(changes))
        }
        Method::Other => Err(Refusal::method()),
    }
}

fn number<'a>(
    visit: &'a Visit<'_>,
    account: AccountSid,
    sid: Sid,
) -> Result<&'a IncomingPhoneNumber, Refusal> {
    visit.account(account)?.numbers.get(sid).ok_or_else(|| visit.missing())
}

fn list(visit: &Visit<'_>, account: AccountSid) -> Result<Reply, Refusal> {
    let query = &visit.request.query;
    let wanted = |number: &IncomingPhoneNumber| {
        let (phone_number, name) = (number.phone_number.as_str(), &number.friendly_name);
        query.given("PhoneNumber").is_none_or(|pattern| contains(phone_number, pattern))
            && query.given("FriendlyName").is_none_or(|wanted| name == wanted)
            // None of ours is new to Twilio's platform, and all are Twilio's own.
            && query.given("Beta").is_none_or(|beta| beta != "true")
            && query.given("Origin").is_none_or(|origin| origin == "twilio")
    };
    let numbers = &visit.account(account)?.numbers;
    let show = |number: &IncomingPhoneNumber| show(account, number);
    Listing::legacy("incoming_phone_numbers").answer(visit.request, numbers, wanted, show)
}

/// Whether a number contains what is looked for; `*` stands for any digit.
fn contains(number: &str, pattern: &str) -> bool {
    let fits = |window: &[u8]| {
        window.iter().zip(pattern.bytes()).all(|(own, wanted)| wanted == b'*' || *own == wanted)
    };
    number.as_bytes().windows(pattern.len()).any(fits)
}

/// Buys a number. Every number that nobody has can be bought.
fn create(visit: &mut Visit<'_>, account: AccountSid) -> Result<Reply, Refusal> {
    let form = visit.request.form();
    let text = form.given("PhoneNumber").unwrap_or_default();
    let phone_number = PhoneNumber::parse(text)
        .map_err(|_why| Refusal::invalid(21421, format!("PhoneNumber is not valid: {text}")))?;
    if visit.books.line(phone_number).is_some() {
        return Err(Refusal::invalid(21422, "PhoneNumber is not available"));
    }
    let capabilities = Capabilities::default();
    let settings = set(NumberSettings::default(), form, capabilities, visit.account(account)?)?;
    let number = IncomingPhoneNumber {
        sid: visit.books.mint.sid(*b"PN"),
        phone_number,
        friendly_name: values::friendly_name(form.given("FriendlyName").unwrap_or(text))?,
        capabilities,
        settings,
        voice_region: DEFAULT_REGION.to_owned(),
        created: visit.now,
        updated: visit.now,
    };
    let shown = show(account, &number);
    let changes = differences(number.sid.as_str(), &json!({}), &shown);
    visit.books.connect(account, number);
    Ok(Reply::created(shown).changing(changes))
}

/// Changes what was sent, or nothing if any of it is wrong.
fn update(visit: &mut Visit<'_>, account: AccountSid, sid: Sid) -> Result<Reply, Refusal> {
    let (form, now) = (visit.request.form(), visit.now);
    let owner = visit.account(account)?;
    let number = owner.numbers.get(sid).ok_or_else(|| visit.missing())?;
    let before = show(account, number);
    let settings = set(number.settings.clone(), form, number.capabilities, owner)?;
    let name = form.given("FriendlyName").map(values::friendly_name).transpose()?;
    let target = form.given("AccountSid").map(|to| destination(visit, account, to)).transpose()?;
    if let Some(number) = visit.account_mut(account)?.numbers.get_mut(sid) {
        number.settings = settings;
        number.updated = now;
        if let Some(name) = name {
            number.friendly_name = name;
        }
    }
    let target = target.unwrap_or(account);
    if target != account
        && let Some(moved) = visit.books.disconnect(account, sid)
    {
        visit.books.connect(target, moved);
    }
    let after = show(target, self::number(visit, target, sid)?);
    let changes = differences(sid.as_str(), &before, &after);
    Ok(Reply::ok(after).changing(changes))
}

/// Where a number is moved to: another account of the same main account, by that account's token
/// (Twilio, `IncomingPhoneNumber` resource: `AccountSid`; errors 21471 and 21472).
fn destination(visit: &Visit<'_>, from: AccountSid, to: &str) -> Result<AccountSid, Refusal> {
    let owner = visit.account(from)?.owner;
    let target = AccountSid::parse(to).ok().and_then(|sid| visit.books.accounts.get(sid));
    let target = target
        .filter(|target| {
            let family = target.owner == owner
                && visit.caller.by == By::Token
                && visit.caller.account == owner;
            target.sid == from || family
        })
        .ok_or_else(|| Refusal::invalid(21471, format!("Account does not exist: {to}")))?;
    if visit.books.is_active(target) {
        Ok(target.sid)
    } else {
        Err(Refusal::invalid(21472, "Account is not active"))
    }
}

/// A number in JSON. What is not set is empty or null, each as Twilio has it.
fn show(account: AccountSid, number: &IncomingPhoneNumber) -> Value {
    let settings = &number.settings;
    let or_null = |url: &str| if url.is_empty() { Value::Null } else { json!(url) };
    let or_empty = |sid: Option<Sid>| sid.map_or_else(|| json!(""), |sid| json!(sid));
    json!({
        "sid": number.sid,
        "account_sid": account.as_str(),
        "phone_number": number.phone_number.as_str(),
        "friendly_name": number.friendly_name,
        "capabilities": number.capabilities,
        "voice_url": or_null(&settings.voice_url),
        "voice_method": settings.voice_method,
        "voice_fallback_url": or_null(&settings.voice_fallback_url),
        "voice_fallback_method": settings.voice_fallback_method,
        "voice_application_sid": or_empty(settings.voice_application_sid),
        "voice_caller_id_lookup": settings.voice_caller_id_lookup,
        "voice_receive_mode": settings.voice_receive_mode,
        "status_callback": settings.status_callback,
        "status_callback_method": settings.status_callback_method,
        "sms_url": settings.sms_url,
        "sms_method": settings.sms_method,
        "sms_fallback_url": settings.sms_fallback_url,
        "sms_fallback_method": settings.sms_fallback_method,
        "sms_application_sid": or_empty(settings.sms_application_sid),
        "trunk_sid": settings.trunk_sid,
        "status": "in-use",
        "type": "local",
        "origin": "twilio",
        "beta": false,
        "address_requirements": "none",
        "address_sid": null,
        "identity_sid": null,
        "bundle_sid": null,
        "emergency_status": "Inactive",
        "emergency_address_sid": null,
        "emergency_address_status": "unregistered",
        "api_version": "2010-04-01",
        "date_created": rfc_2822(number.created),
        "date_updated": rfc_2822(number.updated),
        "uri": format!(
            "/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{}.json",
            number.sid
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn a_number_is_found_by_any_part_of_it() {
        for (pattern, expected) in [
            ("+14155550100", true),
            ("555", true),
            ("5*5010", true),
            ("556", false),
            ("+141555501000", false),
        ] {
            assert_eq!(contains("+14155550100", pattern), expected, "{pattern}");
        }
    }
}
