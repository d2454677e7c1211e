//! Attributes of `ConversationRelay`, and of its languages: how Twilio transcribes, speaks and interrupts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::twiml::{RelayLanguage, attribute_length};

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
const TTS_PROVIDER: Grammar = Word(&["Google", "Amazon", "ElevenLabs"]);
const TRANSCRIPTION_PROVIDER: Grammar = Word(&["Google", "Deepgram"]);

/// The attributes that Twilio documents or that its libraries know (Twilio, "TwiML `ConversationRelay`: attributes";
/// twilio-python 9.13), in the order in which they are written. `url`, `language` and `voice` are the agent's own.
const ATTRIBUTES: [(&str, Grammar); 36] = [
    ("welcomeGreeting", Text),
    ("welcomeGreetingInterruptible", INPUT),
    ("ttsLanguage", Text),
    ("ttsProvider", TTS_PROVIDER),
    ("transcriptionLanguage", Text),
    ("transcriptionProvider", TRANSCRIPTION_PROVIDER),
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
    ("elevenlabsLanguageTextNormalization", Text),
    ("includeInPrompt", Text),
    ("customerName", Text),
    ("applicationReconnect", Text),
    ("echoPromptFiltering", Text),
    ("turnDetection", Text),
    ("conversationConfiguration", Text),
];

/// The attributes of `<Language>` without its `code` (twilio-python 9.13).
const LANGUAGE_ATTRIBUTES: [(&str, Grammar); 8] = [
    ("ttsProvider", TTS_PROVIDER),
    ("voice", Text),
    ("transcriptionProvider", TRANSCRIPTION_PROVIDER),
    ("speechModel", Text),
    ("hints", Text),
    ("asrSmartFormat", Text),
    ("ttsTextNormalization", Text),
    ("ttsLanguageTextNormalization", Text),
];

/// How the name of a language's attribute starts: `language.es-ES.voice`.
const LANGUAGE: &str = "language.";
/// Maximum length of a language code in characters (RFC 5646, section 4.4.1).
const MAX_CODE_CHARACTERS: usize = 35;

/// An attribute is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// Not an attribute of `ConversationRelay`, or one that the agent has as a field of its own.
    #[error(
        "{name:?} is not one of {}, and not language.CODE.NAME with a code such as es-ES and one of {}",
        names(&ATTRIBUTES), names(&LANGUAGE_ATTRIBUTES)
    )]
    Unknown {
        /// The name of the attribute.
        name: String,
    },
    /// Two values for one attribute.
    #[error("{name:?} is given twice; keep one of them")]
    Repeated {
        /// The name of the attribute.
        name: String,
    },
    /// Twilio accepts certain words only.
    #[error("{name:?} must be {}", words.join(", "))]
    Word {
        /// The name of the attribute.
        name: String,
        /// The words.
        words: &'static [&'static str],
    },
    /// The value is empty, too long or contains a control character.
    #[error(
        "{name:?} must be a text of 1 to {MAX_RELAY_VALUE_CHARACTERS} characters without control characters"
    )]
    Text {
        /// The name of the attribute.
        name: String,
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

type Values = BTreeMap<&'static str, String>;

/// Attributes of `ConversationRelay`, by name. Those of a language are named `language.CODE.NAME`. `Debug` shows only the
/// names, because the values contain spoken texts.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct RelayAttributes(Arc<Attributes>);

#[derive(Clone, PartialEq, Eq, Default)]
struct Attributes {
    relay: Values,
    /// By code. No language is without attributes.
    languages: BTreeMap<String, Values>,
}

impl fmt::Debug for RelayAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _value)| name)).finish()
    }
}

impl RelayAttributes {
    /// Accepts attributes that Twilio knows, each once.
    pub fn new(attributes: impl IntoIterator<Item = (String, String)>) -> Result<Self, RelayError> {
        let mut accepted = Attributes::default();
        for (name, value) in attributes {
            let Some((slot, grammar)) = Slot::parse(&name) else {
                return Err(RelayError::Unknown { name });
            };
            check(&name, grammar, &value)?;
            if accepted.values_of(slot.language).insert(slot.name, value).is_some() {
                return Err(RelayError::Repeated { name });
            }
        }
        Self::within_limit(accepted)
    }

    /// These attributes with `set` added or replaced and `removed` taken away.
    pub fn changed(&self, set: &Self, removed: &[String]) -> Result<Self, RelayError> {
        let mut changed = Attributes::clone(&self.0);
        for name in removed {
            let slot = Slot::parse(name).map(|(slot, _grammar)| slot);
            if slot.and_then(|slot| changed.values_of(slot.language).remove(slot.name)).is_none() {
                return Err(RelayError::NotSet { name: name.clone() });
            }
        }
        changed.relay.extend(set.0.relay.clone());
        for (code, values) in &set.0.languages {
            changed.values_of(Some(code)).extend(values.clone());
        }
        changed.languages.retain(|_code, values| !values.is_empty());
        Self::within_limit(changed)
    }

    /// Names and values: first those of all languages, sorted by name, then those of each language.
    pub fn iter(&self) -> impl Iterator<Item = (Cow<'static, str>, &str)> {
        let languages = self.0.languages.iter().flat_map(|(code, values)| {
            values.iter().map(move |(name, value)| {
                (Cow::Owned(format!("{LANGUAGE}{code}.{name}")), value.as_str())
            })
        });
        self.of_relay().map(|(name, value)| (Cow::Borrowed(name), value)).chain(languages)
    }

    /// Names and values of the attributes of `ConversationRelay` itself, sorted by name.
    pub fn of_relay(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.relay.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The languages with attributes of their own, sorted by code.
    pub fn languages(&self) -> impl Iterator<Item = RelayLanguage> {
        self.0.languages.iter().map(|(code, values)| RelayLanguage {
            code: code.clone(),
            attributes: values.iter().map(|(name, value)| (*name, value.clone())).collect(),
        })
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
        *self.0 == Attributes::default()
    }

    fn within_limit(attributes: Attributes) -> Result<Self, RelayError> {
        let length = |values: &Values| -> usize {
            values.iter().map(|(name, value)| attribute_length(name, value)).sum()
        };
        let of_languages = attributes.languages.iter().map(|(code, values)| {
            "<Language/>".len() + attribute_length("code", code) + length(values)
        });
        let bytes = length(&attributes.relay) + of_languages.sum::<usize>();
        if bytes > MAX_XML_BYTES {
            return Err(RelayError::TooLarge { bytes });
        }
        Ok(Self(Arc::new(attributes)))
    }
}

impl Attributes {
    /// The attributes of a language, or of all.
    fn values_of(&mut self, language: Option<&str>) -> &mut Values {
        match language {
            Some(code) => self.languages.entry(code.to_owned()).or_default(),
            None => &mut self.relay,
        }
    }
}

/// Where an attribute belongs.
struct Slot<'n> {
    /// The code of its language; `None` for `ConversationRelay` itself.
    language: Option<&'n str>,
    name: &'static str,
}

impl<'n> Slot<'n> {
    fn parse(name: &'n str) -> Option<(Self, Grammar)> {
        let (language, name, known) = match name.strip_prefix(LANGUAGE) {
            Some(rest) => {
                let (code, name) = rest.split_once('.').filter(|(code, _)| is_code(code))?;
                (Some(code), name, &LANGUAGE_ATTRIBUTES[..])
            }
            None => (None, name, &ATTRIBUTES[..]),
        };
        let &(name, grammar) = known.iter().find(|(known, _)| *known == name)?;
        Some((Self { language, name }, grammar))
    }
}

/// Whether a text can be a language code: `es-ES`, or `multi` for all of a speech model.
fn is_code(text: &str) -> bool {
    (2..=MAX_CODE_CHARACTERS).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn check(name: &str, grammar: Grammar, value: &str) -> Result<(), RelayError> {
    let name = || name.to_owned();
    match grammar {
        Word(words) if words.contains(&value) => Ok(()),
        Words(words) if !value.is_empty() && value.split(' ').all(|word| words.contains(&word)) => {
            Ok(())
        }
        Word(words) | Words(words) => Err(RelayError::Word { name: name(), words }),
        Text => {
            let length = value.chars().count();
            let is_text = (1..=MAX_RELAY_VALUE_CHARACTERS).contains(&length)
                && !value.chars().any(char::is_control);
            if is_text { Ok(()) } else { Err(RelayError::Text { name: name() }) }
        }
    }
}

fn names(attributes: &[(&str, Grammar)]) -> String {
    attributes.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
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
        assert_eq!(twice, Err(RelayError::Repeated { name: "hints".to_owned() }));
        for name in
            ["language.es-ES", "language.es-ES.url", "language.e.voice", "language.a b.voice"]
        {
            assert!(error(name, "x").contains("not language.CODE.NAME"), "{name}");
        }
        assert!(
            error("language.es-ES.ttsProvider", "google").starts_with(r#""language.es-ES.tts"#)
        );
    }

    #[test]
    fn each_language_has_its_attributes() {
        let pairs = [
            ("hints", "a"),
            ("language.es-ES.ttsProvider", "Amazon"),
            ("language.es-ES.voice", "Lucia-Neural"),
            ("language.multi.speechModel", "nova-3"),
        ];
        let attributes = new(&pairs).unwrap();
        let listed: Vec<_> =
            attributes.iter().map(|(name, value)| (name.into_owned(), value)).collect();
        assert!(listed.iter().map(|(name, value)| (name.as_str(), *value)).eq(pairs));
        assert_eq!(RelayAttributes::parse(&attributes.to_text()), Ok(attributes.clone()));
        let languages: Vec<_> = attributes.languages().collect();
        assert_eq!(
            (languages.len(), &*languages[0].code, &*languages[1].code),
            (2, "es-ES", "multi")
        );
        assert_eq!(languages[1].attributes, [("speechModel", "nova-3".to_owned())]);

        let set = new(&[("language.es-ES.voice", "Mia")]).unwrap();
        let removed = ["language.multi.speechModel".to_owned()];
        let changed = attributes.changed(&set, &removed).unwrap();
        let of_one = [&pairs[..2], &[("language.es-ES.voice", "Mia")]].concat();
        assert_eq!(changed, new(&of_one).unwrap());
        assert!(changed.changed(&RelayAttributes::default(), &removed).is_err());
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
