//! Manages API keys, and authorizes requests by them.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use switchboard_domain::agent::Label;
use switchboard_domain::api_key::{
    ApiKey, ApiRequest, Authorized, KEY_BYTES, KeyDigest, KeyRefusal, KeyScope, KeyScopes,
    authorize,
};
use switchboard_domain::audit::Author;
use switchboard_domain::identifier::{ApiKeyId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    ApiKeyStore, Clock, Entity, Identifiers, OrganizationStore, Page, Randomness, Retry, StoreError,
};
use switchboard_domain::secret::Secret;
use switchboard_domain::source_networks::SourceNetworks;
use switchboard_domain::time::Timestamp;
use zeroize::Zeroizing;

use crate::key_rate_limit::KeyRateLimit;

/// Why an API key cannot be managed.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    /// It does not exist, or belongs to another organization.
    #[error("no API key {id} is stored")]
    Unknown {
        /// The id that no key has.
        id: ApiKeyId,
    },
    /// The organization does not exist.
    #[error("no organization {id} is stored")]
    OrganizationUnknown {
        /// The id that no organization has.
        id: OrganizationId,
    },
    /// The key would never be accepted.
    #[error("the API key would expire before it is added")]
    AlreadyExpired,
    /// The store failed.
    #[error("{doing} failed")]
    Store {
        /// What was being done.
        doing: &'static str,
        /// The error of the store.
        source: StoreError,
    },
}

impl ApiKeyError {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Unknown { .. } | Self::OrganizationUnknown { .. } | Self::AlreadyExpired => {
                Retry::Never
            }
            Self::Store { source, .. } => source.retry(),
        }
    }
}

/// Why a request is not authorized.
#[derive(Debug, thiserror::Error)]
pub enum UnauthorizedError {
    /// The key does not authorize it.
    #[error(transparent)]
    Refused(#[from] KeyRefusal),
    /// The operator selected an organization that does not exist.
    #[error("no organization {id} is stored")]
    OrganizationUnknown {
        /// The organization whose objects the key opens.
        id: OrganizationId,
    },
    /// Too many wrong keys came from the client's network.
    #[error("too many wrong API keys came from this address")]
    RateLimited {
        /// After which time it may present a key again.
        wait: Duration,
    },
    /// The store failed.
    #[error("reading the API key failed")]
    Store(#[source] StoreError),
}

impl UnauthorizedError {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Refused(_) | Self::OrganizationUnknown { .. } => Retry::Never,
            Self::RateLimited { .. } => Retry::Later,
            Self::Store(source) => source.retry(),
        }
    }
}

/// An API key to be added. Its secret is generated.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// The organization; `None` for an operator key.
    pub organization: Option<OrganizationId>,
    /// What it is for.
    pub name: Label,
    /// What it may do.
    pub scopes: KeyScopes,
    /// The networks from which it is accepted.
    pub networks: SourceNetworks,
    /// From when on it is not accepted.
    pub expires_at: Option<Timestamp>,
}

/// What a client presents.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    /// The text that it presents as its key.
    pub key: &'a str,
    /// The organization that it selects, if it does.
    pub selected: Option<&'a OrganizationId>,
    /// Its address, if it is known.
    pub source: Option<IpAddr>,
    /// What its request needs.
    pub needs: KeyScope,
}

/// Manages API keys.
#[derive(Clone)]
pub struct ApiKeys {
    /// The stored keys.
    pub store: Arc<dyn ApiKeyStore>,
    /// The organizations that operator keys select.
    pub organizations: Arc<dyn OrganizationStore>,
    /// Generates secrets.
    pub randomness: Arc<dyn Randomness>,
    /// Generates ids.
    pub identifiers: Arc<dyn Identifiers>,
    /// The time of changes and requests.
    pub clock: Arc<dyn Clock>,
    /// Limits attempts with wrong keys.
    pub attempts: Arc<KeyRateLimit>,
}

impl ApiKeys {
    /// Adds a key, and returns it with its secret, which is not stored.
    pub async fn add(
        &self,
        author: &Author,
        new: NewApiKey,
    ) -> Result<(ApiKey, Secret), ApiKeyError> {
        let now = self.clock.now();
        if new.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Err(ApiKeyError::AlreadyExpired);
        }
        let key = ApiKey {
            id: self.identifiers.api_key(),
            organization: new.organization,
            name: new.name,
            scopes: new.scopes,
            networks: new.networks,
            created_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        let mut random = Zeroizing::new([0; KEY_BYTES]);
        self.randomness.fill(random.as_mut_slice());
        let (secret, digest) = KeyDigest::new_key(&random);
        let added = self.store.add(author, &key, &digest).await;
        added.map_err(|error| match (error, &key.organization) {
            (StoreError::Missing { entity: Entity::Organization }, Some(id)) => {
                ApiKeyError::OrganizationUnknown { id: id.clone() }
            }
            (source, _) => ApiKeyError::Store { doing: "adding the API key", source },
        })?;
        Ok((key, secret))
    }

    /// Lists keys, also revoked and expired ones, ordered by id.
    pub async fn list(
        &self,
        scope: &Scope,
        page: &Page<ApiKeyId>,
    ) -> Result<Vec<ApiKey>, ApiKeyError> {
        let listed = self.store.list(scope, page).await;
        listed.map_err(|source| ApiKeyError::Store { doing: "listing API keys", source })
    }

    /// Revokes a key. It is refused from now on, by every process.
    pub async fn revoke(&self, author: &Author, id: &ApiKeyId) -> Result<ApiKey, ApiKeyError> {
        let revoked = self.store.revoke(author, id, self.clock.now()).await;
        revoked.map_err(|error| match error {
            StoreError::Missing { .. } => ApiKeyError::Unknown { id: id.clone() },
            source @ (StoreError::Unavailable { .. }
            | StoreError::Exists { .. }
            | StoreError::Changed { .. }
            | StoreError::InUse { .. }
            | StoreError::Full { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Failed { .. }) => {
                ApiKeyError::Store { doing: "revoking the API key", source }
            }
        })
    }

    /// Decides whether a key authorizes a request. The key is read from the store each time, so that a revocation applies
    /// at once; but not if too many wrong keys came from the client's network.
    pub async fn authorize(&self, given: Presented<'_>) -> Result<Authorized, UnauthorizedError> {
        let Presented { key, selected, source, needs } = given;
        let digest = KeyDigest::of_presented(key);
        let allowed = self.attempts.allow(source, digest.as_ref(), Instant::now());
        allowed.map_err(|wait| UnauthorizedError::RateLimited { wait })?;
        let key = match &digest {
            Some(digest) => self.store.find(digest).await.map_err(UnauthorizedError::Store)?,
            None => None,
        };
        let request = ApiRequest { needs, selected, source, now: self.clock.now() };
        let authorized = authorize(key.as_ref(), request);
        self.note(source, digest, authorized.as_ref());
        let authorized = authorized?;
        // The organization of a key exists; the one that an operator selects may not.
        if let (Some(ApiKey { organization: None, .. }), Some(id)) = (&key, selected) {
            let found = self.organizations.find(&authorized.scope, id).await;
            let found = found.map_err(UnauthorizedError::Store)?;
            found.ok_or_else(|| UnauthorizedError::OrganizationUnknown { id: id.clone() })?;
        }
        Ok(authorized)
    }

    /// Counts wrong keys, and remembers right ones.
    fn note(
        &self,
        source: Option<IpAddr>,
        digest: Option<KeyDigest>,
        authorized: Result<&Authorized, &KeyRefusal>,
    ) {
        match (authorized, digest) {
            // A key that may not do this is a right one.
            (Ok(_) | Err(KeyRefusal::Scope { .. } | KeyRefusal::Organization), Some(digest)) => {
                self.attempts.accepted(digest, Instant::now());
            }
            (
                Err(
                    KeyRefusal::Unknown
                    | KeyRefusal::Revoked
                    | KeyRefusal::Expired
                    | KeyRefusal::Network,
                ),
                _,
            ) => {
                if self.attempts.failed(source, Instant::now()) {
                    tracing::warn!(source = ?source, "too many wrong API keys; refusing more from this network");
                }
            }
            (Ok(_) | Err(KeyRefusal::Scope { .. } | KeyRefusal::Organization), None) => {}
        }
    }
}

#[cfg(test)]
mod tests;
