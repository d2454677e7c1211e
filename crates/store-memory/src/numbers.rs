//! Numbers, and who answers them.

use std::collections::btree_map::Entry;

use async_trait::async_trait;
use switchboard_domain::audit::{Action, Author, ObjectRef};
use switchboard_domain::number::{Assignment, Number};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Change, Entity, NumberFilter, NumberStore, Page, PlanPlace, SavedConfiguration, StoreError,
};
use switchboard_domain::sender::Sender;

use crate::MemoryStore;
use crate::audited::Audited;
use crate::pages::page_of;
use crate::state::{exists, missing};

#[async_trait]
impl NumberStore for MemoryStore {
    async fn add(&self, author: &Author, number: &Number) -> Result<(), StoreError> {
        let mut state = self.enter("number.add").await?;
        state.may_add(author, &number.organization)?;
        state.must_own_account(&number.organization, number.account)?;
        if let Some(assignment) = &number.assignment {
            state.must_own_agent(&number.organization, &assignment.agent)?;
        }
        let audited = Audited::begin(&state, ObjectRef::number(number.sender));
        match state.numbers.entry(number.sender) {
            Entry::Occupied(_) => return Err(exists(Entity::Number)),
            Entry::Vacant(place) => place.insert(number.clone()),
        };
        audited.end(&mut state, author, Action::NumberAdded);
        state.changes.record(Change::Number(number.sender));
        Ok(())
    }

    async fn find(&self, scope: &Scope, sender: Sender) -> Result<Option<Number>, StoreError> {
        let state = self.enter("number.find").await?;
        Ok(state.numbers.get(&sender).filter(|number| scope.covers(&number.organization)).cloned())
    }

    async fn list(
        &self,
        scope: &Scope,
        filter: &NumberFilter,
        page: &Page<Sender>,
    ) -> Result<Vec<Number>, StoreError> {
        Ok(page_of(&self.enter("number.list").await?.numbers, page, |number| {
            shown(scope, filter, number)
        }))
    }

    async fn assign(
        &self,
        author: &Author,
        sender: Sender,
        assignment: Option<Assignment>,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("number.assign").await?;
        let kept = state.numbers.get(&sender).filter(|kept| author.covers(&kept.organization));
        let owner = kept.ok_or(missing(Entity::Number))?.organization.clone();
        if let Some(assignment) = &assignment {
            state.must_own_agent(&owner, &assignment.agent)?;
        }
        let action = match assignment {
            Some(_) => Action::NumberAssigned,
            None => Action::NumberUnassigned,
        };
        let audited = Audited::begin(&state, ObjectRef::number(sender));
        if assignment.is_none()
            && let Some(kept) = state.configurations.get_mut(&sender)
        {
            kept.drifting = None;
        }
        if let Some(kept) = state.numbers.get_mut(&sender) {
            kept.assignment = assignment;
        }
        audited.end(&mut state, author, action);
        state.changes.record(Change::Number(sender));
        Ok(())
    }

    async fn remove(
        &self,
        author: &Author,
        sender: Sender,
        saved_configuration: SavedConfiguration,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("number.remove").await?;
        let kept = state.numbers.get(&sender);
        if !kept.is_some_and(|kept| author.covers(&kept.organization)) {
            return Err(missing(Entity::Number));
        }
        let saved = state.configurations.get(&sender).is_some_and(|kept| kept.adopted.is_some());
        if saved_configuration == SavedConfiguration::Refuse && saved {
            return Err(StoreError::InUse { entity: Entity::Number, by: Entity::Configuration });
        }
        let audited = Audited::begin(&state, ObjectRef::number(sender));
        state.numbers.remove(&sender);
        state.configurations.remove(&sender);
        state.plan_places.remove(&PlanPlace::Number(sender));
        audited.end(&mut state, author, Action::NumberRemoved);
        state.changes.record(Change::Number(sender));
        Ok(())
    }
}

/// Whether a list with that filter shows a number.
pub(crate) fn shown(scope: &Scope, filter: &NumberFilter, number: &Number) -> bool {
    let agent = number.assignment.as_ref().map(|assignment| &assignment.agent);
    scope.covers(&number.organization)
        && filter.account.is_none_or(|wanted| number.account == wanted)
        && filter.agent.as_ref().is_none_or(|wanted| agent == Some(wanted))
        && filter.is_phone.is_none_or(|wanted| number.sender.as_number().is_some() == wanted)
}
