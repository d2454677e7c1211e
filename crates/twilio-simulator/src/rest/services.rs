//! `/v1/Services` (Twilio, Messaging: Service resource).

use serde_json::{Map, Value, json};
use switchboard_domain::sid::AccountSid;

use super::paging::Listing;
use super::pools::{self, Pool};
use super::request::{Method, Parameters};
use super::request_context::RequestContext;
use super::response::{ApiError, ApiResponse};
use super::values::{flag, friendly_name, method, url};
use crate::dates::rfc_3339;
use crate::simulator::{MessagingService, PagedStore, ServiceSettings, Sid, differences};

pub(crate) fn answer(
    context: &mut RequestContext<'_>,
    path: &[&str],
) -> Result<ApiResponse, ApiError> {
    let service = |context: &RequestContext<'_>, text: &str| {
        let services = &context.account(context.caller.account)?.services;
        let sid = Sid::parse("MG", text).filter(|sid| services.get(*sid).is_some());
        sid.ok_or_else(|| context.not_found())
    };
    match (path, context.request.method) {
        ([], Method::Get) => list(context),
        ([], Method::Post) => create(context),
        ([sid], Method::Get) => {
            let sid = service(context, sid)?;
            Ok(ApiResponse::ok(shown(context, sid)?))
        }
        ([sid], Method::Post) => {
            let sid = service(context, sid)?;
            update(context, sid)
        }
        ([sid], Method::Delete) => {
            let sid = service(context, sid)?;
            context.account_mut(context.caller.account)?.services.take(sid);
            let changes = differences(sid.as_str(), &json!({"sid": sid}), &json!({"sid": null}));
            Ok(ApiResponse::no_content().with_changes(changes))
        }
        ([sid, pool], _) => {
            let (sid, pool) = (service(context, sid)?, pool_of(context, pool)?);
            pools::answer_list(context, sid, pool)
        }
        ([sid, pool, member], _) => {
            let (sid, pool) = (service(context, sid)?, pool_of(context, pool)?);
            pools::answer_one(context, sid, pool, member)
        }
        ([] | [_], _) => Err(ApiError::method()),
        _ => Err(context.not_found()),
    }
}

fn pool_of(context: &RequestContext<'_>, name: &str) -> Result<Pool, ApiError> {
    Pool::ALL.into_iter().find(|pool| pool.path() == name).ok_or_else(|| context.not_found())
}

fn list(context: &RequestContext<'_>) -> Result<ApiResponse, ApiError> {
    let account = context.caller.account;
    let show = |service: &MessagingService| show(&context.request.base, account, service);
    let services = &context.account(account)?.services;
    Listing::meta("services").answer(context.request, services, |_| true, show)
}

fn create(context: &mut RequestContext<'_>) -> Result<ApiResponse, ApiError> {
    let form = context.request.form();
    let missing = || ApiError::invalid(20001, "Missing required parameter FriendlyName");
    let name = friendly_name(form.non_empty("FriendlyName").ok_or_else(missing)?)?;
    let settings = changed(ServiceSettings::default(), form)?;
    let sid = context.state.ids.sid(*b"MG");
    let now = context.now;
    context.account_mut(context.caller.account)?.services.put(MessagingService {
        sid,
        friendly_name: name,
        settings,
        phone_numbers: PagedStore::default(),
        channel_senders: PagedStore::default(),
        short_codes: PagedStore::default(),
        alpha_senders: PagedStore::default(),
        created: now,
        updated: now,
    });
    let after = shown(context, sid)?;
    let changes = differences(sid.as_str(), &json!({}), &after);
    Ok(ApiResponse::created(after).with_changes(changes))
}

fn update(context: &mut RequestContext<'_>, sid: Sid) -> Result<ApiResponse, ApiError> {
    let (form, now, before) = (context.request.form(), context.now, shown(context, sid)?);
    let name = form.non_empty("FriendlyName").map(friendly_name).transpose()?;
    if let Some(service) = context.account_mut(context.caller.account)?.services.get_mut(sid) {
        service.settings = changed(service.settings.clone(), form)?;
        service.updated = now;
        if let Some(name) = name {
            service.friendly_name = name;
        }
    }
    let after = shown(context, sid)?;
    let changes = differences(sid.as_str(), &before, &after);
    Ok(ApiResponse::ok(after).with_changes(changes))
}

/// Applies a request to the settings: parameters that are not sent keep their values, and empty ones clear.
fn changed(mut settings: ServiceSettings, sent: &Parameters) -> Result<ServiceSettings, ApiError> {
    for (name, value) in sent.iter() {
        match name {
            "InboundRequestUrl" => settings.inbound_request_url = url(name, value)?,
            "InboundMethod" => settings.inbound_method = method(name, value)?,
            "FallbackUrl" => settings.fallback_url = url(name, value)?,
            "FallbackMethod" => settings.fallback_method = method(name, value)?,
            "StatusCallback" => settings.status_callback = url(name, value)?,
            "UseInboundWebhookOnNumber" => {
                settings.use_inbound_webhook_on_number = flag(name, value)?;
            }
            _ => {}
        }
    }
    Ok(settings)
}

fn shown(context: &RequestContext<'_>, sid: Sid) -> Result<Value, ApiError> {
    let account = context.account(context.caller.account)?;
    let service = account.services.get(sid).ok_or_else(|| context.not_found())?;
    Ok(show(&context.request.base, account.sid, service))
}

/// A Messaging Service as JSON.
fn show(base: &str, account: AccountSid, service: &MessagingService) -> Value {
    let settings = &service.settings;
    let or_null = |url: &str| if url.is_empty() { Value::Null } else { json!(url) };
    let url = format!("{base}/v1/Services/{}", service.sid);
    let links: Map<String, Value> = Pool::ALL
        .into_iter()
        .map(|pool| (pool.link().to_owned(), json!(format!("{url}/{}", pool.path()))))
        .collect();
    json!({
        "sid": service.sid,
        "account_sid": account.as_str(),
        "friendly_name": service.friendly_name,
        "inbound_request_url": or_null(&settings.inbound_request_url),
        "inbound_method": settings.inbound_method,
        "fallback_url": or_null(&settings.fallback_url),
        "fallback_method": settings.fallback_method,
        "status_callback": or_null(&settings.status_callback),
        "use_inbound_webhook_on_number": settings.use_inbound_webhook_on_number,
        "sticky_sender": true,
        "mms_converter": true,
        "smart_encoding": true,
        "scan_message_content": "inherit",
        "fallback_to_long_code": true,
        "area_code_geomatch": true,
        "synchronous_validation": false,
        "validity_period": 36000,
        "usecase": "undeclared",
        "us_app_to_person_registered": false,
        "date_created": rfc_3339(service.created),
        "date_updated": rfc_3339(service.updated),
        "url": url,
        "links": links,
    })
}
