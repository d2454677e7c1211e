//! A plan is saved: always as a new version, and only if it is right as a whole.

use std::sync::Arc;

use switchboard_domain::agent::Label;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::Plan;
use switchboard_domain::ports::{Clock, Identifiers, Page, SavedPlan, StoreError};

use super::{Draft, PlanError, PlanHistory};
use switchboard_application::PlanSources;

/// Saves plans.
pub struct SavePlan {
    /// Where they are kept, and what they name.
    pub sources: PlanSources,
    /// Makes their keys.
    pub identifiers: Arc<dyn Identifiers>,
    /// Tells when they were saved.
    pub clock: Arc<dyn Clock>,
}

/// A version as somebody brings it.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// The tenant of a new plan; a plan that is there keeps its own.
    pub organization: OrganizationId,
    /// The document, as it is to be kept.
    pub document: String,
    /// The id or name of the plan whose next version it is; a new plan if there is none.
    pub plan: Option<String>,
    /// What people call it; what the document says, or what it was called before, if it is left out.
    pub name: Option<Label>,
    /// Who saves it.
    pub author: Label,
}

/// A version that can be saved, and decide.
#[derive(Debug)]
pub struct Prepared {
    /// What would be saved.
    pub version: SavedPlan,
    /// What it decides.
    pub plan: Plan,
}

impl SavePlan {
    /// Makes a version ready without saving it, or tells everything that is wrong with it.
    pub async fn prepare(&self, scope: &Scope, new: NewVersion) -> Result<Prepared, PlanError> {
        let history = PlanHistory { plans: Arc::clone(&self.sources.plans) };
        let before = match &new.plan {
            Some(word) => Some(history.find(scope, word).await?),
            None => None,
        };
        let (id, organization, number) = match &before {
            Some(before) => {
                (before.id.clone(), before.organization.clone(), before.version.saturating_add(1))
            }
            None => (self.identifiers.plan(), new.organization, 1),
        };
        let draft = Draft::of(&self.sources, &organization, id.as_str(), &new.document).await?;
        let name = new.name.or(draft.name).or_else(|| before.map(|plan| plan.name));
        let version = SavedPlan {
            id,
            organization,
            name: name.ok_or(PlanError::NoName)?,
            version: number,
            document: new.document,
            author: new.author,
            saved_at: self.clock.now(),
        };
        Ok(Prepared { version, plan: draft.plan })
    }

    /// Saves a version that was made ready, unless somebody was faster.
    pub async fn keep(&self, scope: &Scope, version: &SavedPlan) -> Result<(), PlanError> {
        match self.sources.plans.save(scope, version).await {
            Ok(()) => Ok(()),
            Err(StoreError::Exists { .. }) => Err(self.why_not(scope, version).await?),
            Err(StoreError::Missing { .. }) => {
                Err(PlanError::Unknown { word: version.id.to_string() })
            }
            Err(source) => Err(PlanError::Store { doing: "saving the plan", source }),
        }
    }

    /// Saves the document of an earlier version as a new one. What it names has to be there still.
    pub async fn roll_back(
        &self,
        scope: &Scope,
        word: &str,
        to: u32,
        author: Label,
    ) -> Result<Prepared, PlanError> {
        let history = PlanHistory { plans: Arc::clone(&self.sources.plans) };
        let newest = history.find(scope, word).await?;
        let old = history.version(scope, &newest.id, to).await?;
        let new = NewVersion {
            organization: old.organization,
            document: old.document,
            plan: Some(newest.id.to_string()),
            name: Some(old.name),
            author,
        };
        let prepared = self.prepare(scope, new).await?;
        self.keep(scope, &prepared.version).await?;
        Ok(prepared)
    }

    /// Either the version or the name was there already.
    async fn why_not(&self, scope: &Scope, version: &SavedPlan) -> Result<PlanError, PlanError> {
        let page = Page { after: version.version.checked_sub(1), limit: 1 };
        let same = self.sources.plans.versions(scope, &version.id, &page).await;
        let is_outrun = !same.map_err(PlanError::store("saving the plan"))?.is_empty();
        Ok(if is_outrun {
            PlanError::Outrun { id: version.id.clone(), version: version.version }
        } else {
            PlanError::NameTaken { name: version.name.clone() }
        })
    }
}
