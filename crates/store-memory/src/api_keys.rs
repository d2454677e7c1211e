//! API keys.

use async_trait::async_trait;
use switchboard_domain::api_key::{ApiKey, KeyDigest};
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef};
use switchboard_domain::identifier::ApiKeyId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ApiKeyStore, Entity, Page, StoreError};
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;
use crate::audited::Audited;
use crate::pages::page_of;
use crate::state::{exists, missing};

fn object(id: &ApiKeyId) -> ObjectRef {
    ObjectRef::new(ObjectKind::ApiKey, id.as_str())
}

/// Whether a scope covers the key. Only the operator's covers a key without an organization.
fn is_covered(scope: &Scope, key: &ApiKey) -> bool {
    key.organization.as_ref().map_or(*scope == Scope::Operator, |owner| scope.covers(owner))
}

#[async_trait]
impl ApiKeyStore for MemoryStore {
    async fn add(
        &self,
        author: &Author,
        key: &ApiKey,
        digest: &KeyDigest,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("api_key.add").await?;
        match &key.organization {
            Some(owner) => state.may_add(author, owner)?,
            None if *author.scope() == Scope::Operator => {}
            None => return Err(missing(Entity::Organization)),
        }
        if state.api_keys.contains_key(&key.id) || state.key_digests.contains_key(digest) {
            return Err(exists(Entity::ApiKey));
        }
        let audited = Audited::begin(&state, object(&key.id));
        state.api_keys.insert(key.id.clone(), key.clone());
        state.key_digests.insert(*digest, key.id.clone());
        audited.end(&mut state, author, Action::ApiKeyAdded);
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
        author: &Author,
        id: &ApiKeyId,
        at: Timestamp,
    ) -> Result<ApiKey, StoreError> {
        let mut state = self.enter("api_key.revoke").await?;
        let audited = Audited::begin(&state, object(id));
        let key = state.api_keys.get_mut(id).filter(|key| is_covered(author, key));
        let key = key.ok_or(missing(Entity::ApiKey))?;
        key.revoked_at.get_or_insert(at);
        let key = key.clone();
        audited.end(&mut state, author, Action::ApiKeyRevoked);
        Ok(key)
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
