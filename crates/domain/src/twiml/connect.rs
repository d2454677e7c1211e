//! `<Connect>`: connects a call to a voice server over a WebSocket.

use std::borrow::Cow;
use std::fmt;

use super::escape::is_allowed;
use super::rendering::Answer;

/// Name and value of a parameter together must have fewer characters than this
/// (Twilio, `<Stream>`, "Custom Parameters").
const PARAMETER_LIMIT: usize = 500;

/// `<Connect>` with its noun. `Debug` shows the name of the noun only: the paths of the URLs are often credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Connect {
    /// URL that Twilio requests, by POST, when the connection ends.
    pub action: String,
    /// The noun: what the call is connected to.
    pub noun: Noun,
}

/// The noun of a `<Connect>`.
#[derive(Clone, PartialEq, Eq)]
pub enum Noun {
    /// A media stream: the voice server receives and sends audio.
    Stream {
        /// URL of the voice server: `wss://…` without a query.
        url: String,
        /// URL to which Twilio reports, by POST, that the stream has started, stopped or failed.
        status_callback: String,
        /// Parameters sent to the voice server at the start, in this order.
        parameters: Vec<Parameter>,
    },
    /// Twilio transcribes and speaks; the voice server receives and sends text.
    ConversationRelay {
        /// URL of the voice server: `wss://…` without a query.
        url: String,
        /// Language of transcription and speech, for example `en-US`; `None` for Twilio's default.
        language: Option<String>,
        /// Voice; `None` for Twilio's default.
        voice: Option<String>,
        /// Further attributes, by name.
        attributes: Vec<(&'static str, String)>,
        /// Settings of single languages.
        languages: Vec<RelayLanguage>,
        /// Parameters sent to the voice server at the start, in this order.
        parameters: Vec<Parameter>,
    },
}

/// `<Language>`: how one language is transcribed and spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayLanguage {
    /// Language code, such as `es-ES`.
    pub code: String,
    /// Further attributes, by name.
    pub attributes: Vec<(&'static str, String)>,
}

/// The kind of a [`Noun`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NounKind {
    Stream,
    ConversationRelay,
}

/// A parameter for the voice server. It is left out of the answer if its value is empty or too long for Twilio. A value
/// is never truncated, since a part of it would be wrong.
#[derive(Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Name, unique within a call.
    pub name: Cow<'static, str>,
    /// Value; empty for none.
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

/// Writes everything before the noun.
pub(super) fn write_start(answer: &mut Answer, action: &str) {
    answer.open("Connect");
    answer.attribute("action", action);
    answer.attribute("method", "POST");
    answer.content();
}

impl Noun {
    /// Writes the noun up to its last parameter.
    pub(super) fn write_start(&self, answer: &mut Answer) {
        answer.open(self.element());
        let (languages, parameters) = match self {
            Self::Stream { url, status_callback, parameters } => {
                answer.attribute("url", url);
                answer.attribute("statusCallback", status_callback);
                answer.attribute("statusCallbackMethod", "POST");
                (&[][..], parameters)
            }
            Self::ConversationRelay { url, language, voice, attributes, languages, parameters } => {
                answer.attribute("url", url);
                write_optional(answer, "language", language.as_deref());
                write_optional(answer, "voice", voice.as_deref());
                for (name, value) in attributes {
                    answer.attribute(name, value);
                }
                (&languages[..], parameters)
            }
        };
        answer.content();
        for language in languages {
            language.write(answer);
        }
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

impl RelayLanguage {
    fn write(&self, answer: &mut Answer) {
        answer.open("Language");
        answer.attribute("code", &self.code);
        for (name, value) in &self.attributes {
            answer.attribute(name, value);
        }
        answer.close_empty();
    }
}

impl Parameter {
    fn write(&self, answer: &mut Answer) {
        if is_sent(&self.name, &self.value) {
            answer.open("Parameter");
            answer.attribute("name", &self.name);
            answer.attribute("value", &self.value);
            answer.close_empty();
        }
    }

    /// Length of the parameter in an answer, in bytes; 0 if it is left out.
    pub(crate) fn xml_length(&self) -> usize {
        let mut answer = Answer::fragment();
        self.write(&mut answer);
        answer.into_unfinished().len()
    }
}

/// Whether a parameter is sent: it has a value, and name and value fit into Twilio's limit.
pub(super) fn is_sent(name: &str, value: &str) -> bool {
    let length = sent_length(value);
    length > 0 && fits(sent_length(name), length)
}

/// Whether a name and a value of these lengths fit into Twilio's limit.
pub(super) const fn fits(name_length: usize, value_length: usize) -> bool {
    name_length + value_length < PARAMETER_LIMIT
}

/// Length of a value as sent, in UTF-16 code units. Twilio does not document what it counts; there are never fewer code
/// units than characters, so a value within the limit by this count is within it by either.
pub(super) fn sent_length(value: &str) -> usize {
    value.chars().filter(|character| is_allowed(*character)).map(char::len_utf16).sum()
}

/// Length of an attribute in an answer, in bytes.
pub(crate) fn attribute_length(name: &'static str, value: &str) -> usize {
    let mut answer = Answer::fragment();
    answer.attribute(name, value);
    answer.into_unfinished().len()
}

fn write_optional(answer: &mut Answer, name: &'static str, value: Option<&str>) {
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
    use super::{Connect, Noun, Parameter, RelayLanguage};
    use crate::twiml::{VoiceResponse, VoiceVerb};

    const START: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response><Connect action="https://x/end" method="POST">"#;

    fn stream(parameters: &[(&'static str, &str)]) -> String {
        let parameters = parameters
            .iter()
            .map(|(name, value)| Parameter { name: (*name).into(), value: (*value).to_owned() })
            .collect();
        rendered(Noun::Stream {
            url: "wss://v.example/s".to_owned(),
            status_callback: "https://x/status".to_owned(),
            parameters,
        })
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
                r#"<Stream url="wss://v.example/s" statusCallback="https://x/status" statusCallbackMethod="POST"><Parameter name="agentId" value="agt_1"/><Parameter name="agentName" value="Sales &amp; &quot;Co&quot;"/></Stream></Connect></Response>"#
            )
        );
    }

    #[test]
    fn a_conversation_relay_has_its_language_and_voice_if_given() {
        let relay = |language: Option<&str>, voice: Option<&str>| {
            rendered(Noun::ConversationRelay {
                url: "wss://v.example/r".to_owned(),
                language: language.map(str::to_owned),
                voice: voice.map(str::to_owned),
                attributes: vec![("hints", "a & b".to_owned())],
                languages: vec![RelayLanguage {
                    code: "es-ES".to_owned(),
                    attributes: vec![("voice", "\"Lucia\"".to_owned())],
                }],
                parameters: vec![],
            })
        };
        let end = r#" hints="a &amp; b"><Language code="es-ES" voice="&quot;Lucia&quot;"/></ConversationRelay></Connect></Response>"#;
        let url = r#"<ConversationRelay url="wss://v.example/r""#;
        assert_eq!(
            relay(Some("en-US"), Some("alloy")),
            format!(r#"{START}{url} language="en-US" voice="alloy"{end}"#)
        );
        assert_eq!(relay(None, Some("")), format!("{START}{url}{end}"));
    }

    #[test]
    fn a_parameter_without_a_value_is_left_out() {
        let none = format!(
            r#"{START}<Stream url="wss://v.example/s" statusCallback="https://x/status" statusCallbackMethod="POST"></Stream></Connect></Response>"#
        );
        assert_eq!(stream(&[("voice", "")]), none);
        assert_eq!(stream(&[("voice", "\u{1}\u{ffff}")]), none);
    }

    #[test]
    fn a_parameter_of_500_characters_is_left_out_and_never_truncated() {
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
    fn a_character_of_two_utf_16_units_counts_twice() {
        assert!(stream(&[("voice", &"😀".repeat(247))]).contains("voice"));
        assert!(!stream(&[("voice", &"😀".repeat(248))]).contains("voice"));
    }

    #[test]
    fn debug_shows_neither_urls_nor_values() {
        let parameters =
            vec![Parameter { name: "sessionToken".into(), value: "s3cret".to_owned() }];
        let noun = Noun::Stream {
            url: "wss://h/s3cret".to_owned(),
            status_callback: "https://h/s3cret".to_owned(),
            parameters: parameters.clone(),
        };
        let connect = Connect { action: "https://h/s3cret".to_owned(), noun };
        assert_eq!(
            format!("{connect:?} {parameters:?}"),
            "Connect(Stream) [sessionToken of 6 bytes]"
        );
    }
}
