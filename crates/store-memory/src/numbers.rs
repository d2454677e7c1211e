//! Numbers, and who answers them.

use std::collections::btree_map::Entry;

use async_trait::async_trait;
use switchboard_domain::number::{Assignment, Number};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{
    Change, Entity, NumberFilter, NumberStore, Page, PlanPlace, StoreError,
};

use crate::MemoryStore;
use crate::state::{exists, missing, page_of};

#[async_trait]
impl NumberStore for MemoryStore {
    async fn add(&self, scope: &Scope, number: &Number) -> Result<(), StoreError> {
        let mut state = self.enter("number.add").await?;
        state.may_add(scope, &number.organization)?;
        state.must_own_account(&number.organization, number.account)?;
        if let Some(assignment) = &number.assignment {
            state.must_own_agent(&number.organization, &assignment.agent)?;
        }
        match state.numbers.entry(number.phone_number) {
            Entry::Occupied(_) => return Err(exists(Entity::Number)),
            Entry::Vacant(place) => place.insert(number.clone()),
        };
        state.changes.record(Change::Number(number.phone_number));
        Ok(())
    }

    async fn find(
        &self,
        scope: &Scope,
        phone_number: PhoneNumber,
    ) -> Result<Option<Number>, StoreError> {
        let state = self.enter("number.find").await?;
        Ok(state
            .numbers
            .get(&phone_number)
            .filter(|number| scope.covers(&number.organization))
            .cloned())
    }

    async fn list(
        &self,
        scope: &Scope,
        filter: &NumberFilter,
        page: &Page<PhoneNumber>,
    ) -> Result<Vec<Number>, StoreError> {
        Ok(page_of(&self.enter("number.list").await?.numbers, page, |number| {
            shown(scope, filter, number)
        }))
    }

    async fn assign(
        &self,
        scope: &Scope,
        phone_number: PhoneNumber,
        assignment: Option<Assignment>,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("number.assign").await?;
        let kept = state.numbers.get(&phone_number).filter(|kept| scope.covers(&kept.organization));
        let owner = kept.ok_or(missing(Entity::Number))?.organization.clone();
        if let Some(assignment) = &assignment {
            state.must_own_agent(&owner, &assignment.agent)?;
        }
        if let Some(kept) = state.numbers.get_mut(&phone_number) {
            kept.assignment = assignment;
        }
        state.changes.record(Change::Number(phone_number));
        Ok(())
    }

    async fn remove(&self, scope: &Scope, phone_number: PhoneNumber) -> Result<(), StoreError> {
        let mut state = self.enter("number.remove").await?;
        let kept = state.numbers.get(&phone_number);
        if !kept.is_some_and(|kept| scope.covers(&kept.organization)) {
            return Err(missing(Entity::Number));
        }
        state.numbers.remove(&phone_number);
        state.configurations.remove(&phone_number);
        state.plan_places.remove(&PlanPlace::Number(phone_number));
        state.changes.record(Change::Number(phone_number));
        Ok(())
    }
}

/// Whether a list with that filter shows a number.
pub(crate) fn shown(scope: &Scope, filter: &NumberFilter, number: &Number) -> bool {
    let agent = number.assignment.as_ref().map(|assignment| &assignment.agent);
    scope.covers(&number.organization)
        && filter.account.is_none_or(|wanted| number.account == wanted)
        && filter.agent.as_ref().is_none_or(|wanted| agent == Some(wanted))
}
