//! `/2010-04-01/Accounts/{AC…}/Messages` (Twilio, Message resource).
//!
//! A created message keeps its status; it changes only through
//! [`Simulator::advance_message`](crate::Simulator::advance_message).

use serde_json::{Value, json};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

use super::paging::Listing;
use super::request::{Method, Parameters};
use super::request_context::RequestContext;
use super::response::{ApiError, ApiResponse};
use super::values::is_callable;
use crate::dates::{day, rfc_2822};
use crate::simulator::{Account, Direction, Message, MessageStatus, Sid, differences};

/// The maximum length of a text, in characters (Twilio, error 21617).
const MAX_BODY_CHARACTERS: usize = 1_600;
/// The maximum number of media URLs (Twilio, error 21623).
const MAX_MEDIA: usize = 10;
/// The length of a segment, in characters.
const SEGMENT: usize = 153;

pub(crate) fn answer(
    context: &mut RequestContext<'_>,
    account: AccountSid,
    sid: Option<&str>,
) -> Result<ApiResponse, ApiError> {
    match (context.request.method, sid) {
        (Method::Get, None) => list(context, account),
        (Method::Post, None) => create(context, account),
        (Method::Get, Some(sid)) => {
            let sid = Sid::parse("SM", sid).or_else(|| Sid::parse("MM", sid));
            let messages = &context.account(account)?.messages;
            let message =
                sid.and_then(|sid| messages.get(sid)).ok_or_else(|| context.not_found())?;
            Ok(ApiResponse::ok(show(account, message)))
        }
        _ => Err(ApiError::method()),
    }
}

fn list(context: &RequestContext<'_>, account: AccountSid) -> Result<ApiResponse, ApiError> {
    let query = &context.request.query;
    let wanted = |message: &Message| {
        let sent = day(message.sent.unwrap_or(message.created));
        query.non_empty("To").is_none_or(|to| message.to == to)
            && query.non_empty("From").is_none_or(|from| message.from == from)
            && query.non_empty("DateSent").is_none_or(|wanted| sent == wanted)
            && query.non_empty("DateSent<").is_none_or(|last| sent.as_str() <= last)
            && query.non_empty("DateSent>").is_none_or(|first| sent.as_str() >= first)
    };
    let messages = &context.account(account)?.messages;
    let show = |message: &Message| show(account, message);
    Listing::legacy("messages").answer(context.request, messages, wanted, show)
}

fn create(context: &mut RequestContext<'_>, account: AccountSid) -> Result<ApiResponse, ApiError> {
    let form = context.request.form();
    let owner = context.account(account)?;
    let to = form.non_empty("To");
    let to = to.ok_or_else(|| ApiError::invalid(21604, "A 'To' phone number is required."))?;
    if !is_address(to) {
        return Err(ApiError::invalid(21211, format!("Invalid 'To' Phone Number: {to}")));
    }
    let (from, service) = sender(owner, form)?;
    let phone = context.state.phones.get(to);
    if let Some((code, text)) = phone.and_then(|phone| phone.refusal(&from)) {
        return Err(ApiError::invalid(code, text));
    }
    let is_scripted = phone.is_some();
    let given = |name| form.get(name).unwrap_or_default().to_owned();
    let media: Vec<String> = form.all("MediaUrl").map(str::to_owned).collect();
    let body = body(form, &media)?;
    let status_callback = form.get("StatusCallback").unwrap_or_default().to_owned();
    if !status_callback.is_empty() && !is_callable(&status_callback) {
        return Err(ApiError::invalid(21609, "The 'StatusCallback' URL is not a valid URL."));
    }
    let message = Message {
        from,
        to: to.to_owned(),
        body,
        template: (given("ContentSid"), given("ContentVariables")),
        service,
        direction: Direction::OutboundApi,
        status: service.map_or(MessageStatus::Queued, |_| MessageStatus::Accepted),
        error_code: None,
        status_callback,
        created: context.now,
        sent: None,
        updated: context.now,
        sid: context.state.ids.sid(if media.is_empty() { *b"SM" } else { *b"MM" }),
        media,
    };
    let shown = show(account, &message);
    let changes = differences(message.sid.as_str(), &json!({}), &shown);
    if is_scripted {
        context.state.outbox.push((account, message.sid));
    }
    context.account_mut(account)?.messages.put(message);
    Ok(ApiResponse::created(shown).with_changes(changes))
}

/// The sender in a request: a sender of the account, or one of its Messaging Services, which chooses later.
fn sender(account: &Account, form: &Parameters) -> Result<(String, Option<Sid>), ApiError> {
    if let Some(text) = form.non_empty("MessagingServiceSid") {
        let service = Sid::parse("MG", text).filter(|sid| account.services.get(*sid).is_some());
        let missing = || ApiError::invalid(21701, "The Messaging Service does not exist.");
        let service = service.ok_or_else(missing)?;
        return Ok((form.get("From").unwrap_or_default().to_owned(), Some(service)));
    }
    let from = form.non_empty("From");
    let from =
        from.ok_or_else(|| ApiError::invalid(21603, "A 'From' phone number is required."))?;
    let owns = if from.contains(':') {
        account.senders.newest_first().any(|sender| sender.sender_id == from)
    } else {
        account.short_codes.newest_first().any(|code| code.short_code == from)
            || account.numbers.newest_first().any(|number| {
                number.phone_number.as_str() == from
                    && (number.capabilities.sms || number.capabilities.mms)
            })
    };
    if owns {
        Ok((from.to_owned(), None))
    } else {
        let message = "The 'From' number is not a valid, message-capable number of your account.";
        Err(ApiError::invalid(21606, message))
    }
}

fn body(form: &Parameters, media: &[String]) -> Result<String, ApiError> {
    let body = form.get("Body").unwrap_or_default();
    if body.is_empty() && media.is_empty() && form.non_empty("ContentSid").is_none() {
        return Err(ApiError::invalid(
            21619,
            "A text message body or media urls must be specified.",
        ));
    }
    if body.chars().count() > MAX_BODY_CHARACTERS {
        let message = "The concatenated message body exceeds the 1600 character limit.";
        return Err(ApiError::invalid(21617, message));
    }
    if media.len() > MAX_MEDIA {
        return Err(ApiError::invalid(21623, "The number of media files is more than 10."));
    }
    Ok(body.to_owned())
}

/// Whether `to` is a phone number or an address of another channel.
fn is_address(to: &str) -> bool {
    match to.split_once(':') {
        Some(("whatsapp", number)) => PhoneNumber::parse(number).is_ok(),
        Some((channel, address)) => !channel.is_empty() && !address.is_empty(),
        None => PhoneNumber::parse(to).is_ok(),
    }
}

/// A message as JSON.
fn show(account: AccountSid, message: &Message) -> Value {
    let uri = format!("/2010-04-01/Accounts/{account}/Messages/{}", message.sid);
    let segments = message.body.chars().count().div_ceil(SEGMENT).max(1);
    json!({
        "sid": message.sid,
        "account_sid": account.as_str(),
        "messaging_service_sid": message.service,
        "from": if message.from.is_empty() { Value::Null } else { json!(message.from) },
        "to": message.to,
        "body": message.body,
        "num_media": message.media.len().to_string(),
        "num_segments": segments.to_string(),
        "direction": message.direction,
        "status": message.status,
        "error_code": message.error_code,
        "error_message": null,
        "price": null,
        "price_unit": "USD",
        "api_version": "2010-04-01",
        "date_created": rfc_2822(message.created),
        "date_sent": message.sent.map(rfc_2822),
        "date_updated": rfc_2822(message.updated),
        "subresource_uris": {"media": format!("{uri}/Media.json")},
        "uri": format!("{uri}.json"),
    })
}
