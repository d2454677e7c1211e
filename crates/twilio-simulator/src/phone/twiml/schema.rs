//! The elements and attributes that Twilio documents. Others cause a warning and are ignored (Twilio, error 12200).

use super::element::Element;
use crate::phone::transcript::Alert;

/// The documented attributes of each voice verb and noun.
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
            "elevenlabsLanguageTextNormalization",
            "includeInPrompt",
            "customerName",
            "applicationReconnect",
            "echoPromptFiltering",
            "turnDetection",
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
            "ttsLanguageTextNormalization",
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
    ("Number", DIAL_NOUN),
    ("Sip", DIAL_NOUN),
    ("Client", DIAL_NOUN),
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

/// The voice verbs that the simulator executes.
const SUPPORTED: [&str; 11] = [
    "Say", "Play", "Pause", "Gather", "Hangup", "Reject", "Redirect", "Connect", "Dial", "Record",
    "Enqueue",
];

/// The voice verbs that Twilio executes and the simulator ignores.
pub(super) const UNSUPPORTED: [&str; 9] =
    ["Start", "Stop", "Leave", "Pay", "Prompt", "Refer", "Sms", "Echo", "Queue"];

/// The attributes of `<Number>`, `<Sip>` and `<Client>`.
const DIAL_NOUN: &[&str] = &[
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

/// The documented attributes of each messaging verb and noun.
const MESSAGES: [(&str, &[&str]); 4] = [
    ("Message", &["to", "from", "action", "method", "statusCallback"]),
    ("Body", &[]),
    ("Media", &[]),
    ("Redirect", &["method"]),
];

/// The vocabulary of a document.
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
            Self::Voice => SUPPORTED.contains(&name) || UNSUPPORTED.contains(&name),
            Self::Messages => matches!(name, "Message" | "Redirect"),
        }
    }
}

/// Warnings about all unknown elements and attributes below the root.
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
    if language == Language::Voice && UNSUPPORTED.contains(&name.as_str()) {
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
    // The content of `<Say>` is SSML, which is not checked.
    if name != "Say" {
        element.children.iter().for_each(|child| check(child, language, warnings));
    }
}

fn unknown(name: &str) -> Alert {
    Alert::warning(12_200, format!("unknown element {name} is ignored"))
}
