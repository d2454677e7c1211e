//! A document is made ready to decide, whether or not it is ever saved.

use switchboard_domain::agent::Label;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::plan::{Plan, Zone};

use super::PlanError;
use switchboard_application::PlanSources;

/// A document that can decide.
#[derive(Debug)]
pub struct Draft {
    /// What it is called in the document.
    pub name: Option<Label>,
    /// What it decides.
    pub plan: Plan,
    /// Whose clocks count in it: the document's, or else those of its first schedule, or else UTC.
    pub zone: Zone,
}

impl Draft {
    /// Makes a document of an organization ready, or tells everything that is wrong with it. Callers stick to agents by
    /// `key`: those of a saved plan by its id.
    pub async fn of(
        sources: &PlanSources,
        organization: &OrganizationId,
        key: &str,
        document: &str,
    ) -> Result<Self, PlanError> {
        let spec = sources.reader.plan(document);
        let spec = spec.map_err(|problems| PlanError::Wrong { problems })?;
        let draft = sources.draft(organization, key, document).await;
        let (plan, _materials) = draft.map_err(PlanError::unreadable)?;
        let zone = spec.zone.or_else(|| plan.zones().first().cloned()).unwrap_or_else(Zone::utc);
        Ok(Self { name: spec.name, plan, zone })
    }
}
