//! Random plans, calls and messages.

use proptest::prelude::*;

/// A random call or message.
#[derive(Clone, Debug)]
pub(crate) struct DrawnEvent {
    pub(crate) kind: DrawnKind,
    pub(crate) from: String,
    /// `FromCountry`, `FromState`, `FromCity`, `FromZip`.
    pub(crate) place: [&'static str; 4],
    pub(crate) verdict: &'static str,
    /// Seconds since the previous event.
    pub(crate) later: i64,
}

/// The kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DrawnKind {
    /// An inbound call.
    Call,
    /// An outbound call from our number.
    Placed,
    Sms,
    WhatsApp,
}

/// Random agents: whether each has a voice target, has a message target, and is enabled.
pub(crate) type DrawnAgents = [(bool, bool, bool); 4];

/// What a plan is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DrawnPlace {
    Nothing,
    Number,
    Account,
    Organization,
}

pub(crate) fn place() -> impl Strategy<Value = DrawnPlace> {
    prop_oneof![
        1 => Just(DrawnPlace::Nothing),
        3 => Just(DrawnPlace::Number),
        2 => Just(DrawnPlace::Account),
        2 => Just(DrawnPlace::Organization),
    ]
}

/// Callers whose address is not a phone number or is withheld. About 40 of 256 calls have one of
/// them.
const CALLERS: [&str; 40] = {
    let mut callers = ["anonymous"; 40];
    let others = [
        "Restricted",
        "+266696687",
        "+12562533",
        "+8656696",
        "",
        "sip:anonymous@anonymous.invalid",
        "sip:bob@example.com",
        "sip:John Doe@x",
        "client:FromTheWebsite",
        "client:",
        "+12345",
        "12345",
        "tel:1",
        "whatsapp:+14155550111",
        "Public pay phone",
    ];
    let mut index = 0;
    while index < others.len() {
        callers[index] = others[index];
        index += 1;
    }
    callers
};

/// Senders other than phone numbers.
const SENDERS: [&str; 6] =
    ["12345", "ACME", "rcs:acme_agent", "rcs:+14155550111", "messenger:1234567890", "client:jo"];

pub(crate) fn event() -> impl Strategy<Value = DrawnEvent> {
    let kind = prop_oneof![
        5 => Just(DrawnKind::Call),
        1 => Just(DrawnKind::Placed),
        2 => Just(DrawnKind::Sms),
        2 => Just(DrawnKind::WhatsApp),
    ];
    let from = prop_oneof![
        8 => (0..30u32).prop_map(|index| format!("+1415555{:04}", 111 + index)),
        2 => Just("+442079460958".to_owned()),
        2 => Just("+15105550123".to_owned()),
    ];
    let place = prop_oneof![
        Just(["US", "CA", "OAKLAND", "94601"]),
        Just(["US", "NY", "NEW YORK", "10001"]),
        Just(["GB", "", "London", ""]),
        Just(["", "", "", ""]),
    ];
    let verdict = prop_oneof![
        Just("TN-Validation-Passed-A"),
        Just("TN-Validation-Passed-C"),
        Just("TN-Validation-Failed-A"),
        Just(""),
    ];
    (kind, from, any::<u8>(), place, verdict, 1..200_000_i64).prop_map(
        |(kind, from, other, place, verdict, later)| {
            let others: &[&str] = match kind {
                DrawnKind::Call => &CALLERS,
                DrawnKind::Sms => &SENDERS,
                DrawnKind::Placed | DrawnKind::WhatsApp => &[],
            };
            let from = others.get(usize::from(other)).map_or(from, |other| (*other).to_owned());
            DrawnEvent { kind, from, place, verdict, later }
        },
    )
}

fn schedule() -> impl Strategy<Value = String> {
    let zone = prop_oneof![
        Just(""),
        Just(r#""time_zone":"Europe/London","#),
        Just(r#""time_zone":"Australia/Lord_Howe","#),
    ];
    let days = prop_oneof![
        Just(r#""days":["mon","tue","wed","thu","fri"],"#),
        Just(r#""days":["sat","sun"],"#),
        Just(""),
    ];
    (zone, days, 0..24u32, 1..24u32).prop_map(|(zone, days, from, length)| {
        let to = (from + length) % 24;
        format!(
            r#""schedule":{{{zone}"weekly":[{{{days}"from":"{from:02}:00","to":"{to:02}:00"}}],"except":{{"calendars":["holidays"]}}}}"#
        )
    })
}

fn when() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => schedule(),
        1 => Just(r#""channels":["voice"]"#.to_owned()),
        1 => Just(r#""channels":["sms","whatsapp"]"#.to_owned()),
        1 => Just(r#""caller":{"countries":["US"],"states":["ca"]}"#.to_owned()),
        1 => Just(r#""caller":{"prefixes":["+1415555011","+44"]}"#.to_owned()),
        1 => Just(r#""caller":{"lists":["friends"]}"#.to_owned()),
        1 => Just(r#""caller":{"withheld":true}"#.to_owned()),
        1 => Just(r#""attestation":"B""#.to_owned()),
        1 => (1..100u32).prop_map(|percent| format!(r#""share_percent":{percent}"#)),
    ];
    prop::collection::vec(part, 1..3).prop_map(|mut parts| {
        // A key occurs once in an object.
        let key = |part: &String| part.split(':').next().unwrap().to_owned();
        parts.sort_by_key(key);
        parts.dedup_by_key(|part| key(part));
        parts.join(",")
    })
}

fn then(loaded: bool) -> impl Strategy<Value = String> {
    let strategy = prop_oneof![
        Just("weighted"),
        Just("priority"),
        Just(if loaded { "least_busy" } else { "weighted" })
    ];
    let agents = prop::sample::subsequence(vec!["a", "b", "c", "d"], 0..=4).prop_shuffle();
    let next = prop::sample::subsequence(
        vec![
            r#"{"dial":{"number":"+14155550142"}}"#,
            r#"{"enqueue":"support"}"#,
            r#"{"say":{"text":"Goodbye."}}"#,
        ],
        0..=3,
    );
    let weights = prop::collection::vec(0..5u32, 4);
    (agents, weights, strategy, next, any::<u8>()).prop_map(
        |(agents, weights, strategy, next, asks)| {
            let ask = if asks < 50 && agents.len() > 1 {
                r#","ask":{"url":"https://decide.example.com"}"#
            } else {
                ""
            };
            // At least one weight is greater than zero.
            let weight = |index: usize| if index == 0 { weights[0] + 1 } else { weights[index] };
            let written: Vec<String> = agents
                .iter()
                .enumerate()
                .map(|(index, agent)| {
                    format!(r#"{{"agent":"{agent}","weight":{}}}"#, weight(index))
                })
                .collect();
            let next = match (agents.is_empty(), next.is_empty()) {
                (true, true) => r#"{"reject":"busy"}"#.to_owned(),
                _ => next.join(","),
            };
            let agents = written.join(",");
            if agents.is_empty() {
                format!(r#"{{"next":[{next}]}}"#)
            } else {
                format!(r#"{{"agents":[{agents}],"strategy":"{strategy}"{ask},"next":[{next}]}}"#)
            }
        },
    )
}

/// The rules of a plan and its `otherwise`. Only a `loaded` plan depends on the number of calls of
/// each agent.
pub(crate) fn plan(loaded: bool) -> impl Strategy<Value = (Vec<String>, String)> {
    let rule = (when(), then(loaded))
        .prop_map(|(when, then)| format!(r#"{{"when":{{{when}}},"then":{then}}}"#));
    (prop::collection::vec(rule, 0..6), then(loaded))
}

/// The document of these rules.
pub(crate) fn document(rules: &[String], otherwise: &str) -> String {
    format!(
        r#"{{"name":"Drawn","time_zone":"America/New_York","rules":[{}],"otherwise":{otherwise}}}"#,
        rules.join(",")
    )
}
