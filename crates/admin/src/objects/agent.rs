//! An agent as JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use switchboard_domain::agent::{Agent, AgentState, Label, WhatsAppTemplate};
use switchboard_domain::secret::Secret;
use switchboard_domain::time::Timestamp;
use utoipa::ToSchema;

use super::{LimitsObject, TargetObject, instant};

/// An agent. Its prompt can be long, so lists leave it out.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Agent)]
pub struct AgentObject {
    /// Its id.
    pub id: String,
    /// The id by which the platform itself knows it.
    #[schema(required)]
    pub external_id: Option<String>,
    /// Its name, which need not be unique.
    pub name: String,
    /// Whether it answers.
    pub enabled: bool,
    /// Its voice.
    #[schema(required)]
    pub voice: Option<String>,
    /// Its model.
    #[schema(required)]
    pub model: Option<String>,
    /// Its language.
    #[schema(required)]
    pub language: Option<String>,
    /// Its own parameters, which its voice server gets.
    pub parameters: BTreeMap<String, String>,
    /// Attributes of ConversationRelay, and of its languages as `language.es-ES.voice`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    pub relay_attributes: BTreeMap<String, String>,
    /// How a call reaches it.
    #[schema(required)]
    pub voice_target: Option<TargetObject>,
    /// How a message reaches it.
    #[schema(required)]
    pub message_target: Option<TargetObject>,
    /// The template for messages outside of WhatsApp's window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whatsapp_template: Option<TemplateObject>,
    /// When its message target answered 410, since when it gets no messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub message_target_disabled_at: Option<String>,
    /// Its limits in routing plans; not in lists.
    #[serde(flatten)]
    pub limits: Option<LimitsObject>,
    /// `up`, `down` or `unknown`, by a health check of the command line from its machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice_health: Option<Cow<'static, str>>,
    /// The secret that signs the deliveries to its webhook, which is shown only when it is created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<String>,
    /// Its prompt; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// The organization that owns it.
    pub organization_id: String,
    /// When it was added.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl AgentObject {
    /// Renders an agent without its prompt and limits.
    pub fn of(agent: &Agent) -> Self {
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
            voice_target: profile.voice_target.as_ref().map(TargetObject::of_voice),
            message_target: profile.message_target.as_ref().map(TargetObject::of_message),
            whatsapp_template: profile.whatsapp_template.as_ref().map(TemplateObject::of),
            message_target_disabled_at: None,
            limits: None,
            voice_health: None,
            webhook_secret: None,
            prompt: None,
            organization_id: agent.organization.to_string(),
            created_at: instant(agent.created_at),
        }
    }

    /// Renders an agent with its prompt and limits.
    pub fn whole(agent: &Agent, limits: LimitsObject) -> Self {
        let prompt = Some(agent.prompt.as_str().to_owned());
        Self { limits: Some(limits), prompt, ..Self::of(agent) }
    }

    /// With the time at which its message target answered 410, if it did.
    #[must_use]
    pub fn with_gone(self, since: Option<Timestamp>) -> Self {
        Self { message_target_disabled_at: since.map(instant), ..self }
    }

    /// With the health of its voice server, if it was checked.
    #[must_use]
    pub fn with_health(self, health: Option<&'static str>) -> Self {
        Self { voice_health: health.map(Cow::Borrowed), ..self }
    }

    /// With a new secret of its webhook, which is shown only once.
    #[must_use]
    pub fn with_secret(self, secret: Option<&Secret>) -> Self {
        Self { webhook_secret: secret.map(|secret| secret.expose().to_owned()), ..self }
    }
}

/// A template of WhatsApp.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = WhatsAppTemplate)]
pub struct TemplateObject {
    /// The `ContentSid`.
    pub content_sid: String,
    /// The values of its variables.
    pub variables: BTreeMap<String, String>,
}

impl TemplateObject {
    fn of(template: &WhatsAppTemplate) -> Self {
        Self {
            content_sid: template.content.to_string(),
            variables: owned(template.variables.iter()),
        }
    }
}

fn owned<'v>(
    pairs: impl Iterator<Item = (impl Into<String>, &'v str)>,
) -> BTreeMap<String, String> {
    pairs.map(|(name, value)| (name.into(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::AgentObject;

    #[test]
    fn an_agent_that_is_read_from_json_has_the_same_json() {
        let listed = r#"{"id":"agt_1","external_id":null,"name":"Sales","enabled":true,"voice":null,"model":null,"language":null,"parameters":{},"voice_target":null,"message_target":{"kind":"reply","text":"Hi"},"organization_id":"org_1","created_at":"2026-11-28T17:00:00Z"}"#;
        let limits =
            r#""capacity":null,"hours":null,"health_url":null,"prompt":"Sell.","organization_id""#;
        let whole = listed.replace(r#""organization_id""#, limits);
        for json in [listed, &whole] {
            let agent: AgentObject = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&agent).unwrap(), json);
        }
    }
}
