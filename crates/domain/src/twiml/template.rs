//! The prepared answer that connects a call to its agent, for the hot path.

use std::fmt;
use std::sync::Arc;

use super::connect::{Noun, NounKind, fits, sent_length, write_start};
use super::rendering::{Answer, Twiml, TwimlTooLarge, within_limit};

const URL_NAME: &str = "sessionUrl";
const END_OF_URL: &str = r#""/>"#;
const START_OF_TOKEN: &str = r#"<Parameter name="sessionToken" value=""#;
/// Length of a `CallSid`.
const SID_LENGTH: usize = 34;
/// Typical length of a session token, to allocate the answer once.
const TYPICAL_TOKEN_BYTES: usize = 400;
/// Maximum length of a session token: longer ones do not fit into a parameter.
const MAX_TOKEN_BYTES: usize = 487;

/// The rendered parts that the answers of all agents share. They are stored once, so that they stay in the CPU cache.
/// `Debug` shows lengths only.
///
/// A session is passed as two parameters: `sessionUrl`, where the voice server reads the session, and `sessionToken`, which
/// authorizes it.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectFrame {
    /// Everything before the noun.
    start: Box<str>,
    /// The parameter `sessionUrl` up to the `CallSid`; `None` if the URL is too long for a parameter.
    session: Option<Box<str>>,
}

impl ConnectFrame {
    /// Renders the shared parts. `action` is the URL that Twilio requests when the connection ends, `session_base` the URL
    /// of a session before `/{CallSid}`.
    pub fn new(action: &str, session_base: &str) -> Self {
        let mut start = Answer::new();
        write_start(&mut start, action);
        // A URL that is too long for a parameter is left out, like any such value.
        let fits = fits(URL_NAME, sent_length(session_base) + 1 + SID_LENGTH);
        let session = fits.then(|| {
            let mut session = Answer::fragment();
            session.open("Parameter");
            session.attribute("name", URL_NAME);
            session.unfinished_attribute("value", session_base);
            session.text("/");
            session.into_unfinished().into()
        });
        Self { start: start.into_unfinished().into(), session }
    }
}

impl fmt::Debug for ConnectFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectFrame({} bytes)", self.start.len())
    }
}

/// The answer that connects a call to its agent, rendered except for the session. A clone shares the rendered text. `Debug`
/// shows lengths only.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectTemplate {
    frame: Arc<ConnectFrame>,
    /// The noun, up to the last parameter before the session.
    noun: Arc<str>,
    /// Kind of the noun, which determines the text after the token.
    kind: NounKind,
}

impl ConnectTemplate {
    /// Renders what all calls of an agent share. Fails if an answer could exceed the size limit.
    pub fn new(frame: &Arc<ConnectFrame>, noun: &Noun) -> Result<Self, TwimlTooLarge> {
        let mut start = Answer::fragment();
        noun.write_start(&mut start);
        let template = Self {
            frame: Arc::clone(frame),
            noun: start.into_unfinished().into(),
            kind: noun.kind(),
        };
        within_limit(template.length(SID_LENGTH, MAX_TOKEN_BYTES))?;
        Ok(template)
    }

    /// Starts the answer to one call: everything before the token. A SID has no character that needs escaping.
    ///
    /// Start the answer before creating the token: an agent's template is rarely in the CPU cache, and loading it then
    /// overlaps with creating the token.
    pub fn start(&self, call_sid: &str) -> PartialConnect {
        debug_assert!(
            call_sid.len() == SID_LENGTH
                && call_sid.bytes().all(|byte| byte.is_ascii_alphanumeric())
        );
        let mut answer = String::with_capacity(self.length(call_sid.len(), TYPICAL_TOKEN_BYTES));
        answer.push_str(&self.frame.start);
        answer.push_str(&self.noun);
        if let Some(session) = &self.frame.session {
            answer.push_str(session);
            answer.push_str(call_sid);
            answer.push_str(END_OF_URL);
        }
        answer.push_str(START_OF_TOKEN);
        PartialConnect { answer, tail: tail(self.kind) }
    }

    fn length(&self, call_sid: usize, token: usize) -> usize {
        let url = |session: &str| session.len() + call_sid + END_OF_URL.len();
        let url = self.frame.session.as_deref().map_or(0, url);
        let agent = self.frame.start.len() + self.noun.len() + tail(self.kind).len();
        agent + url + START_OF_TOKEN.len() + token
    }
}

/// An answer up to its session token.
pub struct PartialConnect {
    answer: String,
    tail: &'static str,
}

impl PartialConnect {
    /// Appends the token and completes the answer. A token has no character that needs escaping.
    pub fn finish(self, token: &str) -> Twiml {
        debug_assert!(token.len() <= MAX_TOKEN_BYTES && token.bytes().all(is_token_byte));
        let Self { mut answer, tail } = self;
        answer.push_str(token);
        answer.push_str(tail);
        // Without spare capacity, the HTTP library sends the text without copying it.
        answer.shrink_to_fit();
        Twiml::complete(answer)
    }
}

/// Everything after the token.
const fn tail(kind: NounKind) -> &'static str {
    match kind {
        NounKind::Stream => r#""/></Stream></Connect></Response>"#,
        NounKind::ConversationRelay => r#""/></ConversationRelay></Connect></Response>"#,
    }
}

const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

impl fmt::Debug for ConnectTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectTemplate({} bytes)", self.length(0, 0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use std::sync::Arc;

    use super::{ConnectFrame, ConnectTemplate, TwimlTooLarge};
    use crate::twiml::{Connect, Noun, Parameter, VoiceResponse, VoiceVerb};

    const SID: &str = "CA0123456789abcdef0123456789abcdef";
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln-_A";
    const NAMES: [&str; 6] = ["agentId", "externalId", "agentName", "voice", "model", "language"];

    const ACTION: &str = "https://x/api/twilio/voice/connected";

    struct Parts {
        noun: Noun,
        session_base: String,
    }

    impl Parts {
        fn template(&self) -> Result<ConnectTemplate, TwimlTooLarge> {
            let frame = Arc::new(ConnectFrame::new(ACTION, &self.session_base));
            ConnectTemplate::new(&frame, &self.noun)
        }
    }

    fn parts(is_relay: bool, url: &str, values: &[String], session_base: &str) -> Parts {
        let parameters = NAMES
            .iter()
            .zip(values)
            .map(|(name, value)| Parameter { name, value: value.clone() })
            .collect();
        let url = url.to_owned();
        let noun = if is_relay {
            let (language, voice) = (values.last().cloned(), values.first().cloned());
            Noun::ConversationRelay { url, language, voice, parameters }
        } else {
            Noun::Stream { url, parameters }
        };
        Parts { noun, session_base: session_base.to_owned() }
    }

    /// The same answer, built from verbs.
    fn built(parts: &Parts, token: &str) -> String {
        let mut connect = Connect { action: ACTION.to_owned(), noun: parts.noun.clone() };
        let (Noun::Stream { parameters, .. } | Noun::ConversationRelay { parameters, .. }) =
            &mut connect.noun;
        let session_url = format!("{}/{SID}", parts.session_base);
        parameters.push(Parameter { name: "sessionUrl", value: session_url });
        parameters.push(Parameter { name: "sessionToken", value: token.to_owned() });
        VoiceResponse::new().then(VoiceVerb::Connect(connect)).render().unwrap().into_string()
    }

    #[test]
    fn the_session_is_inserted_as_the_last_two_parameters() {
        let parts =
            parts(false, "wss://v/s", &["agt_1".to_owned()], "https://x/api/voice/sessions");
        let template = parts.template().unwrap();
        let answer = template.start(SID).finish(TOKEN).into_string();
        assert_eq!(
            answer,
            format!(
                r#"<?xml version="1.0" encoding="UTF-8"?><Response><Connect action="https://x/api/twilio/voice/connected" method="POST"><Stream url="wss://v/s"><Parameter name="agentId" value="agt_1"/><Parameter name="sessionUrl" value="https://x/api/voice/sessions/{SID}"/><Parameter name="sessionToken" value="{TOKEN}"/></Stream></Connect></Response>"#
            )
        );
        assert_eq!(answer.capacity(), answer.len());
    }

    #[test]
    fn a_session_url_that_is_too_long_is_left_out_as_in_a_built_answer() {
        for length in 440..470 {
            let parts = parts(false, "wss://v/s", &[], &"s".repeat(length));
            let answer = parts.template().unwrap().start(SID).finish(TOKEN).into_string();
            assert_eq!(answer, built(&parts, TOKEN));
            assert_eq!(answer.contains("sessionUrl"), 10 + length + 1 + 34 < 500);
        }
    }

    #[test]
    fn the_longest_token_still_fits_into_a_parameter() {
        let parts = parts(true, "wss://v/s", &[], "https://x");
        let token = "t".repeat(super::MAX_TOKEN_BYTES);
        let answer = parts.template().unwrap().start(SID).finish(&token).into_string();
        assert_eq!(answer, built(&parts, &token));
        assert!(answer.contains(&token));
    }

    #[test]
    fn a_template_whose_answers_would_be_too_large_is_refused() {
        let of = |length: usize| parts(false, &"u".repeat(length), &[], "https://x").template();
        assert!(of(63_000).is_ok());
        assert!(of(64_000).unwrap_err().bytes > 64_000);
    }

    #[test]
    fn debug_shows_lengths_only() {
        let template = parts(false, "wss://h/s3cret", &[], "https://x").template().unwrap();
        let shown = format!("{template:?}");
        assert!(shown.starts_with("ConnectTemplate(") && !shown.contains("s3cret"), "{shown}");
    }

    proptest! {
        #[test]
        fn a_template_renders_the_same_answer_as_the_verbs(
            is_relay: bool,
            url: String,
            values in prop::collection::vec(any::<String>(), 0..=6),
            session_base: String,
        ) {
            let parts = parts(is_relay, &url, &values, &session_base);
            let template = parts.template().unwrap();
            prop_assert_eq!(template.start(SID).finish(TOKEN).into_string(), built(&parts, TOKEN));
        }
    }
}
