//! The order of destinations.

use super::fixture::{TestCatalogue, agent_id, by, call, compiled, instant, say, spec, to, zone};
use crate::address::{Address, Channel};
use crate::plan::{
    Action, AgentLoad, Availability, Destination, DialTo, MinuteOfDay, Plan, PlanAgent,
    ScheduleSpec, Share, Situation, Strategy, ThenSpec, Tried, Weekdays, WhenSpec, Window,
};
use crate::time::Timestamp;
use crate::twiml::RejectReason;

/// The load of each agent, by the agent's name.
struct Loads<F>(F);

impl<F: Fn(&str) -> AgentLoad> Availability for Loads<F> {
    fn agent_load(&self, _place: usize, agent: &PlanAgent) -> AgentLoad {
        (self.0)(agent.profile.name.as_str())
    }
}

fn name(destination: Destination<'_>) -> &str {
    match destination {
        Destination::Agent(_, agent) => agent.profile.name.as_str(),
        Destination::Action(_, action) => action.as_str(),
        Destination::Exhausted => "nobody",
    }
}

fn fallback_chain(
    plan: &Plan,
    situation: &Situation<'_>,
    availability: &dyn Availability,
) -> Vec<String> {
    plan.explain(situation, availability)
        .fallback_chain
        .into_iter()
        .map(|destination| name(destination).to_owned())
        .collect()
}

fn dial() -> Action {
    Action::Dial { to: DialTo::Number(super::fixture::phone("+14155550142")), timeout_seconds: 20 }
}

#[test]
fn agents_are_tried_before_the_actions() {
    let then = ThenSpec {
        next: vec![dial(), say("Goodbye.")],
        ..by(Strategy::Priority, &[("b", 1), ("a", 1)])
    };
    let plan = compiled(&spec(Vec::new(), then));
    let caller = Address::parse("+14155550199").unwrap();
    let situation = call(&caller, instant("2026-11-16T12:00:00Z"));
    assert_eq!(fallback_chain(&plan, &situation, &()), ["b", "a", "dial", "say"]);
    let down = Loads(|name: &str| AgentLoad { is_down: name == "b", ..AgentLoad::default() });
    assert_eq!(fallback_chain(&plan, &situation, &down), ["a", "dial", "say"]);
    // A message cannot be passed to a phone.
    let message = Situation { channel: Channel::Sms, ..situation };
    assert_eq!(fallback_chain(&plan, &message, &down), ["b", "a", "say"]);
}

#[test]
fn agents_that_are_full_off_duty_or_disabled_are_skipped() {
    let then = by(Strategy::Priority, &[("a", 1), ("b", 1)]);
    let spec = spec(Vec::new(), then);
    let caller = Address::parse("+14155550199").unwrap();
    let noon = call(&caller, instant("2026-11-16T17:00:00Z"));
    let minute = |text| MinuteOfDay::parse(text).unwrap();
    let hours = ScheduleSpec {
        zone: Some(zone("America/New_York")),
        weekly: vec![Window::new(Weekdays::ALL, minute("13:00"), minute("14:00")).unwrap()],
        ..ScheduleSpec::default()
    };
    let five =
        Loads(|name: &str| AgentLoad { calls: if name == "a" { 5 } else { 900 }, is_down: false });
    for (house, expected) in [
        (TestCatalogue::default(), vec!["a", "b"]),
        (TestCatalogue { capacity: Some(6), ..TestCatalogue::default() }, vec!["a", "b"]),
        (TestCatalogue { capacity: Some(5), ..TestCatalogue::default() }, vec!["b"]),
        (TestCatalogue { hours: Some(hours), ..TestCatalogue::default() }, vec!["b"]),
        (TestCatalogue { disabled: Some("a"), ..TestCatalogue::default() }, vec!["b"]),
    ] {
        let plan = Plan::compile("pln_1", &spec, &house).unwrap();
        assert_eq!(fallback_chain(&plan, &noon, &five), expected);
    }
}

#[test]
fn the_least_busy_agent_has_the_fewest_calls_relative_to_its_capacity() {
    let spec = spec(Vec::new(), by(Strategy::LeastBusy, &[("b", 1), ("c", 1), ("d", 1)]));
    let plan = Plan::compile("pln_1", &spec, &TestCatalogue::default()).unwrap();
    let caller = Address::parse("+14155550199").unwrap();
    let situation = call(&caller, instant("2026-11-16T12:00:00Z"));
    let calls = Loads(|name: &str| AgentLoad {
        calls: match name {
            "b" => 7,
            "c" => 2,
            _ => 4,
        },
        is_down: false,
    });
    assert_eq!(fallback_chain(&plan, &situation, &calls), ["c", "d", "b"]);
}

#[test]
fn the_choice_of_the_decision_service_goes_first_if_available() {
    let plan = compiled(&spec(Vec::new(), to(&[("a", 1), ("b", 1)])));
    let caller = Address::parse("+14155550199").unwrap();
    let situation = call(&caller, instant("2026-11-16T12:00:00Z"));
    let choice = plan.choose(&situation);
    for (place, expected) in [(0, "a"), (1, "b")] {
        let destination = choice.destination(&situation, &(), &Tried::default(), Some(place));
        assert_eq!(name(destination), expected);
        let down = Loads(|name: &str| AgentLoad { is_down: name == expected, calls: 0 });
        assert_ne!(
            name(choice.destination(&situation, &down, &Tried::default(), Some(place))),
            expected
        );
    }
    let candidates: Vec<_> = choice.candidates().map(|(_, agent)| agent.id.clone()).collect();
    assert_eq!(candidates, [agent_id("a"), agent_id("b")]);
}

#[test]
fn the_chain_is_exhausted_when_nothing_is_left() {
    let then = ThenSpec { next: vec![Action::Reject(RejectReason::Busy)], ..ThenSpec::default() };
    let plan = compiled(&spec(Vec::new(), then));
    let caller = Address::parse("+14155550199").unwrap();
    let situation = call(&caller, instant("2026-11-16T12:00:00Z"));
    let choice = plan.choose(&situation);
    assert_eq!(name(choice.destination(&situation, &(), &Tried::default(), None)), "reject");
    let tried = Tried { actions: 1, ..Tried::default() };
    assert_eq!(name(choice.destination(&situation, &(), &tried, None)), "nobody");
}

#[test]
fn a_decision_for_a_withheld_caller_is_random_if_it_is_drawn() {
    let (withheld, shown) = (Address::Withheld, Address::parse("+14155550199").unwrap());
    let half = WhenSpec { share: Share::of_hundredths(5_000), ..WhenSpec::default() };
    let all = WhenSpec { share: Share::of_hundredths(10_000), ..WhenSpec::default() };
    let (one, two) = (to(&[("a", 1), ("b", 0)]), to(&[("a", 1), ("b", 2)]));
    for (spec, is_random) in [
        (spec(Vec::new(), two.clone()), true),
        (spec(Vec::new(), by(Strategy::LeastBusy, &[("a", 1), ("b", 1)])), true),
        (spec(Vec::new(), by(Strategy::Priority, &[("a", 1), ("b", 1)])), false),
        (spec(Vec::new(), one.clone()), false),
        (spec(vec![(half, one.clone())], one.clone()), true),
        (spec(vec![(all, one.clone())], two), false),
    ] {
        let plan = compiled(&spec);
        let at = Timestamp::from_seconds(0);
        let random = |from| plan.choose(&call(from, at)).is_random(&call(from, at));
        assert_eq!((random(&withheld), random(&shown)), (is_random, false), "{spec:?}");
    }
}
