//! Attributes of `ConversationRelay`: how Twilio transcribes, speaks and interrupts.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::twiml::attribute_length;

/// Maximum length of a value in characters.
pub const MAX_RELAY_VALUE_CHARACTERS: usize = 2_000;
/// Maximum size of all attributes in an answer in bytes.
const MAX_XML_BYTES: usize = 8_000;

/// What an attribute accepts.
#[derive(Clone, Copy, Debug)]
enum Grammar {
    /// One of these words.
    Word(&'static [&'static str]),
    /// Some of these words, separated by spaces.
    Words(&'static [&'static str]),
    /// Any text: Twilio checks it.
    Text,
}

use Grammar::{Text, Word, Words};

const FLAG: Grammar = Word(&["true", "false"]);
const INPUT: Grammar = Word(&["none", "dtmf", "speech", "any"]);
const NORMALIZATION: Grammar = Word(&["on", "auto", "off"]);

/// The attributes that Twilio documents or that its libraries know (Twilio, "TwiML `ConversationRelay`: attributes";
/// twilio-python 9.13), in the order in which they are written. `url`, `language` and `voice` are the agent's own.
const ATTRIBUTES: [(&str, Grammar); 35] = [
    ("welcomeGreeting", Text),
    ("welcomeGreetingInterruptible", INPUT),
    ("ttsLanguage", Text),
    ("ttsProvider", Word(&["Google", "Amazon", "ElevenLabs"])),
    ("transcriptionLanguage", Text),
    ("transcriptionProvider", Word(&["Google", "Deepgram"])),
    ("speechModel", Text),
    ("deepgramSmartFormat", FLAG),
    ("interruptible", Word(&["none", "dtmf", "speech", "any", "true", "false"])),
    ("interruptSensitivity", Word(&["low", "medium", "high"])),
    ("dtmfDetection", FLAG),
    ("reportInputDuringAgentSpeech", INPUT),
    ("preemptible", FLAG),
    ("hints", Text),
    ("debug", Words(&["debugging", "speaker-events", "tokens-played"])),
    ("elevenlabsTextNormalization", NORMALIZATION),
    ("intelligenceService", Text),
    ("events", Text),
    ("profanityFilter", FLAG),
    ("partialPrompts", FLAG),
    ("backgroundNoiseReduction", Text),
    ("speechTimeout", Text),
    ("ignoreBackchannel", FLAG),
    ("eotThreshold", Text),
    ("eagerEotThreshold", Text),
    ("partialPromptOnHangup", Text),
    ("asrSmartFormat", Text),
    ("ttsTextNormalization", Text),
    ("ttsLanguageTextNormalization", Text),
    ("includeInPrompt", Text),
    ("customerName", Text),
    ("applicationReconnect", Text),
    ("echoPromptFiltering", Text),
    ("turnDetection", Text),
    ("conversationConfiguration", Text),
];

/// An attribute is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// Not an attribute of `ConversationRelay`, or one that the agent has as a field of its own.
    #[error("{name:?} is not one of {}", names())]
    Unknown {
        /// The name of the attribute.
        name: String,
    },
    /// Two values for one attribute.
    #[error("{name:?} is given twice; keep one of them")]
    Repeated {
        /// The name of the attribute.
        name: &'static str,
    },
    /// Twilio accepts certain words only.
    #[error("{name:?} must be {}", words.join(", "))]
    Word {
        /// The name of the attribute.
        name: &'static str,
        /// The words.
        words: &'static [&'static str],
    },
    /// The value is empty, too long or contains a control character.
    #[error(
        "{name:?} must be a text of 1 to {MAX_RELAY_VALUE_CHARACTERS} characters without control characters"
    )]
    Text {
        /// The name of the attribute.
        name: &'static str,
    },
    /// All attributes together are too large.
    #[error("has {bytes} bytes of attributes; shorten them to {MAX_XML_BYTES}")]
    TooLarge {
        /// Their size.
        bytes: usize,
    },
    /// An attribute to remove is not set.
    #[error("{name:?} is not an attribute of the agent")]
    NotSet {
        /// The name of the attribute.
        name: String,
    },
}

/// Attributes of `ConversationRelay`, by name. `Debug` shows only the names, because the values contain spoken texts.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct RelayAttributes(Arc<BTreeMap<&'static str, String>>);

impl fmt::Debug for RelayAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl RelayAttributes {
    /// Accepts attributes that Twilio knows, each once.
    pub fn new(attributes: impl IntoIterator<Item = (String, String)>) -> Result<Self, RelayError> {
        let mut accepted = BTreeMap::new();
        for (name, value) in attributes {
            let found = ATTRIBUTES.iter().find(|(known, _)| *known == name);
            let Some(&(name, grammar)) = found else { return Err(RelayError::Unknown { name }) };
            check(name, grammar, &value)?;
            if accepted.insert(name, value).is_some() {
                return Err(RelayError::Repeated { name });
            }
        }
        Self::within_limit(accepted)
    }

    /// These attributes with `set` added or replaced and `removed` taken away.
    pub fn changed(&self, set: &Self, removed: &[String]) -> Result<Self, RelayError> {
        let mut changed = BTreeMap::clone(&self.0);
        for name in removed {
            if changed.remove(name.as_str()).is_none() {
                return Err(RelayError::NotSet { name: name.clone() });
            }
        }
        changed.extend(set.0.iter().map(|(name, value)| (*name, value.clone())));
        Self::within_limit(changed)
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The attributes as form-encoded text, for a cell of a table.
    pub fn to_text(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(self.iter()).finish()
    }

    /// Parses form-encoded text.
    pub fn parse(text: &str) -> Result<Self, RelayError> {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        Self::new(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn within_limit(attributes: BTreeMap<&'static str, String>) -> Result<Self, RelayError> {
        let bytes = attributes.iter().map(|(name, value)| attribute_length(name, value)).sum();
        if bytes > MAX_XML_BYTES {
            return Err(RelayError::TooLarge { bytes });
        }
        Ok(Self(Arc::new(attributes)))
    }
}

fn check(name: &'static str, grammar: Grammar, value: &str) -> Result<(), RelayError> {
    match grammar {
        Word(words) if words.contains(&value) => Ok(()),
        Words(words) if !value.is_empty() && value.split(' ').all(|word| words.contains(&word)) => {
            Ok(())
        }
        Word(words) | Words(words) => Err(RelayError::Word { name, words }),
        Text => {
            let length = value.chars().count();
            let is_text = (1..=MAX_RELAY_VALUE_CHARACTERS).contains(&length)
                && !value.chars().any(char::is_control);
            if is_text { Ok(()) } else { Err(RelayError::Text { name }) }
        }
    }
}

fn names() -> String {
    ATTRIBUTES.map(|(name, _)| name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::{ATTRIBUTES, RelayAttributes, RelayError};

    fn new(pairs: &[(&str, &str)]) -> Result<RelayAttributes, RelayError> {
        RelayAttributes::new(
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        )
    }

    #[test]
    fn attributes_that_twilio_knows_are_accepted() {
        let attributes = new(&[
            ("welcomeGreeting", "Hello! How can I help?"),
            ("ttsProvider", "ElevenLabs"),
            ("interruptible", "speech"),
            ("debug", "debugging speaker-events"),
            ("speechTimeout", "auto"),
        ]);
        assert_eq!(attributes.unwrap().iter().count(), 5);
        assert!(ATTRIBUTES.iter().all(|(name, _)| !["url", "language", "voice"].contains(name)));
    }

    #[test]
    fn a_value_that_twilio_refuses_is_refused_with_those_that_it_accepts() {
        let error = |name: &str, value: &str| new(&[(name, value)]).unwrap_err().to_string();
        assert_eq!(
            error("ttsProvider", "elevenlabs"),
            r#""ttsProvider" must be Google, Amazon, ElevenLabs"#
        );
        assert!(error("debug", "debugging  tokens-played").starts_with(r#""debug" must be"#));
        assert!(error("url", "wss://x").starts_with(r#""url" is not one of welcomeGreeting, "#));
        assert!(error("ttsprovider", "Google").contains("ttsProvider"));
        for value in ["", "a\nb", &"x".repeat(2_001)] {
            assert!(error("hints", value).starts_with(r#""hints" must be a text of 1 to 2000"#));
        }
        let twice = new(&[("hints", "a"), ("hints", "b")]);
        assert_eq!(twice, Err(RelayError::Repeated { name: "hints" }));
    }

    #[test]
    fn attributes_fit_into_an_answer() {
        let quotes = "\"".repeat(1_500);
        assert!(matches!(new(&[("hints", &quotes)]), Err(RelayError::TooLarge { .. })));
    }

    #[test]
    fn a_change_adds_replaces_and_removes() {
        let before = new(&[("hints", "a"), ("preemptible", "true")]).unwrap();
        let after = before.changed(&new(&[("hints", "b")]).unwrap(), &["preemptible".to_owned()]);
        assert_eq!(after.unwrap(), new(&[("hints", "b")]).unwrap());
        let error = before.changed(&RelayAttributes::default(), &["events".to_owned()]);
        assert_eq!(error, Err(RelayError::NotSet { name: "events".to_owned() }));
    }
}
