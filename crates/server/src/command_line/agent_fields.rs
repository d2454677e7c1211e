//! The options that describe an agent, as `agent add` and `agent set` share them.

use clap::Args;
use switchboard_application_management::{AgentChange, NewAgent, ParameterChange, RelayChange};
use switchboard_domain::agent::{
    AgentParameters, AgentState, ChatModel, Label, MessageTarget, Profile, Prompt, RelayAttributes,
    Reply, VoiceTarget,
};
use switchboard_domain::organization::default_organization;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::web_address::{StreamUrl, WebUrl};

use super::chat_options::ChatOptions;
use super::input::{edit, parse, parse_given, text};
use super::template_options::TemplateOptions;
use crate::failure::Failure;

/// The fields of an agent.
#[derive(Debug, Args)]
pub(super) struct Fields {
    /// The agent's id in your own platform
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
    /// File with the prompt (- for standard input)
    #[arg(long, value_name = "FILE")]
    prompt_file: Option<String>,
    /// The name of the voice
    #[arg(long)]
    voice: Option<String>,
    /// The name of the language model
    #[arg(long)]
    model: Option<String>,
    /// The language, for example en-US
    #[arg(long)]
    language: Option<String>,
    /// A parameter for the voice server, sent with every call (can be repeated)
    #[arg(long = "parameter", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// An attribute of ConversationRelay, for example welcomeGreeting=Hello, or of a language, for example
    /// language.es-ES.voice=Lucia-Neural (can be repeated)
    #[arg(long = "relay-attribute", value_name = "NAME=VALUE")]
    relay_attributes: Vec<String>,
    #[command(flatten)]
    calls: Calls,
    #[command(flatten)]
    messages: Messages,
    #[command(flatten)]
    template: TemplateOptions,
    #[command(flatten)]
    pub(super) chat: ChatOptions,
}

/// The voice target: one of these.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Calls {
    /// Connect calls to this voice server over a media stream
    #[arg(long, value_name = "WSS-URL")]
    stream_url: Option<String>,
    /// Connect calls to this server with Twilio's ConversationRelay
    #[arg(long, value_name = "WSS-URL")]
    relay_url: Option<String>,
    /// Redirect calls to the TwiML at this URL
    #[arg(long, value_name = "URL")]
    voice_redirect_url: Option<String>,
    /// Forward calls to this phone number
    #[arg(long, value_name = "NUMBER")]
    dial: Option<String>,
    /// Let the agent's handler at this URL answer calls with TwiML, asked with Twilio's form, signed with the agent's secret
    #[arg(long, value_name = "URL")]
    voice_twilio: Option<String>,
}

/// The message target: one of these.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Messages {
    /// Reply to every message with this text
    #[arg(long, value_name = "TEXT")]
    reply: Option<String>,
    /// Redirect messages to the TwiML at this URL
    #[arg(long, value_name = "URL")]
    message_redirect_url: Option<String>,
    /// Deliver messages to the agent's endpoint at this URL
    #[arg(long, value_name = "URL")]
    message_webhook: Option<String>,
    /// Deliver messages as Twilio's form, signed with the agent's secret, to the agent's endpoint at this URL
    #[arg(long, value_name = "URL")]
    message_twilio: Option<String>,
    /// Let this chat model reply to messages; --chat-url is its API
    #[arg(long, value_name = "MODEL")]
    chat_model: Option<String>,
}

/// The fields to clear.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub(super) struct Without {
    /// Clear the external id
    #[arg(long, conflicts_with = "external_id")]
    no_external_id: bool,
    /// Clear the prompt
    #[arg(long, conflicts_with = "prompt_file")]
    no_prompt: bool,
    /// Clear the voice
    #[arg(long, conflicts_with = "voice")]
    no_voice: bool,
    /// Clear the model
    #[arg(long, conflicts_with = "model")]
    no_model: bool,
    /// Clear the language
    #[arg(long, conflicts_with = "language")]
    no_language: bool,
    /// Remove a parameter (can be repeated)
    #[arg(long = "no-parameter", value_name = "NAME")]
    removed_parameters: Vec<String>,
    /// Remove all parameters that this command does not set
    #[arg(long, conflicts_with = "removed_parameters")]
    no_parameters: bool,
    /// Remove an attribute of ConversationRelay (can be repeated)
    #[arg(long = "no-relay-attribute", value_name = "NAME")]
    removed_relay_attributes: Vec<String>,
    /// Clear the voice target, so that calls go to the default voice server (`VOICE_SERVER_URL`)
    #[arg(long, conflicts_with = "Calls")]
    no_voice_target: bool,
    /// Clear the message target
    #[arg(long, conflicts_with_all = ["Messages", "chat_url", "chat_key_file", "chat_max_tokens", "chat_daily_limit"])]
    no_message_target: bool,
    /// Clear the WhatsApp template
    #[arg(long, conflicts_with = "whatsapp_template")]
    no_whatsapp_template: bool,
}

/// The options of `agent set`.
pub(super) struct Change {
    pub(super) name: Option<String>,
    pub(super) fields: Fields,
    pub(super) without: Without,
    pub(super) enable: bool,
    pub(super) disable: bool,
}

impl Fields {
    /// A new agent with these fields.
    pub(super) fn new_agent(&self, name: &str, state: AgentState) -> Result<NewAgent, Failure> {
        let profile = Profile {
            name: parse("--name", name, Label::parse)?,
            external_id: label("--external-id", self.external_id.as_deref())?,
            voice: label("--voice", self.voice.as_deref())?,
            model: label("--model", self.model.as_deref())?,
            language: label("--language", self.language.as_deref())?,
            parameters: self.parameters()?,
            relay: self.relay()?,
            voice_target: self.calls.target()?,
            message_target: self.chat_target(None)?.or(self.messages.target()?),
            whatsapp_template: self.template.template()?,
            state,
        };
        let prompt = self.prompt()?.unwrap_or_default();
        Ok(NewAgent { organization: default_organization(), profile, prompt })
    }

    /// The given chat model. What is not given of it stays as it is `stored`.
    pub(super) fn chat_target(
        &self,
        stored: Option<&ChatModel>,
    ) -> Result<Option<MessageTarget>, Failure> {
        let model = self.messages.chat_model.as_deref();
        if model.is_none() && !self.chat.describe_target() {
            return Ok(None);
        }
        self.chat.chat_model(model, stored).map(MessageTarget::ChatModel).map(Some)
    }

    /// Whether an option of a chat model is given.
    pub(super) fn has_chat_option(&self) -> bool {
        self.messages.chat_model.is_some()
            || self.chat.describe_target()
            || self.chat.file().is_some()
    }

    /// Where the prompt comes from.
    pub(super) fn file(&self) -> Option<&str> {
        self.prompt_file.as_deref()
    }

    /// The given parameters.
    fn parameters(&self) -> Result<AgentParameters, Failure> {
        AgentParameters::new(pairs(&self.parameters))
            .map_err(|error| Failure::usage(format!("--parameter {error}")))
    }

    fn relay(&self) -> Result<RelayAttributes, Failure> {
        RelayAttributes::new(pairs(&self.relay_attributes))
            .map_err(|error| Failure::usage(format!("--relay-attribute {error}")))
    }

    fn prompt(&self) -> Result<Option<Prompt>, Failure> {
        let Some(path) = &self.prompt_file else { return Ok(None) };
        let text = text("--prompt-file", path)?;
        let prompt = Prompt::parse(&text);
        prompt
            .map(Some)
            .map_err(|error| Failure::local(format!("--prompt-file {path}: the prompt {error}")))
    }
}

impl Calls {
    fn target(&self) -> Result<Option<VoiceTarget>, Failure> {
        let stream = parse_given("--stream-url", self.stream_url.as_deref(), StreamUrl::parse)?;
        let relay = parse_given("--relay-url", self.relay_url.as_deref(), StreamUrl::parse)?;
        let redirect =
            parse_given("--voice-redirect-url", self.voice_redirect_url.as_deref(), WebUrl::parse)?;
        let dial = parse_given("--dial", self.dial.as_deref(), PhoneNumber::parse_typed)?;
        let twilio = parse_given("--voice-twilio", self.voice_twilio.as_deref(), WebUrl::parse)?;
        let targets = [
            stream.map(VoiceTarget::Stream),
            relay.map(VoiceTarget::ConversationRelay),
            redirect.map(VoiceTarget::Redirect),
            dial.map(VoiceTarget::Dial),
            twilio.map(VoiceTarget::Twilio),
        ];
        Ok(targets.into_iter().flatten().next())
    }
}

impl Messages {
    fn target(&self) -> Result<Option<MessageTarget>, Failure> {
        let reply = parse_given("--reply", self.reply.as_deref(), Reply::parse_message)?;
        let redirect = parse_given(
            "--message-redirect-url",
            self.message_redirect_url.as_deref(),
            WebUrl::parse,
        )?;
        let webhook =
            parse_given("--message-webhook", self.message_webhook.as_deref(), WebUrl::parse)?;
        let twilio =
            parse_given("--message-twilio", self.message_twilio.as_deref(), WebUrl::parse)?;
        let targets = [
            reply.map(MessageTarget::Reply),
            redirect.map(MessageTarget::Redirect),
            webhook.map(MessageTarget::Webhook),
            twilio.map(MessageTarget::Twilio),
        ];
        Ok(targets.into_iter().flatten().next())
    }
}

impl Change {
    /// Parses the options.
    pub(super) fn parse(&self) -> Result<AgentChange, Failure> {
        let (fields, without) = (&self.fields, &self.without);
        let edit_label = |argument, text: Option<&str>, flag| {
            Ok::<_, Failure>(edit(label(argument, text)?, flag))
        };
        Ok(AgentChange {
            name: parse_given("--name", self.name.as_deref(), Label::parse)?,
            external_id: edit_label(
                "--external-id",
                fields.external_id.as_deref(),
                without.no_external_id,
            )?,
            prompt: if without.no_prompt { Some(Prompt::default()) } else { fields.prompt()? },
            voice: edit_label("--voice", fields.voice.as_deref(), without.no_voice)?,
            model: edit_label("--model", fields.model.as_deref(), without.no_model)?,
            language: edit_label("--language", fields.language.as_deref(), without.no_language)?,
            parameters: ParameterChange {
                set: fields.parameters()?,
                removed: without.removed_parameters.clone(),
                clear: without.no_parameters,
            },
            relay: RelayChange {
                set: fields.relay()?,
                removed: without.removed_relay_attributes.clone(),
            },
            voice_target: edit(fields.calls.target()?, without.no_voice_target),
            message_target: edit(fields.messages.target()?, without.no_message_target),
            whatsapp_template: edit(fields.template.template()?, without.no_whatsapp_template),
            state: match (self.enable, self.disable) {
                (true, _) => Some(AgentState::Enabled),
                (false, true) => Some(AgentState::Disabled),
                (false, false) => None,
            },
        })
    }
}

fn label(argument: &str, text: Option<&str>) -> Result<Option<Label>, Failure> {
    parse_given(argument, text, Label::parse)
}

/// Names and values. An argument without `=` has no value.
pub(super) fn pairs(arguments: &[String]) -> impl Iterator<Item = (String, String)> {
    arguments.iter().map(|text| match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (text.clone(), String::new()),
    })
}
