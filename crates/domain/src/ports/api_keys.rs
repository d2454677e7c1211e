//! The stored API keys, as digests.

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::api_key::{ApiKey, KeyDigest};
use crate::audit::Author;
use crate::identifier::ApiKeyId;
use crate::organization::Scope;
use crate::time::Timestamp;

/// Stores API keys by the digests of their secrets. Only the operator's scope covers operator keys. Laws:
/// `switchboard_contract::api_keys`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ApiKeyStore: Send + Sync {
    /// Adds a key. MUST return `Missing` if the scope does not cover the organization or it does not exist, and `Exists` if the
    /// id or the digest is taken.
    async fn add(
        &self,
        author: &Author,
        key: &ApiKey,
        digest: &KeyDigest,
    ) -> Result<(), StoreError>;

    /// Returns the key with this digest. It takes no scope, because the key determines the scope.
    async fn find(&self, digest: &KeyDigest) -> Result<Option<ApiKey>, StoreError>;

    /// Lists the keys that the scope covers, also revoked and expired ones, ordered by id.
    async fn list(&self, scope: &Scope, page: &Page<ApiKeyId>) -> Result<Vec<ApiKey>, StoreError>;

    /// Revokes a key; one that is revoked already keeps its time. Returns the key as it is then. MUST return `Missing` if the
    /// scope does not cover the key.
    async fn revoke(
        &self,
        author: &Author,
        id: &ApiKeyId,
        at: Timestamp,
    ) -> Result<ApiKey, StoreError>;

    /// Records when keys were last used. An earlier time than the stored one, and a key that does not exist, change nothing.
    async fn record_use(&self, used: &[(ApiKeyId, Timestamp)]) -> Result<(), StoreError>;
}
