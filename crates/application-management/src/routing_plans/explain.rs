//! What a plan decides about a situation is explained, rule by rule.

use std::collections::HashMap;
use std::sync::Arc;

use switchboard_domain::agent::Label;
use switchboard_domain::identifier::{AgentId, PlanId};
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::{
    Availability, LocalDate, MinuteOfDay, NextChange, Plan, RuleVerdict, Situation, Zone,
};
use switchboard_domain::ports::{LiveCallStore, PlanPlace, PlanPlaceStore, SavedPlan, StoreError};
use switchboard_domain::routing::{Route, Routed};
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::WebUrl;

use super::fallback_chain::{DestinationSummary, Reachable, decided, destinations};
use switchboard_application::{PlanSources, UnreadablePlan};

/// Live calls that are counted at most.
const MOST_CALLS: u32 = 50_000;

/// Explains what plans decide.
#[derive(Clone)]
pub struct ExplainPlan {
    /// Where plans come from.
    pub sources: PlanSources,
    /// Where it is kept what they are attached to.
    pub places: Arc<dyn PlanPlaceStore>,
    /// Tells which calls agents have.
    pub live_calls: Arc<dyn LiveCallStore>,
    /// After how many seconds a call is over whose end was never told.
    pub longest_call: i64,
}

/// Which of its places made a plan the nearest one of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attached {
    /// The number itself.
    Number,
    /// The number's account.
    Account,
    /// The number's organization.
    Organization,
}

/// What a plan decides, and why.
#[derive(Clone, Debug)]
pub struct PlanExplanation {
    /// The plan.
    pub id: PlanId,
    /// What people call it.
    pub name: Label,
    /// Its newest version, which decides.
    pub version: u32,
    /// How it comes to decide for the number.
    pub attached: Attached,
    /// Every rule, in order, also those behind the one that decides.
    pub rules: Vec<RuleVerdict>,
    /// The rule that decides; none for what happens otherwise.
    pub decided: Option<usize>,
    /// Who takes it, and who next if each in turn fails; empty if nobody does.
    pub fallback_chain: Vec<DestinationSummary>,
    /// The decision service that may put another agent of the rule first.
    pub asks: Option<WebUrl>,
    /// What changes next by the clock alone.
    pub next: Option<NextTurn>,
}

/// What changes next by the clock alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextTurn {
    /// When.
    pub at: Timestamp,
    /// The zone whose clocks bring it about.
    pub zone: String,
    /// What its clocks show then.
    pub shown: (LocalDate, MinuteOfDay),
    /// The rule that decides then; none for what happens otherwise.
    pub rule: Option<usize>,
    /// Who takes it then.
    pub destination: DestinationSummary,
}

impl ExplainPlan {
    /// What the plan of a route decides; none if it is gone.
    pub(crate) async fn explain(
        &self,
        id: &PlanId,
        route: &Route,
        situation: &Situation<'_>,
        reachable: &Reachable,
    ) -> Result<Option<PlanExplanation>, UnreadablePlan> {
        let Ok(word) = Label::parse(id.as_str()) else { return Ok(None) };
        let saved = self.sources.plans.find(&Scope::Operator, &word).await;
        let Some(saved) = saved.map_err(UnreadablePlan::Store)? else { return Ok(None) };
        let draft = self.sources.draft(&saved.organization, saved.id.as_str(), &saved.document);
        let (plan, _materials) = draft.await?;
        let places = self.places.places(&Scope::Operator, id).await;
        let attached = attached(&places.map_err(UnreadablePlan::Store)?, route);
        Ok(Some(explained(&saved, attached, &plan, situation, reachable)))
    }

    /// The calls that agents have now, but for that of an event.
    pub(crate) async fn calls(
        &self,
        now: Timestamp,
        but: &str,
    ) -> Result<HashMap<AgentId, u32>, StoreError> {
        let after = now.plus_seconds(-self.longest_call);
        let mut calls = HashMap::new();
        for (call, agent) in self.live_calls.live_calls(after, MOST_CALLS).await? {
            if call.as_str() != but {
                *calls.entry(agent).or_default() += 1;
            }
        }
        Ok(calls)
    }
}

fn attached(places: &[PlanPlace], route: &Route) -> Attached {
    if places.contains(&PlanPlace::Number(route.phone_number)) {
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
        asks: choice.ask().map(|ask| ask.url.clone()),
        next,
    }
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
