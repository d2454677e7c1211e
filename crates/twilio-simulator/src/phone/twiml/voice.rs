//! Converts elements to voice verbs.

use std::time::Duration;

use super::element::Element;
use super::schema::UNSUPPORTED;
use super::verb::{
    Callback, Connect, Dial, DialNoun, Gather, Noun, Record, Relay, Stream, Target, Verb,
};
use crate::phone::transcript::Alert;
use crate::phone::webhook::Method;

/// The maximum length of a spoken text, in characters (Twilio, `<Say>`).
const MAX_SAY_CHARACTERS: usize = 4_096;

/// The verbs below the root, and warnings.
pub(super) fn verbs(root: &Element) -> (Vec<Verb>, Vec<Alert>) {
    let mut warnings = Vec::new();
    let verbs = root.children.iter().filter_map(|element| verb(element, &mut warnings)).collect();
    (verbs, warnings)
}

fn verb(element: &Element, warnings: &mut Vec<Alert>) -> Option<Verb> {
    Some(match element.name.as_str() {
        "Say" => {
            let text = element.full_text().trim().to_owned();
            if text.chars().count() > MAX_SAY_CHARACTERS {
                warnings
                    .push(Alert::warning(13_520, "the text of Say is longer than 4096 characters"));
                return None;
            }
            Verb::Say { text }
        }
        "Play" => Verb::Play { url: element.text.trim().to_owned() },
        "Pause" => Verb::Pause { length: seconds(element, "length", 1) },
        "Gather" => Verb::Gather(Gather {
            action: target(element, "action", "method"),
            timeout: seconds(element, "timeout", 5),
            action_on_empty: is_true(element, "actionOnEmptyResult"),
            prompts: element.children.iter().filter_map(|child| verb(child, warnings)).collect(),
        }),
        "Hangup" => Verb::Hangup,
        "Reject" => Verb::Reject { is_busy: element.attribute("reason") == Some("busy") },
        "Redirect" => Verb::Redirect(Target {
            url: element.text.trim().to_owned(),
            method: Method::of_attribute(element.attribute("method")),
        }),
        "Connect" => connect(element).map_or_else(|| unsupported_verb(element), Verb::Connect),
        "Dial" => Verb::Dial(dial(element)),
        "Record" => Verb::Record(Record {
            action: target(element, "action", "method"),
            max_length: seconds(element, "maxLength", 3_600),
            status: target(element, "recordingStatusCallback", "recordingStatusCallbackMethod"),
        }),
        "Enqueue" => Verb::Enqueue { name: element.text.trim().to_owned() },
        name if UNSUPPORTED.contains(&name) => unsupported_verb(element),
        // The schema has recorded a warning.
        _ => return None,
    })
}

/// A verb that Twilio executes and the simulator ignores.
fn unsupported_verb(element: &Element) -> Verb {
    let inside = element.children.first().map(|child| format!(" {}", child.name));
    Verb::Unsupported { name: format!("{}{}", element.name, inside.unwrap_or_default()) }
}

fn connect(element: &Element) -> Option<Connect> {
    let noun = element.children.iter().find_map(|child| {
        let url = child.attribute("url").unwrap_or_default().to_owned();
        let own = |name: &str| child.attribute(name).map(ToOwned::to_owned);
        match child.name.as_str() {
            "Stream" => Some(Noun::Stream(Stream {
                url,
                name: own("name"),
                track: own("track"),
                status: target(child, "statusCallback", "statusCallbackMethod"),
                parameters: parameters(child),
            })),
            "ConversationRelay" => Some(Noun::Relay(Relay {
                url,
                greeting: own("welcomeGreeting"),
                language: own("language").unwrap_or_else(|| "en-US".to_owned()),
                parameters: parameters(child),
            })),
            _ => None,
        }
    });
    Some(Connect { action: target(element, "action", "method"), noun: noun? })
}

fn parameters(element: &Element) -> Vec<(String, String)> {
    let parameters = element.children.iter().filter(|child| child.name == "Parameter");
    let own = |child: &Element, name| child.attribute(name).unwrap_or_default().to_owned();
    parameters.map(|child| (own(child, "name"), own(child, "value"))).collect()
}

fn dial(element: &Element) -> Dial {
    let nouns = element.children.iter().map(|child| DialNoun {
        kind: child.name.clone(),
        address: child.text.trim().to_owned(),
        status: target(child, "statusCallback", "statusCallbackMethod").map(|target| Callback {
            target,
            events: child
                .attribute("statusCallbackEvent")
                .unwrap_or("completed")
                .split_whitespace()
                .map(ToOwned::to_owned)
                .collect(),
        }),
    });
    let without_credentials = element.text.trim();
    let without_credentials = (!without_credentials.is_empty()).then(|| DialNoun {
        kind: "Number".to_owned(),
        address: without_credentials.to_owned(),
        status: None,
    });
    Dial {
        action: target(element, "action", "method"),
        timeout: seconds(element, "timeout", 30),
        caller_id: element.attribute("callerId").map(ToOwned::to_owned),
        answer_on_bridge: is_true(element, "answerOnBridge"),
        nouns: nouns.chain(without_credentials).collect(),
    }
}

fn target(element: &Element, url: &str, method: &str) -> Option<Target> {
    let url = element.attribute(url).map(str::trim).filter(|url| !url.is_empty())?;
    let method = Method::of_attribute(element.attribute(method));
    Some(Target { url: url.to_owned(), method })
}

fn seconds(element: &Element, name: &str, otherwise: u64) -> Duration {
    let given = element.attribute(name).and_then(|text| text.trim().parse().ok());
    Duration::from_secs(given.unwrap_or(otherwise))
}

fn is_true(element: &Element, name: &str) -> bool {
    element.attribute(name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}
