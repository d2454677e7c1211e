//! Agents, which answer calls and messages.

mod chat_model;
mod parameters;
mod relay;
mod whatsapp_template;

use std::fmt;
use std::sync::Arc;

use crate::identifier::{AgentId, OrganizationId};
use crate::phone_number::PhoneNumber;
use crate::string_enum;
use crate::time::Timestamp;
use crate::twiml::{
    MAX_BODY_CHARACTERS, MessageResponse, MessageVerb, TwimlTooLarge, message_pieces,
};
use crate::web_address::{StreamUrl, WebUrl};

pub use chat_model::{ChatModel, MAX_TOKENS, TokenLimitError, TokenLimits};
pub use parameters::{
    AgentParameters, MAX_PARAMETER_NAME_CHARACTERS, MAX_PARAMETER_VALUE_BYTES, MAX_PARAMETERS,
    ParameterError, RESERVED_PARAMETERS,
};
pub use relay::{MAX_RELAY_VALUE_CHARACTERS, RelayAttributes, RelayError};
pub use whatsapp_template::{TemplateError, TemplateVariables, WhatsAppTemplate};

/// Maximum length of a prompt in bytes.
pub const MAX_PROMPT_BYTES: usize = 256 * 1024;
/// Maximum length of a label in characters.
pub const MAX_LABEL_CHARACTERS: usize = 200;
/// Maximum length of a text that is spoken or sent, in characters: ten messages of Twilio's maximum of 1,600.
pub const MAX_REPLY_CHARACTERS: usize = 16_000;

/// A text of an agent or an account is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The text is empty or blank.
    #[error("is empty")]
    Empty,
    /// The text exceeds its limit.
    #[error("is longer than {max} {unit}")]
    TooLong {
        /// The limit, in `unit`.
        max: usize,
        /// `characters` or `bytes`.
        unit: &'static str,
    },
    /// The text contains a control character.
    #[error("contains a control character")]
    ControlCharacter,
    /// Rendered as XML, the text exceeds 64 kB.
    #[error(
        "makes an XML answer of {bytes} bytes, more than the 64 kB that Twilio accepts; shorten it"
    )]
    TooMuchXml {
        /// Size of the rendered answer in bytes.
        bytes: usize,
    },
}

/// A short, single-line text: a name, a voice, a model, a language or an external id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(Arc<str>);

impl Label {
    /// Parses a label. Surrounding white space is removed.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        if text.chars().count() > MAX_LABEL_CHARACTERS {
            return Err(TextError::TooLong { max: MAX_LABEL_CHARACTERS, unit: "characters" });
        }
        if text.chars().any(char::is_control) {
            return Err(TextError::ControlCharacter);
        }
        Ok(Self(text.into()))
    }

    /// The text that is spoken or sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The prompt of an agent; empty if its voice server has its own. `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Prompt(Arc<str>);

impl Prompt {
    /// Accepts a prompt of at most [`MAX_PROMPT_BYTES`] bytes without NUL.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.len() > MAX_PROMPT_BYTES {
            return Err(TextError::TooLong { max: MAX_PROMPT_BYTES, unit: "bytes" });
        }
        if text.contains('\0') {
            return Err(TextError::ControlCharacter);
        }
        Ok(Self(text.into()))
    }

    /// The text that is spoken or sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Prompt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// A static reply to every message. `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply(Arc<str>);

impl Reply {
    /// Accepts a reply of at most [`MAX_REPLY_CHARACTERS`] characters that is not blank and fits into Twilio's limit when
    /// rendered as XML, in which some characters take more bytes.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.trim().is_empty() {
            return Err(TextError::Empty);
        }
        if text.chars().count() > MAX_REPLY_CHARACTERS {
            return Err(TextError::TooLong { max: MAX_REPLY_CHARACTERS, unit: "characters" });
        }
        if text.contains('\0') {
            return Err(TextError::ControlCharacter);
        }
        let answer = MessageResponse::new().then(MessageVerb::text(text));
        match answer.render() {
            Ok(_) => Ok(Self(text.into())),
            Err(TwimlTooLarge { bytes }) => Err(TextError::TooMuchXml { bytes }),
        }
    }

    /// Like [`Reply::parse`], for a new static reply to messages, which must fit into one message.
    pub fn parse_message(text: &str) -> Result<Self, TextError> {
        let reply = Self::parse(text)?;
        if message_pieces(text, 2).len() > 1 {
            return Err(TextError::TooLong { max: MAX_BODY_CHARACTERS, unit: "characters" });
        }
        Ok(reply)
    }

    /// The text that is spoken or sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({} bytes)", self.0.len())
    }
}

/// Voice target: how a call reaches an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VoiceTarget {
    /// `<Connect><Stream>`: a media stream to a voice server.
    Stream(StreamUrl),
    /// `<Connect><ConversationRelay>`: Twilio transcribes and speaks, the server handles text.
    ConversationRelay(StreamUrl),
    /// `<Redirect>`: another URL supplies the TwiML.
    Redirect(WebUrl),
    /// `<Dial>`: a phone number.
    Dial(PhoneNumber),
    /// A signed `POST` with Twilio's own form, to the agent's own handler, which answers with TwiML.
    Twilio(WebUrl),
}

impl VoiceTarget {
    /// Stable name of the kind, used in SQL and JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Stream(_) => "stream",
            Self::ConversationRelay(_) => "conversation_relay",
            Self::Redirect(_) => "redirect",
            Self::Dial(_) => "dial",
            Self::Twilio(_) => "twilio",
        }
    }

    /// The URL or phone number.
    pub fn value(&self) -> &str {
        match self {
            Self::Stream(url) | Self::ConversationRelay(url) => url.as_str(),
            Self::Redirect(url) | Self::Twilio(url) => url.as_str(),
            Self::Dial(number) => number.as_str(),
        }
    }

    /// Whether calls reach a server of the agent, whose health can be checked. Phones and redirects have none.
    pub const fn has_server(&self) -> bool {
        match self {
            Self::Stream(_) | Self::ConversationRelay(_) | Self::Twilio(_) => true,
            Self::Redirect(_) | Self::Dial(_) => false,
        }
    }

    /// The URL of the agent's handler; `None` for a target that Twilio reaches itself.
    pub const fn handler(&self) -> Option<&WebUrl> {
        match self {
            Self::Twilio(url) => Some(url),
            Self::Stream(_) | Self::ConversationRelay(_) | Self::Redirect(_) | Self::Dial(_) => {
                None
            }
        }
    }
}

/// Message target: how a message reaches an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageTarget {
    /// A static reply.
    Reply(Reply),
    /// `<Redirect>`: another URL supplies the TwiML.
    Redirect(WebUrl),
    /// A signed `POST` with the message as JSON, to the agent's own endpoint.
    Webhook(WebUrl),
    /// A signed `POST` with the message as Twilio's own form, to the agent's own endpoint, which answers with TwiML.
    Twilio(WebUrl),
    /// A chat completion of a model, which writes the reply.
    ChatModel(ChatModel),
}

impl MessageTarget {
    /// Stable name of the kind, used in SQL and JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Reply(_) => "reply",
            Self::Redirect(_) => "redirect",
            Self::Webhook(_) => "webhook",
            Self::Twilio(_) => "twilio",
            Self::ChatModel(_) => "chat_model",
        }
    }

    /// The text or URL.
    pub fn value(&self) -> &str {
        match self {
            Self::Reply(reply) => reply.as_str(),
            Self::Redirect(url) | Self::Webhook(url) | Self::Twilio(url) => url.as_str(),
            Self::ChatModel(chat) => chat.url.as_str(),
        }
    }

    /// The URL to which messages are delivered; `None` for a target that is answered without a delivery.
    pub const fn endpoint(&self) -> Option<&WebUrl> {
        match self {
            Self::Reply(_) | Self::Redirect(_) => None,
            Self::Webhook(url) | Self::Twilio(url) => Some(url),
            Self::ChatModel(chat) => Some(&chat.url),
        }
    }

    /// Whether deliveries are signed with the secret of the agent.
    pub const fn is_signed(&self) -> bool {
        matches!(self, Self::Webhook(_) | Self::Twilio(_))
    }

    /// The chat model; `None` for another target.
    pub const fn chat_model(&self) -> Option<&ChatModel> {
        match self {
            Self::ChatModel(chat) => Some(chat),
            _ => None,
        }
    }

    /// The base URL of the chat model of an agent with this message target. The key of a chat model belongs to it.
    pub fn chat_url(target: Option<&Self>) -> Option<&WebUrl> {
        target.and_then(Self::chat_model).map(|chat| &chat.url)
    }
}

string_enum! {
    /// Whether an agent answers calls and messages.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum AgentState {
        /// The agent answers.
        Enabled = "enabled",
        /// The agent is stored but does not answer.
        Disabled = "disabled",
    }
}

/// Everything about an agent that routing needs: all but the prompt, which can be long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Name shown to people.
    pub name: Label,
    /// The agent's id in the operator's own platform; `None` if it has none.
    pub external_id: Option<Label>,
    /// Voice, by the voice server's name for it; `None` for the voice server's default.
    pub voice: Option<Label>,
    /// Model, by the voice server's name for it; `None` for the voice server's default.
    pub model: Option<Label>,
    /// Language, for example `en-US`; `None` for the voice server's default.
    pub language: Option<Label>,
    /// The agent's own parameters for its voice server.
    pub parameters: AgentParameters,
    /// Attributes of `ConversationRelay`, for an agent that is reached by it.
    pub relay: RelayAttributes,
    /// How calls reach the agent; `None` for the default voice server of the installation.
    pub voice_target: Option<VoiceTarget>,
    /// How messages reach the agent; `None` if it does not answer messages.
    pub message_target: Option<MessageTarget>,
    /// The template for messages outside of `WhatsApp`'s window; `None` if they are not sent.
    pub whatsapp_template: Option<WhatsAppTemplate>,
    /// Whether the agent answers.
    pub state: AgentState,
}

impl Profile {
    /// Whether requests to the agent's own servers are signed with a secret of the agent.
    pub fn is_signed(&self) -> bool {
        self.voice_target.as_ref().is_some_and(|target| target.handler().is_some())
            || self.message_target.as_ref().is_some_and(MessageTarget::is_signed)
    }

    /// The profile of an enabled agent with a name and nothing else.
    pub fn named(name: Label) -> Self {
        Self {
            name,
            external_id: None,
            voice: None,
            model: None,
            language: None,
            parameters: AgentParameters::default(),
            relay: RelayAttributes::default(),
            voice_target: None,
            message_target: None,
            whatsapp_template: None,
            state: AgentState::Enabled,
        }
    }
}

/// An agent as it is stored: a profile and a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Id of the agent.
    pub id: AgentId,
    /// Organization that owns the agent.
    pub organization: OrganizationId,
    /// Everything but the prompt.
    pub profile: Profile,
    /// At most 256 KiB.
    pub prompt: Prompt,
    /// When the agent was added.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::{Label, Prompt, Reply, TextError};

    #[test]
    fn a_label_is_a_single_line_of_limited_length() {
        assert_eq!(Label::parse(" Sales ").unwrap().as_str(), "Sales");
        assert_eq!(Label::parse("  "), Err(TextError::Empty));
        assert_eq!(Label::parse("a\nb"), Err(TextError::ControlCharacter));
        assert!(matches!(Label::parse(&"a".repeat(201)), Err(TextError::TooLong { .. })));
    }

    #[test]
    fn a_prompt_of_twenty_kilobytes_is_accepted_and_not_shown() {
        let prompt = Prompt::parse(&"p".repeat(20_000)).unwrap();
        assert_eq!(format!("{prompt:?}"), "20000 bytes");
    }

    #[test]
    fn a_blank_reply_is_refused() {
        assert_eq!(Reply::parse(" \n"), Err(TextError::Empty));
    }

    #[test]
    fn a_static_reply_fits_into_one_message() {
        let longest = "é".repeat(1_600);
        assert!(Reply::parse_message(&format!(" {longest}\n")).is_ok());
        let too_long = Err(TextError::TooLong { max: 1_600, unit: "characters" });
        assert_eq!(Reply::parse_message(&format!("{longest}!")), too_long);
        assert_eq!(Reply::parse_message(" "), Err(TextError::Empty));
    }

    #[test]
    fn a_reply_that_exceeds_twilios_limit_as_xml_is_refused() {
        let longest = |text: &str| Reply::parse(&text.repeat(16_000));
        assert!(longest("…").is_ok());
        for (text, bytes) in [("😀", 64_249), ("&", 80_249)] {
            assert_eq!(longest(text), Err(TextError::TooMuchXml { bytes }));
        }
        assert!(Reply::parse(&"&".repeat(12_000)).is_ok());
    }
}
