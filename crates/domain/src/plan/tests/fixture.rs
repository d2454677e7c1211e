//! Fixtures: agents, a catalogue and situations.

use std::sync::Arc;

use crate::address::{Address, Channel};
use crate::agent::Reply;
use crate::agent::{AgentState, Label, Profile};
use crate::identifier::AgentId;
use crate::phone_number::PhoneNumber;
use crate::plan::{
    Action, AgentShare, Audience, Caller, Catalogue, DateRange, Greeting, KnownAgent, LocalDate,
    Plan, PlanSpec, RuleSpec, ScheduleSpec, Situation, Strategy, ThenSpec, WhenSpec, Zone,
};
use crate::sid::{CallSid, EventSid};
use crate::time::Timestamp;

pub(super) fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

pub(super) fn phone(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

pub(super) fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

pub(super) fn day(text: &str) -> LocalDate {
    LocalDate::parse(text).unwrap()
}

/// Seconds of an instant such as `2026-03-08T07:00:00Z`.
pub(super) fn instant(text: &str) -> Timestamp {
    Timestamp::from_seconds(text.parse::<jiff::Timestamp>().unwrap().as_second())
}

/// Agents `a`, `b`, `c`, `d`; a calendar `holidays` with Christmas Day of 2026; a list `friends` with one number.
#[derive(Default)]
pub(super) struct TestCatalogue {
    pub(super) capacity: Option<u32>,
    pub(super) hours: Option<ScheduleSpec>,
    pub(super) disabled: Option<&'static str>,
}

pub(super) fn agent_id(name: &str) -> AgentId {
    AgentId::new(Timestamp::from_seconds(0), [name.as_bytes()[0]; 10])
}

impl Catalogue for TestCatalogue {
    fn agents(&self, word: &Label) -> Vec<KnownAgent> {
        let name = word.as_str();
        if name == "twins" {
            return ["a", "b"].into_iter().flat_map(|name| self.agents(&label(name))).collect();
        }
        if !["a", "b", "c", "d"].contains(&name) {
            return Vec::new();
        }
        let state =
            if self.disabled == Some(name) { AgentState::Disabled } else { AgentState::Enabled };
        let profile = Profile { state, ..Profile::named(word.clone()) };
        // Only the first agent has a capacity and hours of its own.
        let own = |name: &str| name == "a";
        vec![KnownAgent {
            id: agent_id(name),
            profile: Arc::new(profile),
            capacity: self.capacity.filter(|_| own(name)),
            hours: self.hours.clone().filter(|_| own(name)).map(Ok),
        }]
    }

    fn calendar(&self, name: &Label) -> Option<Vec<DateRange>> {
        (name.as_str() == "holidays").then(|| vec![DateRange::day(day("2026-12-25"))])
    }

    fn list(&self, name: &Label) -> Option<Vec<PhoneNumber>> {
        match name.as_str() {
            "friends" => Some(vec![phone("+14155550111")]),
            "empty" => Some(Vec::new()),
            _ => None,
        }
    }
}

pub(super) fn to(agents: &[(&str, u32)]) -> ThenSpec {
    let share = |(agent, weight): &(&str, u32)| AgentShare { agent: label(agent), weight: *weight };
    ThenSpec { agents: agents.iter().map(share).collect(), ..ThenSpec::default() }
}

pub(super) fn by(strategy: Strategy, agents: &[(&str, u32)]) -> ThenSpec {
    ThenSpec { strategy, ..to(agents) }
}

pub(super) fn say(text: &str) -> Action {
    Action::Say(Greeting { text: Reply::parse(text).unwrap(), language: None })
}

pub(super) fn when(schedule: ScheduleSpec) -> WhenSpec {
    WhenSpec { schedule: Some(schedule), ..WhenSpec::default() }
}

pub(super) fn from(caller: Audience) -> WhenSpec {
    WhenSpec { caller, ..WhenSpec::default() }
}

pub(super) fn spec(rules: Vec<(WhenSpec, ThenSpec)>, otherwise: ThenSpec) -> PlanSpec {
    let rules = rules.into_iter().map(|(when, then)| RuleSpec { name: None, when, then });
    PlanSpec { name: None, zone: Some(zone("America/New_York")), rules: rules.collect(), otherwise }
}

pub(super) fn compiled(spec: &PlanSpec) -> Plan {
    Plan::compile("pln_1", spec, &TestCatalogue::default()).unwrap()
}

/// A call from an address at an instant.
pub(super) fn call(address: &Address, at: Timestamp) -> Situation<'_> {
    Situation {
        channel: Channel::Voice,
        called: phone("+14155550100").into(),
        caller: Caller::of(address),
        event: EventSid::Call(CallSid::parse("CA0123456789abcdef0123456789abcdef").unwrap()),
        at,
    }
}
