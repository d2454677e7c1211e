//! Agents, as they are printed.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use switchboard_domain::agent::{Agent, AgentState, Label, WhatsAppTemplate};
use switchboard_domain::secret::Secret;
use switchboard_domain::time::Timestamp;

use super::{NONE, TargetView, instant, or_none, sheet};
use crate::command_line::agent_limits::LimitsView;
use crate::command_line::output::View;
use crate::command_line::voice_health::VoiceHealth;

/// An agent. Its prompt can be long, so lists leave it out.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct AgentView {
    id: String,
    external_id: Option<String>,
    name: String,
    enabled: bool,
    voice: Option<String>,
    model: Option<String>,
    language: Option<String>,
    parameters: BTreeMap<String, String>,
    /// Attributes of ConversationRelay.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    relay_attributes: BTreeMap<String, String>,
    voice_target: Option<TargetView>,
    message_target: Option<TargetView>,
    /// The template for messages outside of WhatsApp's window.
    #[serde(skip_serializing_if = "Option::is_none")]
    whatsapp_template: Option<TemplateView>,
    /// When its message target answered 410, since when it gets no messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    message_target_disabled_at: Option<String>,
    #[serde(flatten)]
    limits: Option<LimitsView>,
    /// `up`, `down` or `unknown`, by a health check from this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    voice_health: Option<&'static str>,
    /// The secret that signs the deliveries to its webhook, once it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<String>,
    organization_id: String,
    created_at: String,
}

impl AgentView {
    pub(in crate::command_line) fn of(agent: &Agent) -> Self {
        let profile = &agent.profile;
        let text = |label: &Option<Label>| label.as_ref().map(|label| label.as_str().to_owned());
        Self {
            id: agent.id.to_string(),
            external_id: text(&profile.external_id),
            name: profile.name.as_str().to_owned(),
            enabled: profile.state == AgentState::Enabled,
            voice: text(&profile.voice),
            model: text(&profile.model),
            language: text(&profile.language),
            parameters: owned(profile.parameters.iter()),
            relay_attributes: owned(profile.relay.iter()),
            voice_target: profile.voice_target.as_ref().map(TargetView::of_voice),
            message_target: profile.message_target.as_ref().map(TargetView::of_message),
            whatsapp_template: profile.whatsapp_template.as_ref().map(TemplateView::of),
            message_target_disabled_at: None,
            limits: None,
            voice_health: None,
            webhook_secret: None,
            prompt: None,
            organization_id: agent.organization.to_string(),
            created_at: instant(agent.created_at),
        }
    }

    /// With its prompt and limits.
    pub(in crate::command_line) fn whole(agent: &Agent, limits: LimitsView) -> Self {
        let prompt = Some(agent.prompt.as_str().to_owned());
        Self { limits: Some(limits), prompt, ..Self::of(agent) }
    }

    /// With the time at which its message target answered 410, if it did.
    pub(in crate::command_line) fn with_gone(mut self, since: Option<Timestamp>) -> Self {
        self.message_target_disabled_at = since.map(instant);
        self
    }

    /// With the health of its voice server, if it was checked.
    pub(in crate::command_line) fn with_health(mut self, health: Option<VoiceHealth>) -> Self {
        self.voice_health = health.map(VoiceHealth::as_str);
        self
    }

    /// With a new secret of its webhook, which is printed only once.
    pub(in crate::command_line) fn with_secret(mut self, secret: Option<&Secret>) -> Self {
        self.webhook_secret = secret.map(|secret| secret.expose().to_owned());
        self
    }

    /// Line by line, for people.
    pub(in crate::command_line) fn sheet(&self) -> String {
        let shown = |target: &Option<TargetView>| {
            target.as_ref().map_or_else(|| NONE.to_owned(), ToString::to_string)
        };
        let limits = self.limits.as_ref().map(LimitsView::cells).unwrap_or_default();
        let (parameters, attributes) = (listed(&self.parameters), listed(&self.relay_attributes));
        let template = self.whatsapp_template.as_ref();
        let template = template.map_or_else(|| NONE.to_owned(), ToString::to_string);
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
            ("State", self.state()),
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
            ("Voice server", self.voice_health.map_or(NONE, seen)),
            ("Added", &self.created_at),
        ]);
        if let Some(prompt) = self.prompt.as_deref().filter(|prompt| !prompt.is_empty()) {
            text.push_str("\n\n");
            text.push_str(prompt.trim_end());
        }
        text
    }

    fn state(&self) -> &'static str {
        match (self.enabled, self.voice_health) {
            (false, _) => "disabled",
            (true, Some("down")) => "enabled, voice server down",
            (true, _) => "enabled",
        }
    }
}

/// A template of WhatsApp.
#[derive(Debug, Serialize)]
struct TemplateView {
    content_sid: String,
    variables: BTreeMap<String, String>,
}

impl TemplateView {
    fn of(template: &WhatsAppTemplate) -> Self {
        Self {
            content_sid: template.content.to_string(),
            variables: owned(template.variables.iter()),
        }
    }
}

impl fmt::Display for TemplateView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {}", self.content_sid, listed(&self.variables))
    }
}

/// What a health check saw.
fn seen(health: &str) -> &'static str {
    match health {
        "up" => "up: answers a health check from this machine",
        "down" => "down: does not answer a health check from this machine",
        _ => "unknown: this machine could not check it",
    }
}

fn owned<'n, 'v>(pairs: impl Iterator<Item = (&'n str, &'v str)>) -> BTreeMap<String, String> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn listed(pairs: &BTreeMap<String, String>) -> String {
    if pairs.is_empty() {
        return NONE.to_owned();
    }
    let shown = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    shown.collect::<Vec<_>>().join(", ")
}

impl View for AgentView {
    const COLUMNS: &'static [&'static str] =
        &["ID", "EXTERNAL ID", "NAME", "STATE", "CALLS", "MESSAGES"];

    fn cells(&self) -> Vec<String> {
        let kind = |target: &Option<TargetView>| match target {
            None => NONE,
            Some(TargetView::Stream { .. }) => "stream",
            Some(TargetView::ConversationRelay { .. }) => "conversation relay",
            Some(TargetView::Redirect { .. }) => "redirect",
            Some(TargetView::Dial { .. }) => "dial",
            Some(TargetView::Reply { .. }) => "reply",
            Some(TargetView::Webhook { .. }) => "webhook",
            Some(TargetView::Twilio { .. }) => "Twilio's form",
            Some(TargetView::ChatModel { .. }) => "chat model",
        };
        let external_id = or_none(self.external_id.as_deref());
        let (calls, messages) = (kind(&self.voice_target), kind(&self.message_target));
        [&self.id, external_id, &self.name, self.state(), calls, messages]
            .map(ToOwned::to_owned)
            .into()
    }
}
