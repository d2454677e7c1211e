//! Explains the decision of a plan for one situation, rule by rule.

use std::collections::HashMap;
use std::sync::Arc;

use switchboard_domain::address::Channel;
use switchboard_domain::agent::Label;
use switchboard_domain::identifier::{AgentId, PlanId};
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::{
    Availability, Choice, LocalDate, MinuteOfDay, NextChange, Plan, PlanProblem, RuleVerdict,
    Situation, Skipped, Zone,
};
use switchboard_domain::ports::{
    LiveCallStore, Page, PlanPlace, PlanPlaceStore, SavedPlan, StoreError,
};
use switchboard_domain::routing::{Route, Routed};
use switchboard_domain::sid::EventSid;
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::WebUrl;

use super::fallback_chain::{DestinationSummary, Reachable, decided, destinations};
use switchboard_application::{PlanSources, UnreadablePlan};

/// The maximum number of live calls that are counted.
const MAX_CALLS: u32 = 50_000;

/// The maximum number of live calls that are counted in shares of organizations, if there are more.
const MAX_IN_SHARES: u32 = 100_000;

/// Explains the decisions of plans.
#[derive(Clone)]
pub struct ExplainPlan {
    /// Reads and compiles plans.
    pub sources: PlanSources,
    /// Reads the attachments of plans.
    pub places: Arc<dyn PlanPlaceStore>,
    /// Lists the current calls of agents.
    pub live_calls: Arc<dyn LiveCallStore>,
    /// The number of seconds after which a call counts as over, even if no status callback reported its end.
    pub longest_call: i64,
}

/// The attachment through which a plan decides for a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attached {
    /// The number itself.
    Number,
    /// The number's account.
    Account,
    /// The number's organization.
    Organization,
}

/// The decision of a plan, with its reasons.
#[derive(Clone, Debug)]
pub struct PlanExplanation {
    /// The plan that decides.
    pub id: PlanId,
    /// The name of the plan.
    pub name: Label,
    /// The newest version, which is the one that decides.
    pub version: u32,
    /// The attachment through which it decides.
    pub attached: Attached,
    /// All rules in order, including those after the deciding one.
    pub rules: Vec<RuleVerdict>,
    /// The deciding rule, or `None` for `otherwise`.
    pub decided: Option<usize>,
    /// The fallback chain, which is empty if nothing answers.
    pub fallback_chain: Vec<DestinationSummary>,
    /// Whether other calls of this caller can be decided differently, because the number is withheld.
    pub is_random: bool,
    /// The agents of the rule that are not tried, and why.
    pub skipped: Vec<SkippedAgent>,
    /// The decision service that may choose another agent of the rule.
    pub asks: Option<WebUrl>,
    /// The next decision that differs only because of the time.
    pub next: Option<NextTurn>,
    /// What the plan names and cannot be read. Rules that name it are skipped.
    pub problems: Vec<PlanProblem>,
}

/// An agent that is not tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedAgent {
    /// The id of the agent.
    pub id: AgentId,
    /// Its name.
    pub name: Label,
    /// Why it is not tried.
    pub why: Skipped,
}

/// The next decision that differs only because of the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextTurn {
    /// The time of the change.
    pub at: Timestamp,
    /// The time zone of the schedule.
    pub zone: String,
    /// The local time of the change.
    pub shown: (LocalDate, MinuteOfDay),
    /// The deciding rule after the change, or `None` for `otherwise`.
    pub rule: Option<usize>,
    /// The destination after the change.
    pub destination: DestinationSummary,
}

impl ExplainPlan {
    /// The decision of a plan for a route, or `None` if the plan was removed. `version` is the version that decides; the
    /// newest one if it is `None`.
    pub(crate) async fn explain(
        &self,
        (id, version): (&PlanId, Option<u32>),
        route: &Route,
        situation: &Situation<'_>,
        reachable: &Reachable,
    ) -> Result<Option<PlanExplanation>, UnreadablePlan> {
        let saved = self.saved(id, version).await.map_err(UnreadablePlan::Store)?;
        let Some(saved) = saved else { return Ok(None) };
        let compiled = self.sources.saved(&saved).await?;
        let places = self.places.places(&Scope::Operator, id).await;
        let attached = attached(&places.map_err(UnreadablePlan::Store)?, route);
        let mut explained = explained(&saved, attached, &compiled.plan, situation, reachable);
        explained.problems = compiled.problems;
        Ok(Some(explained))
    }

    /// A version of a plan, or the newest one.
    async fn saved(
        &self,
        id: &PlanId,
        version: Option<u32>,
    ) -> Result<Option<SavedPlan>, StoreError> {
        let plans = &self.sources.plans;
        let Some(version) = version else {
            let Ok(word) = Label::parse(id.as_str()) else { return Ok(None) };
            return plans.find(&Scope::Operator, &word).await;
        };
        let page = Page { after: version.checked_sub(1), limit: 1 };
        let found = plans.versions(&Scope::Operator, id, &page).await?;
        Ok(found.into_iter().find(|plan| plan.version == version))
    }

    /// The current calls of agents, except the call of the event itself.
    pub(crate) async fn calls(
        &self,
        now: Timestamp,
        but: EventSid,
    ) -> Result<HashMap<AgentId, u32>, StoreError> {
        let after = now.plus_seconds(-self.longest_call);
        let mut calls = HashMap::new();
        let mut live = self.live_calls.live_calls(after, MAX_CALLS).await?;
        if live.len() >= MAX_CALLS as usize {
            // The calls of one organization do not hide those of others.
            let shares = self.live_calls.live_calls_by_organization(after, MAX_IN_SHARES).await?;
            live = shares.into_iter().map(|(_, call, agent)| (call, agent)).collect();
        }
        for ((_, call), agent) in live {
            if EventSid::Call(call) != but {
                *calls.entry(agent).or_default() += 1;
            }
        }
        Ok(calls)
    }
}

fn attached(places: &[PlanPlace], route: &Route) -> Attached {
    if places.contains(&PlanPlace::Number(route.sender)) {
        Attached::Number
    } else if places.contains(&PlanPlace::Account(route.account)) {
        Attached::Account
    } else {
        Attached::Organization
    }
}

fn explained(
    saved: &SavedPlan,
    attached: Attached,
    plan: &Plan,
    situation: &Situation<'_>,
    availability: &dyn Availability,
) -> PlanExplanation {
    let operator = Routed::for_explanation(None);
    let explanation = operator.explain(plan, situation, availability);
    let choice = operator.choose(plan, situation);
    let next = explanation.next.as_ref().map(|turn| next(plan, turn, situation, availability));
    PlanExplanation {
        id: saved.id.clone(),
        name: saved.name.clone(),
        version: saved.version,
        attached,
        rules: explanation.rules,
        decided: choice.rule,
        fallback_chain: destinations(&choice, situation, availability)
            .map(|destination| DestinationSummary::of(&destination))
            .collect(),
        is_random: choice.is_random(situation),
        skipped: skipped(&choice, situation, availability),
        asks: choice.ask().map(|ask| ask.url.clone()),
        next,
        problems: Vec::new(),
    }
}

/// The agents of the chosen rule that are not tried. An agent without a target for the channel is one of them.
fn skipped(
    choice: &Choice<'_>,
    situation: &Situation<'_>,
    availability: &dyn Availability,
) -> Vec<SkippedAgent> {
    let is_call = situation.channel == Channel::Voice;
    let mut skipped = Vec::new();
    let known = choice.skipped(situation, availability);
    for (_, agent) in choice.candidates() {
        let known = known.iter().find(|(other, _)| other.id == agent.id).map(|(_, why)| *why);
        let has_target = if is_call {
            known != Some(Skipped::Down)
        } else {
            agent.profile.message_target.is_some()
        };
        let why = match known {
            // Outside of a running server, only an agent without a voice target is down.
            None | Some(Skipped::Down | Skipped::ZeroWeight) if !has_target => Skipped::NoTarget,
            None => continue,
            Some(why) => why,
        };
        skipped.push(SkippedAgent { id: agent.id.clone(), name: agent.profile.name.clone(), why });
    }
    skipped
}

fn next(
    plan: &Plan,
    turn: &NextChange,
    situation: &Situation<'_>,
    availability: &dyn Availability,
) -> NextTurn {
    let (choice, destination) =
        decided(plan, &Situation { at: turn.at, ..*situation }, availability);
    let zone = Zone::parse(&turn.zone).unwrap_or_else(|_unknown| Zone::utc());
    NextTurn {
        at: turn.at,
        shown: zone.shown(turn.at),
        zone: turn.zone.clone(),
        rule: choice.rule,
        destination: DestinationSummary::of(&destination),
    }
}
