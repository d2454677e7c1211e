//! Fixture for benchmarks and allocation tests of routing plans: every kind of condition, two calendars, two time zones,
//! and a caller that matches no rule, so that `otherwise` decides.

use std::sync::Arc;

use switchboard_domain::address::{Address, Channel};
use switchboard_domain::agent::{Label, Profile, VoiceTarget};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{
    AgentShare, Audience, Caller, Catalogue, Country, DateRange, Exceptions, KnownAgent, LocalDate,
    MinuteOfDay, Plan, PlanSpec, RuleSpec, ScheduleSpec, Share, Situation, ThenSpec, Weekdays,
    WhenSpec, Window, Zone,
};
use switchboard_domain::sid::{CallSid, EventSid};
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::StreamUrl;

/// Wednesday, 2026-11-18, 06:06:40 in New York.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

/// Three agents, two calendars of twelve days each, and a list of 10,000 numbers.
struct Fixture;

impl Catalogue for Fixture {
    fn agents(&self, word: &Label) -> Vec<KnownAgent> {
        let chance = [word.as_str().as_bytes()[0]; 10];
        let target = StreamUrl::parse("wss://voice.example.net/stream").unwrap();
        let profile = Profile {
            voice_target: Some(VoiceTarget::Stream(target)),
            ..Profile::named(word.clone())
        };
        vec![KnownAgent {
            id: AgentId::new(NOW, chance),
            profile: Arc::new(profile),
            capacity: Some(50),
            hours: None,
        }]
    }

    fn calendar(&self, name: &Label) -> Option<Vec<DateRange>> {
        let day = if name.as_str() == "holidays" { "25" } else { "03" };
        let day = |month| LocalDate::parse(&format!("2026-{month:02}-{day}")).unwrap();
        Some((1..=12).map(|month| DateRange::day(day(month))).collect())
    }

    fn list(&self, _name: &Label) -> Option<Vec<PhoneNumber>> {
        Some((0..10_000).map(|index| phone(&format!("+1212555{index:04}"))).collect())
    }
}

fn phone(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn to(agents: &[(&str, u32)]) -> ThenSpec {
    let share = |(agent, weight): &(&str, u32)| AgentShare { agent: label(agent), weight: *weight };
    ThenSpec { agents: agents.iter().map(share).collect(), ..ThenSpec::default() }
}

/// Returns conditions of each kind in turn; none matches the caller.
fn when(index: usize) -> WhenSpec {
    let minute = |text: &str| MinuteOfDay::parse(text).unwrap();
    let working = ["mon", "tue", "wed", "thu", "fri"];
    let working = working.iter().filter_map(|day| Weekdays::parse(day));
    let working = working.fold(Weekdays::default(), Weekdays::and);
    let of = |caller| WhenSpec { caller, ..WhenSpec::default() };
    match index % 5 {
        0 => WhenSpec {
            schedule: Some(ScheduleSpec {
                calendars: vec![label("holidays"), label("closed")],
                ..ScheduleSpec::default()
            }),
            ..WhenSpec::default()
        },
        1 => WhenSpec {
            schedule: Some(ScheduleSpec {
                zone: Zone::parse("Europe/London").ok(),
                weekly: Window::new(working, minute("17:30"), minute("09:00"))
                    .into_iter()
                    .collect(),
                except: Exceptions { dates: Vec::new(), calendars: vec![label("holidays")] },
                ..ScheduleSpec::default()
            }),
            called: Some(vec![phone("+14155550100"), phone(&format!("+1415555{index:04}"))]),
            ..WhenSpec::default()
        },
        2 => of(Audience {
            countries: ["CA", "MX", "GB"].into_iter().filter_map(Country::parse).collect(),
            states: vec![label(&format!("S{index}"))],
            ..Audience::default()
        }),
        3 => of(Audience { prefixes: vec![format!("+4930{index:04}")], ..Audience::default() }),
        _ => WhenSpec {
            channels: Some(vec![Channel::Voice]),
            caller: Audience {
                numbers: vec![phone(&format!("+1646555{index:04}"))],
                lists: vec![label("vip")],
                ..Audience::default()
            },
            share: Share::of_hundredths(1_000),
            ..WhenSpec::default()
        },
    }
}

/// Returns a plan with the given number of rules.
pub(crate) fn plan(rules: usize) -> Plan {
    let rule = |index: usize| {
        let mut when = when(index);
        // Equal rules are refused, so each rule has one more called number.
        let unique = phone(&format!("+1628{index:07}"));
        when.called.get_or_insert_with(|| vec![phone("+14155550100")]).push(unique);
        RuleSpec { name: None, when, then: to(&[("primary", 1), ("reserve", 1)]) }
    };
    let spec = PlanSpec {
        name: None,
        zone: Zone::parse("America/New_York").ok(),
        rules: (0..rules).map(rule).collect(),
        otherwise: to(&[("primary", 70), ("reserve", 20), ("trial", 10)]),
    };
    Plan::compile("pln_01kxyz0123456789abcdefghjk", &spec, &Fixture).unwrap()
}

/// The caller.
pub(crate) fn caller() -> Address {
    Address::parse("+14155550199").unwrap()
}

/// Returns a call that no rule matches.
pub(crate) fn call(caller: &Address) -> Situation<'_> {
    Situation {
        channel: Channel::Voice,
        called: phone("+14155550100").into(),
        caller: Caller {
            country: Country::parse("US"),
            state: "CA",
            city: "OAKLAND",
            postal_code: "94601",
            ..Caller::of(caller)
        },
        event: EventSid::Call(CallSid::parse("CA0123456789abcdef0123456789abcdef").unwrap()),
        at: NOW,
    }
}
