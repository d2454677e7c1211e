//! Each kind of problem is reported with a message and the JSON pointer of its value.

use serde_json::{Value, json};
use switchboard_domain::plan::Pointer;
use switchboard_domain::ports::PlanCodec;
use switchboard_plan_document::PlanDocuments;

/// A plan that uses every key.
fn full_plan() -> Value {
    json!({
        "name": "Main line",
        "time_zone": "America/New_York",
        "rules": [{
            "name": "Night",
            "when": {
                "channels": ["voice"],
                "schedule": {
                    "time_zone": "Europe/London",
                    "weekly": [{"days": ["mon", "tue"], "from": "17:00", "to": "09:00"}],
                    "dates": ["2026-12-24", {"from": "2026-12-24", "to": "2027-01-01"}],
                    "calendars": ["us-holidays"],
                    "except": {"dates": ["2026-12-25"], "calendars": ["uk-holidays"]}
                },
                "caller": {
                    "countries": ["US"], "states": ["CA"], "cities": ["Oakland"], "postal_codes": ["941"],
                    "prefixes": ["+1415"], "numbers": ["+14155550111"], "lists": ["vip"], "withheld": false
                },
                "attestation": "B",
                "called": ["+14155550100"],
                "share_percent": 10
            },
            "then": {
                "agents": ["support", {"agent": "sales", "weight": 90}],
                "strategy": "weighted",
                "ask": {"url": "https://example.com/decide", "timeout_ms": 1000},
                "next": [
                    {"dial": {"number": "+14155550142", "timeout_seconds": 20}},
                    {"voicemail": {"greeting": "Please leave a message.", "language": "en-US", "most_seconds": 120, "announce": "https://example.com/voicemail"}}
                ]
            }
        }],
        "otherwise": {"next": [{"reject": "busy"}]}
    })
}

/// The problems of the plan once the value at a pointer is replaced.
fn problems(at: &str, value: Value) -> Vec<String> {
    let mut plan = full_plan();
    *plan.pointer_mut(at).unwrap() = value;
    let problems = PlanDocuments.plan(&plan.to_string().into()).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn assert_problem(at: &str, value: Value, expected: &str) {
    let problems = problems(at, value);
    assert_eq!(problems.len(), 1, "{at}: {problems:?}");
    assert!(problems[0].starts_with(expected), "{at}: {}", problems[0]);
}

#[test]
fn an_invalid_value_is_reported_at_its_pointer() {
    let when = "/rules/0/when";
    for (at, value, expected) in [
        ("/time_zone", json!("Mars/Olympus"), "is not a time zone"),
        ("/rules/0/name", json!("a\nb"), "contains a control character"),
        (
            "/rules/0/when/channels/0",
            json!("whatsap"),
            "must be one of voice, sms, whatsapp, rcs, messenger; did you mean \"whatsapp\"?",
        ),
        ("/rules/0/when/schedule/time_zone", json!("EST5"), "is not a time zone"),
        ("/rules/0/when/schedule/weekly/0/to", json!("24:30"), "must be a time of day"),
        ("/rules/0/when/schedule/weekly/0/from", json!("24:00"), "is the end of the day"),
        ("/rules/0/when/schedule/weekly/0/from", json!("9:00"), "must be a time of day"),
        ("/rules/0/when/schedule/weekly/0/to", json!("17:00"), "has no length"),
        ("/rules/0/when/schedule/weekly/0/days/1", json!("Tuesday"), "must be one of mon, tue"),
        ("/rules/0/when/schedule/dates/0", json!("2026-02-30"), "is not a date"),
        ("/rules/0/when/schedule/dates/0", json!(20_261_224), "must be a date, or an object"),
        ("/rules/0/when/schedule/dates/1/to", json!("24.12."), "is not a date"),
        ("/rules/0/when/schedule/dates/1/to", json!("2026-12-23"), "ends before it begins"),
        ("/rules/0/when/schedule/except/dates/0", json!(""), "is not a date"),
        ("/rules/0/when/schedule/except/calendars/0", json!(" "), "is empty"),
        ("/rules/0/when/caller/countries/0", json!("USA"), "is not a country code"),
        (
            "/rules/0/when/caller/countries/0",
            json!("UK"),
            "is not a country code; the United Kingdom is GB",
        ),
        ("/rules/0/when/caller/prefixes/0", json!("415"), "must be the beginning of a number"),
        ("/rules/0/when/caller/numbers/0", json!("415 555 0111"), "has no country code"),
        ("/rules/0/when/caller/lists/0", json!(""), "is empty"),
        ("/rules/0/when/caller/withheld", json!("yes"), "must be true or false, not text"),
        ("/rules/0/when/attestation", json!("D"), "must be one of A, B, C"),
        (
            "/rules/0/when/called/0",
            json!("+044 20 7946 0958"),
            "has a country code that starts with 0",
        ),
        ("/rules/0/when/share_percent", json!(0.125), "must be a percentage"),
        ("/rules/0/when/share_percent", json!(0), "must be a percentage"),
        ("/rules/0/when/share_percent", json!(100.01), "must be a percentage"),
        ("/rules/0/then/agents/1/weight", json!(-1), "must be a whole number from 0 to 1000000"),
        ("/rules/0/then/agents/1/weight", json!(0.5), "must be a whole number"),
        (
            "/rules/0/then/agents/0",
            json!(3),
            "must be an agent: its name, or an object with agent, not a number",
        ),
        (
            "/rules/0/then/strategy",
            json!("round_robin"),
            "must be one of weighted, priority, least_busy",
        ),
        ("/rules/0/then/ask/url", json!("example.com"), "is not an absolute URL"),
        ("/rules/0/then/ask/url", json!("https://u:p@example.com"), "has a user name or password"),
        ("/rules/0/then/ask/timeout_ms", json!(60_000), "must be a whole number from 50 to 5000"),
        ("/rules/0/then/next/0/dial/number", json!("911"), "has no country code"),
        (
            "/rules/0/then/next/0/dial/timeout_seconds",
            json!(1),
            "must be a whole number from 5 to 600",
        ),
        ("/rules/0/then/next/1/voicemail/greeting", json!(""), "is empty"),
        (
            "/rules/0/then/next/1/voicemail/greeting",
            json!("a".repeat(4_097)),
            "is longer than the 4096 characters",
        ),
        (
            "/rules/0/then/next/1/voicemail/most_seconds",
            json!(1),
            "must be a whole number from 2 to 14400",
        ),
        (
            "/rules/0/then/next/1/voicemail/announce",
            json!("ftp://example.com"),
            "must start with https:// or http://",
        ),
        (
            "/otherwise/next/0/reject",
            json!("bussy"),
            "must be one of busy, rejected; did you mean \"busy\"?",
        ),
        ("/name", Value::Null, "must be text, not null"),
        ("/rules", json!({}), "must be a list, not an object"),
        ("/otherwise", json!([]), "must be an object with agents or next, not a list"),
    ] {
        let pointer = match expected {
            "has no length" => format!("{when}/schedule/weekly/0"),
            "ends before it begins" => format!("{when}/schedule/dates/1"),
            _ => at.to_owned(),
        };
        assert_problem(at, value, &format!("{pointer}: {expected}"));
    }
}

/// An empty list is no condition that holds for everyone: whatever filled the list made a mistake.
#[test]
fn an_empty_list_of_a_condition_is_refused() {
    for list in [
        "channels",
        "called",
        "schedule/weekly",
        "schedule/weekly/0/days",
        "schedule/dates",
        "schedule/calendars",
        "schedule/except/dates",
        "schedule/except/calendars",
        "caller/countries",
        "caller/states",
        "caller/cities",
        "caller/postal_codes",
        "caller/prefixes",
        "caller/numbers",
        "caller/lists",
    ] {
        let at = format!("/rules/0/when/{list}");
        let expected = format!("{at}: is empty; add an entry, or leave the key out");
        assert_problem(&at, json!([]), &expected);
    }
}

#[test]
fn a_missing_key_is_reported_at_its_object() {
    for (at, value, expected) in [
        ("", json!({}), "the document: has no \"otherwise\"; say what happens if no rule matches"),
        ("", json!({"otherwise": {}, "rules": [{}]}), "/rules/0: has no \"then\""),
        (
            "/rules/0/when/schedule/weekly/0",
            json!({"to": "09:00"}),
            "/rules/0/when/schedule/weekly/0: has no \"from\"",
        ),
        (
            "/rules/0/when/schedule/dates/1",
            json!({"to": "2026-12-24"}),
            "/rules/0/when/schedule/dates/1: has no \"from\"",
        ),
        (
            "/rules/0/then/agents/1",
            json!({"weight": 1}),
            "/rules/0/then/agents/1: has no \"agent\"",
        ),
        ("/rules/0/then/ask", json!({}), "/rules/0/then/ask: has no \"url\""),
        (
            "/rules/0/then/next/0/dial",
            json!({}),
            "/rules/0/then/next/0/dial: has neither number nor sip",
        ),
        (
            "/rules/0/then/next/0/dial",
            json!({"number": "+14155550142", "sip": "sip:a@b"}),
            "/rules/0/then/next/0/dial: has both",
        ),
        (
            "/rules/0/then/next/0/dial",
            json!({"sip": "tel:1"}),
            "/rules/0/then/next/0/dial/sip: is not a SIP address",
        ),
        (
            "/rules/0/then/next/0",
            json!({}),
            "/rules/0/then/next/0: has no action; write one of dial",
        ),
        (
            "/rules/0/then/next/0",
            json!({"reject": "busy", "enqueue": "a"}),
            "/rules/0/then/next/0: has several actions",
        ),
        ("/rules/0/then/next/0", json!({"say": {}}), "/rules/0/then/next/0/say: has no \"text\""),
        (
            "/rules/0/then/next/0",
            json!({"voicemail": {}}),
            "/rules/0/then/next/0/voicemail: has no \"greeting\"",
        ),
    ] {
        assert_problem(at, value, expected);
    }
}

#[test]
fn an_unknown_key_is_reported_with_the_key_that_was_probably_meant() {
    for (at, key, expected) in [
        ("", "timezone", "/timezone: is not a known key; did you mean \"time_zone\"?"),
        ("/rules/0", "than", "/rules/0/than: is not a known key; did you mean \"then\"?"),
        (
            "/rules/0/when",
            "share",
            "/rules/0/when/share: is not a known key; the keys are channels, schedule",
        ),
        (
            "/rules/0/when/caller",
            "postcode",
            "/rules/0/when/caller/postcode: is not a known key; did you mean",
        ),
        ("/rules/0/when/schedule", "a/b", "/rules/0/when/schedule/a~1b: is not a known key"),
        (
            "/rules/0/then/next/0",
            "forward",
            "/rules/0/then/next/0/forward: is not a known key; the keys are dial, voicemail",
        ),
    ] {
        let mut object = full_plan().pointer(at).unwrap().clone();
        object.as_object_mut().unwrap().insert(key.to_owned(), json!(1));
        assert_problem(at, object, expected);
    }
}

#[test]
fn a_duplicate_key_is_reported_and_neither_value_is_used() {
    let document = r#"{"otherwise": {"agents": ["a"], "agents": ["b"]}}"#;
    let problems = PlanDocuments.plan(&document.into()).unwrap_err();
    let messages: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(messages, ["/otherwise/agents: appears twice; keep one of them"]);
}

#[test]
fn all_problems_are_reported_at_once_and_contain_no_phone_numbers() {
    let mut plan = full_plan();
    for (at, value) in [
        ("/time_zone", json!("Mars/Olympus")),
        ("/rules/0/when/schedule/weekly/0/to", json!("24:30")),
        ("/rules/0/when/caller/numbers/0", json!("0014155550199")),
        ("/rules/0/then/agents/1/weight", json!(-1)),
        ("/otherwise/next/0/reject", json!(true)),
    ] {
        *plan.pointer_mut(at).unwrap() = value;
    }
    let problems = PlanDocuments.plan(&plan.to_string().into()).unwrap_err();
    let pointers: Vec<_> = problems.iter().map(|problem| problem.at.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/time_zone",
            "/rules/0/when/schedule/weekly/0/to",
            "/rules/0/when/caller/numbers/0",
            "/rules/0/then/agents/1/weight",
            "/otherwise/next/0/reject",
        ]
    );
    assert!(!problems.iter().any(|problem| problem.to_string().contains("5550199")));
}

#[test]
fn every_channel_can_be_a_condition() {
    for channel in ["voice", "sms", "whatsapp", "rcs", "messenger"] {
        assert_eq!(problems("/rules/0/when/channels/0", json!(channel)), [""; 0]);
        assert!(switchboard_plan_document::schema().to_string().contains(channel));
    }
}

#[test]
fn what_can_be_read_of_a_document_with_mistakes_is_the_rest() {
    let mut plan = full_plan();
    plan["rulse"] = json!([]);
    plan["rules"].as_array_mut().unwrap().insert(0, json!({"when": {}}));
    plan["rules"][1]["then"]["agents"] =
        json!([{"weight": 1}, "support", {"agent": "sales", "wait": 1}]);
    plan["rules"][1]["when"]["caller"]["numbers"] = json!(["0014155550199", "+14155550111"]);
    let readable = PlanDocuments.readable_plan(&plan.to_string().into()).unwrap();
    let left_out: Vec<_> = readable.left_out.iter().map(Pointer::as_str).collect();
    let expected = [
        "/rules/0",
        "/rules/1/when/caller/numbers/0",
        "/rules/1/then/agents/0",
        "/rules/1/then/agents/2/wait",
        "/rulse",
    ];
    assert_eq!(left_out, expected);
    let [rule] = readable.value.rules.as_slice() else { panic!("{:?}", readable.value) };
    let agents: Vec<_> = rule.then.agents.iter().map(|share| share.agent.as_str()).collect();
    assert_eq!((agents.as_slice(), rule.when.caller.numbers.len()), (&["support", "sales"][..], 1));
    for document in ["", "{", "[]", r#"{"otherwise": 1}"#, r#"{"rules": []}"#] {
        assert!(PlanDocuments.readable_plan(&document.into()).is_none(), "{document}");
    }
    let hours = PlanDocuments
        .readable_hours(&r#"{"weekly": [{"from": 1}], "dates": ["2026-12-24"]}"#.into());
    assert_eq!(hours.unwrap().value.dates.len(), 1);
}

#[test]
fn hours_are_a_schedule() {
    let hours = PlanDocuments
        .hours(&"time_zone = \"Europe/Berlin\"\nweekly = [{ days = [\"mon\"], from = \"09:00\", to = \"17:00\" }]".into())
        .unwrap();
    assert_eq!(hours.weekly.len(), 1);
    let problems = PlanDocuments.hours(&r#"{"weekly": [{"from": "09:00"}]}"#.into()).unwrap_err();
    assert_eq!(problems[0].at.as_str(), "/weekly/0");
}
