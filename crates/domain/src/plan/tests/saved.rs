//! Saved plans that name what cannot be read.

use super::fixture::{TestCatalogue, call, from, instant, label, phone, spec, to, when};
use crate::address::Address;
use crate::agent::Label;
use crate::phone_number::PhoneNumber;
use crate::plan::{
    Audience, Catalogue, DateRange, Destination, KnownAgent, Mismatch, Plan, PlanSpec,
    ScheduleSpec, Tried, WhenSpec,
};

/// The rule that decides a call, and the first agent.
fn decided(plan: &Plan) -> (Option<usize>, Option<String>) {
    let address = Address::parse("+14155550111").unwrap();
    let situation = call(&address, instant("2026-03-08T07:00:00Z"));
    let choice = plan.choose(&situation);
    let agent = match choice.destination(&situation, &(), &Tried::default(), None) {
        Destination::Agent(_, agent) => Some(agent.profile.name.as_str().to_owned()),
        _ => None,
    };
    (choice.rule, agent)
}

fn saved(spec: &PlanSpec) -> (Plan, Vec<String>) {
    let (plan, problems) = Plan::compile_saved("pln_1", spec, &TestCatalogue::default());
    (plan, problems.iter().map(|problem| problem.at.as_str().to_owned()).collect())
}

#[test]
fn only_the_rules_that_name_what_cannot_be_read_are_skipped() {
    let gone = || vec![label("gone")];
    let calendar = when(ScheduleSpec { calendars: gone(), ..ScheduleSpec::default() });
    let list = from(Audience { lists: gone(), ..Audience::default() });
    let rules = vec![
        (calendar, to(&[("a", 1)])),
        (list, to(&[("a", 1)])),
        (WhenSpec::default(), to(&[("a", 1), ("gone", 1)])),
        (WhenSpec::default(), to(&[("b", 1)])),
    ];
    let (plan, problems) = saved(&spec(rules, to(&[("c", 1)])));
    let expected = [
        "/rules/0/when/schedule/calendars/0",
        "/rules/1/when/caller/lists/0",
        "/rules/2/then/agents/1",
    ];
    assert_eq!(problems, expected);
    assert_eq!(decided(&plan), (Some(3), Some("b".to_owned())));
    let address = Address::parse("+14155550111").unwrap();
    let explanation = plan.explain(&call(&address, instant("2026-03-08T07:00:00Z")), &());
    let skipped: Vec<_> = explanation.rules.iter().map(|rule| rule.mismatch).collect();
    let unusable = Some(Mismatch::Unusable);
    assert_eq!(skipped, [unusable, unusable, unusable, None]);
    let why = explanation.rules[1].problem.as_ref().unwrap().to_string();
    assert!(why.contains("no list of the organization is named \"gone\""), "{why}");
}

#[test]
fn otherwise_does_without_what_cannot_be_read() {
    let (plan, problems) = saved(&spec(Vec::new(), to(&[("gone", 1), ("b", 1)])));
    assert_eq!(problems, ["/otherwise/agents/0"]);
    assert_eq!(decided(&plan), (None, Some("b".to_owned())));
    assert!(!plan.decides_nothing());
    let (plan, _) = saved(&spec(Vec::new(), to(&[("gone", 1)])));
    assert_eq!((decided(&plan), plan.decides_nothing()), ((None, None), true));
    let skipped = vec![(WhenSpec::default(), to(&[("gone", 1)]))];
    assert!(saved(&spec(skipped, to(&[("gone", 1)]))).0.decides_nothing());
}

/// A stricter check of a newer release, and another list or calendar, do not take a plan out of service.
#[test]
fn a_saved_plan_with_other_mistakes_decides_as_before() {
    let rules = vec![
        (
            from(Audience { prefixes: vec!["+1".to_owned()], ..Audience::default() }),
            to(&[("a", 1)]),
        ),
        (
            from(Audience { numbers: vec![phone("+14155550111")], ..Audience::default() }),
            to(&[("b", 1)]),
        ),
    ];
    let spec = spec(rules, to(&[("c", 1)]));
    assert!(Plan::compile("pln_1", &spec, &TestCatalogue::default()).is_err());
    let (plan, problems) = saved(&spec);
    assert_eq!(problems, [""; 0]);
    assert_eq!(decided(&plan), (Some(0), Some("a".to_owned())));
}

/// Agent `a` has hours that cannot be read, or that name a calendar that was removed.
struct BrokenHours(Result<ScheduleSpec, String>);

impl Catalogue for BrokenHours {
    fn agents(&self, word: &Label) -> Vec<KnownAgent> {
        let hours = (word.as_str() == "a").then(|| self.0.clone());
        let agents = TestCatalogue::default().agents(word).into_iter();
        agents.map(|agent| KnownAgent { hours: hours.clone(), ..agent }).collect()
    }

    fn calendar(&self, _name: &Label) -> Option<Vec<DateRange>> {
        None
    }

    fn list(&self, _name: &Label) -> Option<Vec<PhoneNumber>> {
        None
    }
}

#[test]
fn an_agent_without_readable_hours_disables_every_rule_that_names_it() {
    let removed = ScheduleSpec { calendars: vec![label("gone")], ..ScheduleSpec::default() };
    for hours in [Err("no".to_owned()), Ok(removed)] {
        let rules = vec![
            (
                from(Audience { prefixes: vec!["+1".to_owned()], ..Audience::default() }),
                to(&[("a", 1)]),
            ),
            (WhenSpec::default(), to(&[("a", 1), ("b", 1)])),
        ];
        let spec = spec(rules, to(&[("a", 1), ("c", 1)]));
        let (plan, problems) = Plan::compile_saved("pln_1", &spec, &BrokenHours(hours));
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems.iter().all(|problem| problem.kind.disables_rule()));
        assert_eq!(decided(&plan), (None, Some("c".to_owned())));
        let names = plan.agents().iter().map(|agent| agent.profile.name.as_str());
        assert_eq!(names.collect::<Vec<_>>(), ["b", "c"]);
    }
}
