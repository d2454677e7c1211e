//! `/2010-04-01/Accounts/{AC…}/Applications` (Twilio, Application resource).

use serde_json::{Value, json};
use switchboard_domain::sid::AccountSid;

use super::paging::Listing;
use super::request::{Method, Parameters};
use super::request_context::RequestContext;
use super::response::{ApiError, ApiResponse};
use super::values::{flag, friendly_name, method, url};
use crate::dates::rfc_2822;
use crate::simulator::{Application, ApplicationSettings, Sid, differences};

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
    let sid = Sid::parse("AP", sid).ok_or_else(|| context.not_found())?;
    let stored =
        context.account(account)?.applications.get(sid).ok_or_else(|| context.not_found())?;
    match method {
        Method::Get => Ok(ApiResponse::ok(show(account, stored))),
        Method::Post => {
            let wanted = changed(stored.clone(), context.request.form())?;
            let before = show(account, stored);
            let now = context.now;
            let mut after = Value::Null;
            if let Some(stored) = context.account_mut(account)?.applications.get_mut(sid) {
                *stored = Application { updated: now, ..wanted };
                after = show(account, stored);
            }
            let changes = differences(sid.as_str(), &before, &after);
            Ok(ApiResponse::ok(after).with_changes(changes))
        }
        Method::Delete => {
            context.account_mut(account)?.applications.take(sid);
            let changes = differences(sid.as_str(), &json!({"sid": sid}), &json!({"sid": null}));
            Ok(ApiResponse::no_content().with_changes(changes))
        }
        Method::Other => Err(ApiError::method()),
    }
}

fn list(context: &RequestContext<'_>, account: AccountSid) -> Result<ApiResponse, ApiError> {
    let name = context.request.query.non_empty("FriendlyName");
    let wanted = |stored: &Application| name.is_none_or(|name| stored.friendly_name == name);
    let applications = &context.account(account)?.applications;
    let show = |stored: &Application| show(account, stored);
    Listing::legacy("applications").answer(context.request, applications, wanted, show)
}

fn create(context: &mut RequestContext<'_>, account: AccountSid) -> Result<ApiResponse, ApiError> {
    let new = Application {
        sid: context.state.ids.sid(*b"AP"),
        friendly_name: String::new(),
        settings: ApplicationSettings::default(),
        created: context.now,
        updated: context.now,
    };
    let new = changed(new, context.request.form())?;
    let shown = show(account, &new);
    let changes = differences(new.sid.as_str(), &json!({}), &shown);
    context.account_mut(account)?.applications.put(new);
    Ok(ApiResponse::created(shown).with_changes(changes))
}

/// Applies a request to an application.
fn changed(mut stored: Application, sent: &Parameters) -> Result<Application, ApiError> {
    let settings = &mut stored.settings;
    for (name, value) in sent.iter() {
        match name {
            "FriendlyName" => stored.friendly_name = friendly_name(value)?,
            "VoiceUrl" => settings.voice_url = url(name, value)?,
            "VoiceMethod" => settings.voice_method = method(name, value)?,
            "VoiceFallbackUrl" => settings.voice_fallback_url = url(name, value)?,
            "VoiceFallbackMethod" => settings.voice_fallback_method = method(name, value)?,
            "StatusCallback" => settings.status_callback = url(name, value)?,
            "StatusCallbackMethod" => settings.status_callback_method = method(name, value)?,
            "SmsUrl" => settings.sms_url = url(name, value)?,
            "SmsMethod" => settings.sms_method = method(name, value)?,
            "SmsFallbackUrl" => settings.sms_fallback_url = url(name, value)?,
            "SmsFallbackMethod" => settings.sms_fallback_method = method(name, value)?,
            "SmsStatusCallback" => settings.sms_status_callback = url(name, value)?,
            "MessageStatusCallback" => settings.message_status_callback = url(name, value)?,
            "VoiceCallerIdLookup" => settings.voice_caller_id_lookup = flag(name, value)?,
            _ => {}
        }
    }
    Ok(stored)
}

/// An application as JSON. URLs that are not set are null.
fn show(account: AccountSid, stored: &Application) -> Value {
    let settings = &stored.settings;
    let or_null = |url: &str| if url.is_empty() { Value::Null } else { json!(url) };
    json!({
        "sid": stored.sid,
        "account_sid": account.as_str(),
        "friendly_name": stored.friendly_name,
        "voice_url": or_null(&settings.voice_url),
        "voice_method": settings.voice_method,
        "voice_fallback_url": or_null(&settings.voice_fallback_url),
        "voice_fallback_method": settings.voice_fallback_method,
        "voice_caller_id_lookup": settings.voice_caller_id_lookup,
        "status_callback": or_null(&settings.status_callback),
        "status_callback_method": settings.status_callback_method,
        "sms_url": or_null(&settings.sms_url),
        "sms_method": settings.sms_method,
        "sms_fallback_url": or_null(&settings.sms_fallback_url),
        "sms_fallback_method": settings.sms_fallback_method,
        "sms_status_callback": or_null(&settings.sms_status_callback),
        "message_status_callback": or_null(&settings.message_status_callback),
        "public_application_connect_enabled": false,
        "api_version": "2010-04-01",
        "date_created": rfc_2822(stored.created),
        "date_updated": rfc_2822(stored.updated),
        "uri": format!("/2010-04-01/Accounts/{account}/Applications/{}.json", stored.sid),
    })
}
