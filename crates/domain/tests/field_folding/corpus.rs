//! Genuine requests of every kind that Twilio documents. All of them are accepted.

use std::collections::HashSet;

use super::corpus_values::{
    ACCOUNT, ADDED, BODIES, CALL, CALLERS, CUSTOM, GATHERED, MESSAGE, MESSAGES, OURS, PLACES,
    STATUSES, STEPS, VERSION,
};
use super::decision::{Endpoint, decide};

#[derive(Default)]
struct Corpus {
    shapes: HashSet<String>,
    accepted: usize,
    refused: Vec<String>,
}

impl Corpus {
    fn add(&mut self, endpoint: Endpoint, parts: &[&[(&str, &str)]]) {
        let mut fields: Vec<(&str, &str)> = Vec::new();
        for (name, value) in parts.iter().copied().flatten() {
            // A parameter of a client named as one of Twilio's replaces it.
            match fields.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => *known = value,
                None => fields.push((name, value)),
            }
        }
        self.shapes.insert(shape(endpoint, &fields));
        let unsorted = decide(endpoint, &fields);
        fields.sort_unstable();
        let sorted = decide(endpoint, &fields);
        assert_eq!(sorted, unsorted);
        match sorted {
            Ok(_) => self.accepted += 1,
            Err(error) => self.refused.push(format!("{endpoint:?}: {error}: {:?}", &fields[3..])),
        }
    }

    fn assert_all_accepted(self) {
        let refused = self.refused.len();
        let some: Vec<_> = self.refused.into_iter().step_by(1 + refused / 8).collect();
        assert!(some.is_empty(), "{refused} refused:\n{}", some.join("\n"));
        assert!(self.accepted > 0);
    }
}

/// The endpoint, and the name of each field, with a mark for an empty value: two requests of one shape differ in texts only.
fn shape(endpoint: Endpoint, fields: &[(&str, &str)]) -> String {
    let mut shape = format!("{endpoint:?}");
    for (name, value) in fields {
        shape.push(if value.is_empty() { '-' } else { ' ' });
        shape.push_str(name);
    }
    shape
}

fn call<'a>(
    status: &'a str,
    (from, from_twin): (&'a str, &'a str),
    to_twin: &'a str,
    to: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ACCOUNT,
        VERSION,
        CALL,
        ("CallStatus", status),
        ("Called", to_twin),
        ("Caller", from_twin),
        ("Direction", "inbound"),
        ("From", from),
        ("To", to),
    ]
}

fn places<'a>(of_caller: [&'a str; 4], of_ours: [&'a str; 4]) -> Vec<(&'a str, &'a str)> {
    let names = [
        ["CallerCity", "CallerCountry", "CallerState", "CallerZip"],
        ["FromCity", "FromCountry", "FromState", "FromZip"],
        ["CalledCity", "CalledCountry", "CalledState", "CalledZip"],
        ["ToCity", "ToCountry", "ToState", "ToZip"],
    ];
    let values = [of_caller, of_caller, of_ours, of_ours];
    names
        .into_iter()
        .zip(values)
        .flat_map(|(names, [city, country, state, zip])| {
            names.into_iter().zip([city, country, state, zip])
        })
        .collect()
}

fn calls() -> Corpus {
    let mut corpus = Corpus::default();
    for caller in CALLERS {
        let is_client = caller.0.starts_with("client:");
        for added in ADDED {
            for (index, place) in PLACES.into_iter().enumerate() {
                let with_places =
                    if is_client { Vec::new() } else { places(place, PLACES[(index + 1) % 6]) };
                corpus.add(
                    Endpoint::Voice,
                    &[&call("ringing", caller, OURS, OURS), added, &with_places],
                );
            }
            for to in ["sip:desk@acme.sip.twilio.com", "sip:+14155550100@acme.sip.twilio.com;x=y"] {
                corpus.add(Endpoint::Voice, &[&call("ringing", caller, to, to), added]);
            }
        }
    }
    corpus
}

fn client_calls() -> Corpus {
    let mut corpus = Corpus::default();
    let identities =
        ["client:jenny", "client:FromTheWebsite", "client:ToSupport", "client:CallerTo"];
    for custom in CUSTOM {
        for identity in identities {
            for (called, to) in [
                (OURS, OURS),
                ("", OURS),
                ("", ""),
                ("+14155550777", OURS),
                ("", "support"),
                ("", "client:bob"),
            ] {
                for caller in [identity, ""] {
                    corpus.add(
                        Endpoint::Voice,
                        &[&call("ringing", (identity, caller), called, to), custom],
                    );
                    let gathering = call("in-progress", (identity, caller), called, OURS);
                    corpus.add(Endpoint::Handler, &[&gathering, GATHERED[1], custom]);
                    let application = [("ApplicationSid", "AP0123456789abcdef0123456789abcdef")];
                    corpus.add(
                        Endpoint::Voice,
                        &[&call("ringing", (identity, caller), called, to), custom, &application],
                    );
                }
            }
        }
    }
    corpus
}

fn parameter_pairs() -> Corpus {
    let mut corpus = Corpus::default();
    for one in CUSTOM {
        for two in CUSTOM {
            corpus.add(
                Endpoint::Voice,
                &[&call("ringing", ("client:jo", "client:jo"), OURS, OURS), one, two],
            );
        }
    }
    corpus
}

fn statuses() -> Corpus {
    let mut corpus = Corpus::default();
    let ended: &[(&str, &str)] = &[
        ("CallDuration", "42"),
        ("Duration", "1"),
        ("CallbackSource", "call-progress-events"),
        ("SequenceNumber", "2"),
        ("SipResponseCode", "200"),
        ("Timestamp", "Sun, 29 Nov 2026 04:00:00 +0000"),
        ("RecordingUrl", ""),
    ];
    for caller in CALLERS {
        for status in STATUSES {
            for direction in ["inbound", "outbound-api", "outbound-dial", "trunking-terminating"] {
                let base = call(status, caller, OURS, OURS);
                let direction = [("Direction", direction)];
                for added in ADDED {
                    corpus.add(
                        Endpoint::Status,
                        &[&base, &direction, added, ended, &places(PLACES[1], PLACES[2])],
                    );
                }
                corpus.add(Endpoint::Status, &[&base, &direction]);
                for step in STEPS {
                    corpus.add(Endpoint::Connected, &[&base, &direction, step]);
                }
                if status == "in-progress" {
                    for (added, step) in ADDED.iter().flat_map(|one| STEPS.map(|two| (one, two))) {
                        corpus.add(
                            Endpoint::Connected,
                            &[&base, &direction, added, step, &places(PLACES[1], PLACES[2])],
                        );
                    }
                    for gathered in GATHERED {
                        corpus.add(Endpoint::Handler, &[&base, &direction, gathered]);
                    }
                    for added in ADDED {
                        corpus.add(Endpoint::Handler, &[&base, &direction, added, GATHERED[1]]);
                    }
                }
            }
        }
    }
    for fields in [
        &[ACCOUNT, CALL, ("CallStatus", "completed")][..],
        &[ACCOUNT, CALL, ("StreamEvent", "stream-started")],
        &[ACCOUNT, CALL, ("RecordingSid", "RE0"), ("RecordingStatus", "completed")],
    ] {
        corpus.add(Endpoint::Status, &[fields]);
    }
    add_message_statuses(&mut corpus);
    corpus
}

fn add_message_statuses(corpus: &mut Corpus) {
    for (from, to, added) in MESSAGES {
        for state in [
            "accepted",
            "scheduled",
            "queued",
            "sending",
            "sent",
            "delivered",
            "undelivered",
            "failed",
            "read",
            "partially_delivered",
            "warming",
        ] {
            let base = [
                ACCOUNT,
                VERSION,
                ("From", to),
                ("MessageSid", MESSAGE),
                ("MessageStatus", state),
                ("SmsSid", MESSAGE),
                ("SmsStatus", state),
                ("To", from),
            ];
            corpus.add(Endpoint::Status, &[&base]);
            corpus.add(
                Endpoint::Status,
                &[
                    &base,
                    &[
                        ("ErrorCode", "30003"),
                        ("ErrorMessage", "Failed To deliver: From carrier"),
                        ("RawDlrDoneDate", "2611290400"),
                    ],
                ],
            );
            corpus.add(
                Endpoint::Status,
                &[
                    &base,
                    &[
                        ("EventType", "READ"),
                        ("ChannelToAddress", "+14155550177"),
                        ("ChannelInstallSid", "XE0123456789abcdef0123456789abcdef"),
                        ("ChannelPrefix", "whatsapp"),
                    ],
                ],
            );
            corpus.add(
                Endpoint::Status,
                &[&[ACCOUNT, ("MessageSid", MESSAGE), ("MessageStatus", state)], added],
            );
        }
    }
}

fn messages() -> Corpus {
    let mut corpus = Corpus::default();
    let pairs: [&[(&str, &str)]; 3] = [
        &[("SmsMessageSid", MESSAGE), ("SmsSid", MESSAGE), ("SmsStatus", "received")],
        &[("SmsSid", MESSAGE)],
        &[],
    ];
    let media: &[(&str, &str)] = &[
        ("NumMedia", "2"),
        ("MediaContentType0", "image/jpeg"),
        ("MediaUrl0", "https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME0"),
        ("MediaContentType1", "text/x-vcard"),
        ("MediaUrl1", "https://api.twilio.com/ME1"),
    ];
    let text: &[(&str, &str)] = &[("NumMedia", "0"), ("NumSegments", "1")];
    for (from, to, added) in MESSAGES {
        for body in BODIES {
            for pair in pairs {
                for more in [media, text, &[]] {
                    let base = [
                        ACCOUNT,
                        VERSION,
                        ("Body", body),
                        ("From", from),
                        ("MessageSid", MESSAGE),
                        ("To", to),
                    ];
                    corpus.add(Endpoint::Message, &[&base, pair, more, added]);
                }
            }
        }
    }
    corpus
}

#[test]
fn every_call_is_accepted() {
    calls().assert_all_accepted();
}

#[test]
fn every_call_of_a_voice_sdk_client_is_accepted() {
    client_calls().assert_all_accepted();
}

#[test]
fn every_parameter_beside_another_is_accepted() {
    parameter_pairs().assert_all_accepted();
}

#[test]
fn every_status_and_every_end_of_a_connection_is_accepted() {
    statuses().assert_all_accepted();
}

#[test]
fn every_message_is_accepted() {
    messages().assert_all_accepted();
}

#[test]
fn the_corpus_has_six_hundred_shapes() {
    let families = [calls(), client_calls(), parameter_pairs(), statuses(), messages()];
    let shapes: HashSet<_> = families.into_iter().flat_map(|corpus| corpus.shapes).collect();
    assert!(shapes.len() >= 600, "{}", shapes.len());
}
