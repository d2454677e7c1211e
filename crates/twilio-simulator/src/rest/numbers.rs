//! `/2010-04-01/Accounts/{AC…}/IncomingPhoneNumbers` (Twilio, `IncomingPhoneNumber` resource).

use serde_json::{Value, json};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

use super::auth::CredentialKind;
use super::number_settings::set;
use super::paging::Listing;
use super::request::Method;
use super::request_context::RequestContext;
use super::response::{ApiError, ApiResponse};
use super::values;
use crate::dates::rfc_2822;
use crate::simulator::{
    Capabilities, DEFAULT_REGION, IncomingPhoneNumber, NumberSettings, Sid, differences,
};

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
    let sid = Sid::parse("PN", sid).ok_or_else(|| context.not_found())?;
    match method {
        Method::Get => Ok(ApiResponse::ok(show(account, number(context, account, sid)?))),
        Method::Post => update(context, account, sid),
        Method::Delete => {
            number(context, account, sid)?;
            context.state.take_number(account, sid);
            let changes = differences(sid.as_str(), &json!({"sid": sid}), &json!({"sid": null}));
            Ok(ApiResponse::no_content().with_changes(changes))
        }
        Method::Other => Err(ApiError::method()),
    }
}

fn number<'a>(
    context: &'a RequestContext<'_>,
    account: AccountSid,
    sid: Sid,
) -> Result<&'a IncomingPhoneNumber, ApiError> {
    context.account(account)?.numbers.get(sid).ok_or_else(|| context.not_found())
}

fn list(context: &RequestContext<'_>, account: AccountSid) -> Result<ApiResponse, ApiError> {
    let query = &context.request.query;
    let wanted = |number: &IncomingPhoneNumber| {
        let (phone_number, name) = (number.phone_number.as_str(), &number.friendly_name);
        query.non_empty("PhoneNumber").is_none_or(|pattern| contains(phone_number, pattern))
            && query.non_empty("FriendlyName").is_none_or(|wanted| name == wanted)
            // No simulated number is in beta, and all are hosted by Twilio.
            && query.non_empty("Beta").is_none_or(|beta| beta != "true")
            && query.non_empty("Origin").is_none_or(|origin| origin == "twilio")
    };
    let numbers = &context.account(account)?.numbers;
    let show = |number: &IncomingPhoneNumber| show(account, number);
    Listing::legacy("incoming_phone_numbers").answer(context.request, numbers, wanted, show)
}

/// Whether a number contains the pattern, in which `*` matches any digit.
fn contains(number: &str, pattern: &str) -> bool {
    let fits = |window: &[u8]| {
        window.iter().zip(pattern.bytes()).all(|(own, wanted)| wanted == b'*' || *own == wanted)
    };
    number.as_bytes().windows(pattern.len()).any(fits)
}

/// Buys a number. Every number that no account owns is available.
fn create(context: &mut RequestContext<'_>, account: AccountSid) -> Result<ApiResponse, ApiError> {
    let form = context.request.form();
    let text = form.non_empty("PhoneNumber").unwrap_or_default();
    let phone_number = PhoneNumber::parse(text)
        .map_err(|_why| ApiError::invalid(21421, format!("PhoneNumber is not valid: {text}")))?;
    if context.state.find_number(phone_number).is_some() {
        return Err(ApiError::invalid(21422, "PhoneNumber is not available"));
    }
    let capabilities = Capabilities::default();
    let settings = set(NumberSettings::default(), form, capabilities, context.account(account)?)?;
    let number = IncomingPhoneNumber {
        sid: context.state.ids.sid(*b"PN"),
        phone_number,
        friendly_name: values::friendly_name(form.non_empty("FriendlyName").unwrap_or(text))?,
        capabilities,
        settings,
        voice_region: DEFAULT_REGION.to_owned(),
        created: context.now,
        updated: context.now,
    };
    let shown = show(account, &number);
    let changes = differences(number.sid.as_str(), &json!({}), &shown);
    context.state.add_number(account, number);
    Ok(ApiResponse::created(shown).with_changes(changes))
}

/// Updates a number. If any parameter is invalid, nothing changes.
fn update(
    context: &mut RequestContext<'_>,
    account: AccountSid,
    sid: Sid,
) -> Result<ApiResponse, ApiError> {
    let (form, now) = (context.request.form(), context.now);
    let owner = context.account(account)?;
    let number = owner.numbers.get(sid).ok_or_else(|| context.not_found())?;
    let before = show(account, number);
    let settings = set(number.settings.clone(), form, number.capabilities, owner)?;
    let name = form.non_empty("FriendlyName").map(values::friendly_name).transpose()?;
    let target =
        form.non_empty("AccountSid").map(|to| destination(context, account, to)).transpose()?;
    if let Some(number) = context.account_mut(account)?.numbers.get_mut(sid) {
        number.settings = settings;
        number.updated = now;
        if let Some(name) = name {
            number.friendly_name = name;
        }
    }
    let target = target.unwrap_or(account);
    if target != account
        && let Some(moved) = context.state.take_number(account, sid)
    {
        context.state.add_number(target, moved);
    }
    let after = show(target, self::number(context, target, sid)?);
    let changes = differences(sid.as_str(), &before, &after);
    Ok(ApiResponse::ok(after).with_changes(changes))
}

/// The account that a number is moved to. It must have the same main account, whose token the request must use
/// (Twilio, `IncomingPhoneNumber` resource: `AccountSid`; errors 21471 and 21472).
fn destination(
    context: &RequestContext<'_>,
    from: AccountSid,
    to: &str,
) -> Result<AccountSid, ApiError> {
    let owner = context.account(from)?.owner;
    let target = AccountSid::parse(to).ok().and_then(|sid| context.state.accounts.get(sid));
    let target = target
        .filter(|target| {
            let family = target.owner == owner
                && context.caller.kind == CredentialKind::Token
                && context.caller.account == owner;
            target.sid == from || family
        })
        .ok_or_else(|| ApiError::invalid(21471, format!("Account does not exist: {to}")))?;
    if context.state.is_active(target) {
        Ok(target.sid)
    } else {
        Err(ApiError::invalid(21472, "Account is not active"))
    }
}

/// A number as JSON. Depending on the field, Twilio shows an unset value as empty or null.
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
