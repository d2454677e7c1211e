//! Determines which plan decides for a number.

use std::collections::HashMap;

use switchboard_domain::identifier::{OrganizationId, PlanId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Page, PlanPlace, PlanPlaceStore, PlanStore};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use super::PlanError;

const PAGE: u32 = 100;

/// The numbers, accounts and organizations of all plans.
#[derive(Clone, Debug, Default)]
pub struct Attachments {
    numbers: HashMap<Sender, PlanId>,
    accounts: HashMap<AccountSid, PlanId>,
    organizations: HashMap<OrganizationId, PlanId>,
}

impl Attachments {
    /// Reads the attachments of all plans in the scope.
    pub async fn read(
        scope: &Scope,
        plans: &dyn PlanStore,
        places: &dyn PlanPlaceStore,
    ) -> Result<Self, PlanError> {
        let mut attachments = Self::default();
        let mut page = Page::first(PAGE);
        loop {
            let read = plans.list(scope, &page).await;
            let read = read.map_err(PlanError::store("reading what plans are attached to"))?;
            let Some(last) = read.last() else { return Ok(attachments) };
            for plan in &read {
                let of_plan = places.places(scope, &plan.id).await;
                let of_plan =
                    of_plan.map_err(PlanError::store("reading what plans are attached to"))?;
                for place in of_plan {
                    attachments.add(place, &plan.id);
                }
            }
            page = Page::behind(last.id.clone(), PAGE);
        }
    }

    fn add(&mut self, place: PlanPlace, plan: &PlanId) {
        match place {
            PlanPlace::Number(number) => self.numbers.insert(number, plan.clone()),
            PlanPlace::Account(account) => self.accounts.insert(account, plan.clone()),
            PlanPlace::Organization(organization) => {
                self.organizations.insert(organization, plan.clone())
            }
        };
    }

    /// The plan that is attached to a place.
    pub fn at(&self, place: &PlanPlace) -> Option<&PlanId> {
        match place {
            PlanPlace::Number(number) => self.numbers.get(number),
            PlanPlace::Account(account) => self.accounts.get(account),
            PlanPlace::Organization(organization) => self.organizations.get(organization),
        }
    }

    /// The attachments after the plan of a place is detached.
    #[must_use]
    pub fn without(mut self, place: &PlanPlace) -> Self {
        match place {
            PlanPlace::Number(number) => self.numbers.remove(number),
            PlanPlace::Account(account) => self.accounts.remove(account),
            PlanPlace::Organization(organization) => self.organizations.remove(organization),
        };
        self
    }

    /// The nearest plan of a number: its own, or else that of its account, or else that of its organization.
    pub fn nearest(
        &self,
        number: Sender,
        account: AccountSid,
        organization: &OrganizationId,
    ) -> Option<&PlanId> {
        let of_number = self.numbers.get(&number);
        let of_account = || self.accounts.get(&account);
        of_number.or_else(of_account).or_else(|| self.organizations.get(organization))
    }
}
