//! What is the same for every call of one agent, made ready once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use switchboard_domain::agent::{Label, Profile, VoiceTarget};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::sid::CallSid;
use switchboard_domain::signature::PublicUrl;
use switchboard_domain::twiml::{
    Connect, ConnectParts, ConnectTemplate, Dial, DialTarget, Noun, Parameter, Twiml,
    TwimlTooLarge, VoiceResponse, VoiceVerb,
};

/// Our own addresses, as Twilio and voice servers are told them.
#[derive(Clone, Debug)]
pub struct VoiceAddresses {
    /// What Twilio asks when an agent's stream has ended, or its phone was not answered or has hung up.
    pub action: String,
    /// Where voice servers read a session, without the call's SID.
    pub session_base: String,
}

impl VoiceAddresses {
    /// The addresses below a public URL. Its credentials are Twilio's alone: voice servers are told a URL
    /// without them.
    pub fn below(url: &PublicUrl) -> Self {
        let base = url.as_str();
        let open = url.without_credentials();
        Self {
            action: format!("{base}/api/twilio/voice/connected"),
            session_base: format!("{open}/api/voice/sessions"),
        }
    }
}

/// An agent's answer to calls, all but what changes from call to call.
pub(crate) struct CompiledAgent {
    pub(crate) profile: Arc<Profile>,
    voice: Option<CompiledVoice>,
    is_called: AtomicBool,
}

enum CompiledVoice {
    Connect(ConnectTemplate),
    Ready(Twiml),
}

impl CompiledAgent {
    pub(crate) fn new(
        agent: &AgentId,
        profile: &Arc<Profile>,
        voice_server: Option<&VoiceTarget>,
        addresses: &VoiceAddresses,
    ) -> Result<Self, TwimlTooLarge> {
        let profile = Arc::clone(profile);
        let voice = match profile.voice_target.as_ref().or(voice_server) {
            Some(target) => Some(compile(target, agent, &profile, addresses)?),
            None => None,
        };
        Ok(Self { profile, voice, is_called: AtomicBool::new(false) })
    }

    /// Whether calls can be connected to it.
    pub(crate) const fn has_voice(&self) -> bool {
        self.voice.is_some()
    }

    /// Whether this is the first call that it answers since it was made ready.
    pub(crate) fn is_first_call(&self) -> bool {
        !self.is_called.load(Ordering::Relaxed) && !self.is_called.swap(true, Ordering::Relaxed)
    }

    /// The TwiML for one call.
    pub(crate) fn voice(&self, call: CallSid, token: impl FnOnce() -> String) -> Option<Twiml> {
        self.voice.as_ref().map(|voice| match voice {
            CompiledVoice::Connect(template) => template.render(call.as_str(), &token()),
            CompiledVoice::Ready(twiml) => twiml.clone(),
        })
    }
}

fn compile(
    target: &VoiceTarget,
    agent: &AgentId,
    profile: &Profile,
    addresses: &VoiceAddresses,
) -> Result<CompiledVoice, TwimlTooLarge> {
    let connect = |noun| {
        let parts = ConnectParts {
            connect: Connect { action: addresses.action.clone(), noun },
            session_base: addresses.session_base.clone(),
        };
        ConnectTemplate::new(&parts).map(CompiledVoice::Connect)
    };
    let ready = |verb| VoiceResponse::new().then(verb).render().map(CompiledVoice::Ready);
    let parameters = || parameters(agent, profile);
    match target {
        VoiceTarget::Stream(url) => {
            connect(Noun::Stream { url: url.as_str().to_owned(), parameters: parameters() })
        }
        VoiceTarget::ConversationRelay(url) => connect(Noun::ConversationRelay {
            url: url.as_str().to_owned(),
            language: text(profile.language.as_ref()),
            voice: text(profile.voice.as_ref()),
            parameters: parameters(),
        }),
        VoiceTarget::Redirect(url) => ready(VoiceVerb::Redirect { url: url.as_str().to_owned() }),
        VoiceTarget::Dial(number) => ready(VoiceVerb::Dial(Dial {
            target: DialTarget::Number(*number),
            caller_id: None,
            timeout_seconds: None,
            answer_on_bridge: true,
            action: Some(addresses.action.clone()),
        })),
    }
}

/// What the voice server is told at the start of a stream, in this order.
fn parameters(agent: &AgentId, profile: &Profile) -> Vec<Parameter> {
    let parameter =
        |name, value: Option<String>| Parameter { name, value: value.unwrap_or_default() };
    vec![
        parameter("agentId", Some(agent.as_str().to_owned())),
        parameter("externalId", text(profile.external_id.as_ref())),
        parameter("agentName", Some(profile.name.as_str().to_owned())),
        parameter("voice", text(profile.voice.as_ref())),
        parameter("model", text(profile.model.as_ref())),
        parameter("language", text(profile.language.as_ref())),
    ]
}

fn text(label: Option<&Label>) -> Option<String> {
    label.map(|label| label.as_str().to_owned())
}
