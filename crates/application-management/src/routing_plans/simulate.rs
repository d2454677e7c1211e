//! Decides a plan for one caller in each half hour of some days, and splits sampled callers by its weights.

use switchboard_domain::identifier::PlanId;
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::{LocalDate, Zone};
use switchboard_domain::ports::{PlanPlace, PlanPlaceStore};
use switchboard_domain::sender::Sender;
use switchboard_domain::time::Timestamp;

use super::fallback_chain::Reachable;
use super::{Draft, PlanError, Split, Supposed, Week, split_by_weight};

/// Callers that rules with weights are tried on.
const CALLERS: u32 = 10_000;

/// Simulates plans. Every agent with a voice target counts as available.
#[derive(Clone, Copy, Debug)]
pub struct SimulatePlan {
    /// Whether there is a default voice server, for agents without a voice target.
    pub has_voice_server: bool,
}

/// The first day of a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstDay {
    /// A date in the time zone of the plan.
    Date(LocalDate),
    /// The day of an instant.
    At(Timestamp),
    /// The current day.
    Today,
}

/// The result of a simulation.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// The destinations of one caller.
    pub week: Week,
    /// How rules split callers.
    pub splits: Vec<Split>,
}

impl SimulatePlan {
    /// An unknown caller, whose number is reserved for fiction.
    pub const CALLER: &str = "+12025550123";
    /// The number of plans that are attached to none; reserved for fiction.
    pub const NUMBER: &str = "+12025550100";

    /// Simulates a plan from a day on.
    pub fn simulate(
        self,
        draft: &Draft,
        supposed: &Supposed,
        first: LocalDate,
        days: u16,
    ) -> Simulated {
        let Draft { plan, zone, .. } = draft;
        let reachable =
            Reachable { has_voice_server: self.has_voice_server, ..Reachable::default() };
        let week = Week::of(plan, zone, supposed, first, days, &reachable);
        let splits = split_by_weight(plan, &week, supposed, CALLERS, &reachable);
        Simulated { week, splits }
    }

    /// The first number that a saved plan is attached to.
    pub async fn number(
        places: &dyn PlanPlaceStore,
        scope: &Scope,
        plan: &PlanId,
    ) -> Result<Option<Sender>, PlanError> {
        let places = places.places(scope, plan).await;
        let places = places.map_err(PlanError::store("reading what the plan is attached to"))?;
        Ok(places.iter().find_map(|place| match place {
            PlanPlace::Number(number) => Some(*number),
            PlanPlace::Account(_) | PlanPlace::Organization(_) => None,
        }))
    }
}

impl FirstDay {
    /// The date in a time zone.
    pub fn date(self, zone: &Zone, now: Timestamp) -> LocalDate {
        match self {
            Self::Date(date) => date,
            Self::At(at) => zone.shown(at).0,
            Self::Today => zone.shown(now).0,
        }
    }
}
