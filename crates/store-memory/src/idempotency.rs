//! Idempotency keys of requests to the API.

use async_trait::async_trait;
use switchboard_domain::identifier::ApiKeyId;
use switchboard_domain::ports::{
    BegunRequest, Entity, IdempotencyStore, KeptAnswer, LeaseHolder, StoreError,
};
use switchboard_domain::repeatable_request::{RepeatableRequest, RequestDigest};
use switchboard_domain::sealing::Sealed;
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;
use crate::executions::{Execution, Progress};
use crate::state::missing;

fn key(request: &RepeatableRequest) -> (ApiKeyId, RequestDigest) {
    (request.api_key.clone(), request.key)
}

#[async_trait]
impl IdempotencyStore for MemoryStore {
    async fn begin(
        &self,
        request: &RepeatableRequest,
        holder: &LeaseHolder,
        at: Timestamp,
        kept_since: Timestamp,
    ) -> Result<BegunRequest, StoreError> {
        let mut state = self.enter("idempotency.begin").await?;
        if !state.api_keys.contains_key(&request.api_key) {
            return Err(missing(Entity::ApiKey));
        }
        let known = state.executions.get(&key(request)).filter(|one| one.started_at >= kept_since);
        Ok(match known {
            None => {
                let (holder, content) = (holder.clone(), request.content);
                let first =
                    Execution { content, holder, started_at: at, progress: Progress::Running };
                state.executions.insert(key(request), first);
                BegunRequest::First
            }
            Some(known) if known.content != request.content => BegunRequest::OtherContent,
            Some(Execution { progress: Progress::Running, .. }) => BegunRequest::Running,
            Some(Execution { progress: Progress::Executed(sealed), holder, .. }) => {
                BegunRequest::Executed(KeptAnswer {
                    holder: holder.clone(),
                    sealed: sealed.clone(),
                })
            }
        })
    }

    async fn finish(
        &self,
        request: &RepeatableRequest,
        holder: &LeaseHolder,
        answer: Option<Sealed>,
        most: u32,
    ) -> Result<(), StoreError> {
        let all = &mut self.enter("idempotency.finish").await?.executions;
        match all.get_mut(&key(request)).filter(|known| known.holder == *holder) {
            Some(known) => known.progress = Progress::Executed(answer),
            None => return Ok(()),
        }
        let of_key = all.iter().filter(|((api_key, _), known)| {
            *api_key == request.api_key && known.progress != Progress::Running
        });
        let mut executed: Vec<_> =
            of_key.map(|(key, known)| (known.started_at, key.clone())).collect();
        executed.sort_unstable();
        let surplus = executed.len().saturating_sub(most as usize);
        for (_, key) in executed.into_iter().take(surplus) {
            all.remove(&key);
        }
        Ok(())
    }

    async fn forget(
        &self,
        request: &RepeatableRequest,
        holder: &LeaseHolder,
    ) -> Result<(), StoreError> {
        let all = &mut self.enter("idempotency.forget").await?.executions;
        let key = key(request);
        if all
            .get(&key)
            .is_some_and(|known| known.holder == *holder && known.progress == Progress::Running)
        {
            all.remove(&key);
        }
        Ok(())
    }

    async fn delete_expired(&self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        let all = &mut self.enter("idempotency.delete_expired").await?.executions;
        let old = all.iter().filter(|(_, known)| known.started_at < before);
        let mut old: Vec<_> = old.map(|(key, known)| (known.started_at, key.clone())).collect();
        old.sort_unstable();
        let mut deleted = 0;
        for (_, key) in old.into_iter().take(limit as usize) {
            all.remove(&key);
            deleted += 1;
        }
        Ok(deleted)
    }
}
