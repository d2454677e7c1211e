//! What Twilio knows of TwiML: the rest is warned of and passed over (Twilio, error 12200).

use super::element::Element;
use crate::phone::transcript::Alert;

/// Attributes of each verb and noun that Twilio documents.
const VOICE: [(&str, &[&str]); 20] = [
    ("Say", &["voice", "language", "loop"]),
    ("Play", &["loop", "digits"]),
    ("Pause", &["length"]),
    (
        "Gather",
        &[
            "input",
            "action",
            "method",
            "timeout",
            "speechTimeout",
            "maxSpeechTime",
            "finishOnKey",
            "numDigits",
            "partialResultCallback",
            "partialResultCallbackMethod",
            "language",
            "hints",
            "profanityFilter",
            "bargeIn",
            "debug",
            "actionOnEmptyResult",
            "dtmfDetection",
            "speechModel",
            "enhanced",
        ],
    ),
    ("Hangup", &[]),
    ("Reject", &["reason"]),
    ("Redirect", &["method"]),
    ("Connect", &["action", "method"]),
    (
        "Stream",
        &[
            "url",
            "name",
            "track",
            "statusCallback",
            "statusCallbackMethod",
            "connectorName",
            "audioFormat",
            "sampleRate",
        ],
    ),
    (
        "ConversationRelay",
        &[
            "url",
            "welcomeGreeting",
            "welcomeGreetingInterruptible",
            "language",
            "ttsLanguage",
            "ttsProvider",
            "voice",
            "transcriptionLanguage",
            "transcriptionProvider",
            "speechModel",
            "deepgramSmartFormat",
            "interruptible",
            "interruptSensitivity",
            "dtmfDetection",
            "reportInputDuringAgentSpeech",
            "preemptible",
            "hints",
            "debug",
            "elevenlabsTextNormalization",
            "intelligenceService",
            "events",
            "profanityFilter",
            "partialPrompts",
            "backgroundNoiseReduction",
            "speechTimeout",
            "ignoreBackchannel",
            "eotThreshold",
            "eagerEotThreshold",
            "partialPromptOnHangup",
            "asrSmartFormat",
            "ttsTextNormalization",
            "ttsLanguageTextNormalization",
            "conversationConfiguration",
        ],
    ),
    ("Parameter", &["name", "value"]),
    (
        "Language",
        &[
            "code",
            "ttsProvider",
            "voice",
            "transcriptionProvider",
            "speechModel",
            "hints",
            "asrSmartFormat",
            "ttsTextNormalization",
        ],
    ),
    (
        "Dial",
        &[
            "action",
            "method",
            "timeout",
            "timeLimit",
            "callerId",
            "answerOnBridge",
            "record",
            "hangupOnStar",
            "sequential",
            "referUrl",
            "referMethod",
            "ringTone",
            "trim",
            "recordingStatusCallback",
            "recordingStatusCallbackMethod",
            "recordingStatusCallbackEvent",
            "recordingTrack",
            "events",
        ],
    ),
    ("Number", CALLED),
    ("Sip", CALLED),
    ("Client", CALLED),
    (
        "Conference",
        &["statusCallback", "statusCallbackEvent", "statusCallbackMethod", "beep", "muted"],
    ),
    ("Queue", &["url", "method"]),
    (
        "Record",
        &[
            "action",
            "method",
            "timeout",
            "finishOnKey",
            "maxLength",
            "playBeep",
            "trim",
            "recordingStatusCallback",
            "recordingStatusCallbackMethod",
            "recordingStatusCallbackEvent",
            "transcribe",
            "transcribeCallback",
            "recordingTrack",
        ],
    ),
    ("Enqueue", &["action", "method", "maxQueueSize", "waitUrl", "waitUrlMethod", "workflowSid"]),
];

/// Verbs of calls that are followed.
const FOLLOWED: [&str; 11] = [
    "Say", "Play", "Pause", "Gather", "Hangup", "Reject", "Redirect", "Connect", "Dial", "Record",
    "Enqueue",
];

/// Verbs of calls that Twilio follows and the simulator passes over.
pub(super) const PASSED_OVER: [&str; 9] =
    ["Start", "Stop", "Leave", "Pay", "Prompt", "Refer", "Sms", "Echo", "Queue"];

/// Attributes of who is dialled.
const CALLED: &[&str] = &[
    "url",
    "method",
    "statusCallback",
    "statusCallbackEvent",
    "statusCallbackMethod",
    "sendDigits",
    "byoc",
    "machineDetection",
    "username",
    "password",
];

/// Attributes of the verbs and nouns of messages.
const MESSAGES: [(&str, &[&str]); 4] = [
    ("Message", &["to", "from", "action", "method", "statusCallback"]),
    ("Body", &[]),
    ("Media", &[]),
    ("Redirect", &["method"]),
];

/// Which TwiML a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Voice,
    Messages,
}

impl Language {
    fn elements(self) -> &'static [(&'static str, &'static [&'static str])] {
        match self {
            Self::Voice => &VOICE,
            Self::Messages => &MESSAGES,
        }
    }

    fn has_verb(self, name: &str) -> bool {
        match self {
            Self::Voice => FOLLOWED.contains(&name) || PASSED_OVER.contains(&name),
            Self::Messages => matches!(name, "Message" | "Redirect"),
        }
    }
}

/// The warnings about everything below the root that Twilio does not know.
pub(super) fn warnings(root: &Element, language: Language) -> Vec<Alert> {
    let mut warnings = Vec::new();
    for verb in &root.children {
        if language.has_verb(&verb.name) {
            check(verb, language, &mut warnings);
        } else {
            warnings.push(unknown(&verb.name));
        }
    }
    warnings
}

fn check(element: &Element, language: Language, warnings: &mut Vec<Alert>) {
    let name = &element.name;
    if language == Language::Voice && PASSED_OVER.contains(&name.as_str()) {
        return;
    }
    let Some((_, attributes)) = language.elements().iter().find(|(known, _)| known == name) else {
        warnings.push(unknown(name));
        return;
    };
    for (attribute, _) in &element.attributes {
        if !attributes.contains(&attribute.as_str()) {
            let text = format!("attribute {attribute} is not allowed to appear in element {name}");
            warnings.push(Alert::warning(12_200, text));
        }
    }
    // What is in a text that is spoken is SSML, which is another language.
    if name != "Say" {
        element.children.iter().for_each(|child| check(child, language, warnings));
    }
}

fn unknown(name: &str) -> Alert {
    Alert::warning(12_200, format!("element {name} is not known here, and is passed over"))
}
