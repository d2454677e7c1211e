//! API keys.

use async_trait::async_trait;
use switchboard_domain::api_key::{ApiKey, KeyDigest};
use switchboard_domain::identifier::ApiKeyId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ApiKeyStore, Entity, Page, StoreError};
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;
use crate::pages::page_of;
use crate::state::{exists, missing};

/// Whether a scope covers the key. Only the operator's covers a key without an organization.
fn is_covered(scope: &Scope, key: &ApiKey) -> bool {
    key.organization.as_ref().map_or(*scope == Scope::Operator, |owner| scope.covers(owner))
}

#[async_trait]
impl ApiKeyStore for MemoryStore {
    async fn add(&self, scope: &Scope, key: &ApiKey, digest: &KeyDigest) -> Result<(), StoreError> {
        let mut state = self.enter("api_key.add").await?;
        match &key.organization {
            Some(owner) => state.may_add(scope, owner)?,
            None if *scope == Scope::Operator => {}
            None => return Err(missing(Entity::Organization)),
        }
        if state.api_keys.contains_key(&key.id) || state.key_digests.contains_key(digest) {
            return Err(exists(Entity::ApiKey));
        }
        state.api_keys.insert(key.id.clone(), key.clone());
        state.key_digests.insert(*digest, key.id.clone());
        Ok(())
    }

    async fn find(&self, digest: &KeyDigest) -> Result<Option<ApiKey>, StoreError> {
        let state = self.enter("api_key.find").await?;
        Ok(state.key_digests.get(digest).and_then(|id| state.api_keys.get(id)).cloned())
    }

    async fn list(&self, scope: &Scope, page: &Page<ApiKeyId>) -> Result<Vec<ApiKey>, StoreError> {
        let all = &self.enter("api_key.list").await?.api_keys;
        Ok(page_of(all, page, |key| is_covered(scope, key)))
    }

    async fn revoke(
        &self,
        scope: &Scope,
        id: &ApiKeyId,
        at: Timestamp,
    ) -> Result<ApiKey, StoreError> {
        let all = &mut self.enter("api_key.revoke").await?.api_keys;
        let key = all.get_mut(id).filter(|key| is_covered(scope, key));
        let key = key.ok_or(missing(Entity::ApiKey))?;
        key.revoked_at.get_or_insert(at);
        Ok(key.clone())
    }

    async fn record_use(&self, used: &[(ApiKeyId, Timestamp)]) -> Result<(), StoreError> {
        let all = &mut self.enter("api_key.record_use").await?.api_keys;
        for (id, at) in used {
            if let Some(key) = all.get_mut(id) {
                key.last_used_at = key.last_used_at.max(Some(*at));
            }
        }
        Ok(())
    }
}
