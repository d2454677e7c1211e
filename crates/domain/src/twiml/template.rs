//! The prepared answer that connects a call to its agent, for the hot path.

use std::fmt;
use std::sync::Arc;

use super::connect::{Noun, NounKind, fits, is_sent, sent_length, write_start};
use super::escape::push_attribute;
use super::rendering::{Answer, Twiml, TwimlTooLarge, within_limit};
use crate::address::Address;
use crate::sid::CallSid;
use crate::trace_parent::TraceParent;

const URL_NAME: &str = "sessionUrl";
const END: &str = r#""/>"#;
const START_OF_SID: &str = r#"<Parameter name="callSid" value=""#;
const START_OF_FROM: &str = r#"<Parameter name="from" value=""#;
const START_OF_TO: &str = r#"<Parameter name="to" value=""#;
const START_OF_DIRECTION: &str = r#"<Parameter name="direction" value=""#;
const START_OF_TRACE: &str = r#"<Parameter name="traceparent" value=""#;
const START_OF_TOKEN: &str = r#"<Parameter name="sessionToken" value=""#;
/// Length of a `CallSid`.
const SID_LENGTH: usize = 34;
/// Typical length of a session token, to allocate the answer once.
const TYPICAL_TOKEN_BYTES: usize = 400;
/// Maximum length of a session token: longer ones do not fit into a parameter.
const MAX_TOKEN_BYTES: usize = 487;

/// Typical length of the addresses of a call.
const TYPICAL_ADDRESS_BYTES: usize = 16;
/// Maximum length of an address in an answer: it has fewer than 500 characters, each of which takes at most 6 bytes.
const MAX_ADDRESS_BYTES: usize = 3_000;
/// Maximum length of a direction.
const MAX_DIRECTION_BYTES: usize = 20;

/// What differs between the calls of an agent, besides the session token. `Debug` shows the `CallSid` only.
#[derive(Clone, Copy)]
pub struct CallParameters<'a> {
    /// SID of the call.
    pub call: CallSid,
    /// Address of the caller. A withheld one is left out.
    pub from: &'a Address,
    /// Address that was called.
    pub to: &'a Address,
    /// Twilio's word for the direction of the call, without characters that need escaping.
    pub direction: &'static str,
}

/// The rendered parts that the answers of all agents share. They are stored once, so that they stay in the CPU cache.
/// `Debug` shows lengths only.
///
/// Each call has the parameters `callSid`, `from`, `to`, `direction` and `traceparent`. A session is passed as two parameters: `sessionUrl`, where the voice server reads the session, and `sessionToken`, which
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
        let fits = fits(URL_NAME.len(), sent_length(session_base) + 1 + SID_LENGTH);
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
        within_limit(template.length(2 * MAX_ADDRESS_BYTES, MAX_TOKEN_BYTES))?;
        Ok(template)
    }

    /// Starts the answer to one call: everything before the token.
    ///
    /// Start the answer before creating the token: an agent's template is rarely in the CPU cache, and loading it then
    /// overlaps with creating the token.
    pub fn start(&self, call: &CallParameters<'_>) -> PartialConnect {
        let length = self.length(2 * TYPICAL_ADDRESS_BYTES, TYPICAL_TOKEN_BYTES);
        let mut answer = String::with_capacity(length);
        answer.push_str(&self.frame.start);
        answer.push_str(&self.noun);
        // A SID has no character that needs escaping.
        let sid = call.call.as_str();
        answer.push_str(START_OF_SID);
        answer.push_str(sid);
        answer.push_str(END);
        push_address(&mut answer, START_OF_FROM, "from", call.from);
        push_address(&mut answer, START_OF_TO, "to", call.to);
        answer.push_str(START_OF_DIRECTION);
        answer.push_str(call.direction);
        answer.push_str(END);
        answer.push_str(START_OF_TRACE);
        TraceParent::of(call.call).push_to(&mut answer);
        answer.push_str(END);
        if let Some(session) = &self.frame.session {
            answer.push_str(session);
            answer.push_str(sid);
            answer.push_str(END);
        }
        answer.push_str(START_OF_TOKEN);
        PartialConnect { answer, tail: tail(self.kind) }
    }

    /// Length of an answer with addresses and a token of these lengths.
    fn length(&self, addresses: usize, token: usize) -> usize {
        const STARTS: usize = START_OF_SID.len()
            + START_OF_FROM.len()
            + START_OF_TO.len()
            + START_OF_DIRECTION.len()
            + START_OF_TRACE.len()
            + TraceParent::LENGTH
            + 5 * END.len();
        let url = |session: &str| session.len() + SID_LENGTH + END.len();
        let url = self.frame.session.as_deref().map_or(0, url);
        let agent = self.frame.start.len() + self.noun.len() + tail(self.kind).len();
        let call = STARTS + SID_LENGTH + addresses + MAX_DIRECTION_BYTES;
        agent + call + url + START_OF_TOKEN.len() + token
    }
}

/// Writes an address as a parameter, unless it is empty or too long.
fn push_address(answer: &mut String, start: &str, name: &str, address: &Address) {
    // Digits need no escaping, and nearly every address is a number.
    if let Address::Phone(number) = address {
        answer.push_str(start);
        answer.push_str(number.as_str());
        answer.push_str(END);
        return;
    }
    let text = address.to_text();
    if is_sent(name, &text) {
        answer.push_str(start);
        push_attribute(answer, &text);
        answer.push_str(END);
    }
}

impl fmt::Debug for CallParameters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallParameters({})", self.call)
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

    use super::{CallParameters, ConnectFrame, ConnectTemplate, TwimlTooLarge};
    use crate::address::Address;
    use crate::sid::CallSid;
    use crate::twiml::{Connect, Noun, Parameter, VoiceResponse, VoiceVerb};

    const SID: &str = "CA0123456789abcdef0123456789abcdef";
    const TRACE: &str = "00-0123456789abcdef0123456789abcdef-0365cfa89afc5631-01";
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

    /// The noun of `<Connect>`.
    #[derive(Clone, Copy, Debug)]
    enum Kind {
        Stream,
        ConversationRelay,
    }

    fn parts(kind: Kind, url: &str, values: &[String], session_base: &str) -> Parts {
        let parameters = NAMES
            .iter()
            .zip(values)
            .map(|(name, value)| Parameter { name: (*name).into(), value: value.clone() })
            .collect();
        let url = url.to_owned();
        let noun = match kind {
            Kind::Stream => {
                Noun::Stream { url, status_callback: "https://x/status".to_owned(), parameters }
            }
            Kind::ConversationRelay => Noun::ConversationRelay {
                url,
                language: values.last().cloned(),
                voice: values.first().cloned(),
                attributes: vec![("hints", "a".to_owned())],
                languages: Vec::new(),
                parameters,
            },
        };
        Parts { noun, session_base: session_base.to_owned() }
    }

    fn parameter(name: &'static str, value: &str) -> Parameter {
        Parameter { name: name.into(), value: value.to_owned() }
    }

    fn address(text: &str) -> Address {
        Address::parse_caller(text).unwrap()
    }

    /// The answer to a call from that address.
    fn answer(parts: &Parts, from: &str, token: &str) -> String {
        let (from, to) = (address(from), address("+14155550100"));
        let call = CallParameters {
            call: CallSid::parse(SID).unwrap(),
            from: &from,
            to: &to,
            direction: "inbound",
        };
        parts.template().unwrap().start(&call).finish(token).into_string()
    }

    /// The same answer, built from verbs.
    fn built(parts: &Parts, from: &str, token: &str) -> String {
        let mut connect = Connect { action: ACTION.to_owned(), noun: parts.noun.clone() };
        let (Noun::Stream { parameters, .. } | Noun::ConversationRelay { parameters, .. }) =
            &mut connect.noun;
        let session_url = format!("{}/{SID}", parts.session_base);
        parameters.push(parameter("callSid", SID));
        parameters.push(parameter("from", &address(from).to_text()));
        parameters.push(parameter("to", "+14155550100"));
        parameters.push(parameter("direction", "inbound"));
        parameters.push(parameter("traceparent", TRACE));
        parameters.push(parameter("sessionUrl", &session_url));
        parameters.push(parameter("sessionToken", token));
        VoiceResponse::new().then(VoiceVerb::Connect(connect)).render().unwrap().into_string()
    }

    #[test]
    fn the_call_and_its_session_are_the_last_parameters() {
        let parts =
            parts(Kind::Stream, "wss://v/s", &["agt_1".to_owned()], "https://x/api/voice/sessions");
        let answer = answer(&parts, "+14155550199", TOKEN);
        assert_eq!(
            answer,
            format!(
                r#"<?xml version="1.0" encoding="UTF-8"?><Response><Connect action="https://x/api/twilio/voice/connected" method="POST"><Stream url="wss://v/s" statusCallback="https://x/status" statusCallbackMethod="POST"><Parameter name="agentId" value="agt_1"/><Parameter name="callSid" value="{SID}"/><Parameter name="from" value="+14155550199"/><Parameter name="to" value="+14155550100"/><Parameter name="direction" value="inbound"/><Parameter name="traceparent" value="{TRACE}"/><Parameter name="sessionUrl" value="https://x/api/voice/sessions/{SID}"/><Parameter name="sessionToken" value="{TOKEN}"/></Stream></Connect></Response>"#
            )
        );
        assert_eq!(answer.capacity(), answer.len());
    }

    #[test]
    fn a_session_url_that_is_too_long_is_left_out_as_in_a_built_answer() {
        for length in 440..470 {
            let parts = parts(Kind::Stream, "wss://v/s", &[], &"s".repeat(length));
            let answer = answer(&parts, "+14155550199", TOKEN);
            assert_eq!(answer, built(&parts, "+14155550199", TOKEN));
            assert_eq!(answer.contains("sessionUrl"), 10 + length + 1 + 34 < 500);
        }
    }

    #[test]
    fn the_longest_token_still_fits_into_a_parameter() {
        let parts = parts(Kind::ConversationRelay, "wss://v/s", &[], "https://x");
        let token = "t".repeat(super::MAX_TOKEN_BYTES);
        let answer = answer(&parts, "+14155550199", &token);
        assert_eq!(answer, built(&parts, "+14155550199", &token));
        assert!(answer.contains(&token));
    }

    #[test]
    fn a_template_whose_answers_would_be_too_large_is_refused() {
        let of =
            |length: usize| parts(Kind::Stream, &"u".repeat(length), &[], "https://x").template();
        assert!(of(56_000).is_ok());
        assert!(of(64_000).unwrap_err().bytes > 64_000);
    }

    #[test]
    fn a_withheld_caller_has_no_from_and_any_other_is_escaped() {
        let parts = parts(Kind::Stream, "wss://v/s", &[], "https://x");
        assert!(!answer(&parts, "anonymous", TOKEN).contains(r#"name="from""#));
        let sip = answer(&parts, "sip:a&b@example.com", TOKEN);
        assert!(sip.contains(r#"<Parameter name="from" value="sip:a&amp;b@example.com"/>"#));
        let long = format!("client:{}", "&".repeat(488));
        assert!(answer(&parts, &long, TOKEN).contains(r#"name="from""#));
        assert!(!answer(&parts, &format!("{long}&"), TOKEN).contains(r#"name="from""#));
    }

    #[test]
    fn debug_shows_lengths_only() {
        let template = parts(Kind::Stream, "wss://h/s3cret", &[], "https://x").template().unwrap();
        let shown = format!("{template:?}");
        assert!(shown.starts_with("ConnectTemplate(") && !shown.contains("s3cret"), "{shown}");
    }

    proptest! {
        #[test]
        fn a_template_renders_the_same_answer_as_the_verbs(
            kind in prop::sample::select(vec![Kind::Stream, Kind::ConversationRelay]),
            url: String,
            values in prop::collection::vec(any::<String>(), 0..=6),
            session_base: String,
            from in r"client:[!-~é😀]{1,20}|\+1415555[0-9]{4}|anonymous",
        ) {
            let parts = parts(kind, &url, &values, &session_base);
            prop_assert_eq!(answer(&parts, &from, TOKEN), built(&parts, &from, TOKEN));
        }
    }
}
