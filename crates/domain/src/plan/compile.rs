//! Compiles a plan: checks it against the stored agents, calendars and lists, and prepares it for fast decisions.

use std::collections::HashMap;
use std::sync::Arc;

use super::action::Action;
use super::calendar::{DateRange, Days};
use super::condition::{ChannelSet, Condition, Conditions, MAX_ZONES, Numbers, Region, Timed};
use super::overlap;
use super::problem::{PlanProblem, Pointer, ProblemKind};
use super::references::named_agent;
use super::rule::{AskOutside, PlanSpec, RuleSpec, Strategy, ThenSpec, WhenSpec};
use super::schedule::{Schedule, ScheduleSpec};
use super::sticky::StickyKey;
use super::zone::Zone;
use crate::agent::{Label, Profile};
use crate::identifier::AgentId;
use crate::phone_number::PhoneNumber;

/// The largest number of rules of a plan.
pub const MAX_RULES: usize = 1_000;

/// The agents, calendars and lists of one organization.
pub trait Catalogue {
    /// The agents with this id, external id or name.
    fn agents(&self, word: &Label) -> Vec<KnownAgent>;
    /// The days of a calendar; `None` if there is no such calendar.
    fn calendar(&self, name: &Label) -> Option<Vec<DateRange>>;
    /// The numbers of a list; `None` if there is no such list.
    fn list(&self, name: &Label) -> Option<Vec<PhoneNumber>>;
}

/// An agent of the catalogue, with what routing needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAgent {
    /// The agent's id.
    pub id: AgentId,
    /// Everything about the agent except its prompt.
    pub profile: Arc<Profile>,
    /// The largest number of simultaneous calls; `None` for no limit.
    pub capacity: Option<u32>,
    /// The hours in which it is available, or why they cannot be read; `None` for always.
    pub hours: Option<Result<ScheduleSpec, String>>,
}

/// An agent of a compiled plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanAgent {
    /// The agent's id.
    pub id: AgentId,
    /// Everything about the agent except its prompt.
    pub profile: Arc<Profile>,
    /// The largest number of simultaneous calls; `None` for no limit.
    pub capacity: Option<u32>,
    pub(super) hours: Option<Timed>,
    pub(super) salt: u64,
}

/// A compiled plan.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) key: StickyKey,
    pub(super) agents: Vec<PlanAgent>,
    pub(super) zones: Vec<Zone>,
    pub(super) rules: Vec<Rule>,
    pub(super) otherwise: Then,
}

impl PlanAgent {
    /// Whether its hours have dates, each of which is excepted, and nothing else.
    pub fn is_never_open(&self) -> bool {
        self.hours.as_ref().is_some_and(|hours| hours.schedule.is_never_open())
    }
}

#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) name: Option<Label>,
    pub(super) when: Conditions,
    pub(super) then: Then,
    /// Why the rule is skipped; `None` if it can decide.
    pub(super) problem: Option<Box<PlanProblem>>,
}

#[derive(Clone, Debug)]
pub(super) struct Then {
    /// Agents by their index in the plan, with their weights.
    pub(super) agents: Vec<(usize, u32)>,
    pub(super) strategy: Strategy,
    pub(super) ask: Option<AskOutside>,
    pub(super) next: Vec<Action>,
}

impl Plan {
    /// Compiles a plan, or returns every problem. `id` is the plan's id: as long as it stays the same, callers keep
    /// their agents.
    pub fn compile(
        id: &str,
        spec: &PlanSpec,
        catalogue: &dyn Catalogue,
    ) -> Result<Self, Vec<PlanProblem>> {
        let (plan, problems) = Self::compile_all(id, spec, catalogue);
        if problems.is_empty() { Ok(plan) } else { Err(problems) }
    }

    /// Compiles a saved plan, which decides with problems, too: a rule that names what cannot be read is skipped, and
    /// `otherwise` does without it. Returns the problems that have this effect.
    pub fn compile_saved(
        id: &str,
        spec: &PlanSpec,
        catalogue: &dyn Catalogue,
    ) -> (Self, Vec<PlanProblem>) {
        let (plan, mut problems) = Self::compile_all(id, spec, catalogue);
        problems.retain(|problem| problem.kind.disables_rule());
        (plan, problems)
    }

    fn compile_all(
        id: &str,
        spec: &PlanSpec,
        catalogue: &dyn Catalogue,
    ) -> (Self, Vec<PlanProblem>) {
        let mut compiler = Compiler {
            catalogue,
            key: StickyKey::new(id),
            zone: spec.zone.as_ref(),
            agents: Vec::new(),
            unusable: HashMap::new(),
            zones: Vec::new(),
            problems: Vec::new(),
        };
        let rules_at = Pointer::root().at("rules");
        if spec.rules.len() > MAX_RULES {
            let kind = ProblemKind::TooMany { most: MAX_RULES, what: "rules" };
            compiler.problem(&rules_at, kind);
        }
        let rules = spec.rules.iter().take(MAX_RULES).enumerate();
        let rules: Vec<Rule> =
            rules.map(|(index, rule)| compiler.rule(rule, index, &rules_at.at(index))).collect();
        let otherwise = compiler.then(&spec.otherwise, &Pointer::root().at("otherwise"));
        overlap::unreachable(&rules, &rules_at, &mut compiler.problems);
        let Compiler { key, agents, zones, problems, .. } = compiler;
        (Self { key, agents, zones, rules, otherwise }, problems)
    }

    /// Whether nothing is left that can decide: every rule is skipped, and `otherwise` has no destination.
    pub fn decides_nothing(&self) -> bool {
        self.rules.iter().all(|rule| rule.problem.is_some())
            && self.otherwise.agents.is_empty()
            && self.otherwise.next.is_empty()
    }

    /// The time zones of the plan's schedules.
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// The agents that the plan may choose.
    pub fn agents(&self) -> &[PlanAgent] {
        &self.agents
    }
}

struct Compiler<'a> {
    catalogue: &'a dyn Catalogue,
    key: StickyKey,
    zone: Option<&'a Zone>,
    agents: Vec<PlanAgent>,
    /// Agents whose hours have a problem.
    unusable: HashMap<AgentId, ProblemKind>,
    zones: Vec<Zone>,
    problems: Vec<PlanProblem>,
}

impl Compiler<'_> {
    fn problem(&mut self, at: &Pointer, kind: ProblemKind) {
        self.problems.push(PlanProblem { at: at.clone(), kind });
    }

    fn rule(&mut self, rule: &RuleSpec, index: usize, at: &Pointer) -> Rule {
        // A rule with a name keeps its share of callers when rules are inserted before it.
        let named =
            rule.name.as_ref().map_or_else(|| index.to_string(), |name| name.as_str().to_owned());
        let salt = self.key.salt("rule", &named);
        let before = self.problems.len();
        let when = self.when(&rule.when, salt, &at.at("when"));
        let then = self.then(&rule.then, &at.at("then"));
        let mut own = self.problems[before..].iter();
        let problem = own.find(|problem| problem.kind.disables_rule()).cloned().map(Box::new);
        Rule { name: rule.name.clone(), when, then, problem }
    }

    fn when(&mut self, when: &WhenSpec, salt: u64, at: &Pointer) -> Conditions {
        if let Some(never) = overlap::contradiction(when) {
            self.problem(at, ProblemKind::Contradiction(never));
        }
        let caller = &when.caller;
        let texts =
            |labels: &[Label]| labels.iter().map(|label| label.as_str().to_owned()).collect();
        let mut numbers = caller.numbers.clone();
        let lists_at = at.at("caller").at("lists");
        for (index, name) in caller.lists.iter().enumerate() {
            match self.catalogue.list(name) {
                Some(list) => numbers.extend(list),
                None => {
                    self.problem(
                        &lists_at.at(index),
                        ProblemKind::ListUnknown { name: name.clone() },
                    );
                }
            }
        }
        let names_numbers = !caller.numbers.is_empty() || !caller.lists.is_empty();
        let schedule =
            when.schedule.as_ref().and_then(|schedule| self.schedule(schedule, &at.at("schedule")));
        if schedule.as_ref().is_some_and(|timed| timed.schedule.is_never_open()) {
            let never = "all dates of the schedule are excepted";
            self.problem(at, ProblemKind::Contradiction(never));
        }
        let region = Region {
            states: texts(&caller.states),
            cities: texts(&caller.cities),
            postal_codes: texts(&caller.postal_codes),
        };
        let named = |texts: &[String]| (!texts.is_empty()).then(|| texts.into());
        let given = [
            when.channels.as_deref().map(|channels| Condition::Channels(ChannelSet::of(channels))),
            when.called.as_deref().map(|numbers| Condition::Called(Numbers::of(numbers))),
            caller.withheld.map(Condition::Withheld),
            (!caller.countries.is_empty())
                .then(|| Condition::Countries(caller.countries.as_slice().into())),
            (region != Region::default()).then(|| Condition::Region(Box::new(region))),
            named(&caller.prefixes).map(Condition::Prefixes),
            names_numbers.then(|| Condition::Numbers(Numbers::of_contacts(&numbers))),
            when.attestation.map(Condition::Attestation),
            schedule.map(|timed| Condition::Schedule(Box::new(timed))),
            when.share.map(|share| Condition::Share(share, salt)),
        ];
        Conditions::new(given.into_iter().flatten().collect())
    }

    fn schedule(&mut self, spec: &ScheduleSpec, at: &Pointer) -> Option<Timed> {
        overlap::windows(&spec.weekly, &at.at("weekly"), &mut self.problems);
        let days = self.days(&spec.dates, &spec.calendars, &at.at("calendars"));
        let except = &spec.except;
        let except = self.days(&except.dates, &except.calendars, &at.at("except").at("calendars"));
        let Some(zone) = spec.zone.as_ref().or(self.zone).cloned() else {
            self.problem(at, ProblemKind::NoZone);
            return None;
        };
        let place = match self.zones.iter().position(|known| *known == zone) {
            Some(place) => place,
            None if self.zones.len() < MAX_ZONES => {
                self.zones.push(zone.clone());
                self.zones.len() - 1
            }
            None => {
                self.problem(at, ProblemKind::TooMany { most: MAX_ZONES, what: "time zones" });
                return None;
            }
        };
        let schedule = Schedule { zone, weekly: spec.weekly.clone(), days, except };
        Some(Timed { schedule, zone: place })
    }

    fn days(&mut self, dates: &[DateRange], calendars: &[Label], at: &Pointer) -> Days {
        let mut ranges = dates.to_vec();
        for (index, name) in calendars.iter().enumerate() {
            match self.catalogue.calendar(name) {
                Some(calendar) => ranges.extend(calendar),
                None => {
                    self.problem(
                        &at.at(index),
                        ProblemKind::CalendarUnknown { name: name.clone() },
                    );
                }
            }
        }
        Days::of(ranges)
    }

    fn then(&mut self, then: &ThenSpec, at: &Pointer) -> Then {
        if then.agents.is_empty() && then.next.is_empty() {
            self.problem(at, ProblemKind::NothingToDo);
        }
        let agents_at = at.at("agents");
        if !then.agents.is_empty() && then.agents.iter().all(|share| share.weight == 0) {
            self.problem(&agents_at, ProblemKind::NoWeight);
        }
        if then.ask.is_some() && then.agents.len() < 2 {
            self.problem(&at.at("ask"), ProblemKind::NothingToChoose);
        }
        let mut agents: Vec<(usize, u32)> = Vec::with_capacity(then.agents.len());
        for (index, share) in then.agents.iter().enumerate() {
            let at = agents_at.at(index);
            match self.agent(&share.agent, &at) {
                Some(place) if agents.iter().any(|(known, _)| *known == place) => {
                    self.problem(&at, ProblemKind::AgentRepeated);
                }
                Some(place) => agents.push((place, share.weight)),
                None => {}
            }
        }
        let last = then.next.len().saturating_sub(1);
        for (index, action) in then.next.iter().enumerate() {
            // Only an unanswered dial and a queue that the caller leaves continue with the next action.
            let goes_on = matches!(action, Action::Dial { .. } | Action::Enqueue(_));
            if index < last && !goes_on {
                self.problem(&at.at("next").at(index + 1), ProblemKind::AfterTheEnd);
            }
        }
        Then { agents, strategy: then.strategy, ask: then.ask.clone(), next: then.next.clone() }
    }

    /// The agent's index in the plan.
    fn agent(&mut self, word: &Label, at: &Pointer) -> Option<usize> {
        let agent = match named_agent(self.catalogue, word) {
            Ok(agent) => agent,
            Err(kind) => {
                self.problem(at, kind);
                return None;
            }
        };
        if let Some(place) = self.agents.iter().position(|known| known.id == agent.id) {
            return Some(place);
        }
        if let Some(kind) = self.unusable.get(&agent.id) {
            let kind = kind.clone();
            self.problem(at, kind);
            return None;
        }
        let KnownAgent { id, profile, capacity, hours } = agent;
        let before = self.problems.len();
        let hours = match hours {
            Some(Ok(hours)) => self.schedule(&hours, at),
            Some(Err(what)) => {
                self.problem(at, ProblemKind::HoursUnreadable { word: word.clone(), what });
                None
            }
            None => None,
        };
        let mut own = self.problems[before..].iter();
        if let Some(problem) = own.find(|problem| problem.kind.disables_rule()) {
            self.unusable.insert(id, problem.kind.clone());
            return None;
        }
        let salt = self.key.salt("agent", id.as_str());
        self.agents.push(PlanAgent { id, profile, capacity, hours, salt });
        Some(self.agents.len() - 1)
    }
}
