//! The targets and limits of an agent in a row.

use switchboard_domain::agent::{ChatModel, Label, MessageTarget, Reply, TokenLimits, VoiceTarget};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::HoursDocument;
use switchboard_domain::ports::{AgentColumns, AgentRow};
use switchboard_domain::web_address::{StreamUrl, WebUrl};

use super::row::CurrentRow;
use super::{column, given};
use crate::edit::Edit;
use crate::import::agent::Target;
use crate::routing_plans::LimitChange;

pub(super) fn voice_target(
    at: &mut CurrentRow<'_, AgentRow>,
    row: &AgentRow,
) -> Option<Target<VoiceTarget>> {
    let stream = at.read("stream_url", given(&row.stream_url, StreamUrl::parse));
    let more = &row.more;
    let relay = at.read("relay_url", column(more.relay_url.as_ref(), StreamUrl::parse));
    let redirect =
        at.read("voice_redirect_url", column(more.voice_redirect_url.as_ref(), WebUrl::parse));
    let dial = at.read("dial", column(more.dial.as_ref(), PhoneNumber::parse_typed));
    let twilio = at.read("voice_twilio", column(more.voice_twilio.as_ref(), WebUrl::parse));
    let (stream, relay, redirect, dial) = (stream?, relay?, redirect?, dial?);
    let twilio = twilio?;
    if relay.is_none() && redirect.is_none() && dial.is_none() && twilio.is_none() {
        return Some(Target::of_stream(stream));
    }
    let targets = [
        stream.map(VoiceTarget::Stream),
        relay.flatten().map(VoiceTarget::ConversationRelay),
        redirect.flatten().map(VoiceTarget::Redirect),
        dial.flatten().map(VoiceTarget::Dial),
        twilio.flatten().map(VoiceTarget::Twilio),
    ];
    only(at, "stream_url", targets).map(Target::Whole)
}

pub(super) fn message_target(
    at: &mut CurrentRow<'_, AgentRow>,
    row: &AgentRow,
) -> Option<Target<MessageTarget>> {
    // A reply is sent as it is, including white space at its ends.
    let reply = Some(&row.reply).filter(|reply| !reply.is_empty());
    let reply = at.read("reply", reply.map(|reply| Reply::parse_message(reply)).transpose());
    let redirect = column(row.more.message_redirect_url.as_ref(), WebUrl::parse);
    let redirect = at.read("message_redirect_url", redirect);
    let webhook = column(row.more.message_webhook.as_ref(), WebUrl::parse);
    let webhook = at.read("message_webhook", webhook);
    let twilio = column(row.more.message_twilio.as_ref(), WebUrl::parse);
    let twilio = at.read("message_twilio", twilio);
    let chat = chat_model(at, &row.more);
    let (reply, redirect, webhook, twilio) = (reply?, redirect?, webhook?, twilio?);
    let chat = chat?;
    if redirect.is_none() && webhook.is_none() && twilio.is_none() && chat.is_none() {
        return Some(Target::of_reply(reply));
    }
    let targets = [
        reply.map(MessageTarget::Reply),
        redirect.flatten().map(MessageTarget::Redirect),
        webhook.flatten().map(MessageTarget::Webhook),
        twilio.flatten().map(MessageTarget::Twilio),
        chat.flatten().map(MessageTarget::ChatModel),
    ];
    only(at, "reply", targets).map(Target::Whole)
}

/// The chat model of a row: its name and its URL, and its limits if they differ from the default. `None` is a mistake.
#[expect(
    clippy::option_option,
    reason = "an absent column differs from a row without a chat model"
)]
fn chat_model(
    at: &mut CurrentRow<'_, AgentRow>,
    more: &AgentColumns,
) -> Option<Option<Option<ChatModel>>> {
    let model = at.read("chat_model", column(more.chat_model.as_ref(), Label::parse));
    let url = at.read("chat_url", column(more.chat_url.as_ref(), WebUrl::parse));
    let tokens = column(more.chat_max_tokens.as_ref(), TokenLimits::parse);
    let tokens = at.read("chat_max_tokens", tokens);
    let daily = column(more.chat_daily_limit.as_ref(), TokenLimits::parse);
    let daily = at.read("chat_daily_limit", daily);
    let (model, url, tokens, daily) = (model?, url?, tokens?, daily?);
    let defaults = TokenLimits::default();
    let limits = TokenLimits {
        reply: tokens.flatten().unwrap_or(defaults.reply),
        daily: daily.flatten().unwrap_or(defaults.daily),
    };
    match (model.clone().flatten(), url.flatten()) {
        (Some(model), Some(url)) => Some(Some(Some(ChatModel { url, model, limits }))),
        (None, None) => Some(model.map(|_no_model| None)),
        (Some(_), None) => {
            at.wrong("chat_url", "is empty, but the row has a chat_model");
            None
        }
        (None, Some(_)) => {
            at.wrong("chat_model", "is empty, but the row has a chat_url");
            None
        }
    }
}

/// The only target of a row, if it has one; `None` with a mistake if it has several.
#[expect(clippy::option_option, reason = "a mistake differs from a row without a target")]
fn only<T, const N: usize>(
    at: &mut CurrentRow<'_, AgentRow>,
    column: &'static str,
    targets: [Option<T>; N],
) -> Option<Option<T>> {
    let mut targets = targets.into_iter().flatten();
    let first = targets.next();
    if targets.next().is_some() {
        at.wrong(column, "is not the only target in the row; an agent has one target");
        return None;
    }
    Some(first)
}

pub(super) fn limits(
    at: &mut CurrentRow<'_, AgentRow>,
    more: &AgentColumns,
) -> Option<LimitChange> {
    let capacity = column(more.capacity.as_ref(), |text| {
        let calls: Option<u32> = text.parse().ok();
        calls.filter(|calls| *calls > 0).ok_or("is not a number of calls from 1 on")
    });
    let capacity = at.read("capacity", capacity);
    let health = at.read("health_url", column(more.health_url.as_ref(), WebUrl::parse));
    // Hours name calendars, so they are checked once all rows are.
    let hours = more
        .hours
        .as_deref()
        .map(|text| Some(text).filter(|text| !text.trim().is_empty()).map(HoursDocument::from));
    Some(LimitChange { capacity: edit(capacity?), hours: edit(hours), health_url: edit(health?) })
}

#[expect(clippy::option_option, reason = "an absent column keeps a value, an empty cell clears it")]
fn edit<T>(column: Option<Option<T>>) -> Edit<T> {
    match column {
        None => Edit::Keep,
        Some(None) => Edit::Clear,
        Some(Some(value)) => Edit::Set(value),
    }
}
