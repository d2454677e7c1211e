//! Genuine requests, and the fields whose values a caller or sender chooses.

use super::decision::Endpoint;

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const CALL: &str = "CA0123456789abcdef0123456789abcdef";
const MESSAGE: &str = "SM0123456789abcdef0123456789abcdef";
pub(crate) const OURS: &str = "+14155550100";
const CALLER: &str = "+14155550199";

/// A genuine request. Each group of free fields has one text: a caller ID is in `Caller` and in `From`.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) endpoint: Endpoint,
    pub(crate) name: &'static str,
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) free: Vec<Free>,
}

/// Names of fields that have one text, and what the text can start with.
pub(crate) type Free = (&'static [&'static str], &'static [&'static str]);

/// What the caller ID of a SIP phone, a Voice SDK client and a carrier can start with.
const SIP: &[&str] = &["sip:", "sips:x", "sip:+14155550177"];
const RAW: &[&str] = &["", "Jo", "+anonymous", "+14155550177", "CityX", "4155550177"];
const TEXT: &[&str] = &["", "x", "1"];

const CALLER_ID: &[&str] = &["Caller", "From"];

fn fields(of: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    of.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

fn with(
    mut base: Vec<(&'static str, String)>,
    more: &[(&'static str, &str)],
) -> Vec<(&'static str, String)> {
    for (name, value) in more {
        match base.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => (*value).clone_into(known),
            None => base.push((name, (*value).to_owned())),
        }
    }
    base
}

fn called_places() -> Vec<(&'static str, String)> {
    fields(&[
        ("CalledCity", "SAN FRANCISCO"),
        ("CalledCountry", "US"),
        ("CalledState", "CA"),
        ("CalledZip", "94105"),
        ("ToCity", "SAN FRANCISCO"),
        ("ToCountry", "US"),
        ("ToState", "CA"),
        ("ToZip", "94105"),
    ])
}

fn caller_places() -> Vec<(&'static str, String)> {
    fields(&[
        ("CallerCity", "OAKLAND"),
        ("CallerCountry", "US"),
        ("CallerState", "CA"),
        ("CallerZip", "94612"),
        ("FromCity", "OAKLAND"),
        ("FromCountry", "US"),
        ("FromState", "CA"),
        ("FromZip", "94612"),
    ])
}

/// The fields of every request about a call.
fn call(status: &str, from: &str, to: &str) -> Vec<(&'static str, String)> {
    fields(&[
        ("AccountSid", ACCOUNT),
        ("ApiVersion", "2010-04-01"),
        ("CallSid", CALL),
        ("CallStatus", status),
        ("Called", to),
        ("Caller", from),
        ("Direction", "inbound"),
        ("From", from),
        ("To", to),
    ])
}

fn concat(parts: [Vec<(&'static str, String)>; 3]) -> Vec<(&'static str, String)> {
    parts.into_iter().flatten().collect()
}

fn phone_call(status: &str) -> Vec<(&'static str, String)> {
    concat([call(status, CALLER, OURS), called_places(), caller_places()])
}

fn sip_call(status: &str, to: &str) -> Vec<(&'static str, String)> {
    with(
        call(status, "sip:jo@pbx.example.com", to),
        &[
            ("SipCallId", "a84b4c76e66710@pbx.example.com"),
            ("SipDomain", "acme.sip.twilio.com"),
            ("SipDomainSid", "SD0123456789abcdef0123456789abcdef"),
            ("SipHeader_X-Note", "hello"),
            ("SipSourceIp", "203.0.113.9"),
        ],
    )
}

fn client_call(called: &str) -> Vec<(&'static str, String)> {
    with(
        call("ringing", "client:jo", OURS),
        &[
            ("Called", called),
            ("ApplicationSid", "AP0123456789abcdef0123456789abcdef"),
            ("0abc", "1"),
            ("Campaign", "spring"),
            ("Elk", "1"),
            ("Subject", "hello"),
            ("_x", "1"),
            ("tenant", "acme"),
        ],
    )
}

fn message(from: &str, to: &str) -> Vec<(&'static str, String)> {
    fields(&[
        ("AccountSid", ACCOUNT),
        ("ApiVersion", "2010-04-01"),
        ("Body", "hi"),
        ("From", from),
        ("FromCity", "OAKLAND"),
        ("FromCountry", "US"),
        ("FromState", "CA"),
        ("FromZip", "94612"),
        ("MessageSid", MESSAGE),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
        ("SmsMessageSid", MESSAGE),
        ("SmsSid", MESSAGE),
        ("SmsStatus", "received"),
        ("To", to),
        ("ToCity", ""),
        ("ToCountry", "US"),
        ("ToState", "CA"),
        ("ToZip", ""),
    ])
}

fn whatsapp() -> Vec<(&'static str, String)> {
    let places = [
        "FromCity",
        "FromCountry",
        "FromState",
        "FromZip",
        "ToCity",
        "ToCountry",
        "ToState",
        "ToZip",
    ];
    let mut fields = message("whatsapp:+14155550199", "whatsapp:+14155550100");
    fields.retain(|(name, _)| !places.contains(name));
    with(
        fields,
        &[
            ("Address", "1 Main Street"),
            ("ButtonPayload", "yes"),
            ("ButtonText", "Yes"),
            ("ChannelPrefix", "whatsapp"),
            ("Forwarded", "true"),
            ("Label", "Home"),
            ("Latitude", "37.7"),
            ("Longitude", "-122.4"),
            ("MessageType", "text"),
            ("ProfileName", "Jo"),
            ("ReferralBody", "Ad"),
            ("WaId", "14155550199"),
        ],
    )
}

fn message_status() -> Vec<(&'static str, String)> {
    fields(&[
        ("AccountSid", ACCOUNT),
        ("ApiVersion", "2010-04-01"),
        ("ErrorCode", "30003"),
        ("ErrorMessage", "Unreachable destination handset"),
        ("From", OURS),
        ("MessageSid", MESSAGE),
        ("MessageStatus", "undelivered"),
        ("SmsSid", MESSAGE),
        ("SmsStatus", "undelivered"),
        ("To", CALLER),
    ])
}

fn without(mut fields: Vec<(&'static str, String)>, names: &[&str]) -> Vec<(&'static str, String)> {
    fields.retain(|(name, _)| !names.contains(name));
    fields
}

/// The genuine requests of all endpoints.
pub(crate) fn all() -> Vec<Sample> {
    [calls(), client_calls(), messages()].concat()
}

fn calls() -> Vec<Sample> {
    let caller = (CALLER_ID, RAW);
    let sip = (CALLER_ID, SIP);
    let header = (&["SipHeader_X-Note"][..], TEXT);
    let speech = (&["SpeechResult"][..], TEXT);
    let sip_free = vec![sip, header, (&["SipCallId"], TEXT)];
    let attested = [("StirVerstat", "TN-Validation-Passed-C"), ("CallerName", "JO")];
    let withheld = [("Caller", ""), ("From", "anonymous")];
    let trunk = |status| [sip_call(status, OURS), called_places()].concat();
    let with_name = vec![caller, (&["CallerName"][..], TEXT)];
    let domain = vec![sip, header, (&["Called", "To"], SIP)];
    let mut samples = Vec::new();
    for (endpoint, status, more) in [
        (Endpoint::Voice, "ringing", &[][..]),
        (Endpoint::Status, "ringing", &ENDED),
        (Endpoint::Connected, "in-progress", &STEP),
        (Endpoint::Connected, "in-progress", &[]),
        (Endpoint::Connected, "in-progress", &DIALED),
        (Endpoint::Connected, "in-progress", &STREAMED),
        (Endpoint::Connected, "in-progress", &RELAYED),
        (Endpoint::Connected, "in-progress", &RECORDED),
        (Endpoint::Handler, "in-progress", &GATHERED),
    ] {
        let mut add = |name, fields, free: &Vec<Free>| {
            let mut free = free.clone();
            free.extend((endpoint == Endpoint::Handler).then_some(speech));
            samples.push(Sample { endpoint, name, fields: with(fields, more), free });
        };
        add("phone", phone_call(status), &vec![caller]);
        add("attested", with(phone_call(status), &attested), &with_name);
        add(
            "forwarded",
            with(phone_call(status), &[("ForwardedFrom", "+14155550155")]),
            &vec![caller],
        );
        add("number without places", call(status, CALLER, OURS), &vec![caller]);
        add("SIP trunk", trunk(status), &sip_free);
        add("SIP", sip_call(status, OURS), &sip_free);
        add("SIP trunk with places", [trunk(status), caller_places()].concat(), &sip_free);
        add("SIP domain", sip_call(status, "sip:desk@acme.sip.twilio.com"), &domain);
        add("withheld", with(sip_call(status, OURS), &withheld), &vec![header]);
    }
    let partial = [("UnstableSpeechResult", "hel"), ("Stability", "0.5")];
    samples.push(Sample {
        endpoint: Endpoint::Handler,
        name: "partial result",
        fields: with(phone_call("in-progress"), &partial),
        free: vec![caller, (&["UnstableSpeechResult"], TEXT)],
    });
    let twins = without(sip_call("ringing", OURS), &["Called", "Caller"]);
    samples.push(Sample {
        endpoint: Endpoint::Voice,
        name: "no twins",
        fields: twins,
        free: vec![header],
    });
    samples.push(Sample {
        endpoint: Endpoint::Status,
        name: "stream",
        fields: fields(&[
            ("AccountSid", ACCOUNT),
            ("CallSid", CALL),
            ("StreamError", "31921: closed"),
            ("StreamEvent", "stream-error"),
            ("StreamName", "audio"),
            ("StreamSid", "MZ0123456789abcdef0123456789abcdef"),
            ("Timestamp", "2026-11-29T04:00:00Z"),
        ]),
        free: vec![(&["StreamError"], TEXT), (&["StreamName"], TEXT)],
    });
    samples
}

const ENDED: [(&str, &str); 5] = [
    ("CallDuration", "42"),
    ("Duration", "1"),
    ("CallbackSource", "call-progress-events"),
    ("SequenceNumber", "2"),
    ("Timestamp", "Sun, 29 Nov 2026 04:00:00 +0000"),
];

const STEP: [(&str, &str); 7] = [
    ("DialCallDuration", "9"),
    ("DialCallSid", "CA1123456789abcdef0123456789abcdef"),
    ("DialCallStatus", "completed"),
    ("ErrorCode", "64105"),
    ("ErrorMessage", "WebSocket closed"),
    ("StreamEvent", "stream-stopped"),
    ("StreamSid", "MZ0123456789abcdef0123456789abcdef"),
];

const DIALED: [(&str, &str); 3] = [
    ("DialCallDuration", "9"),
    ("DialCallSid", "CA1123456789abcdef0123456789abcdef"),
    ("DialCallStatus", "completed"),
];

const STREAMED: [(&str, &str); 2] =
    [("StreamEvent", "stream-stopped"), ("StreamSid", "MZ0123456789abcdef0123456789abcdef")];

const RELAYED: [(&str, &str); 3] = [
    ("SessionDuration", "30"),
    ("SessionId", "VX0123456789abcdef0123456789abcdef"),
    ("SessionStatus", "ended"),
];

const RECORDED: [(&str, &str); 3] = [
    ("RecordingDuration", "7"),
    ("RecordingSid", "RE0123456789abcdef0123456789abcdef"),
    ("RecordingUrl", "https://api.twilio.com/RE0"),
];

/// What a caller pressed and said.
const GATHERED: [(&str, &str); 5] = [
    ("Confidence", "0.9"),
    ("Digits", "5"),
    ("FinishedOnKey", "#"),
    ("SpeechResult", "hello"),
    ("msg", "Gather End"),
];

fn client_calls() -> Vec<Sample> {
    let custom: [&'static [&'static str]; 10] = [
        &["0abc"],
        &["Campaign"],
        &["Elk"],
        &["Subject"],
        &["_x"],
        &["tenant"],
        &["0abc", "Campaign"],
        &["Campaign", "Elk"],
        &["0abc", "Subject"],
        &["Subject", "tenant"],
    ];
    let free: Vec<Free> = custom.into_iter().map(|names| (names, TEXT)).collect();
    let sample = |name, called| Sample {
        endpoint: Endpoint::Voice,
        name,
        fields: client_call(called),
        free: free.clone(),
    };
    vec![sample("client", OURS), sample("client without Called", "")]
}

fn messages() -> Vec<Sample> {
    let body = (&["Body"][..], TEXT);
    let chosen: Vec<Free> = vec![
        body,
        (&["Address"], TEXT),
        (&["Label"], TEXT),
        (&["ProfileName"], TEXT),
        (&["ReferralBody"], TEXT),
        (&["ButtonText"], TEXT),
        (&["Body", "ProfileName"], TEXT),
        (&["Address", "Label", "ReferralBody"], TEXT),
    ];
    let rcs = [("From", "rcs:+14155550199"), ("To", "rcs:acme_agent"), ("ChannelPrefix", "rcs")];
    let only = without(message(CALLER, OURS), &["SmsMessageSid", "SmsSid"]);
    let status: Vec<Free> = vec![(&["ErrorMessage"], TEXT), (&["To"], &["whatsapp:x"])];
    let name: Vec<Free> = vec![body, (&["From"], &["BANK", "A B"])];
    let sample = |name, fields, free: &Vec<Free>| Sample {
        endpoint: Endpoint::Message,
        name,
        fields,
        free: free.clone(),
    };
    let of_status =
        Sample { endpoint: Endpoint::Status, ..sample("message", message_status(), &status) };
    vec![
        sample("sms", message(CALLER, OURS), &vec![body]),
        sample("name", message("ACME", OURS), &name),
        sample("short code", message(CALLER, "12345"), &vec![body]),
        sample("whatsapp", whatsapp(), &chosen),
        sample("rcs", with(whatsapp(), &rcs), &chosen),
        sample("only MessageSid", only, &vec![body]),
        of_status,
    ]
}
