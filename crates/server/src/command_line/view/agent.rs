//! Agents, as they are printed for people.

use std::collections::BTreeMap;

use switchboard_admin::objects::{AgentObject, LimitsObject, TargetObject, TemplateObject};

use super::{NONE, Sheet, or_none, sheet};
use crate::command_line::output::View;

impl Sheet for AgentObject {
    fn sheet(&self) -> String {
        let shown = |target: &Option<TargetObject>| {
            target.as_ref().map_or_else(|| NONE.to_owned(), ToString::to_string)
        };
        let limits = self.limits.as_ref().map(limit_cells).unwrap_or_default();
        let (parameters, attributes) = (listed(&self.parameters), listed(&self.relay_attributes));
        let template = self.whatsapp_template.as_ref();
        let template = template.map_or_else(|| NONE.to_owned(), template_text);
        let [capacity, hours, health_url] = &limits;
        let messages = shown(&self.message_target);
        let messages = match &self.message_target_disabled_at {
            None => messages,
            Some(since) => format!(
                "{messages} (disabled since {since}, because it answered 410; set another one, or use `switchboard agent set {} --enable-target`)",
                self.id
            ),
        };
        let mut text = sheet(&[
            ("Id", &self.id),
            ("External id", or_none(self.external_id.as_deref())),
            ("Name", &self.name),
            ("State", state(self)),
            ("Voice", or_none(self.voice.as_deref())),
            ("Model", or_none(self.model.as_deref())),
            ("Language", or_none(self.language.as_deref())),
            ("Parameters", &parameters),
            ("ConversationRelay", &attributes),
            ("Calls", &shown(&self.voice_target)),
            ("Messages", &messages),
            ("WhatsApp template", &template),
            ("Concurrent calls", capacity),
            ("Hours", hours),
            ("Health URL", health_url),
            ("Voice server", self.voice_health.as_deref().map_or(NONE, seen)),
            ("Added", &self.created_at),
        ]);
        if let Some(prompt) = self.prompt.as_deref().filter(|prompt| !prompt.is_empty()) {
            text.push_str("\n\n");
            text.push_str(prompt.trim_end());
        }
        text
    }
}

fn state(agent: &AgentObject) -> &'static str {
    match (agent.enabled, agent.voice_health.as_deref()) {
        (false, _) => "disabled",
        (true, Some("down")) => "enabled, voice server down",
        (true, _) => "enabled",
    }
}

fn template_text(template: &TemplateObject) -> String {
    format!("{} with {}", template.content_sid, listed(&template.variables))
}

/// The cells of the lines of limits.
fn limit_cells(limits: &LimitsObject) -> [String; 3] {
    [
        limits.capacity.map_or_else(|| "unlimited".to_owned(), |capacity| capacity.to_string()),
        limits.hours.as_ref().map_or_else(|| "always".to_owned(), ToString::to_string),
        limits.health_url.clone().unwrap_or_else(|| NONE.to_owned()),
    ]
}

/// What a health check saw.
fn seen(health: &str) -> &'static str {
    match health {
        "up" => "up: answers a health check from this machine",
        "down" => "down: does not answer a health check from this machine",
        _ => "unknown: this machine could not check it",
    }
}

fn listed(pairs: &BTreeMap<String, String>) -> String {
    if pairs.is_empty() {
        return NONE.to_owned();
    }
    let shown = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    shown.collect::<Vec<_>>().join(", ")
}

impl View for AgentObject {
    const COLUMNS: &'static [&'static str] =
        &["ID", "EXTERNAL ID", "NAME", "STATE", "CALLS", "MESSAGES"];

    fn cells(&self) -> Vec<String> {
        let kind = |target: &Option<TargetObject>| match target {
            None => NONE,
            Some(TargetObject::Stream { .. }) => "stream",
            Some(TargetObject::ConversationRelay { .. }) => "conversation relay",
            Some(TargetObject::Redirect { .. }) => "redirect",
            Some(TargetObject::Dial { .. }) => "dial",
            Some(TargetObject::Reply { .. }) => "reply",
            Some(TargetObject::Webhook { .. }) => "webhook",
            Some(TargetObject::Twilio { .. }) => "Twilio's form",
            Some(TargetObject::ChatModel { .. }) => "chat model",
        };
        let external_id = or_none(self.external_id.as_deref());
        let (calls, messages) = (kind(&self.voice_target), kind(&self.message_target));
        [&self.id, external_id, &self.name, state(self), calls, messages]
            .map(ToOwned::to_owned)
            .into()
    }
}
