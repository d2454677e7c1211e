//! Organizations.

use std::collections::btree_map::Entry;

use async_trait::async_trait;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::{Organization, Scope};
use switchboard_domain::ports::{Entity, OrganizationStore, Page, StoreError};

use crate::MemoryStore;
use crate::audited::Audited;
use crate::pages::page_of;
use crate::state::{State, exists};

#[async_trait]
impl OrganizationStore for MemoryStore {
    async fn find(
        &self,
        scope: &Scope,
        id: &OrganizationId,
    ) -> Result<Option<Organization>, StoreError> {
        let all = &self.enter("organization.find").await?.organizations;
        Ok(all.get(id).filter(|_| scope.covers(id)).cloned())
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<OrganizationId>,
    ) -> Result<Vec<Organization>, StoreError> {
        let all = &self.enter("organization.list").await?.organizations;
        Ok(page_of(all, page, |organization| scope.covers(&organization.id)))
    }

    async fn add(&self, author: &Author, organization: &Organization) -> Result<(), StoreError> {
        let mut state = self.enter("organization.add").await?;
        must_be_operator(author)?;
        let audited = Audited::begin(&state, object(&organization.id));
        match state.organizations.entry(organization.id.clone()) {
            Entry::Occupied(_) => return Err(exists(Entity::Organization)),
            Entry::Vacant(place) => place.insert(organization.clone()),
        };
        audited.end(&mut state, author, Action::OrganizationAdded);
        Ok(())
    }

    async fn rename<'a>(
        &self,
        author: &Author,
        before: Option<&'a Organization>,
        organization: &Organization,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("organization.rename").await?;
        let audited = Audited::begin(&state, object(&organization.id));
        let kept = state.organizations.get_mut(&organization.id);
        let kept = kept.filter(|kept| author.covers(&kept.id)).ok_or(MISSING)?;
        must_be_as(kept, before)?;
        kept.name = organization.name.clone();
        audited.end(&mut state, author, Action::OrganizationRenamed);
        Ok(())
    }

    async fn remove<'a>(
        &self,
        author: &Author,
        id: &OrganizationId,
        before: Option<&'a Organization>,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("organization.remove").await?;
        must_be_operator(author)?;
        must_be_as(state.organizations.get(id).ok_or(MISSING)?, before)?;
        if let Some(by) = owned(&state, id) {
            return Err(StoreError::InUse { entity: Entity::Organization, by });
        }
        state.api_keys.retain(|_, key| key.organization.as_ref() != Some(id));
        let State { key_digests, api_keys, executions, .. } = &mut *state;
        key_digests.retain(|_, key| api_keys.contains_key(key));
        executions.retain(|(key, _), _| api_keys.contains_key(key));
        state.connect_links.retain(|_, link| link.organization != *id);
        state.jobs.0.retain(|_, record| record.job.organization() != Some(id));
        let audited = Audited::begin(&state, object(id));
        state.organizations.remove(id);
        audited.end(&mut state, author, Action::OrganizationRemoved);
        Ok(())
    }
}

/// A kind of object that an organization owns. Revoked keys do not count.
fn owned(state: &State, id: &OrganizationId) -> Option<Entity> {
    let owns = [
        (state.accounts.values().any(|one| one.organization == *id), Entity::Account),
        (state.agents.values().any(|one| one.organization == *id), Entity::Agent),
        (state.plans.values().flatten().any(|one| one.organization == *id), Entity::Plan),
        (state.calendars.keys().any(|(owner, _)| owner == id), Entity::Calendar),
        (state.lists.keys().any(|(owner, _)| owner == id), Entity::List),
        (state.subscriptions.any_of(id), Entity::Subscription),
        (
            state
                .api_keys
                .values()
                .any(|key| key.organization.as_ref() == Some(id) && key.revoked_at.is_none()),
            Entity::ApiKey,
        ),
    ];
    owns.into_iter().find_map(|(owns, entity)| owns.then_some(entity))
}

const MISSING: StoreError = StoreError::Missing { entity: Entity::Organization };

fn object(id: &OrganizationId) -> ObjectRef {
    ObjectRef::new(ObjectKind::Organization, id.as_str())
}

/// Only the operator adds and removes organizations.
fn must_be_operator(scope: &Scope) -> Result<(), StoreError> {
    match scope {
        Scope::Operator => Ok(()),
        Scope::Organization(_) => Err(MISSING),
    }
}

/// An organization is still as the caller read it.
fn must_be_as(kept: &Organization, before: Option<&Organization>) -> Result<(), StoreError> {
    if before.is_none_or(|before| before.name == kept.name) {
        Ok(())
    } else {
        Err(StoreError::Changed { entity: Entity::Organization })
    }
}
