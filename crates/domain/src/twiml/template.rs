//! The answer that connects a call, for the hot path.

use std::fmt;

use super::connect::{Connect, Noun, fits, sent_length};
use super::rendering::{Answer, Twiml, TwimlTooLarge, within_limit};

const URL_NAME: &str = "sessionUrl";
const END_OF_URL: &str = r#""/>"#;
const START_OF_TOKEN: &str = r#"<Parameter name="sessionToken" value=""#;
/// Length of a call's SID.
const SID_LENGTH: usize = 34;
/// Longest token that still fits into a parameter.
const LONGEST_TOKEN: usize = 487;

/// What the answers to all calls of one agent are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectParts {
    /// The answer without the session, which is added as the last two parameters.
    pub connect: Connect,
    /// What stands before `/{CallSid}` in the URL of a session.
    pub session_base: String,
}

/// The answer that connects a call to its agent, rendered but for the session. `Debug` shows lengths
/// only.
///
/// A session is two parameters: `sessionUrl`, where the voice server reads all about the call, and
/// `sessionToken`, which lets it.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectTemplate {
    /// All before the `CallSid`.
    head: Box<str>,
    /// Whether there is a `sessionUrl`, and so a `CallSid`, at all.
    names_session: bool,
    /// All after the token. It is the same for every agent, as is what stands between the `CallSid` and the
    /// token: what is read for every call is read from memory that is near.
    tail: &'static str,
}

impl ConnectTemplate {
    /// Renders what is the same for every call.
    pub fn new(parts: &ConnectParts) -> Result<Self, TwimlTooLarge> {
        let mut start = Answer::new();
        parts.connect.write_start(&mut start);
        // A URL that is too long for a parameter is left out, as every such value is.
        let names_session = fits(URL_NAME, sent_length(&parts.session_base) + 1 + SID_LENGTH);
        if names_session {
            start.open("Parameter");
            start.attribute("name", URL_NAME);
            start.unfinished_attribute("value", &parts.session_base);
            start.text("/");
        }
        let template = Self {
            head: start.into_unfinished().into(),
            names_session,
            tail: tail(&parts.connect.noun),
        };
        within_limit(template.length(SID_LENGTH, LONGEST_TOKEN))?;
        Ok(template)
    }

    /// The answer to one call. Neither a SID nor a token has a character that needs escaping.
    pub fn render(&self, call_sid: &str, token: &str) -> Twiml {
        debug_assert!(
            call_sid.len() == SID_LENGTH
                && call_sid.bytes().all(|byte| byte.is_ascii_alphanumeric())
        );
        debug_assert!(token.len() <= LONGEST_TOKEN && token.bytes().all(is_token_byte));
        let (call_sid, end_of_url) =
            if self.names_session { (call_sid, END_OF_URL) } else { ("", "") };
        let mut answer = String::with_capacity(self.length(call_sid.len(), token.len()));
        for part in [&*self.head, call_sid, end_of_url, START_OF_TOKEN, token, self.tail] {
            answer.push_str(part);
        }
        Twiml::complete(answer)
    }

    const fn length(&self, call_sid: usize, token: usize) -> usize {
        let end_of_url = if self.names_session { END_OF_URL.len() } else { 0 };
        let session = call_sid + end_of_url + START_OF_TOKEN.len() + token;
        self.head.len() + session + self.tail.len()
    }
}

const fn tail(noun: &Noun) -> &'static str {
    match noun {
        Noun::Stream { .. } => r#""/></Stream></Connect></Response>"#,
        Noun::ConversationRelay { .. } => r#""/></ConversationRelay></Connect></Response>"#,
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

    use super::{ConnectParts, ConnectTemplate};
    use crate::twiml::{Connect, Noun, Parameter, VoiceResponse, VoiceVerb};

    const SID: &str = "CA0123456789abcdef0123456789abcdef";
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln-_A";
    const NAMES: [&str; 6] = ["agentId", "externalId", "agentName", "voice", "model", "language"];

    fn parts(is_relay: bool, url: &str, values: &[String], session_base: &str) -> ConnectParts {
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
        let connect = Connect { action: "https://x/api/twilio/voice/connected".to_owned(), noun };
        ConnectParts { connect, session_base: session_base.to_owned() }
    }

    /// The same answer by the builder.
    fn built(parts: &ConnectParts, token: &str) -> String {
        let mut connect = parts.connect.clone();
        let (Noun::Stream { parameters, .. } | Noun::ConversationRelay { parameters, .. }) =
            &mut connect.noun;
        let session_url = format!("{}/{SID}", parts.session_base);
        parameters.push(Parameter { name: "sessionUrl", value: session_url });
        parameters.push(Parameter { name: "sessionToken", value: token.to_owned() });
        VoiceResponse::new().then(VoiceVerb::Connect(connect)).render().unwrap().into_string()
    }

    #[test]
    fn the_session_is_put_in_as_the_last_two_parameters() {
        let parts =
            parts(false, "wss://v/s", &["agt_1".to_owned()], "https://x/api/voice/sessions");
        let template = ConnectTemplate::new(&parts).unwrap();
        let answer = template.render(SID, TOKEN).into_string();
        assert_eq!(
            answer,
            format!(
                r#"<?xml version="1.0" encoding="UTF-8"?><Response><Connect action="https://x/api/twilio/voice/connected" method="POST"><Stream url="wss://v/s"><Parameter name="agentId" value="agt_1"/><Parameter name="sessionUrl" value="https://x/api/voice/sessions/{SID}"/><Parameter name="sessionToken" value="{TOKEN}"/></Stream></Connect></Response>"#
            )
        );
        assert_eq!(answer.capacity(), answer.len());
    }

    #[test]
    fn a_session_url_that_is_too_long_is_left_out_as_the_builder_does() {
        for length in 440..470 {
            let parts = parts(false, "wss://v/s", &[], &"s".repeat(length));
            let answer = ConnectTemplate::new(&parts).unwrap().render(SID, TOKEN).into_string();
            assert_eq!(answer, built(&parts, TOKEN));
            assert_eq!(answer.contains("sessionUrl"), 10 + length + 1 + 34 < 500);
        }
    }

    #[test]
    fn the_longest_token_still_fits_into_a_parameter() {
        let parts = parts(true, "wss://v/s", &[], "https://x");
        let token = "t".repeat(super::LONGEST_TOKEN);
        let answer = ConnectTemplate::new(&parts).unwrap().render(SID, &token).into_string();
        assert_eq!(answer, built(&parts, &token));
        assert!(answer.contains(&token));
    }

    #[test]
    fn a_template_whose_answers_would_be_too_large_is_refused() {
        let of =
            |length| ConnectTemplate::new(&parts(false, &"u".repeat(length), &[], "https://x"));
        assert!(of(63_000).is_ok());
        assert!(of(64_000).unwrap_err().bytes > 64_000);
    }

    #[test]
    fn debug_shows_lengths_only() {
        let template =
            ConnectTemplate::new(&parts(false, "wss://h/s3cret", &[], "https://x")).unwrap();
        let shown = format!("{template:?}");
        assert!(shown.starts_with("ConnectTemplate(") && !shown.contains("s3cret"), "{shown}");
    }

    proptest! {
        #[test]
        fn a_template_answers_as_the_builder_does(
            is_relay: bool,
            url: String,
            values in prop::collection::vec(any::<String>(), 0..=6),
            session_base: String,
        ) {
            let parts = parts(is_relay, &url, &values, &session_base);
            let template = ConnectTemplate::new(&parts).unwrap();
            prop_assert_eq!(template.render(SID, TOKEN).into_string(), built(&parts, TOKEN));
        }
    }
}
