//! `/v1/Services` (Twilio, Messaging: Service resource).

use serde_json::{Map, Value, json};
use switchboard_domain::sid::AccountSid;

use super::dates::rfc_3339;
use super::paging::Listing;
use super::pools::{self, Pool};
use super::reply::{Refusal, Reply};
use super::request::{Method, Parameters};
use super::values::{flag, friendly_name, method, url};
use super::visit::Visit;
use crate::company::{MessagingService, ServiceSettings, Shelf, Sid, differences};

pub(crate) fn answer(visit: &mut Visit<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    let service = |visit: &Visit<'_>, text: &str| {
        let services = &visit.account(visit.caller.account)?.services;
        let sid = Sid::parse("MG", text).filter(|sid| services.get(*sid).is_some());
        sid.ok_or_else(|| visit.missing())
    };
    match (path, visit.request.method) {
        ([], Method::Get) => list(visit),
        ([], Method::Post) => create(visit),
        ([sid], Method::Get) => {
            let sid = service(visit, sid)?;
            Ok(Reply::ok(shown(visit, sid)?))
        }
        ([sid], Method::Post) => {
            let sid = service(visit, sid)?;
            update(visit, sid)
        }
        ([sid], Method::Delete) => {
            let sid = service(visit, sid)?;
            visit.account_mut(visit.caller.account)?.services.take(sid);
            let changes = differences(sid.as_str(), &json!({"sid": sid}), &json!({"sid": null}));
            Ok(Reply::gone().changing(changes))
        }
        ([sid, pool], _) => {
            let (sid, pool) = (service(visit, sid)?, pool_of(visit, pool)?);
            pools::answer_list(visit, sid, pool)
        }
        ([sid, pool, member], _) => {
            let (sid, pool) = (service(visit, sid)?, pool_of(visit, pool)?);
            pools::answer_one(visit, sid, pool, member)
        }
        ([] | [_], _) => Err(Refusal::method()),
        _ => Err(visit.missing()),
    }
}

fn pool_of(visit: &Visit<'_>, name: &str) -> Result<Pool, Refusal> {
    Pool::ALL.into_iter().find(|pool| pool.path() == name).ok_or_else(|| visit.missing())
}

fn list(visit: &Visit<'_>) -> Result<Reply, Refusal> {
    let account = visit.caller.account;
    let show = |service: &MessagingService| show(&visit.request.base, account, service);
    let services = &visit.account(account)?.services;
    Listing::meta("services").answer(visit.request, services, |_| true, show)
}

fn create(visit: &mut Visit<'_>) -> Result<Reply, Refusal> {
    let form = visit.request.form();
    let missing = || Refusal::invalid(20001, "Missing required parameter FriendlyName");
    let name = friendly_name(form.given("FriendlyName").ok_or_else(missing)?)?;
    let settings = changed(ServiceSettings::default(), form)?;
    let sid = visit.books.mint.sid(*b"MG");
    let now = visit.now;
    visit.account_mut(visit.caller.account)?.services.put(MessagingService {
        sid,
        friendly_name: name,
        settings,
        phone_numbers: Shelf::default(),
        channel_senders: Shelf::default(),
        short_codes: Shelf::default(),
        alpha_senders: Shelf::default(),
        created: now,
        updated: now,
    });
    let after = shown(visit, sid)?;
    let changes = differences(sid.as_str(), &json!({}), &after);
    Ok(Reply::created(after).changing(changes))
}

fn update(visit: &mut Visit<'_>, sid: Sid) -> Result<Reply, Refusal> {
    let (form, now, before) = (visit.request.form(), visit.now, shown(visit, sid)?);
    let name = form.given("FriendlyName").map(friendly_name).transpose()?;
    if let Some(service) = visit.account_mut(visit.caller.account)?.services.get_mut(sid) {
        service.settings = changed(service.settings.clone(), form)?;
        service.updated = now;
        if let Some(name) = name {
            service.friendly_name = name;
        }
    }
    let after = shown(visit, sid)?;
    let changes = differences(sid.as_str(), &before, &after);
    Ok(Reply::ok(after).changing(changes))
}

/// The settings after a request: what it does not send stays, what it sends empty is cleared.
fn changed(mut settings: ServiceSettings, sent: &Parameters) -> Result<ServiceSettings, Refusal> {
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

fn shown(visit: &Visit<'_>, sid: Sid) -> Result<Value, Refusal> {
    let account = visit.account(visit.caller.account)?;
    let service = account.services.get(sid).ok_or_else(|| visit.missing())?;
    Ok(show(&visit.request.base, account.sid, service))
}

/// A Messaging Service in JSON.
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
