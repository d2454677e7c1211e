//! `/v2/Channels/Senders` (Twilio, Channels Senders API v2). Requests and responses are JSON; 202 means that Twilio
//! continues processing after the response.

use serde_json::{Map, Value, json};
use switchboard_domain::phone_number::PhoneNumber;

use super::paging::{DEFAULT_PAGE_SIZE, Listing, Style};
use super::request::{Method, RequestBody};
use super::request_context::RequestContext;
use super::response::{ApiError, ApiResponse};
use super::values::is_callable;
use crate::simulator::{ChannelSender, SenderMethod, SenderWebhook, Sid, differences};

/// The default page size, in items. It is smaller than that of other lists.
const SENDERS_ON_A_PAGE: usize = 20;
const _: () = assert!(SENDERS_ON_A_PAGE < DEFAULT_PAGE_SIZE);

/// The fields of a sender's configuration.
const CONFIGURATION: [&str; 5] = [
    "waba_id",
    "verification_method",
    "verification_code",
    "voice_application_sid",
    "account_type",
];

/// The fields of a sender's profile.
const PROFILE: [&str; 13] = [
    "name",
    "about",
    "address",
    "description",
    "logo_url",
    "banner_url",
    "privacy_url",
    "terms_of_service_url",
    "accent_color",
    "vertical",
    "websites",
    "emails",
    "phone_numbers",
];

pub(crate) fn answer(
    context: &mut RequestContext<'_>,
    path: &[&str],
) -> Result<ApiResponse, ApiError> {
    let sid = match *path {
        [] => {
            return match context.request.method {
                Method::Get => list(context),
                Method::Post => create(context),
                Method::Delete | Method::Other => Err(ApiError::method()),
            };
        }
        [sid] => Sid::parse("XE", sid).ok_or_else(|| context.not_found())?,
        _ => return Err(context.not_found()),
    };
    let senders = &context.account(context.caller.account)?.senders;
    let sender = senders.get(sid).ok_or_else(|| context.not_found())?;
    match context.request.method {
        Method::Get => Ok(ApiResponse::ok(show(&context.request.base, sender))),
        Method::Post => update(context, sid),
        Method::Delete => {
            context.account_mut(context.caller.account)?.senders.take(sid);
            let changes = differences(sid.as_str(), &json!({"sid": sid}), &json!({"sid": null}));
            Ok(ApiResponse::no_content().with_changes(changes))
        }
        Method::Other => Err(ApiError::method()),
    }
}

/// Lists the senders of one channel, which is required.
fn list(context: &RequestContext<'_>) -> Result<ApiResponse, ApiError> {
    let channel = context.request.query.non_empty("Channel");
    let missing = || ApiError::invalid(20001, "Missing required parameter Channel");
    let channel = channel.ok_or_else(missing)?;
    let listing = Listing { style: Style::Meta, key: "senders", default_size: SENDERS_ON_A_PAGE };
    let senders = &context.account(context.caller.account)?.senders;
    let wanted = |sender: &ChannelSender| sender.channel() == channel;
    listing.answer(context.request, senders, wanted, |sender| show(&context.request.base, sender))
}

/// Registers a sender. The response says `CREATING`; later reads say `ONLINE`.
fn create(context: &mut RequestContext<'_>) -> Result<ApiResponse, ApiError> {
    let sent = object(context)?.clone();
    let sender_id = sent.get("sender_id").and_then(Value::as_str).unwrap_or_default();
    let known = match sender_id.split_once(':') {
        Some(("whatsapp", number)) => PhoneNumber::parse(number).is_ok(),
        Some(("rcs", name)) => !name.is_empty(),
        _ => false,
    };
    if !known {
        return Err(ApiError::invalid(20001, "sender_id is not valid"));
    }
    let owner = context.account(context.caller.account)?;
    if owner.senders.newest_first().any(|sender| sender.sender_id == sender_id) {
        return Err(ApiError::conflict(63100, "The sender is already registered"));
    }
    let sender = ChannelSender {
        sid: context.state.ids.sid(*b"XE"),
        sender_id: sender_id.to_owned(),
        status: "ONLINE".to_owned(),
        webhook: SenderWebhook::default(),
        configuration: Map::new(),
        profile: Map::new(),
        created: context.now,
        updated: context.now,
    };
    let sender = changed(sender, &sent)?;
    let mut shown = show(&context.request.base, &sender);
    let changes = differences(sender.sid.as_str(), &json!({}), &shown);
    shown["status"] = json!("CREATING");
    context.account_mut(context.caller.account)?.senders.put(sender);
    Ok(ApiResponse::accepted(shown).with_changes(changes))
}

/// Updates a sender. If any field is invalid, nothing changes. The response says `ONLINE:UPDATING` for an online
/// sender; later reads say `ONLINE`.
fn update(context: &mut RequestContext<'_>, sid: Sid) -> Result<ApiResponse, ApiError> {
    let (sent, now, base) = (object(context)?.clone(), context.now, &context.request.base);
    let path = &context.request.path;
    let senders = &mut context.state.accounts.get_mut(context.caller.account);
    let sender = senders.as_mut().and_then(|owner| owner.senders.get_mut(sid));
    let sender = sender.ok_or_else(|| ApiError::not_found(path))?;
    let before = show(base, sender);
    *sender = ChannelSender { updated: now, ..changed(sender.clone(), &sent)? };
    let mut after = show(base, sender);
    let changes = differences(sid.as_str(), &before, &after);
    if sender.status == "ONLINE" {
        after["status"] = json!("ONLINE:UPDATING");
    }
    Ok(ApiResponse::accepted(after).with_changes(changes))
}

/// The JSON object in the body. Forms are not accepted (Twilio, Channels Senders API: `application/json`).
fn object<'a>(context: &'a RequestContext<'_>) -> Result<&'a Map<String, Value>, ApiError> {
    match &context.request.body {
        RequestBody::Json(Value::Object(sent)) => Ok(sent),
        RequestBody::Json(_) | RequestBody::Form(_) | RequestBody::Unreadable => {
            Err(ApiError::invalid(20001, "The body must be a JSON object"))
        }
    }
}

/// Applies a request to a sender: in each part, fields that are not sent keep their values, and null or an empty text
/// clears.
fn changed(
    mut sender: ChannelSender,
    sent: &Map<String, Value>,
) -> Result<ChannelSender, ApiError> {
    for (part, names, stored) in [
        ("configuration", &CONFIGURATION[..], &mut sender.configuration),
        ("profile", &PROFILE[..], &mut sender.profile),
    ] {
        let fields = sent.get(part).and_then(Value::as_object).into_iter().flatten();
        let known = fields.filter(|(name, _)| names.contains(&name.as_str()));
        stored.extend(known.map(|(name, value)| (name.clone(), value.clone())));
    }
    let fields = sent.get("webhook").and_then(Value::as_object).into_iter().flatten();
    for (name, value) in fields {
        let text = value.as_str().filter(|text| !text.is_empty());
        let webhook = &mut sender.webhook;
        match name.as_str() {
            "callback_url" => webhook.callback_url = url(name, text)?,
            "callback_method" => webhook.callback_method = method(name, text)?,
            "fallback_url" => webhook.fallback_url = url(name, text)?,
            "fallback_method" => webhook.fallback_method = method(name, text)?,
            "status_callback_url" => webhook.status_callback_url = url(name, text)?,
            "status_callback_method" => webhook.status_callback_method = method(name, text)?,
            _ => {}
        }
    }
    Ok(sender)
}

fn url(name: &str, text: Option<&str>) -> Result<Option<String>, ApiError> {
    match text {
        Some(text) if !is_callable(text) => {
            Err(ApiError::invalid(20001, format!("webhook.{name} is not valid: {text}")))
        }
        text => Ok(text.map(str::to_owned)),
    }
}

fn method(name: &str, text: Option<&str>) -> Result<Option<SenderMethod>, ApiError> {
    match text {
        None => Ok(None),
        Some("POST") => Ok(Some(SenderMethod::Post)),
        Some("PUT") => Ok(Some(SenderMethod::Put)),
        Some(other) => {
            Err(ApiError::invalid(20001, format!("webhook.{name} is not valid: {other}")))
        }
    }
}

/// A sender as JSON. Unknown fields of each part are null.
fn show(base: &str, sender: &ChannelSender) -> Value {
    let whole = |names: &[&str], stored: &Map<String, Value>| {
        let unknown = names.iter().map(|name| ((*name).to_owned(), Value::Null));
        let mut shown: Map<String, Value> = unknown.collect();
        shown.extend(stored.clone());
        shown
    };
    json!({
        "sid": sender.sid,
        "status": sender.status,
        "sender_id": sender.sender_id,
        "configuration": whole(&CONFIGURATION, &sender.configuration),
        "webhook": sender.webhook,
        "profile": whole(&PROFILE, &sender.profile),
        "properties": {"quality_rating": "HIGH", "messaging_limit": "1K Customers/24hr"},
        "offline_reasons": null,
        "compliance": null,
        "url": format!("{base}/v2/Channels/Senders/{}", sender.sid),
    })
}
