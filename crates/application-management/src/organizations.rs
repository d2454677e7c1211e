//! Adds, renames and removes organizations.

use std::sync::Arc;

use switchboard_domain::agent::Label;
use switchboard_domain::audit::Author;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::{Organization, Scope, default_organization};
use switchboard_domain::ports::{Clock, Entity, Identifiers, OrganizationStore, Retry, StoreError};

/// Why an organization cannot be managed.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    /// It does not exist, or the caller belongs to another one.
    #[error("no organization {id} is stored")]
    Unknown {
        /// The id that no organization has.
        id: OrganizationId,
    },
    /// It cannot be removed while it owns something.
    #[error("organization {id} still owns an object of this kind: {by}")]
    InUse {
        /// The organization that was to be removed.
        id: OrganizationId,
        /// A kind of object that it owns.
        by: Entity,
    },
    /// The default organization always exists.
    #[error("the default organization cannot be removed")]
    Default,
    /// It was changed after it was read.
    #[error("organization {id} was changed in the meantime")]
    Changed {
        /// The organization that was to be changed.
        id: OrganizationId,
    },
    /// The store failed.
    #[error("{doing} failed")]
    Store {
        /// What was being done.
        doing: &'static str,
        /// The error of the store.
        source: StoreError,
    },
}

impl OrganizationError {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Unknown { .. } | Self::InUse { .. } | Self::Default => Retry::Never,
            Self::Changed { .. } => Retry::Later,
            Self::Store { source, .. } => source.retry(),
        }
    }
}

/// Manages organizations. Only the operator adds and removes them.
#[derive(Clone)]
pub struct Organizations {
    /// The stored organizations.
    pub store: Arc<dyn OrganizationStore>,
    /// Generates ids.
    pub identifiers: Arc<dyn Identifiers>,
    /// The time of additions.
    pub clock: Arc<dyn Clock>,
}

impl Organizations {
    /// Adds an organization.
    pub async fn add(
        &self,
        author: &Author,
        name: Label,
    ) -> Result<Organization, OrganizationError> {
        let id = self.identifiers.organization();
        let organization = Organization { id, name, created_at: self.clock.now() };
        let added = self.store.add(author, &organization).await;
        added.map_err(failed("adding the organization", &organization.id))?;
        Ok(organization)
    }

    /// Returns an organization.
    pub async fn find(
        &self,
        scope: &Scope,
        id: &OrganizationId,
    ) -> Result<Organization, OrganizationError> {
        let found = self.store.find(scope, id).await;
        let found = found.map_err(failed("finding the organization", id))?;
        found.ok_or_else(|| OrganizationError::Unknown { id: id.clone() })
    }

    /// Renames an organization; one that is still as it was read, if `before` is given.
    pub async fn rename(
        &self,
        author: &Author,
        id: &OrganizationId,
        before: Option<&Organization>,
        name: Label,
    ) -> Result<Organization, OrganizationError> {
        let found = self.find(author, id).await?;
        let renamed = Organization { name, ..found };
        let changed = self.store.rename(author, before, &renamed).await;
        changed.map_err(failed("renaming the organization", id))?;
        Ok(renamed)
    }

    /// Removes an organization that owns nothing but revoked API keys; one that is still as it was read, if `before` is given.
    /// What was recorded about it stays until it is pruned.
    pub async fn remove(
        &self,
        author: &Author,
        id: &OrganizationId,
        before: Option<&Organization>,
    ) -> Result<(), OrganizationError> {
        if *id == default_organization() {
            return Err(OrganizationError::Default);
        }
        let removed = self.store.remove(author, id, before).await;
        removed.map_err(failed("removing the organization", id))
    }
}

fn failed(
    doing: &'static str,
    id: &OrganizationId,
) -> impl FnOnce(StoreError) -> OrganizationError {
    let id = id.clone();
    move |error| match error {
        StoreError::Missing { .. } => OrganizationError::Unknown { id },
        StoreError::Changed { .. } => OrganizationError::Changed { id },
        StoreError::InUse { by, .. } => OrganizationError::InUse { id, by },
        source @ (StoreError::Unavailable { .. }
        | StoreError::Exists { .. }
        | StoreError::Full { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Failed { .. }) => OrganizationError::Store { doing, source },
    }
}

#[cfg(test)]
mod tests {
    use super::{OrganizationError, Organizations};
    use crate::fixtures::{clock, label};
    use crate::test_prelude::*;

    #[tokio::test]
    async fn the_default_organization_always_exists() {
        let (store, ambient) = (Arc::new(MemoryStore::new()), clock());
        let managing = Organizations { store, identifiers: ambient.clone(), clock: ambient };
        let error = managing.remove(&operator(), &default_organization(), None).await.unwrap_err();
        assert!(matches!(error, OrganizationError::Default));
        let new = managing.add(&operator(), label("Acme")).await.unwrap();
        let own = operator().within(Scope::Organization(new.id.clone()));
        let renamed = managing.rename(&own, &new.id, Some(&new), label("Ajax")).await.unwrap();
        let outrun = managing.remove(&operator(), &new.id, Some(&new)).await.unwrap_err();
        assert!(matches!(outrun, OrganizationError::Changed { .. }));
        managing.remove(&operator(), &new.id, Some(&renamed)).await.unwrap();
        let unknown = managing.find(&operator(), &new.id).await.unwrap_err();
        assert!(matches!(unknown, OrganizationError::Unknown { .. }));
    }
}
