//! Objects that are named by their id or by their name, which need not be unique.

use std::fmt::Display;

use switchboard_domain::agent::Label;
use switchboard_domain::identifier::{ApiKeyId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ApiKeyStore, Entity, OrganizationStore, Page, Retry, StoreError};

use crate::nearest::nearest;

const PAGE: u32 = 1_000;

/// An object as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdOrName<I> {
    /// By its id.
    Id(I),
    /// By its name.
    Name(Label),
}

/// Why a name means no object.
#[derive(Debug, thiserror::Error)]
pub enum NameError {
    /// No object has it.
    #[error("no {entity} is named {:?}", name.as_str())]
    Unknown {
        /// The kind of object.
        entity: Entity,
        /// The given name.
        name: Label,
        /// Names that may have been meant.
        near: Vec<String>,
    },
    /// Several objects have it.
    #[error("{} {entity}s are named {:?}: {}", ids.len(), name.as_str(), ids.join(", "))]
    Ambiguous {
        /// The kind of object.
        entity: Entity,
        /// The given name.
        name: Label,
        /// The ids of these objects.
        ids: Vec<String>,
    },
    /// The store failed.
    #[error("finding the {entity} failed")]
    Store {
        /// The kind of object.
        entity: Entity,
        /// The error of the store.
        source: StoreError,
    },
}

impl NameError {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Unknown { .. } | Self::Ambiguous { .. } => Retry::Never,
            Self::Store { source, .. } => source.retry(),
        }
    }
}

impl IdOrName<OrganizationId> {
    /// The id of the organization. A given id is not looked up.
    pub async fn organization(
        self,
        store: &dyn OrganizationStore,
        scope: &Scope,
    ) -> Result<OrganizationId, NameError> {
        let name = match self {
            Self::Id(id) => return Ok(id),
            Self::Name(name) => name,
        };
        let (mut named, mut page) = (Named::new(Entity::Organization, name), Page::first(PAGE));
        loop {
            let listed = store.list(scope, &page).await.map_err(|error| named.failed(error))?;
            let Some(last) = listed.last() else { return named.only() };
            page = Page::behind(last.id.clone(), PAGE);
            for one in listed {
                named.compare(one.id, &one.name);
            }
        }
    }
}

impl IdOrName<ApiKeyId> {
    /// The id of the API key. A given id is not looked up, and the names of revoked keys are free again.
    pub async fn api_key(
        self,
        store: &dyn ApiKeyStore,
        scope: &Scope,
    ) -> Result<ApiKeyId, NameError> {
        let name = match self {
            Self::Id(id) => return Ok(id),
            Self::Name(name) => name,
        };
        let (mut named, mut page) = (Named::new(Entity::ApiKey, name), Page::first(PAGE));
        loop {
            let listed = store.list(scope, &page).await.map_err(|error| named.failed(error))?;
            let Some(last) = listed.last() else { return named.only() };
            page = Page::behind(last.id.clone(), PAGE);
            for key in listed.into_iter().filter(|key| key.revoked_at.is_none()) {
                named.compare(key.id, &key.name);
            }
        }
    }
}

/// The objects of a name.
struct Named<I> {
    entity: Entity,
    name: Label,
    ids: Vec<I>,
    others: Vec<String>,
}

impl<I: Display> Named<I> {
    const fn new(entity: Entity, name: Label) -> Self {
        Self { entity, name, ids: Vec::new(), others: Vec::new() }
    }

    fn compare(&mut self, id: I, name: &Label) {
        if *name == self.name {
            self.ids.push(id);
        } else {
            self.others.push(name.as_str().to_owned());
        }
    }

    fn failed(&self, source: StoreError) -> NameError {
        NameError::Store { entity: self.entity, source }
    }

    fn only(self) -> Result<I, NameError> {
        let Self { entity, name, mut ids, others } = self;
        match (ids.pop(), ids.is_empty()) {
            (Some(id), true) => Ok(id),
            (Some(id), false) => {
                ids.push(id);
                let ids = ids.iter().map(ToString::to_string).collect();
                Err(NameError::Ambiguous { entity, name, ids })
            }
            (None, _) => {
                let near = nearest(name.as_str(), others);
                Err(NameError::Unknown { entity, name, near })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::identifier::OrganizationId;
    use switchboard_domain::organization::Organization;
    use switchboard_domain::ports::OrganizationStore;

    use super::{IdOrName, NameError};
    use crate::fixtures::label;
    use crate::test_prelude::*;

    #[tokio::test]
    async fn a_name_means_one_object_and_an_ambiguous_one_none() {
        let store = MemoryStore::new();
        let scope = &Scope::Operator;
        for (chance, name) in [(1, "Acme"), (2, "Ajax"), (3, "Ajax")] {
            let id = OrganizationId::new(Timestamp::from_micros(1), [chance; 10]);
            let created_at = Timestamp::from_micros(1);
            let organization = Organization { id, name: label(name), created_at };
            OrganizationStore::add(&store, &operator(), &organization).await.unwrap();
        }
        let named = async |name| IdOrName::Name(label(name)).organization(&store, scope).await;
        let acme = named("Acme").await.unwrap();
        assert_eq!(acme, OrganizationId::new(Timestamp::from_micros(1), [1; 10]));
        let error = named("Ajax").await.unwrap_err();
        assert!(matches!(&error, NameError::Ambiguous { ids, .. } if ids.len() == 2), "{error}");
        let error = named("Acne").await.unwrap_err();
        assert!(matches!(&error, NameError::Unknown { near, .. } if *near == ["Acme"]), "{error}");
        let by_id = IdOrName::Id(acme.clone()).organization(&store, scope).await;
        assert_eq!(by_id.unwrap(), acme);
    }
}
