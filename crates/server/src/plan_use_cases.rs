//! The use cases of routing plans, built from an installation.

use std::sync::Arc;

use switchboard_application::PlanSources;
use switchboard_application_management::ExplainRoute;
use switchboard_application_management::routing_plans::{ExplainPlan, Plans, ReplayPlan};
use switchboard_domain::ports::Store;

use crate::ambient::Ambient;
use crate::installation::Installation;
use crate::wiring;

impl Installation {
    /// Where plans come from.
    pub(crate) fn plan_sources(&self) -> PlanSources {
        plan_sources(&self.store)
    }

    /// Explains what numbers do.
    pub(crate) fn explaining(&self) -> ExplainRoute {
        let longest_call = self.settings.longest_call.as_secs();
        ExplainRoute {
            routes: self.store.clone(),
            plans: ExplainPlan {
                sources: self.plan_sources(),
                places: self.store.clone(),
                live_calls: self.store.clone(),
                longest_call: i64::try_from(longest_call).unwrap_or(i64::MAX),
            },
            voice_server: self.settings.voice_server.clone(),
        }
    }

    /// The use cases of plans.
    pub(crate) fn plans(&self) -> Plans {
        plans_of(&self.store, &self.ambient)
    }

    /// Puts what was recorded through plans.
    pub(crate) fn replaying(&self) -> ReplayPlan {
        ReplayPlan {
            calls: self.store.clone(),
            messages: self.store.clone(),
            numbers: self.store.clone(),
            plans: self.store.clone(),
            codec: wiring::plan_codec(),
            places: self.store.clone(),
            has_voice_server: self.settings.voice_server.is_some(),
        }
    }
}

/// The use cases of plans in a store.
pub(crate) fn plans_of(store: &Arc<dyn Store>, ambient: &Ambient) -> Plans {
    Plans {
        sources: plan_sources(store),
        places: store.clone(),
        identifiers: ambient.identifiers.clone(),
        clock: ambient.clock.clone(),
    }
}

fn plan_sources(store: &Arc<dyn Store>) -> PlanSources {
    PlanSources { plans: store.clone(), catalogue: store.clone(), codec: wiring::plan_codec() }
}
