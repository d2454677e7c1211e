//! `/2010-04-01/Accounts/{AC…}/Applications` (Twilio, Application resource).

use serde_json::{Value, json};
use switchboard_domain::sid::AccountSid;

use super::dates::rfc_2822;
use super::paging::Listing;
use super::reply::{Refusal, Reply};
use super::request::{Method, Parameters};
use super::values::{flag, friendly_name, method, url};
use super::visit::Visit;
use crate::company::{Application, ApplicationSettings, Sid, differences};

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
    let sid = Sid::parse("AP", sid).ok_or_else(|| visit.missing())?;
    let kept = visit.account(account)?.applications.get(sid).ok_or_else(|| visit.missing())?;
    match method {
        Method::Get => Ok(Reply::ok(show(account, kept))),
        Method::Post => {
            let wanted = changed(kept.clone(), visit.request.form())?;
            let before = show(account, kept);
            let now = visit.now;
            let mut after = Value::Null;
            if let Some(kept) = visit.account_mut(account)?.applications.get_mut(sid) {
                *kept = Application { updated: now, ..wanted };
                after = show(account, kept);
            }
            let changes = differences(sid.as_str(), &before, &after);
            Ok(Reply::ok(after).changing(changes))
        }
        Method::Delete => {
            visit.account_mut(account)?.applications.take(sid);
            let changes = differences(sid.as_str(), &json!({"sid": sid}), &json!({"sid": null}));
            Ok(Reply::gone().changing(changes))
        }
        Method::Other => Err(Refusal::method()),
    }
}

fn list(visit: &Visit<'_>, account: AccountSid) -> Result<Reply, Refusal> {
    let name = visit.request.query.given("FriendlyName");
    let wanted = |kept: &Application| name.is_none_or(|name| kept.friendly_name == name);
    let applications = &visit.account(account)?.applications;
    let show = |kept: &Application| show(account, kept);
    Listing::legacy("applications").answer(visit.request, applications, wanted, show)
}

fn create(visit: &mut Visit<'_>, account: AccountSid) -> Result<Reply, Refusal> {
    let new = Application {
        sid: visit.books.mint.sid(*b"AP"),
        friendly_name: String::new(),
        settings: ApplicationSettings::default(),
        created: visit.now,
        updated: visit.now,
    };
    let new = changed(new, visit.request.form())?;
    let shown = show(account, &new);
    let changes = differences(new.sid.as_str(), &json!({}), &shown);
    visit.account_mut(account)?.applications.put(new);
    Ok(Reply::created(shown).changing(changes))
}

/// The application after a request, by the same rules as a number's settings.
fn changed(mut kept: Application, sent: &Parameters) -> Result<Application, Refusal> {
    let settings = &mut kept.settings;
    for (name, value) in sent.iter() {
        match name {
            "FriendlyName" => kept.friendly_name = friendly_name(value)?,
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
    Ok(kept)
}

/// An application in JSON. URLs that are not set are null.
fn show(account: AccountSid, kept: &Application) -> Value {
    let settings = &kept.settings;
    let or_null = |url: &str| if url.is_empty() { Value::Null } else { json!(url) };
    json!({
        "sid": kept.sid,
        "account_sid": account.as_str(),
        "friendly_name": kept.friendly_name,
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
        "date_created": rfc_2822(kept.created),
        "date_updated": rfc_2822(kept.updated),
        "uri": format!("/2010-04-01/Accounts/{account}/Applications/{}.json", kept.sid),
    })
}
