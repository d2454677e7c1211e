//! The row of each record.

use std::collections::HashMap;

use switchboard_domain::account::Account;
use switchboard_domain::agent::{
    Agent, ChatModel, Label, MessageTarget, VoiceTarget, WhatsAppTemplate,
};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::ports::{
    AccountRow, AgentColumns, AgentLimits, AgentRow, ConfiguredNumber, NumberRow,
};
use switchboard_domain::secret::Secret;

pub(super) fn account_row(account: &Account) -> AccountRow {
    AccountRow {
        sid: account.sid.to_string(),
        name: account.name.as_str().to_owned(),
        auth_token: Secret::new(String::new()),
        parent_sid: account.parent.map(|parent| parent.to_string()).unwrap_or_default(),
        region: Some(account.region.as_str().to_owned()),
    }
}

pub(super) fn agent_row(agent: &Agent, limits: &AgentLimits) -> AgentRow {
    let profile = &agent.profile;
    let text = |label: &Option<Label>| {
        label.as_ref().map_or_else(String::new, |label| label.as_str().to_owned())
    };
    let own_id = || agent.id.as_str().to_owned();
    let voice = |wanted: fn(&VoiceTarget) -> bool| {
        let target = profile.voice_target.as_ref().filter(|target| wanted(target));
        target.map(|target| target.value().to_owned()).unwrap_or_default()
    };
    let message = |wanted: fn(&MessageTarget) -> bool| {
        let target = profile.message_target.as_ref().filter(|target| wanted(target));
        target.map(|target| target.value().to_owned()).unwrap_or_default()
    };
    let chat = |value: fn(&ChatModel) -> String| {
        let chat = profile.message_target.as_ref().and_then(MessageTarget::chat_model);
        chat.map(value).unwrap_or_default()
    };
    let capacity = limits.capacity.map(|capacity| capacity.to_string());
    let health_url = limits.health_url.as_ref().map(|url| url.as_str().to_owned());
    AgentRow {
        external_id: profile.external_id.as_ref().map_or_else(own_id, |id| id.as_str().to_owned()),
        name: profile.name.as_str().to_owned(),
        prompt: agent.prompt.as_str().to_owned(),
        voice: text(&profile.voice),
        model: text(&profile.model),
        language: text(&profile.language),
        stream_url: voice(|target| matches!(target, VoiceTarget::Stream(_))),
        reply: message(|target| matches!(target, MessageTarget::Reply(_))),
        parameters: profile.parameters.to_text(),
        more: AgentColumns {
            relay_url: Some(voice(|target| matches!(target, VoiceTarget::ConversationRelay(_)))),
            voice_redirect_url: Some(voice(|target| matches!(target, VoiceTarget::Redirect(_)))),
            dial: Some(voice(|target| matches!(target, VoiceTarget::Dial(_)))),
            voice_twilio: Some(voice(|target| matches!(target, VoiceTarget::Twilio(_)))),
            message_redirect_url: Some(message(|target| {
                matches!(target, MessageTarget::Redirect(_))
            })),
            message_webhook: Some(message(|target| matches!(target, MessageTarget::Webhook(_)))),
            message_twilio: Some(message(|target| matches!(target, MessageTarget::Twilio(_)))),
            chat_model: Some(chat(|chat| chat.model.as_str().to_owned())),
            chat_url: Some(chat(|chat| chat.url.as_str().to_owned())),
            chat_max_tokens: Some(chat(|chat| chat.limits.reply.to_string())),
            chat_daily_limit: Some(chat(|chat| chat.limits.daily.to_string())),
            whatsapp_template: Some(
                profile
                    .whatsapp_template
                    .as_ref()
                    .map(WhatsAppTemplate::to_text)
                    .unwrap_or_default(),
            ),
            relay_attributes: Some(profile.relay.to_text()),
            state: Some(profile.state.as_str().to_owned()),
            capacity: Some(capacity.unwrap_or_default()),
            hours: Some(limits.hours.as_deref().unwrap_or_default().to_owned()),
            health_url: Some(health_url.unwrap_or_default()),
        },
    }
}

pub(super) fn number_row(
    configured: &ConfiguredNumber,
    names: &HashMap<AgentId, String>,
) -> NumberRow {
    let number = &configured.number;
    let assignment = number.assignment.as_ref();
    let agent = assignment.map(|assignment| {
        // An agent that was added meanwhile is named by its own id.
        let own_id = || assignment.agent.as_str().to_owned();
        names.get(&assignment.agent).cloned().unwrap_or_else(own_id)
    });
    NumberRow {
        phone_number: number.sender.as_str().to_owned(),
        account_sid: Some(number.account.to_string()),
        account_token: None,
        agent_external_id: agent.unwrap_or_default(),
        channels: Some(
            assignment.map(|assignment| assignment.channels.to_string()).unwrap_or_default(),
        ),
        repair: Some(configured.policy.as_str().to_owned()),
    }
}
