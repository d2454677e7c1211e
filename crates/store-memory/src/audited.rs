//! Records changes of the configuration in the audit log.

use switchboard_domain::agent::{Agent, Label, MessageTarget, VoiceTarget, WhatsAppTemplate};
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef, Snapshot, difference};
use switchboard_domain::identifier::{AgentId, OrganizationId};

use crate::state::State;

/// A change of an object that is recorded when it is made.
pub(crate) struct Audited {
    object: ObjectRef,
    before: Option<Snapshot>,
}

impl Audited {
    /// Reads the object before the change.
    pub(crate) fn begin(state: &State, object: ObjectRef) -> Self {
        let before = snapshot(state, &object);
        Self { object, before }
    }

    /// Records what the change made of the object, if it made a difference.
    pub(crate) fn end(self, state: &mut State, author: &Author, action: Action) {
        let after = snapshot(state, &self.object);
        let Some(difference) = difference(self.before.as_ref(), after.as_ref()) else { return };
        let owner = after.as_ref().or(self.before.as_ref());
        let owner = owner.and_then(|object| object.text_of("organization_id"));
        let owner = owner.and_then(|id| OrganizationId::parse(id).ok());
        state.audit.append(author, owner, (action, self.object), difference);
    }
}

/// The object as it is now, with the columns of the databases.
fn snapshot(state: &State, object: &ObjectRef) -> Option<Snapshot> {
    match object.kind {
        ObjectKind::Agent => {
            let id = AgentId::parse(&object.id).ok()?;
            Some(agent(state, state.agents.get(&id)?))
        }
    }
}

fn agent(state: &State, agent: &Agent) -> Snapshot {
    let profile = &agent.profile;
    let label = |label: &Option<Label>| label.as_ref().map(|label| label.as_str().to_owned());
    let voice = profile.voice_target.as_ref();
    let message = profile.message_target.as_ref();
    let gone = state.gone_targets.get(&agent.id).and_then(|(target, _)| target.as_ref());
    let template = profile.whatsapp_template.as_ref().map(WhatsAppTemplate::to_text);
    Snapshot::default()
        .text("id", Some(agent.id.as_str()))
        .text("organization_id", Some(agent.organization.as_str()))
        .text("external_id", label(&profile.external_id).as_deref())
        .text("name", Some(profile.name.as_str()))
        .text("prompt", Some(agent.prompt.as_str()))
        .text("voice", label(&profile.voice).as_deref())
        .text("model", label(&profile.model).as_deref())
        .text("language", label(&profile.language).as_deref())
        .text("voice_target_kind", voice.map(VoiceTarget::kind))
        .text("voice_target_value", voice.map(VoiceTarget::value))
        .text("message_target_kind", message.map(MessageTarget::kind))
        .text("message_target_value", message.map(MessageTarget::value))
        .text("state", Some(profile.state.as_str()))
        .text("parameters", Some(&format!("{:?}", profile.parameters)))
        .text("relay", Some(&format!("{:?}", profile.relay)))
        .text("whatsapp_template", template.as_deref())
        .text("gone_target", gone.map(MessageTarget::value))
}
