//! Routing plans in all their versions.

use async_trait::async_trait;
use switchboard_domain::agent::Label;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef};
use switchboard_domain::identifier::{OrganizationId, PlanId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Change, Entity, Page, PlanPlace, PlanStore, SavedPlan, StoreError,
};

use crate::MemoryStore;
use crate::audited::Audited;
use crate::pages::page_of;
use crate::state::{State, exists, missing};

#[async_trait]
impl PlanStore for MemoryStore {
    async fn save(&self, author: &Author, plan: &SavedPlan) -> Result<(), StoreError> {
        let mut state = self.enter("plan.save").await?;
        state.may_add(author, &plan.organization)?;
        let newest = newest(&state, &plan.id);
        let follows = match newest {
            Some(newest) => {
                newest.organization == plan.organization
                    && newest.version.checked_add(1) == Some(plan.version)
            }
            None => plan.version == 1,
        };
        let mut others = state.plans.keys().filter_map(|id| self::newest(&state, id));
        let is_taken = others.any(|other| {
            other.id != plan.id
                && other.organization == plan.organization
                && other.name == plan.name
        });
        if !follows || is_taken {
            return Err(exists(Entity::Plan));
        }
        let audited = Audited::begin(&state, object(&plan.id));
        state.plans.entry(plan.id.clone()).or_default().push(plan.clone());
        audited.end(&mut state, author, Action::PlanSaved);
        state.changes.record(Change::Everything);
        Ok(())
    }

    async fn find(&self, scope: &Scope, word: &Label) -> Result<Option<SavedPlan>, StoreError> {
        let state = self.enter("plan.find").await?;
        let covered: Vec<_> = state
            .plans
            .keys()
            .filter_map(|id| newest(&state, id))
            .filter(|plan| scope.covers(&plan.organization))
            .collect();
        // A word that is one plan's id and another one's name is the id.
        let by_id = covered.iter().find(|plan| plan.id.as_str() == word.as_str());
        let found = by_id.or_else(|| covered.iter().find(|plan| plan.name == *word));
        Ok(found.map(|plan| (*plan).clone()))
    }

    async fn list(&self, scope: &Scope, page: &Page<PlanId>) -> Result<Vec<SavedPlan>, StoreError> {
        let shown = |versions: &Vec<SavedPlan>| covered(scope, versions);
        let plans = page_of(&self.enter("plan.list").await?.plans, page, shown);
        Ok(plans.into_iter().filter_map(|mut versions| versions.pop()).collect())
    }

    async fn versions(
        &self,
        scope: &Scope,
        id: &PlanId,
        page: &Page<u32>,
    ) -> Result<Vec<SavedPlan>, StoreError> {
        let state = self.enter("plan.versions").await?;
        let versions = state.plans.get(id).filter(|versions| covered(scope, versions));
        let behind = versions
            .into_iter()
            .flatten()
            .filter(|plan| page.after.is_none_or(|after| plan.version > after));
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        Ok(behind.take(limit).cloned().collect())
    }

    async fn remove(&self, author: &Author, id: &PlanId) -> Result<(), StoreError> {
        let mut state = self.enter("plan.remove").await?;
        if !state.plans.get(id).is_some_and(|versions| covered(author, versions)) {
            return Err(missing(Entity::Plan));
        }
        if let Some((place, _)) = state.plan_places.iter().find(|(_, plan)| *plan == id) {
            let by = match place {
                PlanPlace::Number(_) => Entity::Number,
                PlanPlace::Account(_) => Entity::Account,
                PlanPlace::Organization(_) => Entity::Organization,
            };
            return Err(StoreError::InUse { entity: Entity::Plan, by });
        }
        let audited = Audited::begin(&state, object(id));
        state.plans.remove(id);
        audited.end(&mut state, author, Action::PlanRemoved);
        state.changes.record(Change::Everything);
        Ok(())
    }
}

fn object(id: &PlanId) -> ObjectRef {
    ObjectRef::new(ObjectKind::Plan, id.as_str())
}

/// The newest version of a plan.
fn newest<'a>(state: &'a State, id: &PlanId) -> Option<&'a SavedPlan> {
    state.plans.get(id)?.last()
}

/// All versions of a plan belong to one organization.
fn covered(scope: &Scope, versions: &[SavedPlan]) -> bool {
    versions.last().is_some_and(|plan| scope.covers(&plan.organization))
}

/// The organization of a plan, if there is such a plan.
pub(crate) fn owner<'a>(state: &'a State, id: &PlanId) -> Option<&'a OrganizationId> {
    newest(state, id).map(|plan| &plan.organization)
}
