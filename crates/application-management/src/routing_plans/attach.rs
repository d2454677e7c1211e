//! Plans are attached to numbers, accounts and organizations, and detached again.

use std::sync::Arc;

use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Entity, PlanPlace, PlanPlaceStore, PlanStore, SavedPlan, StoreError,
};

use super::{PlanError, PlanHistory};
use crate::ManageError;

/// Attaches plans.
pub struct AttachPlan {
    /// Where they are kept.
    pub plans: Arc<dyn PlanStore>,
    /// Where it is kept what they are attached to.
    pub places: Arc<dyn PlanPlaceStore>,
}

impl AttachPlan {
    /// Lets a plan decide for a place, in place of another one that did.
    pub async fn attach(
        &self,
        scope: &Scope,
        word: &str,
        place: impl FnOnce(&SavedPlan) -> PlanPlace,
    ) -> Result<SavedPlan, PlanError> {
        let plan = PlanHistory { plans: Arc::clone(&self.plans) }.find(scope, word).await?;
        let place = place(&plan);
        let attached = self.places.attach(scope, &place, Some(plan.id.clone())).await;
        attached.map_err(|error| refused("attaching the plan", &place, error))?;
        Ok(plan)
    }

    /// Lets no plan decide for a place; what is farther away may still have one.
    pub async fn detach(&self, scope: &Scope, place: &PlanPlace) -> Result<(), PlanError> {
        let detached = self.places.attach(scope, place, None).await;
        detached.map_err(|error| refused("detaching the plan", place, error))
    }
}

fn refused(doing: &'static str, place: &PlanPlace, error: StoreError) -> PlanError {
    match (error, place) {
        (StoreError::Missing { entity: Entity::Number }, PlanPlace::Number(number)) => {
            ManageError::NumberUnknown { number: *number }.into()
        }
        (StoreError::Missing { entity: Entity::Account }, PlanPlace::Account(sid)) => {
            ManageError::AccountUnknown { sid: *sid }.into()
        }
        // The plan was found a moment ago.
        (StoreError::Missing { entity: Entity::Plan }, _) => PlanError::OtherOrganization,
        (source, _) => PlanError::Store { doing, source },
    }
}
