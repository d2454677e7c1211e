//! Attaches a plan to a number, account or organization, or shows what that would change.

use switchboard_domain::audit::Author;
use switchboard_domain::identifier::{OrganizationId, PlanId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ConfiguredNumber, PlanPlace, SavedPlan, Store};

use super::decided::would_be_decided_by;
use super::{PlanError, Plans};
use crate::ManageError;

/// Attaches plans, and says for which numbers they decide.
pub struct AttachPlan<'a> {
    /// The use cases of plans.
    pub plans: &'a Plans,
    /// The stored numbers and accounts.
    pub store: &'a dyn Store,
}

/// A plan at a place.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// The plan.
    pub plan: SavedPlan,
    /// What it is attached to, or would be.
    pub place: PlanPlace,
    /// The numbers for which the plan decides at this place, as they were before.
    pub numbers: Vec<ConfiguredNumber>,
}

/// Who answered the numbers of an attachment before, by the number of numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnsweredBefore {
    /// The plan itself, attached to the same place or a farther one.
    pub plan: usize,
    /// Another plan.
    pub other_plan: usize,
    /// The agent that the number is assigned to.
    pub agent: usize,
    /// Nobody.
    pub nobody: usize,
}

impl Attachment {
    /// Counts who answered the numbers before.
    pub fn answered_before(&self) -> AnsweredBefore {
        let mut before = AnsweredBefore::default();
        for configured in &self.numbers {
            let count = match (&configured.plan, &configured.number.assignment) {
                (Some(plan), _) if plan.id == self.plan.id => &mut before.plan,
                (Some(_), _) => &mut before.other_plan,
                (None, Some(_)) => &mut before.agent,
                (None, None) => &mut before.nobody,
            };
            *count += 1;
        }
        before
    }

    /// How many of the numbers were never configured at the carrier.
    pub fn not_configured(&self) -> usize {
        let is_new =
            |one: &&ConfiguredNumber| one.adopted.is_none() && one.number.assignment.is_none();
        self.numbers.iter().filter(is_new).count()
    }
}

impl AttachPlan<'_> {
    /// What attaching the plan with this id or name to a place would change. Whatever [`Self::attach`] refuses is refused
    /// here, too.
    pub async fn preview(
        &self,
        scope: &Scope,
        word: &str,
        place: impl FnOnce(&SavedPlan) -> PlanPlace,
    ) -> Result<Attachment, PlanError> {
        let plan = self.plans.find(scope, word).await?;
        let place = place(&plan);
        if self.owner(scope, &place).await? != plan.organization {
            return Err(PlanError::OtherOrganization);
        }
        let configurations = self.store.configurations();
        let numbers = would_be_decided_by(configurations, scope, &plan.organization, &place).await;
        let numbers = numbers.map_err(PlanError::store("reading the numbers of the plan"))?;
        Ok(Attachment { plan, place, numbers })
    }

    /// Attaches the plan with this id or name to a place, in place of the plan that is attached there.
    pub async fn attach(
        &self,
        author: &Author,
        word: &str,
        place: impl FnOnce(&SavedPlan) -> PlanPlace,
    ) -> Result<Attachment, PlanError> {
        let attachment = self.preview(author, word, place).await?;
        let id: &PlanId = &attachment.plan.id;
        self.plans.attach(author, id.as_str(), |_plan| attachment.place.clone()).await?;
        Ok(attachment)
    }

    async fn owner(&self, scope: &Scope, place: &PlanPlace) -> Result<OrganizationId, PlanError> {
        let failed = || PlanError::store("finding what the plan is attached to");
        match place {
            PlanPlace::Number(number) => {
                let found = self.store.numbers().find(scope, *number).await.map_err(failed())?;
                let unknown = ManageError::NumberUnknown { number: *number };
                Ok(found.ok_or(unknown)?.organization)
            }
            PlanPlace::Account(sid) => {
                let found = self.store.accounts().find(scope, *sid).await.map_err(failed())?;
                Ok(found.ok_or(ManageError::AccountUnknown { sid: *sid })?.organization)
            }
            PlanPlace::Organization(organization) => Ok(organization.clone()),
        }
    }
}
