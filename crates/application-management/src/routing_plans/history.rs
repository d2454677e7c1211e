//! Plans are found, and their versions with them.

use std::sync::Arc;

use switchboard_domain::agent::Label;
use switchboard_domain::identifier::PlanId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Entity, Page, PlanStore, SavedPlan, StoreError};

use super::PlanError;

/// Finds plans and their versions.
#[derive(Clone)]
pub struct PlanHistory {
    /// Where they are kept.
    pub plans: Arc<dyn PlanStore>,
}

impl PlanHistory {
    /// The newest version of the plan whose id or name this is.
    pub async fn find(&self, scope: &Scope, word: &str) -> Result<SavedPlan, PlanError> {
        let unknown = || PlanError::Unknown { word: word.trim().to_owned() };
        let label = Label::parse(word).map_err(|_blank| unknown())?;
        let found = self.plans.find(scope, &label).await;
        found.map_err(PlanError::store("finding the plan"))?.ok_or_else(unknown)
    }

    /// That version of a plan.
    pub async fn version(
        &self,
        scope: &Scope,
        id: &PlanId,
        version: u32,
    ) -> Result<SavedPlan, PlanError> {
        let page = Page { after: version.checked_sub(1), limit: 1 };
        let found = self.plans.versions(scope, id, &page).await;
        let mut found = found.map_err(PlanError::store("finding the version"))?;
        let found = found.pop().filter(|plan| plan.version == version);
        found.ok_or_else(|| PlanError::VersionUnknown { id: id.clone(), version })
    }

    /// Removes a plan that is attached to nothing, with all its versions.
    pub async fn remove(&self, scope: &Scope, word: &str) -> Result<SavedPlan, PlanError> {
        let plan = self.find(scope, word).await?;
        match self.plans.remove(scope, &plan.id).await {
            Ok(()) => Ok(plan),
            Err(StoreError::InUse { by, .. }) => Err(PlanError::InUse { by }),
            Err(StoreError::Missing { entity: Entity::Plan }) => {
                Err(PlanError::Unknown { word: word.trim().to_owned() })
            }
            Err(source) => Err(PlanError::Store { doing: "removing the plan", source }),
        }
    }
}
