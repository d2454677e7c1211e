//! Subscriptions to events, and their secrets.

use std::collections::BTreeMap;

use async_trait::async_trait;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef, Snapshot};
use switchboard_domain::identifier::SubscriptionId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Entity, EventOutbox, MAX_SIGNING_SECRETS, Page, StoreError, SubscriptionSecret,
    SubscriptionSecretStore, SubscriptionStore,
};
use switchboard_domain::subscription::Subscription;
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;
use crate::audited::{self, Audited};
use crate::pages::page_of;
use crate::subscriptions::Subscribed;

const EXISTS: StoreError = StoreError::Exists { entity: Entity::Subscription };

fn object(id: &SubscriptionId) -> ObjectRef {
    ObjectRef::new(ObjectKind::Subscription, id.as_str())
}

/// A subscription is still as the caller read it.
fn must_be_as(stored: &Subscription, before: Option<&Subscription>) -> Result<(), StoreError> {
    if before.is_none_or(|before| before == stored) {
        Ok(())
    } else {
        Err(StoreError::Changed { entity: Entity::Subscription })
    }
}

#[async_trait]
impl SubscriptionStore for MemoryStore {
    async fn add(
        &self,
        author: &Author,
        subscription: &Subscription,
        secret: &SubscriptionSecret,
        max: u32,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("subscription.add").await?;
        state.may_add(author, &subscription.organization)?;
        let audited = Audited::begin(&state, object(&subscription.id));
        let all = &mut state.subscriptions.0;
        let of_owner =
            all.values().filter(|one| one.subscription.organization == subscription.organization);
        if of_owner.count() >= max as usize {
            return Err(StoreError::Full { entity: Entity::Subscription });
        }
        if all.contains_key(&subscription.id) {
            return Err(EXISTS);
        }
        let secrets = BTreeMap::from([(secret.number, secret.clone())]);
        let subscription = subscription.clone();
        all.insert(subscription.id.clone(), Subscribed { subscription, secrets });
        audited.end(&mut state, author, Action::SubscriptionAdded);
        Ok(())
    }

    async fn update<'a>(
        &self,
        author: &Author,
        before: Option<&'a Subscription>,
        subscription: &Subscription,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("subscription.update").await?;
        let audited = Audited::begin(&state, object(&subscription.id));
        let stored = &mut state.subscriptions.covered(author, &subscription.id)?.subscription;
        must_be_as(stored, before)?;
        stored.url = subscription.url.clone();
        stored.types = subscription.types.clone();
        stored.state = subscription.state;
        audited.end(&mut state, author, Action::SubscriptionChanged);
        Ok(())
    }

    async fn remove<'a>(
        &self,
        author: &Author,
        id: &SubscriptionId,
        before: Option<&'a Subscription>,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("subscription.remove").await?;
        let audited = Audited::begin(&state, object(id));
        must_be_as(&state.subscriptions.covered(author, id)?.subscription, before)?;
        state.subscriptions.0.remove(id);
        audited.end(&mut state, author, Action::SubscriptionRemoved);
        Ok(())
    }

    async fn find(
        &self,
        scope: &Scope,
        id: &SubscriptionId,
    ) -> Result<Option<Subscription>, StoreError> {
        let all = &mut self.enter("subscription.find").await?.subscriptions;
        Ok(all.covered(scope, id).ok().map(|one| one.subscription.clone()))
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<SubscriptionId>,
    ) -> Result<Vec<Subscription>, StoreError> {
        let all = &self.enter("subscription.list").await?.subscriptions.0;
        let listed = page_of(all, page, |one| scope.covers(&one.subscription.organization));
        Ok(listed.into_iter().map(|one| one.subscription).collect())
    }
}

#[async_trait]
impl SubscriptionSecretStore for MemoryStore {
    async fn add_secret(
        &self,
        author: &Author,
        secret: &SubscriptionSecret,
        now: Timestamp,
        previous_expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("subscription.add_secret").await?;
        let known = state.subscriptions.covered(author, &secret.subscription)?;
        let owner = known.subscription.organization.clone();
        let secrets = &mut known.secrets;
        if secrets.contains_key(&secret.number) {
            return Err(EXISTS);
        }
        let snapshot = |one: &SubscriptionSecret| {
            Snapshot::default().secret("secret", Some(one.sealed.as_bytes()))
        };
        let current = secrets.values().find(|known| known.expires_at.is_none());
        let before = current.map_or_else(Snapshot::default, snapshot);
        let after = snapshot(secret);
        secrets.retain(|_, known| {
            known.expires_at.is_none_or(|expires_at| expires_at > now)
                && known.number > secret.number - MAX_SIGNING_SECRETS
        });
        for known in secrets.values_mut() {
            known.expires_at.get_or_insert(previous_expires_at);
        }
        secrets.insert(secret.number, secret.clone());
        let what = (Action::SubscriptionSecretAdded, object(&secret.subscription));
        audited::record(&mut state, author, Some(owner), what, (Some(&before), Some(&after)));
        Ok(())
    }

    async fn secrets(
        &self,
        scope: &Scope,
        id: &SubscriptionId,
    ) -> Result<Vec<SubscriptionSecret>, StoreError> {
        let all = &mut self.enter("subscription.secrets").await?.subscriptions;
        let found = all.covered(scope, id);
        Ok(found.map(|one| one.secrets.values().rev().cloned().collect()).unwrap_or_default())
    }
}

#[async_trait]
impl EventOutbox for MemoryStore {
    async fn distribute(&self, limit: u32) -> Result<u32, StoreError> {
        let state = &mut *self.enter("subscription.distribute").await?;
        let (taken, happened) = state.events.take_undistributed(limit);
        for event in &happened {
            let all = state.subscriptions.0.values();
            state.deliveries.add_events(all.filter_map(|one| one.subscription.delivery(event)));
        }
        Ok(taken)
    }
}
