//! `<Connect>`: the call is handed to a voice server over a WebSocket.

use std::fmt;

use super::escape::is_allowed;
use super::rendering::Answer;

/// Name and value of a parameter stay below this many characters together
/// (Twilio, `<Stream>`, "Custom Parameters").
const PARAMETER_LIMIT: usize = 500;

/// `<Connect>`, and what the call is connected to. `Debug` shows the noun only: the paths of the URLs
/// are often a credential.
#[derive(Clone, PartialEq, Eq)]
pub struct Connect {
    /// What Twilio asks, by POST, when the connection ends.
    pub action: String,
    /// What the call is connected to.
    pub noun: Noun,
}

/// What a call is connected to.
#[derive(Clone, PartialEq, Eq)]
pub enum Noun {
    /// A media stream: the voice server gets and sends audio.
    Stream {
        /// Where the voice server listens: `wss://…` without a query.
        url: String,
        /// What the voice server is told at the start, in this order.
        parameters: Vec<Parameter>,
    },
    /// Twilio listens and speaks; the voice server gets and sends text.
    ConversationRelay {
        /// Where the voice server listens: `wss://…` without a query.
        url: String,
        /// The language that is spoken and understood, for example `en-US`.
        language: Option<String>,
        /// The voice that speaks.
        voice: Option<String>,
        /// What the voice server is told at the start, in this order.
        parameters: Vec<Parameter>,
    },
}

/// Which [`Noun`] it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NounKind {
    Stream,
    ConversationRelay,
}

/// A named value for the voice server. Without a value, or with one that is too long for Twilio, it is
/// left out of the answer; it is never cut, since half of a value is a wrong value.
#[derive(Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, once per call.
    pub name: &'static str,
    /// Its value; an empty one is the same as none.
    pub value: String,
}

impl Connect {
    pub(super) fn write(&self, answer: &mut Answer) {
        write_start(answer, &self.action);
        self.noun.write_start(answer);
        answer.close(self.noun.element());
        answer.close("Connect");
    }
}

/// All before the noun.
pub(super) fn write_start(answer: &mut Answer, action: &str) {
    answer.open("Connect");
    answer.attribute("action", action);
    answer.attribute("method", "POST");
    answer.content();
}

impl Noun {
    /// All up to the last of the parameters.
    pub(super) fn write_start(&self, answer: &mut Answer) {
        answer.open(self.element());
        let parameters = match self {
            Self::Stream { url, parameters } => {
                answer.attribute("url", url);
                parameters
            }
            Self::ConversationRelay { url, language, voice, parameters } => {
                answer.attribute("url", url);
                write_if_given(answer, "language", language.as_deref());
                write_if_given(answer, "voice", voice.as_deref());
                parameters
            }
        };
        answer.content();
        for parameter in parameters {
            parameter.write(answer);
        }
    }

    pub(super) const fn kind(&self) -> NounKind {
        match self {
            Self::Stream { .. } => NounKind::Stream,
            Self::ConversationRelay { .. } => NounKind::ConversationRelay,
        }
    }

    const fn element(&self) -> &'static str {
        match self.kind() {
            NounKind::Stream => "Stream",
            NounKind::ConversationRelay => "ConversationRelay",
        }
    }
}

impl Parameter {
    fn write(&self, answer: &mut Answer) {
        let length = sent_length(&self.value);
        if length > 0 && fits(self.name, length) {
            answer.open("Parameter");
            answer.attribute("name", self.name);
            answer.attribute("value", &self.value);
            answer.close_empty();
        }
    }
}

/// Whether a parameter of this name can have a value of so many characters.
pub(super) const fn fits(name: &str, value_length: usize) -> bool {
    name.len() + value_length < PARAMETER_LIMIT
}

/// The length of a value as it is sent. Twilio does not say which characters it counts; UTF-16 units
/// are never fewer than characters, so a value within the limit by them is within it by either count.
pub(super) fn sent_length(value: &str) -> usize {
    value.chars().filter(|character| is_allowed(*character)).map(char::len_utf16).sum()
}

fn write_if_given(answer: &mut Answer, name: &'static str, value: Option<&str>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        answer.attribute(name, value);
    }
}

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connect({:?})", self.noun)
    }
}

impl fmt::Debug for Noun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.element())
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes", self.name, self.value.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{Connect, Noun, Parameter};
    use crate::twiml::{VoiceResponse, VoiceVerb};

    const START: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response><Connect action="https://x/end" method="POST">"#;

    fn stream(parameters: &[(&'static str, &str)]) -> String {
        let parameters = parameters
            .iter()
            .map(|(name, value)| Parameter { name, value: (*value).to_owned() })
            .collect();
        rendered(Noun::Stream { url: "wss://v.example/s".to_owned(), parameters })
    }

    fn rendered(noun: Noun) -> String {
        let connect = Connect { action: "https://x/end".to_owned(), noun };
        VoiceResponse::new().then(VoiceVerb::Connect(connect)).render().unwrap().into_string()
    }

    #[test]
    fn a_stream_carries_its_parameters_in_order() {
        assert_eq!(
            stream(&[("agentId", "agt_1"), ("agentName", "Sales & \"Co\"")]),
            format!(
                "{START}{}",
                r#"<Stream url="wss://v.example/s"><Parameter name="agentId" value="agt_1"/><Parameter name="agentName" value="Sales &amp; &quot;Co&quot;"/></Stream></Connect></Response>"#
            )
        );
    }

    #[test]
    fn a_conversation_relay_says_its_language_and_voice_where_they_are_given() {
        let relay = |language: Option<&str>, voice: Option<&str>| {
            rendered(Noun::ConversationRelay {
                url: "wss://v.example/r".to_owned(),
                language: language.map(str::to_owned),
                voice: voice.map(str::to_owned),
                parameters: vec![],
            })
        };
        let end = "></ConversationRelay></Connect></Response>";
        let url = r#"<ConversationRelay url="wss://v.example/r""#;
        assert_eq!(
            relay(Some("en-US"), Some("alloy")),
            format!(r#"{START}{url} language="en-US" voice="alloy"{end}"#)
        );
        assert_eq!(relay(None, Some("")), format!("{START}{url}{end}"));
    }

    #[test]
    fn a_parameter_without_a_value_is_left_out() {
        let none =
            format!(r#"{START}<Stream url="wss://v.example/s"></Stream></Connect></Response>"#);
        assert_eq!(stream(&[("voice", "")]), none);
        assert_eq!(stream(&[("voice", "\u{1}\u{ffff}")]), none);
    }

    #[test]
    fn name_and_value_stay_below_500_characters_and_are_never_cut() {
        for character in ["v", "é", "&"] {
            let longest = character.repeat(499 - "voice".len());
            assert!(stream(&[("voice", &longest)]).contains("voice"));
            let longer = format!("{longest}{character}");
            let answer = stream(&[("voice", &longer), ("model", "m")]);
            assert!(!answer.contains("voice"));
            assert!(answer.contains(r#"<Parameter name="model" value="m"/>"#));
        }
    }

    #[test]
    fn a_character_of_two_units_counts_twice() {
        assert!(stream(&[("voice", &"😀".repeat(247))]).contains("voice"));
        assert!(!stream(&[("voice", &"😀".repeat(248))]).contains("voice"));
    }

    #[test]
    fn debug_shows_neither_urls_nor_values() {
        let parameters = vec![Parameter { name: "sessionToken", value: "s3cret".to_owned() }];
        let noun =
            Noun::Stream { url: "wss://h/s3cret".to_owned(), parameters: parameters.clone() };
        let connect = Connect { action: "https://h/s3cret".to_owned(), noun };
        assert_eq!(
            format!("{connect:?} {parameters:?}"),
            "Connect(Stream) [sessionToken of 6 bytes]"
        );
    }
}
