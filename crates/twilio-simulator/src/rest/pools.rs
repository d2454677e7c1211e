//! The sender pools of a Messaging Service (Twilio, Messaging: `PhoneNumber`, `ChannelSender`, `ShortCode` and
//! `AlphaSender` resources).

use serde_json::{Value, json};
use switchboard_domain::sid::AccountSid;

use super::paging::Listing;
use super::request::Method;
use super::request_context::RequestContext;
use super::response::{ApiError, ApiResponse};
use crate::dates::rfc_3339;
use crate::simulator::{FieldChange, MessagingService, PagedStore, PoolMember, Sid};

/// The kinds of senders in a Messaging Service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pool {
    PhoneNumbers,
    ChannelSenders,
    ShortCodes,
    AlphaSenders,
}

impl Pool {
    pub(crate) const ALL: [Self; 4] =
        [Self::PhoneNumbers, Self::ChannelSenders, Self::ShortCodes, Self::AlphaSenders];

    /// The last segment of the pool's path.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::PhoneNumbers => "PhoneNumbers",
            Self::ChannelSenders => "ChannelSenders",
            Self::ShortCodes => "ShortCodes",
            Self::AlphaSenders => "AlphaSenders",
        }
    }

    /// The pool's name among a service's links.
    pub(crate) fn link(self) -> &'static str {
        match self {
            Self::PhoneNumbers => "phone_numbers",
            Self::ChannelSenders => "channel_senders",
            Self::ShortCodes => "short_codes",
            Self::AlphaSenders => "alpha_senders",
        }
    }

    /// The name of the pool's list in JSON. It differs from the link's name for channel senders.
    fn key(self) -> &'static str {
        match self {
            Self::ChannelSenders => "senders",
            other => other.link(),
        }
    }

    /// The parameter that adds a sender, and the required prefix of its value.
    fn parameter(self) -> (&'static str, &'static str) {
        match self {
            Self::PhoneNumbers => ("PhoneNumberSid", "PN"),
            Self::ChannelSenders => ("Sid", "XE"),
            Self::ShortCodes => ("ShortCodeSid", "SC"),
            Self::AlphaSenders => ("AlphaSender", ""),
        }
    }

    fn of(self, service: &MessagingService) -> &PagedStore<PoolMember> {
        match self {
            Self::PhoneNumbers => &service.phone_numbers,
            Self::ChannelSenders => &service.channel_senders,
            Self::ShortCodes => &service.short_codes,
            Self::AlphaSenders => &service.alpha_senders,
        }
    }

    fn of_mut(self, service: &mut MessagingService) -> &mut PagedStore<PoolMember> {
        match self {
            Self::PhoneNumbers => &mut service.phone_numbers,
            Self::ChannelSenders => &mut service.channel_senders,
            Self::ShortCodes => &mut service.short_codes,
            Self::AlphaSenders => &mut service.alpha_senders,
        }
    }
}

/// Handles the list of a pool.
pub(crate) fn answer_list(
    context: &mut RequestContext<'_>,
    service: Sid,
    pool: Pool,
) -> Result<ApiResponse, ApiError> {
    match context.request.method {
        Method::Get => {
            let (account, base) = (context.caller.account, &context.request.base);
            let paged_store = pool.of(stored(context, service)?);
            let show = |member: &PoolMember| show(base, account, service, pool, member);
            Listing::meta(pool.key()).answer(context.request, paged_store, |_| true, show)
        }
        Method::Post => add(context, service, pool),
        Method::Delete | Method::Other => Err(ApiError::method()),
    }
}

/// Handles one sender of a pool.
pub(crate) fn answer_one(
    context: &mut RequestContext<'_>,
    service: Sid,
    pool: Pool,
    member: &str,
) -> Result<ApiResponse, ApiError> {
    let paged_store = pool.of(stored(context, service)?);
    let member = Sid::parse(member.get(..2).unwrap_or_default(), member);
    let member = member.and_then(|sid| paged_store.get(sid)).ok_or_else(|| context.not_found())?;
    match context.request.method {
        Method::Get => {
            let base = &context.request.base;
            Ok(ApiResponse::ok(show(base, context.caller.account, service, pool, member)))
        }
        Method::Delete => {
            let member = member.clone();
            let account = context.account_mut(context.caller.account)?;
            if let Some(service) = account.services.get_mut(service) {
                pool.of_mut(service).take(member.sid);
            }
            let changes = vec![changed(service, pool, &json!(member.sid), &Value::Null)];
            Ok(ApiResponse::no_content().with_changes(changes))
        }
        Method::Post | Method::Other => Err(ApiError::method()),
    }
}

/// Adds a sender of the account that is not in a pool yet (Twilio, errors 21710 and 21712).
fn add(
    context: &mut RequestContext<'_>,
    service: Sid,
    pool: Pool,
) -> Result<ApiResponse, ApiError> {
    let (account, now) = (context.caller.account, context.now);
    let (parameter, prefix) = pool.parameter();
    let text = context.request.form().non_empty(parameter).unwrap_or_default().to_owned();
    let wrong = || ApiError::invalid(21421, format!("{parameter} is not valid: {text}"));
    let owner = context.account(account)?;
    let (sid, sender) = match pool {
        Pool::PhoneNumbers => {
            let number = Sid::parse(prefix, &text).and_then(|sid| owner.numbers.get(sid));
            let number = number.ok_or_else(wrong)?;
            (number.sid, number.phone_number.as_str().to_owned())
        }
        Pool::ChannelSenders => {
            let sender = Sid::parse(prefix, &text).and_then(|sid| owner.senders.get(sid));
            let sender = sender.ok_or_else(wrong)?;
            (sender.sid, sender.sender_id.clone())
        }
        Pool::AlphaSenders if !text.is_empty() => (context.state.ids.sid(*b"AI"), text.clone()),
        // Short codes can only be seeded.
        Pool::AlphaSenders | Pool::ShortCodes => return Err(wrong()),
    };
    for other in context.account(account)?.services.newest_first() {
        if pool.of(other).get(sid).is_some() {
            return Err(if other.sid == service {
                ApiError::conflict(21710, "The sender is already in the Messaging Service.")
            } else {
                ApiError::conflict(
                    21712,
                    "The sender is associated with another Messaging Service.",
                )
            });
        }
    }
    let member = PoolMember { sid, sender, added: now };
    let shown = show(&context.request.base, account, service, pool, &member);
    if let Some(service) = context.account_mut(account)?.services.get_mut(service) {
        pool.of_mut(service).put(member);
    }
    let changes = vec![changed(service, pool, &Value::Null, &json!(sid))];
    Ok(ApiResponse::created(shown).with_changes(changes))
}

fn stored<'a>(
    context: &'a RequestContext<'_>,
    service: Sid,
) -> Result<&'a MessagingService, ApiError> {
    let services = &context.account(context.caller.account)?.services;
    services.get(service).ok_or_else(|| context.not_found())
}

fn changed(service: Sid, pool: Pool, before: &Value, after: &Value) -> FieldChange {
    FieldChange {
        resource: service.to_string(),
        field: pool.link().to_owned(),
        before: before.clone(),
        after: after.clone(),
    }
}

/// A pool member as JSON.
fn show(base: &str, account: AccountSid, service: Sid, pool: Pool, member: &PoolMember) -> Value {
    let mut shown = json!({
        "sid": member.sid,
        "account_sid": account.as_str(),
        "date_created": rfc_3339(member.added),
        "date_updated": rfc_3339(member.added),
        "url": format!("{base}/v1/Services/{service}/{}/{}", pool.path(), member.sid),
    });
    let american = member.sender.contains("+1").then_some("US");
    match pool {
        Pool::PhoneNumbers => {
            shown["service_sid"] = json!(service);
            shown["phone_number"] = json!(member.sender);
            shown["country_code"] = json!(american);
            shown["capabilities"] = json!(["MMS", "SMS", "Voice"]);
        }
        Pool::ChannelSenders => {
            shown["messaging_service_sid"] = json!(service);
            shown["sender"] = json!(member.sender);
            shown["sender_type"] = json!(sender_type(&member.sender));
            shown["country_code"] = json!(american);
        }
        Pool::ShortCodes => {
            shown["service_sid"] = json!(service);
            shown["short_code"] = json!(member.sender);
            shown["country_code"] = json!("US");
            shown["capabilities"] = json!(["SMS"]);
        }
        Pool::AlphaSenders => {
            shown["service_sid"] = json!(service);
            shown["alpha_sender"] = json!(member.sender);
            shown["capabilities"] = json!(["SMS"]);
        }
    }
    shown
}

fn sender_type(sender: &str) -> &'static str {
    if sender.starts_with("whatsapp:") { "WhatsApp" } else { "RCS" }
}
