//! Agents: what answers a call or a message.

use std::sync::Arc;

use crate::identifier::{AgentId, OrganizationId};
use crate::phone_number::PhoneNumber;
use crate::time::Timestamp;
use crate::twiml::{MessageResponse, MessageVerb, TwimlTooLarge};
use crate::web_address::{StreamUrl, WebUrl};

/// Longest prompt that is kept, in bytes.
pub const MAX_PROMPT_BYTES: usize = 256 * 1024;
/// Longest name, voice, model or language, in characters.
pub const MAX_LABEL_CHARACTERS: usize = 200;
/// Longest static reply, in characters: ten messages of the 1,600 characters that Twilio takes.
pub const MAX_REPLY_CHARACTERS: usize = 16_000;

/// Why a text of an agent or of an account is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("is empty")]
    Empty,
    /// Longer than its limit.
    #[error("is longer than {most} {unit}")]
    TooLong {
        /// The limit.
        most: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// A control character.
    #[error("contains a control character")]
    ControlCharacter,
    /// Larger than what Twilio reads, once it is written as XML.
    #[error(
        "makes an XML answer of {bytes} bytes, more than the 64 kB that Twilio reads; shorten it"
    )]
    TooMuchXml {
        /// The size of the answer.
        bytes: usize,
    },
}

/// A short text of one line that people read: a name, a voice, a model, a language, an external id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(Arc<str>);

impl Label {
    /// Parses a label; white space around it is dropped.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        if text.chars().count() > MAX_LABEL_CHARACTERS {
            return Err(TextError::TooLong { most: MAX_LABEL_CHARACTERS, unit: "characters" });
        }
        if text.chars().any(char::is_control) {
            return Err(TextError::ControlCharacter);
        }
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an agent is told to be. Empty where the voice server knows by itself.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Prompt(Arc<str>);

impl Prompt {
    /// Takes a prompt of at most [`MAX_PROMPT_BYTES`] bytes.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.len() > MAX_PROMPT_BYTES {
            return Err(TextError::TooLong { most: MAX_PROMPT_BYTES, unit: "bytes" });
        }
        if text.contains('\0') {
            return Err(TextError::ControlCharacter);
        }
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Prompt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// A text that is sent back for every message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply(Arc<str>);

impl Reply {
    /// Takes a reply of at most [`MAX_REPLY_CHARACTERS`] characters that is not blank and that Twilio reads whole:
    /// as XML, some characters take more room than as text.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.trim().is_empty() {
            return Err(TextError::Empty);
        }
        if text.chars().count() > MAX_REPLY_CHARACTERS {
            return Err(TextError::TooLong { most: MAX_REPLY_CHARACTERS, unit: "characters" });
        }
        if text.contains('\0') {
            return Err(TextError::ControlCharacter);
        }
        let answer = MessageResponse::new().then(MessageVerb::Message { body: text.to_owned() });
        match answer.render() {
            Ok(_) => Ok(Self(text.into())),
            Err(TwimlTooLarge { bytes }) => Err(TextError::TooMuchXml { bytes }),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a call reaches an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VoiceTarget {
    /// `<Connect><Stream>`: a media stream to a voice server.
    Stream(StreamUrl),
    /// `<Connect><ConversationRelay>`: Twilio speaks and listens, the server gets text.
    ConversationRelay(StreamUrl),
    /// `<Redirect>`: other TwiML takes over.
    Redirect(WebUrl),
    /// `<Dial>`: a person's phone.
    Dial(PhoneNumber),
}

impl VoiceTarget {
    /// The word for its kind in JSON and SQL.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Stream(_) => "stream",
            Self::ConversationRelay(_) => "conversation_relay",
            Self::Redirect(_) => "redirect",
            Self::Dial(_) => "dial",
        }
    }

    /// The URL or number that goes with the kind.
    pub fn value(&self) -> &str {
        match self {
            Self::Stream(url) | Self::ConversationRelay(url) => url.as_str(),
            Self::Redirect(url) => url.as_str(),
            Self::Dial(number) => number.as_str(),
        }
    }
}

/// How a message reaches an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageTarget {
    /// The same text for everybody.
    Reply(Reply),
    /// `<Redirect>`: other TwiML takes over.
    Redirect(WebUrl),
}

impl MessageTarget {
    /// The word for its kind in JSON and SQL.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Reply(_) => "reply",
            Self::Redirect(_) => "redirect",
        }
    }

    /// The text or URL that goes with the kind.
    pub fn value(&self) -> &str {
        match self {
            Self::Reply(reply) => reply.as_str(),
            Self::Redirect(url) => url.as_str(),
        }
    }
}

/// Whether an agent answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentState {
    /// It answers.
    Enabled,
    /// It is kept but answers nothing.
    Disabled,
}

/// What routing needs to know of an agent: all but the prompt, which can be long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What people call it.
    pub name: Label,
    /// The id that the platform itself knows the agent by.
    pub external_id: Option<Label>,
    /// The voice it speaks with, as its voice server names it.
    pub voice: Option<Label>,
    /// The model that thinks for it, as its voice server names it.
    pub model: Option<Label>,
    /// The language it speaks, for example `en-US`.
    pub language: Option<Label>,
    /// How calls reach it; none falls back to the voice server of the installation.
    pub voice_target: Option<VoiceTarget>,
    /// How messages reach it.
    pub message_target: Option<MessageTarget>,
    /// Whether it answers.
    pub state: AgentState,
}

/// What answers a call or a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Our key of it.
    pub id: AgentId,
    /// The tenant that owns it.
    pub organization: OrganizationId,
    /// All but the prompt.
    pub profile: Profile,
    /// What it is told to be.
    pub prompt: Prompt,
    /// When it was added.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::{Label, Prompt, Reply, TextError};

    #[test]
    fn a_label_is_one_line_of_some_length() {
        assert_eq!(Label::parse(" Sales ").unwrap().as_str(), "Sales");
        assert_eq!(Label::parse("  "), Err(TextError::Empty));
        assert_eq!(Label::parse("a\nb"), Err(TextError::ControlCharacter));
        assert!(matches!(Label::parse(&"a".repeat(201)), Err(TextError::TooLong { .. })));
    }

    #[test]
    fn a_prompt_of_twenty_kilobytes_is_taken_and_not_shown() {
        let prompt = Prompt::parse(&"p".repeat(20_000)).unwrap();
        assert_eq!(format!("{prompt:?}"), "20000 bytes");
    }

    #[test]
    fn a_blank_reply_is_refused() {
        assert_eq!(Reply::parse(" \n"), Err(TextError::Empty));
    }

    #[test]
    fn a_reply_that_twilio_would_not_read_whole_is_refused() {
        let longest = |text: &str| Reply::parse(&text.repeat(16_000));
        assert!(longest("…").is_ok());
        for (text, bytes) in [("😀", 64_249), ("&", 80_249)] {
            assert_eq!(longest(text), Err(TextError::TooMuchXml { bytes }));
        }
        assert!(Reply::parse(&"&".repeat(12_000)).is_ok());
    }
}
