//! `/2010-04-01/Accounts/{AC…}/SMS/ShortCodes` (Twilio, `ShortCode` resource).

use serde_json::{Value, json};
use switchboard_domain::sid::AccountSid;

use super::paging::Listing;
use super::request::{Method, Parameters};
use super::request_context::RequestContext;
use super::response::{ApiError, ApiResponse};
use super::values;
use crate::dates::rfc_2822;
use crate::simulator::{ShortCode, ShortCodeSettings, Sid, differences};

pub(crate) fn answer(
    context: &mut RequestContext<'_>,
    account: AccountSid,
    sid: Option<&str>,
) -> Result<ApiResponse, ApiError> {
    let method = context.request.method;
    let Some(sid) = sid else {
        return if method == Method::Get {
            list(context, account)
        } else {
            Err(ApiError::method())
        };
    };
    let sid = Sid::parse("SC", sid).ok_or_else(|| context.not_found())?;
    let code = context.account(account)?.short_codes.get(sid);
    let code = code.ok_or_else(|| context.not_found())?;
    match method {
        Method::Get => Ok(ApiResponse::ok(show(account, code))),
        Method::Post => {
            let code = code.clone();
            update(context, account, code)
        }
        Method::Delete | Method::Other => Err(ApiError::method()),
    }
}

fn list(context: &RequestContext<'_>, account: AccountSid) -> Result<ApiResponse, ApiError> {
    let query = &context.request.query;
    let wanted = |code: &ShortCode| {
        query.non_empty("ShortCode").is_none_or(|digits| code.short_code.contains(digits))
            && query.non_empty("FriendlyName").is_none_or(|wanted| code.friendly_name == wanted)
    };
    let codes = &context.account(account)?.short_codes;
    let show = |code: &ShortCode| show(account, code);
    Listing::legacy("short_codes").answer(context.request, codes, wanted, show)
}

/// Updates a short code. If any parameter is invalid, nothing changes.
fn update(
    context: &mut RequestContext<'_>,
    account: AccountSid,
    code: ShortCode,
) -> Result<ApiResponse, ApiError> {
    let before = show(account, &code);
    let form = context.request.form();
    let name = form.non_empty("FriendlyName").map(values::friendly_name).transpose()?;
    let code = ShortCode {
        settings: set(code.settings, form)?,
        friendly_name: name.unwrap_or(code.friendly_name),
        updated: context.now,
        ..code
    };
    let after = show(account, &code);
    let changes = differences(code.sid.as_str(), &before, &after);
    if let Some(stored) = context.account_mut(account)?.short_codes.get_mut(code.sid) {
        *stored = code;
    }
    Ok(ApiResponse::ok(after).with_changes(changes))
}

fn set(mut settings: ShortCodeSettings, sent: &Parameters) -> Result<ShortCodeSettings, ApiError> {
    for (name, value) in sent.iter() {
        match name {
            "SmsUrl" => settings.sms_url = values::url(name, value)?,
            "SmsMethod" => settings.sms_method = values::method(name, value)?,
            "SmsFallbackUrl" => settings.sms_fallback_url = values::url(name, value)?,
            "SmsFallbackMethod" => settings.sms_fallback_method = values::method(name, value)?,
            _ => {}
        }
    }
    Ok(settings)
}

/// A short code as JSON.
fn show(account: AccountSid, code: &ShortCode) -> Value {
    let or_null = |url: &str| if url.is_empty() { Value::Null } else { json!(url) };
    let settings = &code.settings;
    json!({
        "sid": code.sid,
        "account_sid": account.as_str(),
        "short_code": code.short_code,
        "friendly_name": code.friendly_name,
        "sms_url": or_null(&settings.sms_url),
        "sms_method": settings.sms_method,
        "sms_fallback_url": or_null(&settings.sms_fallback_url),
        "sms_fallback_method": settings.sms_fallback_method,
        "api_version": "2010-04-01",
        "date_created": rfc_2822(code.created),
        "date_updated": rfc_2822(code.updated),
        "uri": format!("/2010-04-01/Accounts/{account}/SMS/ShortCodes/{}.json", code.sid),
    })
}
