//! An agent whose row has no mistake.

use switchboard_domain::agent::{
    Agent, AgentParameters, AgentState, Label, MessageTarget, Profile, Prompt, Reply, VoiceTarget,
};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::StreamUrl;

/// An agent of the import.
#[derive(Debug)]
pub(super) struct ImportedAgent {
    pub(super) external_id: Label,
    pub(super) name: Label,
    pub(super) prompt: Prompt,
    pub(super) voice: Option<Label>,
    pub(super) model: Option<Label>,
    pub(super) language: Option<Label>,
    /// `None` if the source has none: the stored ones stay.
    pub(super) parameters: Option<AgentParameters>,
    pub(super) stream: Option<StreamUrl>,
    pub(super) reply: Option<Reply>,
}

impl ImportedAgent {
    /// Rows have streams and replies only: without one, a stored target of another kind stays, as does the state of
    /// the stored agent.
    pub(super) fn complete(
        self,
        organization: &OrganizationId,
        before: Option<Agent>,
        new_id: impl FnOnce() -> AgentId,
        at: Timestamp,
    ) -> Agent {
        let (id, before) = match before {
            Some(agent) => (agent.id, Some(agent.profile)),
            None => (new_id(), None),
        };
        let state = before.as_ref().map_or(AgentState::Enabled, |profile| profile.state);
        let (voice_target, message_target, parameters, relay) = before
            .map(|profile| {
                let Profile { voice_target, message_target, parameters, relay, .. } = profile;
                (voice_target, message_target, parameters, relay)
            })
            .unwrap_or_default();
        let other_voice = voice_target.filter(|target| !matches!(target, VoiceTarget::Stream(_)));
        let other_message =
            message_target.filter(|target| !matches!(target, MessageTarget::Reply(_)));
        let profile = Profile {
            name: self.name,
            external_id: Some(self.external_id),
            voice: self.voice,
            model: self.model,
            language: self.language,
            parameters: self.parameters.unwrap_or(parameters),
            relay,
            voice_target: self.stream.map(VoiceTarget::Stream).or(other_voice),
            message_target: self.reply.map(MessageTarget::Reply).or(other_message),
            state,
        };
        Agent {
            id,
            organization: organization.clone(),
            profile,
            prompt: self.prompt,
            created_at: at,
        }
    }

    /// The columns in which a stored agent differs, of those that a legacy system has.
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
