//! Valid plans, generated at random as JSON.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

/// An object of the keys that have a value.
fn object(entries: Vec<(&'static str, Option<Value>)>) -> Value {
    let given = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(given.collect::<Map<_, _>>())
}

fn maybe(of: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Option<Value>> {
    prop::option::of(of).boxed()
}

fn some(of: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    prop::collection::vec(of, 1..3).prop_map(Value::Array)
}

fn text(of: &'static [&'static str]) -> impl Strategy<Value = Value> {
    select(of).prop_map(Value::from)
}

fn name() -> impl Strategy<Value = Value> {
    text(&["Main line", " Night ", "büro", "a/b~c", "\"quoted\"", "x"])
}

fn number() -> impl Strategy<Value = Value> {
    text(&["+14155550100", "+1 (415) 555-0111", "+44.20.7946.0958", "+4930 901820"])
}

fn url() -> impl Strategy<Value = Value> {
    text(&["https://example.com/hook?a=1", "http://127.0.0.1:8080/", "HTTPS://EXAMPLE.COM"])
}

fn zone() -> impl Strategy<Value = Value> {
    text(&["America/New_York", "europe/london", "Pacific/Apia", "Etc/UTC"])
}

fn dates() -> impl Strategy<Value = Value> {
    prop_oneof![
        text(&["2026-12-24", "2028-02-29", "2026-12-24..2027-01-01"]),
        Just(json!({"from": "2026-12-24", "to": "2027-01-01"})),
        Just(json!({"from": "2026-12-24", "to": "2026-12-24"})),
    ]
}

fn window() -> impl Strategy<Value = Value> {
    let days = subsequence(vec!["mon", "tue", "wed", "thu", "fri", "sat", "sun"], 1..=7);
    let days = maybe(days.prop_map(|days| json!(days)));
    let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    (days, 0..1440_u16, 1..1440_u16).prop_map(move |(days, from, length)| {
        let to = if from + length == 1440 { 1440 } else { (from + length) % 1440 };
        object(vec![
            ("days", days),
            ("from", Some(json!(time(from)))),
            ("to", Some(json!(time(to)))),
        ])
    })
}

/// A schedule.
pub(crate) fn schedule() -> impl Strategy<Value = Value> {
    let except = (maybe(some(dates())), maybe(some(name())))
        .prop_map(|(dates, calendars)| object(vec![("dates", dates), ("calendars", calendars)]));
    (maybe(zone()), maybe(some(window())), maybe(some(dates())), maybe(some(name())), maybe(except))
        .prop_map(|(zone, weekly, dates, calendars, except)| {
            object(vec![
                ("time_zone", zone),
                ("weekly", weekly),
                ("dates", dates),
                ("calendars", calendars),
                ("except", except),
            ])
        })
}

fn caller() -> impl Strategy<Value = Value> {
    let countries = some(text(&["US", "gb", "XK"]));
    let prefixes = some(text(&["+1415", "+4", "+123456789012345"]));
    let withheld = any::<bool>().prop_map(Value::from);
    (
        (maybe(countries), maybe(some(name())), maybe(some(name())), maybe(some(name()))),
        (maybe(prefixes), maybe(some(number())), maybe(some(name())), maybe(withheld)),
    )
        .prop_map(|(place, person)| {
            object(vec![
                ("countries", place.0),
                ("states", place.1),
                ("cities", place.2),
                ("postal_codes", place.3),
                ("prefixes", person.0),
                ("numbers", person.1),
                ("lists", person.2),
                ("withheld", person.3),
            ])
        })
}

fn conditions() -> impl Strategy<Value = Value> {
    let channels = some(text(&["voice", "sms", "whatsapp"]));
    let share = prop_oneof![
        (1..=100_u16).prop_map(Value::from),
        (1..=10_000_u16).prop_map(|hundredths| json!(f64::from(hundredths) / 100.0)),
    ];
    (
        maybe(channels),
        maybe(schedule()),
        maybe(caller()),
        maybe(text(&["A", "B", "C"])),
        maybe(some(number())),
        maybe(share),
    )
        .prop_map(|(channels, schedule, caller, attestation, called, share)| {
            object(vec![
                ("channels", channels),
                ("schedule", schedule),
                ("caller", caller),
                ("attestation", attestation),
                ("called", called),
                ("share_percent", share),
            ])
        })
}

fn whole(range: std::ops::RangeInclusive<u32>) -> impl Strategy<Value = Value> {
    range.prop_map(Value::from)
}

fn action() -> impl Strategy<Value = Value> {
    let language = || maybe(text(&["en-US", "de-DE"]));
    let sentence = || text(&["Please call again.", "Grüße & <b>Küsse</b>", "…\n…"]);
    let dial = (any::<bool>(), number(), text(&["sip:desk@pbx.example.com", "sips:a@b"]))
        .prop_flat_map(|(by_phone, number, sip)| {
            maybe(whole(5..=600)).prop_map(move |timeout| {
                let to = if by_phone { ("number", number.clone()) } else { ("sip", sip.clone()) };
                json!({"dial": object(vec![(to.0, Some(to.1)), ("timeout_seconds", timeout)])})
            })
        });
    let voicemail = (sentence(), language(), maybe(whole(2..=14_400)), maybe(url())).prop_map(
        |(greeting, language, most, announce)| {
            json!({"voicemail": object(vec![
                ("greeting", Some(greeting)),
                ("language", language),
                ("most_seconds", most),
                ("announce", announce),
            ])})
        },
    );
    let say = (sentence(), language()).prop_map(
        |(text, language)| json!({"say": object(vec![("text", Some(text)), ("language", language)])}),
    );
    prop_oneof![
        dial,
        voicemail,
        say,
        text(&["busy", "rejected"]).prop_map(|reason| json!({"reject": reason})),
        url().prop_map(|url| json!({"redirect": url})),
        name().prop_map(|queue| json!({"enqueue": queue})),
    ]
}

fn consequences() -> impl Strategy<Value = Value> {
    let agent = prop_oneof![
        name(),
        (name(), maybe(whole(0..=1_000_000))).prop_map(|(agent, weight)| {
            object(vec![("agent", Some(agent)), ("weight", weight)])
        }),
    ];
    let ask = (url(), maybe(whole(50..=5_000)))
        .prop_map(|(url, timeout)| object(vec![("url", Some(url)), ("timeout_ms", timeout)]));
    let strategy = text(&["weighted", "priority", "least_busy"]);
    (maybe(some(agent)), maybe(strategy), maybe(ask), maybe(some(action()))).prop_map(
        |(agents, strategy, ask, next)| {
            object(vec![("agents", agents), ("strategy", strategy), ("ask", ask), ("next", next)])
        },
    )
}

/// A plan.
pub(crate) fn plan() -> impl Strategy<Value = Value> {
    let rule =
        (maybe(name()), maybe(conditions()), consequences()).prop_map(|(name, when, then)| {
            object(vec![("name", name), ("when", when), ("then", Some(then))])
        });
    let schema = Just(json!("https://example.com/routing-plan.schema.json"));
    (maybe(schema), maybe(name()), maybe(zone()), maybe(some(rule)), consequences()).prop_map(
        |(schema, name, zone, rules, otherwise)| {
            object(vec![
                ("$schema", schema),
                ("name", name),
                ("time_zone", zone),
                ("rules", rules),
                ("otherwise", Some(otherwise)),
            ])
        },
    )
}
