//! A valid agent of an import.

use switchboard_domain::agent::{
    Agent, AgentParameters, AgentState, Label, MessageTarget, Profile, Prompt, RelayAttributes,
    Reply, VoiceTarget, WhatsAppTemplate,
};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::ports::RowKey;
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::StreamUrl;

use crate::routing_plans::LimitChange;

/// An agent of the import.
#[derive(Debug)]
pub(super) struct ImportedAgent {
    /// Its row.
    pub(super) key: RowKey,
    pub(super) external_id: Label,
    pub(super) name: Label,
    pub(super) prompt: Prompt,
    pub(super) voice: Option<Label>,
    pub(super) model: Option<Label>,
    pub(super) language: Option<Label>,
    /// `None` if the source has no parameters; the stored ones stay.
    pub(super) parameters: Option<AgentParameters>,
    pub(super) voice_target: Target<VoiceTarget>,
    pub(super) message_target: Target<MessageTarget>,
    /// `None` keeps that of a stored agent.
    #[expect(clippy::option_option, reason = "an absent column differs from an empty one")]
    pub(super) whatsapp_template: Option<Option<WhatsAppTemplate>>,
    /// `None` if the source has no such column.
    pub(super) relay: Option<RelayAttributes>,
    /// `None` if the source has no such column.
    pub(super) state: Option<AgentState>,
    pub(super) limits: LimitChange,
}

/// A target in a row.
#[derive(Debug)]
pub(super) enum Target<T> {
    /// The source has columns for every kind, so the row says everything.
    Whole(Option<T>),
    /// The source has a column for one kind only. If it is empty, a stored target of another kind stays.
    Kind(Option<T>),
}

impl Target<VoiceTarget> {
    /// The target of a source that has streams only.
    pub(super) fn of_stream(stream: Option<StreamUrl>) -> Self {
        Self::Kind(stream.map(VoiceTarget::Stream))
    }
}

impl Target<MessageTarget> {
    /// The target of a source that has static replies only.
    pub(super) fn of_reply(reply: Option<Reply>) -> Self {
        Self::Kind(reply.map(MessageTarget::Reply))
    }
}

impl<T> Target<T> {
    fn or(self, stored: Option<T>, is_of_kind: impl FnOnce(&T) -> bool) -> Option<T> {
        match self {
            Self::Whole(target) => target,
            Self::Kind(Some(target)) => Some(target),
            Self::Kind(None) => stored.filter(|target| !is_of_kind(target)),
        }
    }
}

impl ImportedAgent {
    /// The agent to store: what the source has no columns for stays as it is stored. A stored agent without an external
    /// id, which is found by its own id, gets none.
    pub(super) fn complete(
        self,
        organization: &OrganizationId,
        before: Option<&Agent>,
        new_id: impl FnOnce() -> AgentId,
        at: Timestamp,
    ) -> Agent {
        let stored = before.map(|agent| agent.profile.clone());
        let external_id = match &stored {
            Some(Profile { external_id: None, .. }) => None,
            _ => Some(self.external_id),
        };
        let state = stored.as_ref().map_or(AgentState::Enabled, |profile| profile.state);
        let template = stored.as_ref().and_then(|profile| profile.whatsapp_template.clone());
        let (voice_target, message_target, parameters, relay) = stored
            .map(|profile| {
                let Profile { voice_target, message_target, parameters, relay, .. } = profile;
                (voice_target, message_target, parameters, relay)
            })
            .unwrap_or_default();
        let is_stream = |target: &VoiceTarget| matches!(target, VoiceTarget::Stream(_));
        let is_reply = |target: &MessageTarget| matches!(target, MessageTarget::Reply(_));
        let profile = Profile {
            name: self.name,
            external_id,
            voice: self.voice,
            model: self.model,
            language: self.language,
            parameters: self.parameters.unwrap_or(parameters),
            relay: self.relay.unwrap_or(relay),
            voice_target: self.voice_target.or(voice_target, is_stream),
            message_target: self.message_target.or(message_target, is_reply),
            whatsapp_template: self.whatsapp_template.unwrap_or(template),
            state: self.state.unwrap_or(state),
        };
        Agent {
            id: before.map_or_else(new_id, |agent| agent.id.clone()),
            organization: organization.clone(),
            profile,
            prompt: self.prompt,
            created_at: before.map_or(at, |agent| agent.created_at),
        }
    }

    /// The columns in which a stored agent differs from its row, among those that a legacy system
    /// has.
    pub(super) fn differences(&self, stored: &Agent) -> Vec<&'static str> {
        let profile = &stored.profile;
        let fields = [
            ("name", self.name == profile.name),
            ("prompt", self.prompt == stored.prompt),
            ("voice", self.voice == profile.voice),
            ("model", self.model == profile.model),
        ];
        fields.into_iter().filter(|(_, is_same)| !is_same).map(|(field, _)| field).collect()
    }
}
