//! Prepared answers: everything that is the same for all calls of an agent, rendered once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use switchboard_domain::agent::{Label, Profile, VoiceTarget};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::signature::PublicUrl;
use switchboard_domain::twiml::{
    CallParameters, ConnectFrame, ConnectTemplate, Dial, DialTarget, Noun, Parameter, Twiml,
    TwimlTooLarge, VoiceResponse, VoiceVerb,
};
use switchboard_domain::web_address::WebUrl;

/// Our own URLs, as Twilio and voice servers receive them.
#[derive(Clone, Debug)]
pub struct VoiceAddresses {
    /// The URL that Twilio requests when an agent's stream has ended, or when a dialed phone was
    /// not answered or has hung up.
    pub(crate) action: String,
    /// The URL to which Twilio reports the state of streams.
    status: String,
    /// The URL of sessions without the SID of the call.
    session_base: String,
    /// Both, rendered for answers.
    frame: Arc<ConnectFrame>,
}

impl VoiceAddresses {
    /// The URLs below a public URL. Voice servers get it without its credentials, which are for
    /// Twilio only.
    pub fn below(url: &PublicUrl) -> Self {
        let base = url.as_str();
        let open = url.without_credentials();
        Self::new(
            format!("{base}/api/twilio/voice/connected"),
            format!("{base}/api/twilio/status"),
            format!("{open}/api/voice/sessions"),
        )
    }

    /// The same URLs with another `action`.
    pub(crate) fn with_action(&self, action: String) -> Self {
        Self::new(action, self.status.clone(), self.session_base.clone())
    }

    fn new(action: String, status: String, session_base: String) -> Self {
        let frame = Arc::new(ConnectFrame::new(&action, &session_base));
        Self { action, status, session_base, frame }
    }
}

/// The answer to an agent's calls, except for what differs between calls.
pub(crate) struct PreparedAgent {
    pub(crate) profile: Arc<Profile>,
    /// `None` if the agent has no voice target.
    pub(crate) voice: Option<PreparedVoice>,
    pub(crate) calls: FirstCall,
}

/// How calls of an agent are answered. Clones share it.
#[derive(Clone)]
pub(crate) enum PreparedVoice {
    Answer(PreparedAnswer),
    /// The agent's own handler at this URL answers each call.
    Handler(Arc<WebUrl>),
}

/// A rendered answer. Clones share it.
#[derive(Clone)]
pub(crate) enum PreparedAnswer {
    Connect(ConnectTemplate),
    Ready(Arc<Twiml>),
    Dial(Arc<PreparedDial>),
}

/// A phone to dial.
pub(crate) struct PreparedDial {
    number: PhoneNumber,
    action: String,
    /// The answer to callers whose own number is shown, which are nearly all.
    ready: Twiml,
}

impl PreparedDial {
    fn new(number: PhoneNumber, action: String) -> Result<Self, TwimlTooLarge> {
        let ready = dial(number, None, action.clone())?;
        Ok(Self { number, action, ready })
    }

    fn answer(&self, caller_id: Option<PhoneNumber>) -> Twiml {
        let other = caller_id.map(|shown| dial(self.number, Some(shown), self.action.clone()));
        other.and_then(Result::ok).unwrap_or_else(|| self.ready.clone())
    }
}

fn dial(
    number: PhoneNumber,
    caller_id: Option<PhoneNumber>,
    action: String,
) -> Result<Twiml, TwimlTooLarge> {
    VoiceResponse::new()
        .then(VoiceVerb::Dial(Dial {
            target: DialTarget::Number(number),
            caller_id,
            timeout_seconds: None,
            answer_on_bridge: true,
            action: Some(action),
        }))
        .render()
}

impl PreparedAgent {
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
        Ok(Self { profile, voice, calls: FirstCall::default() })
    }
}

impl PreparedAnswer {
    /// Returns the TwiML for one call. A dialed phone shows `caller_id` instead of the caller's own
    /// number, if it is given.
    pub(crate) fn answer(
        &self,
        call: &CallParameters<'_>,
        caller_id: Option<PhoneNumber>,
        token: impl FnOnce() -> String,
    ) -> Twiml {
        match self {
            Self::Connect(template) => template.start(call).finish(&token()),
            Self::Ready(twiml) => Twiml::clone(twiml),
            Self::Dial(dial) => dial.answer(caller_id),
        }
    }
}

/// Detects the first call.
#[derive(Default)]
pub(crate) struct FirstCall(AtomicBool);

impl FirstCall {
    /// Whether this is the first call since the answer was prepared.
    pub(crate) fn is_now(&self) -> bool {
        !self.0.load(Ordering::Relaxed) && !self.0.swap(true, Ordering::Relaxed)
    }
}

fn compile(
    target: &VoiceTarget,
    agent: &AgentId,
    profile: &Profile,
    addresses: &VoiceAddresses,
) -> Result<PreparedVoice, TwimlTooLarge> {
    let connect = |noun| {
        let template = ConnectTemplate::new(&addresses.frame, &noun);
        template.map(|template| PreparedVoice::Answer(PreparedAnswer::Connect(template)))
    };
    let ready = |verb| {
        let twiml = VoiceResponse::new().then(verb).render();
        twiml.map(|twiml| PreparedVoice::Answer(PreparedAnswer::Ready(Arc::new(twiml))))
    };
    let parameters = || parameters(agent, profile);
    match target {
        VoiceTarget::Stream(url) => connect(Noun::Stream {
            url: url.as_str().to_owned(),
            status_callback: addresses.status.clone(),
            parameters: parameters(),
        }),
        VoiceTarget::ConversationRelay(url) => connect(Noun::ConversationRelay {
            url: url.as_str().to_owned(),
            language: text(profile.language.as_ref()),
            voice: text(profile.voice.as_ref()),
            attributes: profile
                .relay
                .of_relay()
                .map(|(name, value)| (name, value.to_owned()))
                .collect(),
            languages: profile.relay.languages().collect(),
            parameters: parameters(),
        }),
        VoiceTarget::Redirect(url) => ready(VoiceVerb::Redirect { url: url.as_str().to_owned() }),
        VoiceTarget::Dial(number) => {
            let dial = PreparedDial::new(*number, addresses.action.clone())?;
            Ok(PreparedVoice::Answer(PreparedAnswer::Dial(Arc::new(dial))))
        }
        VoiceTarget::Twilio(url) => Ok(PreparedVoice::Handler(Arc::new(url.clone()))),
    }
}

/// The parameters at the start of a stream, in this order.
fn parameters(agent: &AgentId, profile: &Profile) -> Vec<Parameter> {
    let parameter = |name: &'static str, value: Option<String>| Parameter {
        name: name.into(),
        value: value.unwrap_or_default(),
    };
    let own = profile
        .parameters
        .iter()
        .map(|(name, value)| Parameter { name: name.to_owned().into(), value: value.to_owned() });
    let described = [
        parameter("agentId", Some(agent.as_str().to_owned())),
        parameter("externalId", text(profile.external_id.as_ref())),
        parameter("agentName", Some(profile.name.as_str().to_owned())),
        parameter("voice", text(profile.voice.as_ref())),
        parameter("model", text(profile.model.as_ref())),
        parameter("language", text(profile.language.as_ref())),
    ];
    described.into_iter().chain(own).collect()
}

fn text(label: Option<&Label>) -> Option<String> {
    label.map(|label| label.as_str().to_owned())
}
