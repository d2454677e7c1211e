//! `/v2/Channels/Senders` (Twilio, Channels Senders API v2): JSON in both directions, and 202 for what Twilio goes
//! on with behind the answer.

use serde_json::{Map, Value, json};
use switchboard_domain::phone_number::PhoneNumber;

use super::paging::{DEFAULT_SIZE, Listing, Style};
use super::reply::{Refusal, Reply};
use super::request::{Method, Sent};
use super::values::is_callable;
use super::visit::Visit;
use crate::company::{ChannelSender, SenderMethod, SenderWebhook, Sid, differences};

/// Senders on a page, unless the request says how many. The other lists show more.
const SENDERS_ON_A_PAGE: usize = 20;
const _: () = assert!(SENDERS_ON_A_PAGE < DEFAULT_SIZE);

/// What the configuration of a sender consists of.
const CONFIGURATION: [&str; 5] = [
    "waba_id",
    "verification_method",
    "verification_code",
    "voice_application_sid",
    "account_type",
];

/// What the profile of a sender consists of.
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

pub(crate) fn answer(visit: &mut Visit<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    let sid = match *path {
        [] => {
            return match visit.request.method {
                Method::Get => list(visit),
                Method::Post => create(visit),
                Method::Delete | Method::Other => Err(Refusal::method()),
            };
        }
        [sid] => Sid::parse("XE", sid).ok_or_else(|| visit.missing())?,
        _ => return Err(visit.missing()),
    };
    let senders = &visit.account(visit.caller.account)?.senders;
    let sender = senders.get(sid).ok_or_else(|| visit.missing())?;
    match visit.request.method {
        Method::Get => Ok(Reply::ok(show(&visit.request.base, sender))),
        Method::Post => update(visit, sid),
        Method::Delete => {
            visit.account_mut(visit.caller.account)?.senders.take(sid);
            let changes = differences(sid.as_str(), &json!({"sid": sid}), &json!({"sid": null}));
            Ok(Reply::gone().changing(changes))
        }
        Method::Other => Err(Refusal::method()),
    }
}

/// The senders of one channel, which must be named.
fn list(visit: &Visit<'_>) -> Result<Reply, Refusal> {
    let channel = visit.request.query.given("Channel");
    let missing = || Refusal::invalid(20001, "Missing required parameter Channel");
    let channel = channel.ok_or_else(missing)?;
    let listing = Listing { style: Style::Meta, key: "senders", default_size: SENDERS_ON_A_PAGE };
    let senders = &visit.account(visit.caller.account)?.senders;
    let wanted = |sender: &ChannelSender| sender.channel() == channel;
    listing.answer(visit.request, senders, wanted, |sender| show(&visit.request.base, sender))
}

/// Registers a sender. It is online the next time that somebody looks.
fn create(visit: &mut Visit<'_>) -> Result<Reply, Refusal> {
    let sent = object(visit)?.clone();
    let sender_id = sent.get("sender_id").and_then(Value::as_str).unwrap_or_default();
    let known = match sender_id.split_once(':') {
        Some(("whatsapp", number)) => PhoneNumber::parse(number).is_ok(),
        Some(("rcs", name)) => !name.is_empty(),
        _ => false,
    };
    if !known {
        return Err(Refusal::invalid(20001, "sender_id is not valid"));
    }
    let owner = visit.account(visit.caller.account)?;
    if owner.senders.newest_first().any(|sender| sender.sender_id == sender_id) {
        return Err(Refusal::conflict(63100, "The sender is already registered"));
    }
    let sender = ChannelSender {
        sid: visit.books.mint.sid(*b"XE"),
        sender_id: sender_id.to_owned(),
        status: "ONLINE".to_owned(),
        webhook: SenderWebhook::default(),
        configuration: Map::new(),
        profile: Map::new(),
        created: visit.now,
        updated: visit.now,
    };
    let sender = changed(sender, &sent)?;
    let mut shown = show(&visit.request.base, &sender);
    let changes = differences(sender.sid.as_str(), &json!({}), &shown);
    shown["status"] = json!("CREATING");
    visit.account_mut(visit.caller.account)?.senders.put(sender);
    Ok(Reply::accepted(shown).changing(changes))
}

/// Changes what was sent, or nothing if any of it is wrong. A sender that is online says that it is updating, and is
/// online again the next time that somebody looks.
fn update(visit: &mut Visit<'_>, sid: Sid) -> Result<Reply, Refusal> {
    let (sent, now, base) = (object(visit)?.clone(), visit.now, &visit.request.base);
    let path = &visit.request.path;
    let senders = &mut visit.books.accounts.get_mut(visit.caller.account);
    let sender = senders.as_mut().and_then(|owner| owner.senders.get_mut(sid));
    let sender = sender.ok_or_else(|| Refusal::not_found(path))?;
    let before = show(base, sender);
    *sender = ChannelSender { updated: now, ..changed(sender.clone(), &sent)? };
    let mut after = show(base, sender);
    let changes = differences(sid.as_str(), &before, &after);
    if sender.status == "ONLINE" {
        after["status"] = json!("ONLINE:UPDATING");
    }
    Ok(Reply::accepted(after).changing(changes))
}

/// The JSON object that was sent. Forms are not taken here (Twilio, Channels Senders API: `application/json`).
fn object<'a>(visit: &'a Visit<'_>) -> Result<&'a Map<String, Value>, Refusal> {
    match &visit.request.sent {
        Sent::Json(Value::Object(sent)) => Ok(sent),
        Sent::Json(_) | Sent::Form(_) | Sent::Unreadable => {
            Err(Refusal::invalid(20001, "The body must be a JSON object"))
        }
    }
}

/// The sender after a request: in each part, what is not sent stays, and null or an empty text clears.
fn changed(mut sender: ChannelSender, sent: &Map<String, Value>) -> Result<ChannelSender, Refusal> {
    for (part, names, kept) in [
        ("configuration", &CONFIGURATION[..], &mut sender.configuration),
        ("profile", &PROFILE[..], &mut sender.profile),
    ] {
        let fields = sent.get(part).and_then(Value::as_object).into_iter().flatten();
        let known = fields.filter(|(name, _)| names.contains(&name.as_str()));
        kept.extend(known.map(|(name, value)| (name.clone(), value.clone())));
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

fn url(name: &str, text: Option<&str>) -> Result<Option<String>, Refusal> {
    match text {
        Some(text) if !is_callable(text) => {
            Err(Refusal::invalid(20001, format!("webhook.{name} is not valid: {text}")))
        }
        text => Ok(text.map(str::to_owned)),
    }
}

fn method(name: &str, text: Option<&str>) -> Result<Option<SenderMethod>, Refusal> {
    match text {
        None => Ok(None),
        Some("POST") => Ok(Some(SenderMethod::Post)),
        Some("PUT") => Ok(Some(SenderMethod::Put)),
        Some(other) => {
            Err(Refusal::invalid(20001, format!("webhook.{name} is not valid: {other}")))
        }
    }
}

/// A sender in JSON. Every part is shown in whole, with null for what is not known of it.
fn show(base: &str, sender: &ChannelSender) -> Value {
    let whole = |names: &[&str], kept: &Map<String, Value>| {
        let unknown = names.iter().map(|name| ((*name).to_owned(), Value::Null));
        let mut shown: Map<String, Value> = unknown.collect();
        shown.extend(kept.clone());
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
