//! No cut of a genuine signed text is accepted as another call, message or state.

use super::cuts::{Places, signed_text};
use super::decision::{Endpoint, decide};
use super::random::Random;
use super::samples::{self, Sample};

/// Cuts tried for each endpoint; a million with `FOLDING_CUTS=1000000`.
const CUTS: usize = 20_000;
/// Cuts tried for each text that a caller chooses.
const CUTS_OF_ONE_TEXT: usize = 40;

/// What a caller may write into a text that will be cut: the fields that decisions depend on, with other values.
const SPELLED: [&str; 41] = [
    "AccountSidAC0123456789abcdef0123456789abcdef",
    "ApiVersion2010-04-01",
    "BodyWire",
    "CallSidCA9999456789abcdef0123456789abcdef",
    "CallStatuscompleted",
    "CallStatusringing",
    "Called+14155550102",
    "Called+14155550100",
    "Caller+14155550177",
    "Callersip:",
    "Callerclient:boss",
    "DialCallStatusfailed",
    "Directionoutbound-api",
    "Directioninbound",
    "ErrorCode31920",
    "From+14155550177",
    "Fromsip:",
    "Fromclient:boss",
    "Fromanonymous",
    "FromRestricted",
    "MessageSidSM9999456789abcdef0123456789abcdef",
    "MessageStatusdelivered",
    "NumMedia0",
    "SmsMessageSidSM9999456789abcdef0123456789abcdef",
    "SmsSidSM9999456789abcdef0123456789abcdef",
    "SmsStatusdelivered",
    "QueueResulterror",
    "RecordingUrlhttps://example.com/a",
    "SessionStatusfailed",
    "SipSourceIp203.0.113.7",
    "StreamErrorx",
    "StreamEventstream-error",
    "To+14155550102",
    "Towhatsapp:+14155550102",
    "To+14155550100",
    "FromCity",
    "ToCity",
    "SipHeader_X-q",
    "CallerName",
    "CallDuration9",
    "ForwardedFrom+14155550155",
];

/// Names that a forger gives to what has to disappear.
const ABSORBING: [&str; 18] = [
    "A", "Az", "Bz", "CallSo", "Calledz", "Callerz", "Cz", "Dialz", "Dz", "Fromz", "Gz", "Mz",
    "Smsz", "Sz", "Toz", "Tz", "Zz", "z",
];

const NAMES: [&str; 39] = [
    "AccountSid",
    "ApiVersion",
    "Body",
    "CallSid",
    "CallStatus",
    "Called",
    "Caller",
    "Direction",
    "From",
    "MessageSid",
    "MessageStatus",
    "SmsMessageSid",
    "To",
    "DialCallStatus",
    "ErrorCode",
    "QueueResult",
    "RecordingUrl",
    "SessionStatus",
    "StreamError",
    "StreamEvent",
    "SmsStatus",
    "FromCity",
    "FromCountry",
    "ToCity",
    "CallerCity",
    "CalledCity",
    "CalledZip",
    "CallerState",
    "SipCallId",
    "SipHeader_X-Note",
    "SipSourceIp",
    "StirVerstat",
    "Subject",
    "Campaign",
    "ProfileName",
    "NumMedia",
    "Label",
    "SmsSid",
    "CallerName",
];

const OF_CALLS: &[(&str, bool)] = &[
    ("AccountSid", true),
    ("ApiVersion", false),
    ("CallSid", true),
    ("CallStatus", false),
    ("Called", false),
    ("Caller", false),
    ("DialCallStatus", false),
    ("Direction", false),
    ("ErrorCode", false),
    ("From", true),
    ("QueueResult", false),
    ("RecordingUrl", false),
    ("SessionStatus", false),
    ("StreamError", false),
    ("StreamEvent", false),
    ("To", true),
];
const OF_MESSAGES: &[(&str, bool)] = &[
    ("AccountSid", true),
    ("ApiVersion", false),
    ("Body", true),
    ("From", true),
    ("MessageSid", true),
    ("NumMedia", false),
    ("SmsMessageSid", false),
    ("SmsStatus", false),
    ("To", true),
];
const OF_MESSAGE_STATUSES: &[(&str, bool)] = &[
    ("AccountSid", true),
    ("ApiVersion", false),
    ("From", false),
    ("MessageSid", true),
    ("MessageStatus", true),
    ("SmsStatus", false),
    ("To", false),
];

/// Length of a value that its grammar determines.
fn value_end(name: &str, rest: &str) -> Option<usize> {
    let sid = || Some(34.min(rest.len()));
    let run = |holds: fn(char) -> bool| Some(rest.find(|next| !holds(next)).unwrap_or(rest.len()));
    match name {
        "AccountSid" | "CallSid" | "MessageSid" | "SmsMessageSid" => sid(),
        "ApiVersion" => run(|next| next.is_ascii_digit() || next == '-'),
        "CallStatus" | "Direction" | "MessageStatus" | "SmsStatus" | "DialCallStatus"
        | "QueueResult" | "SessionStatus" | "StreamEvent" => {
            run(|next| next.is_ascii_lowercase() || matches!(next, '-' | '_'))
        }
        "Called" | "To" | "Caller" | "From"
            if rest.starts_with('+') && !matches!(name, "Caller" | "From") =>
        {
            run(|next| next.is_ascii_digit() || next == '+')
        }
        "ErrorCode" | "NumMedia" => run(|next| next.is_ascii_digit()),
        _ => None,
    }
}

/// A text that a caller could choose.
fn chosen_text(lead: &str, random: &mut Random) -> String {
    let mut spelled = Vec::new();
    for _ in 0..=random.below(6) {
        let from = if random.once_in(3) { &ABSORBING[..] } else { &SPELLED[..] };
        let text = random.pick(from).copied().unwrap_or_default();
        spelled.push(text);
        // The next name in order, in which the fields behind the text can disappear.
        let next = ABSORBING.iter().copied().filter(|name| *name > text).min();
        spelled.extend(next.filter(|_name| random.once_in(3)));
    }
    if random.once_in(2) {
        spelled.sort_unstable();
    }
    if random.once_in(2) {
        spelled.extend(random.pick(&ABSORBING).copied());
    }
    [lead, &spelled.concat()].concat()
}

fn chain(
    places: &Places<'_>,
    of: &[(&'static str, bool)],
    random: &mut Random,
) -> Option<Vec<(usize, &'static str)>> {
    let mut chain: Vec<(usize, &'static str)> = Vec::new();
    for (name, required) in of {
        let after = chain.last().map_or(0, |(at, name)| at + name.len());
        let offsets: Vec<_> = places.of(name).into_iter().filter(|at| *at >= after).collect();
        // The first ones are more often useful: the others leave no room for the fields that follow.
        let at = if random.once_in(2) {
            offsets.first()
        } else {
            random.pick(&offsets[..offsets.len().min(4)])
        };
        match at {
            _ if !required && random.once_in(6) => {}
            Some(at) => chain.push((*at, name)),
            None if *required => return None,
            None => {}
        }
    }
    Some(chain)
}

/// Tries cuts of one sample, whose free fields have texts to be cut, and returns how many were tried.
fn try_cuts(sample: &Sample, random: &mut Random, forgeries: &mut Vec<String>) -> usize {
    let Some((free, leads)) = random.pick(&sample.free) else { return 0 };
    let lead = random.pick(leads).copied().unwrap_or_default();
    let text = chosen_text(lead, random);
    let mut genuine = sample.fields.clone();
    for (index, name) in free.iter().enumerate() {
        let is_twin = matches!(free, ["Caller", "From"] | ["Called", "To"]);
        let text = if index == 0 || is_twin { text.clone() } else { chosen_text(lead, random) };
        for (_, value) in genuine.iter_mut().filter(|(known, _)| known == name) {
            value.clone_from(&text);
        }
    }
    let borrowed =
        |fields: &[(&'static str, String)]| -> Vec<(&'static str, String)> { fields.to_vec() };
    let mut sorted = borrowed(&genuine);
    sorted.sort_unstable();
    let fields = sorted.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let decided = decide(sample.endpoint, &fields);
    // What the endpoint would decide about the genuine request if it did not refuse it.
    let plain = genuine_decision(sample, &genuine);
    let signed = signed_text(&genuine);
    let mut names = NAMES.to_vec();
    names.extend(ABSORBING);
    let places = Places::new(&signed, &names);
    let mut tried = 0;
    for _ in 0..CUTS_OF_ONE_TEXT {
        let of = match sample.endpoint {
            Endpoint::Message => OF_MESSAGES,
            Endpoint::Status if sample.name == "message" || random.once_in(6) => {
                OF_MESSAGE_STATUSES
            }
            _ => OF_CALLS,
        };
        let Some(chain) = chain(&places, of, random) else { continue };
        let Some(cut) = places.cut(&chain, value_end, random) else { continue };
        tried += 1;
        assert_eq!(
            cut.iter().flat_map(|(name, value)| [*name, *value]).collect::<String>(),
            signed
        );
        if cut == fields {
            continue;
        }
        if let Ok(Some(forged)) = decide(sample.endpoint, &cut) {
            let genuine = decided.clone().ok().flatten().or_else(|| plain.clone());
            if genuine.as_ref() != Some(&forged) {
                forgeries.push(format!(
                    "{}:\n  {signed}\n  forged  {forged}\n  genuine {genuine:?}\n  {cut:?}",
                    sample.name
                ));
            }
        }
    }
    tried
}

/// The decision about a genuine request that is refused because of what its free fields contain.
fn genuine_decision(sample: &Sample, genuine: &[(&'static str, String)]) -> Option<String> {
    let get =
        |name| genuine.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    let plain = sample.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let decided = decide(sample.endpoint, &plain)
        .unwrap_or_else(|error| panic!("{}: {error}", sample.name))?;
    let was = |name| {
        sample.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    };
    let mut decided = decided;
    for name in ["From", "To"] {
        if let (Some(was), Some(is)) = (was(name), get(name)) {
            decided = decided.replacen(was, is, 1);
        }
    }
    Some(decided)
}

fn no_cut_is_accepted(endpoint: Endpoint) {
    no_cut_is_accepted_of(|sample| sample.endpoint == endpoint, 1);
}

/// The cuts of an endpoint are divided among tests, which run at the same time.
fn no_cut_is_accepted_of(is_tested: impl Fn(&Sample) -> bool, tests: usize) {
    let wanted: usize =
        std::env::var("FOLDING_CUTS").ok().and_then(|cuts| cuts.parse().ok()).unwrap_or(CUTS);
    let wanted = wanted / tests;
    let seed = std::env::var("FOLDING_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let samples: Vec<_> = samples::all().into_iter().filter(is_tested).collect();
    let mut random = Random::new(seed);
    let (mut tried, mut forgeries) = (0, Vec::new());
    while tried < wanted {
        for sample in &samples {
            tried += try_cuts(sample, &mut random, &mut forgeries);
        }
        assert!(forgeries.len() < 3, "{}", forgeries.join("\n"));
    }
    assert!(forgeries.is_empty(), "{}", forgeries.join("\n"));
}

#[test]
fn no_cut_is_accepted_as_another_call() {
    no_cut_is_accepted(Endpoint::Voice);
}

#[test]
fn no_cut_is_accepted_as_another_message() {
    no_cut_is_accepted(Endpoint::Message);
}

#[test]
fn no_cut_is_accepted_as_another_status() {
    no_cut_is_accepted(Endpoint::Status);
}

#[test]
fn no_cut_is_accepted_as_another_request_for_a_link() {
    no_cut_is_accepted(Endpoint::Handler);
}

/// Few chains can be cut here, so that most of the time is spent on those that cannot.
fn is_end_of_connection(sample: &Sample, of_sip: bool) -> bool {
    sample.endpoint == Endpoint::Connected && sample.name.starts_with("SIP") == of_sip
}

#[test]
fn no_cut_is_accepted_as_another_end_of_a_connection() {
    no_cut_is_accepted_of(|sample| is_end_of_connection(sample, false), 2);
}

#[test]
fn no_cut_is_accepted_as_another_end_of_a_sip_connection() {
    no_cut_is_accepted_of(|sample| is_end_of_connection(sample, true), 2);
}
