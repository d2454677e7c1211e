//! The fields of an agent in the body of a request.

use std::convert::Infallible;

use switchboard_application_management::{
    AgentChange, Edit, NewAgent, ParameterChange, RelayChange,
};
use switchboard_domain::agent::{
    AgentParameters, AgentState, ChatModel, Label, MessageTarget, Profile, Prompt, RelayAttributes,
    Reply, TemplateVariables, TokenLimits, VoiceTarget, WhatsAppTemplate,
};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::ContentSid;
use switchboard_domain::web_address::{StreamUrl, WebUrl};

use crate::body::Fields;
use crate::problem::Problem;

/// The maximum length of the key of a chat model. Long ones have about 200 characters.
const MAX_KEY_CHARACTERS: usize = 1_000;

/// The change that a body asks for: what it does not name stays, and `null` clears.
pub(crate) struct AgentFields {
    pub(crate) change: AgentChange,
    /// The key of the chat model.
    pub(crate) chat_key: Option<Secret>,
}

impl AgentFields {
    /// Reads the body of a new agent, which needs a name. Reports all mistakes together.
    pub(crate) fn read_new(mut fields: Fields) -> Result<Self, Problem> {
        let name = fields.required("name", Label::parse);
        Self::read_named(fields, name)
    }

    /// Reads the body of a change. Reports all mistakes together.
    pub(crate) fn read(mut fields: Fields) -> Result<Self, Problem> {
        let is_given = fields.has("name");
        let name = if is_given { fields.required("name", Label::parse) } else { None };
        Self::read_named(fields, name)
    }

    fn read_named(mut fields: Fields, name: Option<Label>) -> Result<Self, Problem> {
        let (message_target, chat_key) = match fields.edited("message_target", message_target) {
            Edit::Set((target, key)) => (Edit::Set(target), key),
            Edit::Clear => (Edit::Clear, None),
            Edit::Keep => (Edit::Keep, None),
        };
        let change = AgentChange {
            name,
            external_id: fields.edited_text("external_id", Label::parse),
            prompt: match fields.edited_text("prompt", Prompt::parse) {
                Edit::Keep => None,
                Edit::Set(prompt) => Some(prompt),
                Edit::Clear => Some(Prompt::default()),
            },
            voice: fields.edited_text("voice", Label::parse),
            model: fields.edited_text("model", Label::parse),
            language: fields.edited_text("language", Label::parse),
            parameters: parameters(&mut fields),
            relay: relay(&mut fields),
            voice_target: fields.edited("voice_target", voice_target),
            message_target,
            whatsapp_template: fields.edited("whatsapp_template", template),
            state: fields
                .flag("enabled")
                .map(|enabled| if enabled { AgentState::Enabled } else { AgentState::Disabled }),
        };
        fields.end()?;
        Ok(Self { change, chat_key })
    }

    /// A new agent.
    pub(crate) fn new_agent(self, organization: OrganizationId) -> Option<NewAgent> {
        let change = self.change;
        let profile = Profile {
            external_id: change.external_id.apply(None),
            voice: change.voice.apply(None),
            model: change.model.apply(None),
            language: change.language.apply(None),
            parameters: change.parameters.set,
            relay: change.relay.set,
            voice_target: change.voice_target.apply(None),
            message_target: change.message_target.apply(None),
            whatsapp_template: change.whatsapp_template.apply(None),
            state: change.state.unwrap_or(AgentState::Enabled),
            ..Profile::named(change.name?)
        };
        Some(NewAgent { organization, profile, prompt: change.prompt.unwrap_or_default() })
    }
}

/// Names with their values, and the names whose value is `null`.
fn pairs(fields: &mut Fields, name: &str) -> (Vec<(String, String)>, Vec<String>) {
    let (mut set, mut removed) = (Vec::new(), Vec::new());
    let Some(value) = fields.take(name) else { return (set, removed) };
    fields.nested(name, value, |inner| {
        for (name, value) in inner.rest() {
            if value.is_null() {
                removed.push(name);
                continue;
            }
            let text = inner.parsed(&name, &value, |text| Ok::<_, Infallible>(text.to_owned()));
            set.extend(text.map(|text| (name, text)));
        }
        Some(())
    });
    (set, removed)
}

fn parameters(fields: &mut Fields) -> ParameterChange {
    let (set, removed) = pairs(fields, "parameters");
    match AgentParameters::new(set) {
        Ok(set) => ParameterChange { set, removed, clear: false },
        Err(error) => {
            fields.wrong("parameters", "invalid", &error);
            ParameterChange::default()
        }
    }
}

fn relay(fields: &mut Fields) -> RelayChange {
    let (set, removed) = pairs(fields, "relay_attributes");
    match RelayAttributes::new(set) {
        Ok(set) => RelayChange { set, removed },
        Err(error) => {
            fields.wrong("relay_attributes", "invalid", &error);
            RelayChange::default()
        }
    }
}

/// The word that tells the kinds of targets apart.
fn kind(fields: &mut Fields) -> Option<String> {
    fields.required("kind", |text| Ok::<_, Infallible>(text.to_owned()))
}

fn voice_target(fields: &mut Fields) -> Option<VoiceTarget> {
    match kind(fields)?.as_str() {
        "stream" => fields.required("url", StreamUrl::parse).map(VoiceTarget::Stream),
        "conversation_relay" => {
            fields.required("url", StreamUrl::parse).map(VoiceTarget::ConversationRelay)
        }
        "redirect" => fields.required("url", WebUrl::parse).map(VoiceTarget::Redirect),
        "twilio" => fields.required("url", WebUrl::parse).map(VoiceTarget::Twilio),
        "dial" => fields.required("phone_number", PhoneNumber::parse_typed).map(VoiceTarget::Dial),
        _ => {
            let what = "is not one of stream, conversation_relay, redirect, dial, twilio";
            fields.wrong("kind", "invalid", &what);
            fields.ignore_rest();
            None
        }
    }
}

fn message_target(fields: &mut Fields) -> Option<(MessageTarget, Option<Secret>)> {
    let target = match kind(fields)?.as_str() {
        "reply" => fields.required("text", Reply::parse_message).map(MessageTarget::Reply),
        "redirect" => fields.required("url", WebUrl::parse).map(MessageTarget::Redirect),
        "webhook" => fields.required("url", WebUrl::parse).map(MessageTarget::Webhook),
        "twilio" => fields.required("url", WebUrl::parse).map(MessageTarget::Twilio),
        "chat_model" => return chat_model(fields),
        _ => {
            let what = "is not one of reply, redirect, webhook, twilio, chat_model";
            fields.wrong("kind", "invalid", &what);
            fields.ignore_rest();
            None
        }
    };
    target.map(|target| (target, None))
}

fn chat_model(fields: &mut Fields) -> Option<(MessageTarget, Option<Secret>)> {
    let model = fields.required("model", Label::parse);
    let url = fields.required("url", WebUrl::parse);
    let key = fields.text("key", secret);
    let default = TokenLimits::default();
    let mut tokens = |name| fields.number(name, TokenLimits::parse);
    let (reply, daily) = (tokens("max_tokens"), tokens("daily_limit"));
    let limits = TokenLimits {
        reply: reply.unwrap_or(default.reply),
        daily: daily.unwrap_or(default.daily),
    };
    let chat = ChatModel { url: url?, model: model?, limits };
    Some((MessageTarget::ChatModel(chat), key))
}

fn secret(text: &str) -> Result<Secret, String> {
    let is_key = (1..=MAX_KEY_CHARACTERS).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_key {
        Ok(Secret::new(text.to_owned()))
    } else {
        Err(format!("is not 1 to {MAX_KEY_CHARACTERS} visible ASCII characters"))
    }
}

fn template(fields: &mut Fields) -> Option<WhatsAppTemplate> {
    let content = fields.required("content_sid", ContentSid::parse);
    let (set, removed) = pairs(fields, "variables");
    for name in removed {
        fields.wrong("variables", "invalid", &format_args!("has no text for {name:?}"));
    }
    let variables =
        if set.is_empty() { Ok(TemplateVariables::default()) } else { TemplateVariables::new(set) };
    let variables = variables.map_err(|error| fields.wrong("variables", "invalid", &error)).ok()?;
    Some(WhatsAppTemplate { content: content?, variables })
}
