//! Values of genuine requests, from which [`super::corpus`] combines requests.

pub(super) const ACCOUNT: (&str, &str) = ("AccountSid", "AC0123456789abcdef0123456789abcdef");
pub(super) const VERSION: (&str, &str) = ("ApiVersion", "2010-04-01");
pub(super) const CALL: (&str, &str) = ("CallSid", "CA0123456789abcdef0123456789abcdef");
pub(super) const MESSAGE: &str = "SM0123456789abcdef0123456789abcdef";
pub(super) const OURS: &str = "+14155550100";

pub(super) type Parameters = &'static [(&'static str, &'static str)];

/// Who calls, as Twilio reports it in `From`, and in `Caller` if it differs.
pub(super) const CALLERS: [(&str, &str); 40] = [
    ("+14155550199", "+14155550199"),
    ("+4930123456", "+4930123456"),
    ("+442071838750", "+442071838750"),
    ("+266696687", "+266696687"),
    ("+86282452253", "+86282452253"),
    ("+12", "+12"),
    ("anonymous", ""),
    ("anonymous", "anonymous"),
    ("Anonymous", "anonymous"),
    ("Restricted", ""),
    ("unknown", "unknown"),
    ("", ""),
    ("4155550199", "4155550199"),
    ("911", "911"),
    ("+anonymous", "+anonymous"),
    ("+1415555ABCD", "+1415555ABCD"),
    ("John Doe", "John Doe"),
    ("ACME Corp", "ACME Corp"),
    ("Tom", "Tom"),
    ("Direct From Toronto", "Direct From Toronto"),
    ("Caller", "Caller"),
    ("CITY HALL", "CITY HALL"),
    ("é😀", "é😀"),
    ("sip:jo@pbx.example.com", "sip:jo@pbx.example.com"),
    (
        "sip:+14155550199@203.0.113.9:5060;transport=tls",
        "sip:+14155550199@203.0.113.9:5060;transport=tls",
    ),
    ("sip:From@Toronto.example.com", "sip:From@Toronto.example.com"),
    ("sip:anonymous@anonymous.invalid", "sip:anonymous@anonymous.invalid"),
    ("sips:CalledToday@pbx.example.com", "sips:CalledToday@pbx.example.com"),
    ("sip:John Doe@x", "sip:John Doe@x"),
    ("client:jenny", "client:jenny"),
    ("client:FromTheWebsite", "client:FromTheWebsite"),
    ("client:ToSupport", "client:ToSupport"),
    ("client:To_14155550100", "client:To_14155550100"),
    ("client:CallerFromTo", "client:CallerFromTo"),
    ("client:DirectionNorth", "client:DirectionNorth"),
    ("client:CallSid", "client:CallSid"),
    ("client:AccountSidABC", "client:AccountSidABC"),
    ("client:user@example.com", "client:user@example.com"),
    ("client:", "client:"),
    ("whatsapp:+14155550199", "whatsapp:+14155550199"),
];

/// Parameters that a Voice SDK client adds, with any names.
pub(super) const CUSTOM: [&[(&str, &str)]; 40] = [
    &[],
    &[("_x", "1")],
    &[("0abc", "1"), ("9", "")],
    &[("é", "ü"), ("日本", "語"), ("😀", "😀")],
    &[("To-Do", "x"), ("From-Page", "/pricing")],
    &[("Token", "abc"), ("Topic", "From To Caller")],
    &[("Tool", "To"), ("title", "How To")],
    &[("Fromage", "brie"), ("FromPage", "/a")],
    &[("CallerId", "+14155550177")],
    &[("callerId", "+14155550177"), ("from", "+14155550177"), ("to", "+14155550101")],
    &[("CallerName", "Jo Caller")],
    &[("CalledFor", "Sales")],
    &[("ForwardTo", "+14155550177")],
    &[("ReplyTo", "+14155550177"), ("ForwardedBy", "client:bob")],
    &[("AgentCallSid", "CA1123456789abcdef0123456789abcdef")],
    &[("myCallSid", "CA1123456789abcdef0123456789abcdef")],
    &[("OriginalCallSid", "CA1123456789abcdef0123456789abcdef")],
    &[("SubAccountSid", "AC1123456789abcdef0123456789abcdef")],
    &[("OriginalFrom", "+14155550177")],
    &[("OriginalCaller", "client:bob")],
    &[("CustomDirection", "inbound")],
    &[("Directions", "north"), ("CallDirection", "outbound")],
    &[("CallStatusText", "ringing")],
    &[("json", "{\"To\":\"+14155550101\",\"From\":\"client:jo\",\"CallSid\":\"CA0\"}")],
    &[("url", "https://example.com/?To=+14155550101&From=+14155550177")],
    &[("note", "Call From Toronto To Frome, Caller: Bob, Called: Ann")],
    &[("About", "The Caller Called From the Direction of To")],
    &[("A", "1"), ("AA", "2"), ("AccountType", "gold"), ("Account", "1")],
    &[("T", "1"), ("F", "1"), ("C", "1"), ("Fro", "1"), ("Calle", "1"), ("Direc", "1")],
    &[("ToNumber", "+14155550101"), ("FromNumber", "+14155550177")],
    &[("Called_at", "now"), ("Caller_id", "7"), ("From_x", "1"), ("To_x", "1")],
    &[("conversation/id", "1"), ("/x", "1"), ("a b", "c d")],
    &[("empty", ""), ("Empty", ""), ("Zero", "0")],
    &[("SpeechResult", "Call me. From Bob To Ann."), ("Confidence", "0.9")],
    &[("Digits", "123#"), ("FinishedOnKey", "#")],
    &[("AddOns", "{\"status\":\"successful\",\"results\":{\"caller\":\"Caller\"}}")],
    &[("ToolCall", "To"), ("Toll", "free"), ("Total", "1"), ("Tone", "x")],
    &[("identity", "FromTo"), ("Identity", "ToFrom")],
    &[("X-Header", "1"), ("x.y", "2"), ("k[]", "1"), ("k", "v"), ("k2", "v")],
    &[(
        "long",
        "From time To time the Caller Called in a Direction. From time To time the Caller Called.",
    )],
];

/// What Twilio adds to a call, and to the request about it.
pub(super) const ADDED: [&[(&str, &str)]; 16] = [
    &[],
    &[("CallerName", "JO CALLER")],
    &[("ForwardedFrom", "+14155550155")],
    &[("ForwardedFrom", "anonymous"), ("CalledVia", "+14155550155")],
    &[
        ("StirVerstat", "TN-Validation-Passed-A"),
        ("StirPassportToken", "eyJhbGciOiJFUzI1NiJ9.e30.ToFrom"),
    ],
    &[("StirVerstat", "No-TN-Validation")],
    &[(
        "CallToken",
        "{\"parentCallInfoToken\":\"eyJhbGciOiJFUzI1NiJ9.eyJjYWxsU2lkIjoiQ0EwIiwiZnJvbSI6IisxIn0.ToFromCall\",\"identityHeaderTokens\":[]}",
    )],
    &[("AddOns", "{\"status\":\"successful\",\"message\":null,\"code\":null,\"results\":{}}")],
    &[
        ("SipCallId", "a84b4c76e66710@pbx"),
        ("SipDomain", "acme.sip.twilio.com"),
        ("SipDomainSid", "SD0123456789abcdef0123456789abcdef"),
        ("SipSourceIp", "203.0.113.9"),
    ],
    &[
        ("SipHeader_X-To", "sip:desk@example.com"),
        ("SipHeader_X-From", "Toronto"),
        ("SipHeader_X-CallSid", "7"),
    ],
    &[
        ("SipHeader_X-Forward-To", "+14155550177"),
        ("SipHeader_P-Asserted-Identity", "<sip:+14155550177@x>"),
    ],
    &[("SipHeader_User-To-User", "From=To;encoding=hex")],
    &[("ParentCallSid", "CA1123456789abcdef0123456789abcdef")],
    &[("AnsweredBy", "human"), ("MachineDetectionDuration", "2300")],
    &[("ApplicationSid", "AP0123456789abcdef0123456789abcdef")],
    &[("FutureName", "Anything From Twilio"), ("TrunkSid", "TK0123456789abcdef0123456789abcdef")],
];

pub(super) const PLACES: [[&str; 4]; 6] = [
    ["", "", "", ""],
    ["SAN FRANCISCO", "US", "CA", "94105"],
    ["TORONTO", "CA", "ON", ""],
    ["Toronto", "CA", "Ontario", "M5V 2T6"],
    ["Frome", "GB", "Somerset", "BA11 1AA"],
    ["", "DE", "", ""],
];

pub(super) const STATUSES: [&str; 10] = [
    "queued",
    "initiated",
    "ringing",
    "in-progress",
    "completed",
    "busy",
    "no-answer",
    "failed",
    "canceled",
    "on-hold",
];

/// What a step of a call that has ended adds to the request.
pub(super) const STEPS: [&[(&str, &str)]; 15] = [
    &[],
    &[
        ("StreamSid", "MZ0123456789abcdef0123456789abcdef"),
        ("StreamName", "a"),
        ("StreamEvent", "stream-stopped"),
        ("Timestamp", "2026-11-29T04:00:00Z"),
    ],
    &[
        ("StreamSid", "MZ0123456789abcdef0123456789abcdef"),
        ("StreamEvent", "stream-error"),
        ("StreamError", "ToServer: connection From peer reset"),
    ],
    &[("StreamEvent", "stream-started")],
    &[("ErrorCode", "31920"), ("ErrorMessage", "Stream - WebSocket - Handshake Error")],
    &[("ErrorCode", "64105"), ("ErrorMessage", "Closed: no answer From server, readFrom failed")],
    &[("ErrorCode", ""), ("ErrorUrl", "")],
    &[
        ("SessionId", "VX0123456789abcdef0123456789abcdef"),
        ("SessionStatus", "ended"),
        ("SessionDuration", "30"),
        ("HandoffData", "{\"reason\":\"From To\"}"),
    ],
    &[("SessionStatus", "failed")],
    &[
        ("DialCallSid", "CA1123456789abcdef0123456789abcdef"),
        ("DialCallStatus", "completed"),
        ("DialCallDuration", "9"),
        ("DialBridged", "true"),
    ],
    &[("DialCallStatus", "no-answer")],
    &[
        ("DialCallStatus", "answered"),
        ("DialSipCallId", "a@b"),
        ("DialSipResponseCode", "200"),
        ("DialSipHeader_X-To", "a"),
    ],
    &[
        ("RecordingSid", "RE0123456789abcdef0123456789abcdef"),
        ("RecordingUrl", "https://api.twilio.com/2010-04-01/Accounts/AC0/Recordings/RE0"),
        ("RecordingDuration", "7"),
        ("Digits", "hangup"),
    ],
    &[
        ("QueueResult", "bridged"),
        ("QueueSid", "QU0123456789abcdef0123456789abcdef"),
        ("QueueTime", "5"),
    ],
    &[("QueueResult", "leave")],
];

/// Sender, recipient, and what Twilio adds to the message.
pub(super) const MESSAGES: [(&str, &str, Parameters); 14] = [
    (
        "+14155550199",
        OURS,
        &[
            ("ToCountry", "US"),
            ("FromCountry", "US"),
            ("FromCity", "TORONTO"),
            ("FromState", "ON"),
            ("FromZip", ""),
        ],
    ),
    (
        "+4915112345678",
        OURS,
        &[("FromCountry", "DE"), ("MessagingServiceSid", "MG0123456789abcdef0123456789abcdef")],
    ),
    ("12345", OURS, &[]),
    ("ACME Corp", OURS, &[("FromCity", ""), ("FromCountry", "")]),
    ("FromToronto", OURS, &[("FromCity", ""), ("FromCountry", "")]),
    ("+anon", OURS, &[]),
    ("+14155550199", "12345", &[("ToCountry", "US"), ("ToCity", ""), ("ToZip", "")]),
    (
        "whatsapp:+14155550199",
        "whatsapp:+14155550100",
        &[
            ("ProfileName", "Tom From Toronto"),
            ("WaId", "14155550199"),
            ("ChannelPrefix", "whatsapp"),
            ("MessageType", "text"),
        ],
    ),
    (
        "whatsapp:US.123456",
        "whatsapp:+14155550100",
        &[("ProfileName", "MessageSid"), ("UserId", "US.123456")],
    ),
    (
        "whatsapp:+14155550199",
        "whatsapp:+14155550100",
        &[
            ("Latitude", "43.6"),
            ("Longitude", "-79.3"),
            ("Address", "1 Main Street, Toronto"),
            ("Label", "From Home To Work"),
        ],
    ),
    (
        "whatsapp:+14155550199",
        "whatsapp:+14155550100",
        &[
            ("ButtonText", "Call To Order"),
            ("ButtonPayload", "From_1"),
            ("OriginalRepliedMessageSid", "SM1123456789abcdef0123456789abcdef"),
            ("OriginalRepliedMessageSender", "whatsapp:+14155550100"),
        ],
    ),
    (
        "rcs:+14155550199",
        "rcs:acme_agent",
        &[("ChannelMetadata", "{\"type\":\"rcs\",\"data\":{}}"), ("MessageType", "text")],
    ),
    ("messenger:1234567890", "messenger:987654321", &[("ChannelMetadata", "{}")]),
    (
        "whatsapp:+14155550199",
        "whatsapp:+14155550100",
        &[
            ("ReferralBody", "Sale: From $5 To $9"),
            ("ReferralHeadline", "To"),
            ("Forwarded", "true"),
            ("FrequentlyForwarded", "true"),
        ],
    ),
];

pub(super) const BODIES: [&str; 16] = [
    "",
    "hi",
    "From",
    "From Bob",
    "FromBob to Alice",
    "FromJohnKelly",
    "To+14155550101",
    "From: +1 To: +2 Body: x",
    "MessageSid",
    "MessageSidSM1123456789abcdef0123456789abcdef",
    "AccountSidAC0123456789abcdef0123456789abcdef",
    "é😀\n\tline",
    "From+14155550177",
    "NumMedia0",
    "SmsStatusreceived To",
    "CallSid Caller Called Direction",
];

/// What a step of a handler's TwiML adds to the request for the document that follows.
pub(super) const GATHERED: [&[(&str, &str)]; 9] = [
    &[("Digits", "5"), ("FinishedOnKey", "#"), ("msg", "Gather End")],
    &[("SpeechResult", "Call my mother. From Tokyo To Oakland"), ("Confidence", "0.91")],
    &[("Digits", "")],
    &[
        ("Digits", "hangup"),
        ("RecordingDuration", "7"),
        ("RecordingSid", "RE0123456789abcdef0123456789abcdef"),
        ("RecordingUrl", "https://api.twilio.com/2010-04-01/Accounts/AC0/Recordings/RE0"),
    ],
    &[
        ("DialBridged", "true"),
        ("DialCallDuration", "9"),
        ("DialCallSid", "CA1123456789abcdef0123456789abcdef"),
        ("DialCallStatus", "completed"),
        ("RecordingUrl", "https://api.twilio.com/RE0"),
    ],
    &[
        ("AvgQueueTime", "4"),
        ("CurrentQueueSize", "2"),
        ("QueuePosition", "1"),
        ("QueueSid", "QU0123456789abcdef0123456789abcdef"),
        ("QueueTime", "3"),
    ],
    &[("QueueResult", "bridged"), ("QueueTime", "12")],
    &[("Result", "success"), ("PaymentCardNumber", "xxxxxxxxxxxx1234"), ("ProfileId", "p")],
    &[
        ("ReferCallStatus", "completed"),
        ("ReferSipResponseCode", "202"),
        ("ReferTransferTarget", "sip:support@example.com"),
    ],
];
