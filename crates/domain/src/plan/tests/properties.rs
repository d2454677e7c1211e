//! Properties of decisions: total, deterministic, sticky, and stable when weights change.

use proptest::prelude::*;
use proptest::strategy::Strategy as Generated;

use super::fixture::{TestCatalogue, by, call, compiled, instant, label, phone, say, spec, to};
use crate::address::{Address, Channel};
use crate::plan::{
    AgentLoad, Attestation, Audience, Availability, Caller, Country, Destination, MinuteOfDay,
    Plan, PlanAgent, PlanSpec, ScheduleSpec, Share, Situation, Strategy, ThenSpec, Tried, Weekdays,
    WhenSpec, Window,
};
use crate::sid::{CallSid, EventSid};
use crate::time::Timestamp;

const CALLERS: u32 = 100_000;

fn number(index: u32) -> Address {
    Address::parse(&format!("+1{:010}", 2_000_000_000_u64 + u64::from(index))).unwrap()
}

/// The agent of each of a hundred thousand callers.
fn destinations(plan: &Plan) -> Vec<usize> {
    let at = instant("2026-11-16T12:00:00Z");
    (0..CALLERS)
        .map(|index| {
            let address = number(index);
            let situation = call(&address, at);
            match plan.choose(&situation).destination(&situation, &(), &Tried::default(), None) {
                Destination::Agent(place, _) => place,
                other => panic!("{other:?}"),
            }
        })
        .collect()
}

fn part(destinations: &[usize], place: usize) -> f64 {
    f64::from(
        u32::try_from(destinations.iter().filter(|destination| **destination == place).count())
            .unwrap(),
    ) / f64::from(CALLERS)
}

#[test]
fn weights_are_met_within_one_percent_and_raising_one_moves_few_callers() {
    let of = |weights: [u32; 3]| {
        let agents = [("a", weights[0]), ("b", weights[1]), ("c", weights[2])];
        destinations(&compiled(&spec(Vec::new(), to(&agents))))
    };
    let before = of([80, 10, 10]);
    for (place, expected) in [(0, 0.8), (1, 0.1), (2, 0.1)] {
        assert!((part(&before, place) - expected).abs() < 0.01, "{place}");
    }
    // From 10 of 100 to 20 of 110.
    let after = of([80, 20, 10]);
    for (place, expected) in [(0, 80.0 / 110.0), (1, 20.0 / 110.0), (2, 10.0 / 110.0)] {
        assert!((part(&after, place) - expected).abs() < 0.01, "{place}");
    }
    let moved: Vec<_> =
        before.iter().zip(&after).filter(|(before, after)| before != after).collect();
    assert!(moved.iter().all(|(_, after)| **after == 1));
    let fewest = 20.0 / 110.0 - 0.1;
    let moved = f64::from(u32::try_from(moved.len()).unwrap()) / f64::from(CALLERS);
    assert!((moved - fewest).abs() < 0.01, "{moved}");
    // From 10 to 20 of 100, taken from the first agent: no caller moves between the other two.
    let shifted = of([70, 20, 10]);
    let between =
        |(before, after): (&usize, &usize)| before != after && *after != 1 && *before != 0;
    assert!(!before.iter().zip(&shifted).any(between));
    assert!((part(&shifted, 1) - 0.2).abs() < 0.01);
}

#[test]
fn a_share_of_callers_has_the_right_size_and_is_stable() {
    let canary = WhenSpec { share: Share::of_hundredths(1_000), ..WhenSpec::default() };
    let wider = WhenSpec { share: Share::of_hundredths(2_000), ..WhenSpec::default() };
    let chosen = |when: &WhenSpec| {
        destinations(&compiled(&spec(vec![(when.clone(), to(&[("a", 1)]))], to(&[("b", 1)]))))
    };
    let (few, many) = (chosen(&canary), chosen(&wider));
    assert!((part(&few, 0) - 0.1).abs() < 0.01 && (part(&many, 0) - 0.2).abs() < 0.01);
    assert!(few.iter().zip(&many).all(|(few, many)| *few != 0 || *many == 0));
}

#[test]
fn a_caller_reaches_the_same_agent_by_phone_and_by_message() {
    let plan = compiled(&spec(Vec::new(), to(&[("a", 1), ("b", 1), ("c", 1)])));
    let at = instant("2026-11-16T12:00:00Z");
    for index in 0..200 {
        let phone = number(index);
        let whatsapp = Address::parse(&format!("whatsapp:{}", phone.to_text())).unwrap();
        let destination = |address: &Address, channel| {
            let situation = Situation { channel, ..call(address, at) };
            let destination =
                plan.choose(&situation).destination(&situation, &(), &Tried::default(), None);
            format!("{destination:?}")
        };
        let by_phone = destination(&phone, Channel::Voice);
        assert_eq!(destination(&phone, Channel::Sms), by_phone);
        assert_eq!(destination(&whatsapp, Channel::WhatsApp), by_phone);
    }
}

/// Agents that are busy or away by their place's bit.
struct Some4 {
    down: u8,
    calls: [u32; 4],
}

impl Availability for Some4 {
    fn agent_load(&self, _place: usize, agent: &PlanAgent) -> AgentLoad {
        let place = usize::from(agent.profile.name.as_str().as_bytes()[0] - b'a');
        AgentLoad { calls: self.calls[place], is_down: self.down >> place & 1 == 1 }
    }
}

fn conditions() -> impl Generated<Value = WhenSpec> {
    let window = (1..128u8, 0..1440u16, 0..1440u16).prop_map(|(days, from, to)| {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let days = (0..7)
            .filter(|day| days >> day & 1 == 1)
            .filter_map(|day| Weekdays::parse(names[day]))
            .fold(Weekdays::default(), Weekdays::and);
        let minute =
            |at: u16| MinuteOfDay::parse(&format!("{:02}:{:02}", at / 60, at % 60)).unwrap();
        let to = if from == to { (to + 1) % 1440 } else { to };
        let weekly = vec![Window::new(days, minute(from), minute(to)).unwrap()];
        ScheduleSpec { weekly, ..ScheduleSpec::default() }
    });
    let audience = (any::<[bool; 5]>(), any::<bool>()).prop_map(|(given, withheld)| Audience {
        countries: if given[0] { vec![Country::parse("US").unwrap()] } else { Vec::new() },
        states: if given[1] { vec![label("CA")] } else { Vec::new() },
        prefixes: if given[2] { vec!["+1415".to_owned()] } else { Vec::new() },
        lists: if given[3] { vec![label("friends")] } else { Vec::new() },
        withheld: (given[4] && !given[2] && !given[3]).then_some(withheld),
        ..Audience::default()
    });
    let channels = prop::option::of(prop_oneof![
        Just(vec![Channel::Voice]),
        Just(vec![Channel::Sms, Channel::WhatsApp])
    ]);
    let share = prop::option::of(1..=10_000u16);
    (prop::option::of(window), audience, channels, share, any::<bool>()).prop_map(
        |(schedule, caller, channels, share, vouched)| WhenSpec {
            channels,
            schedule,
            caller,
            attestation: vouched.then_some(Attestation::B),
            called: None,
            share: share.and_then(Share::of_hundredths),
        },
    )
}

fn consequences() -> impl Generated<Value = ThenSpec> {
    let strategy =
        prop_oneof![Just(Strategy::Weighted), Just(Strategy::Priority), Just(Strategy::LeastBusy)];
    (
        prop::sample::subsequence(vec!["a", "b", "c", "d"], 0..=4),
        prop::collection::vec(1..100u32, 4),
        strategy,
        any::<bool>(),
    )
        .prop_map(|(agents, weights, strategy, says)| {
            let agents: Vec<_> = agents.into_iter().zip(weights).collect();
            let next = if says || agents.is_empty() { vec![say("Goodbye.")] } else { Vec::new() };
            ThenSpec { next, ..by(strategy, &agents) }
        })
}

fn plans() -> impl Generated<Value = PlanSpec> {
    (prop::collection::vec((conditions(), consequences()), 0..6), consequences())
        .prop_map(|(rules, otherwise)| spec(rules, otherwise))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_situation_has_exactly_one_deterministic_choice(
        spec in plans(),
        seconds in 0..4_000_000_000_i64,
        caller in prop_oneof![Just("+14155550111"), Just("+442079460958"), Just("anonymous"), Just("sip:a@b.example")],
        channel in prop_oneof![Just(Channel::Voice), Just(Channel::Sms), Just(Channel::WhatsApp)],
        down in 0..16u8,
        calls in any::<[u8; 4]>(),
    ) {
        // Plans with unreachable rules are refused and not tested here.
        let Ok(plan) = Plan::compile("pln_1", &spec, &TestCatalogue { capacity: Some(100), ..TestCatalogue::default() }) else {
            return Ok(());
        };
        let again = Plan::compile("pln_1", &spec.clone(), &TestCatalogue { capacity: Some(100), ..TestCatalogue::default() }).unwrap();
        let address = Address::parse(caller).unwrap();
        let at = Timestamp::from_seconds(seconds);
        let caller = Caller { country: Country::parse("US"), state: "CA", ..Caller::of(&address) };
        let situation = Situation { channel, caller, called: phone("+14155550100").into(), ..call(&address, at) };
        let availability = Some4 { down, calls: calls.map(u32::from) };
        let fallback_chain = |plan: &Plan| {
            let explained = plan.explain(&situation, &availability);
            let choice = plan.choose(&situation);
            // The explanation agrees with the choice, and the first rule without a mismatch decides.
            assert_eq!(explained.decided, choice.rule);
            assert_eq!(explained.rules.iter().position(|rule| rule.mismatch.is_none()), choice.rule);
            (choice.rule, format!("{:?}", explained.fallback_chain))
        };
        prop_assert_eq!(fallback_chain(&plan), fallback_chain(&again));
        // No destination comes twice, and the fallback chain ends.
        let choice = plan.choose(&situation);
        let mut tried = Tried::default();
        for _ in 0..=8 {
            match choice.destination(&situation, &availability, &tried, None) {
                Destination::Agent(place, agent) => {
                    prop_assert!(!tried.agents.contains(&place));
                    prop_assert!(channel != Channel::Voice || !availability.agent_load(place, agent).is_down);
                    tried.agents.push(place);
                }
                Destination::Action(place, _) => {
                    prop_assert!(place >= tried.actions);
                    tried.actions = place + 1;
                }
                Destination::Exhausted => return Ok(()),
            }
        }
        prop_assert!(false, "the fallback_chain has no end");
    }

    #[test]
    fn only_decisions_about_withheld_callers_are_random(
        spec in plans(),
        seconds in 0..4_000_000_000_i64,
        caller in prop_oneof![Just("+14155550111"), Just("anonymous"), Just("sip:a@b.example")],
    ) {
        let Ok(plan) = Plan::compile("pln_1", &spec, &TestCatalogue::default()) else {
            return Ok(());
        };
        let address = Address::parse(caller).unwrap();
        let usual = call(&address, Timestamp::from_seconds(seconds));
        let decide = |n: u32| {
            let sid = CallSid::parse(&format!("CA{n:032x}")).unwrap();
            let situation = Situation { event: EventSid::Call(sid), ..usual };
            let choice = plan.choose(&situation);
            let first = choice.destination(&situation, &(), &Tried::default(), None);
            (choice.is_random(&situation), format!("{:?} {first:?}", choice.rule))
        };
        let decisions: Vec<_> = (0..32).map(decide).collect();
        if decisions.iter().any(|(_, decision)| *decision != decisions[0].1) {
            prop_assert!(decisions.iter().all(|(is_random, _)| *is_random));
        }
        if caller != "anonymous" {
            prop_assert!(decisions.iter().all(|(is_random, _)| !is_random));
        }
    }
}
