//! Subscriptions to events, and their secrets.

use std::collections::BTreeMap;

use async_trait::async_trait;
use switchboard_domain::identifier::{OrganizationId, SubscriptionId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Entity, EventOutbox, MAX_SIGNING_SECRETS, Page, StoreError, SubscriptionSecret,
    SubscriptionSecretStore, SubscriptionStore,
};
use switchboard_domain::sealing::Sealed;
use switchboard_domain::subscription::{DisabledReason, Subscription, SubscriptionState};
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::WebUrl;

use crate::MemoryStore;
use crate::pages::page_of;

const EXISTS: StoreError = StoreError::Exists { entity: Entity::Subscription };
const MISSING: StoreError = StoreError::Missing { entity: Entity::Subscription };

/// All subscriptions, each with its secrets by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions(BTreeMap<SubscriptionId, Subscribed>);

#[derive(Clone, Debug)]
struct Subscribed {
    subscription: Subscription,
    secrets: BTreeMap<i64, SubscriptionSecret>,
}

impl Subscriptions {
    /// The secrets, by subscription and number.
    pub(crate) fn secrets_mut(
        &mut self,
    ) -> impl Iterator<Item = (&SubscriptionId, i64, &mut Sealed)> {
        self.0.iter_mut().flat_map(|(id, one)| {
            one.secrets.iter_mut().map(move |(number, secret)| (id, *number, &mut secret.sealed))
        })
    }

    /// Whether events of an organization are delivered to anybody.
    pub(crate) fn any_enabled(&self, organization: &OrganizationId) -> bool {
        self.0
            .values()
            .map(|one| &one.subscription)
            .any(|one| one.organization == *organization && one.state == SubscriptionState::Enabled)
    }

    /// Whether an organization has a subscription.
    pub(crate) fn any_of(&self, organization: &OrganizationId) -> bool {
        self.0.values().any(|one| one.subscription.organization == *organization)
    }

    /// Disables a subscription whose endpoint does not exist any more, unless it is disabled already or has another one now.
    /// Returns whether it is disabled by this.
    pub(crate) fn disable_gone(
        &mut self,
        id: &SubscriptionId,
        endpoint: &WebUrl,
        since: Timestamp,
    ) -> bool {
        let Some(Subscribed { subscription, .. }) = self.0.get_mut(id) else { return false };
        let is_called =
            subscription.state == SubscriptionState::Enabled && subscription.url == *endpoint;
        if is_called {
            let reason = DisabledReason::Gone;
            subscription.state = SubscriptionState::Disabled { reason, since };
        }
        is_called
    }

    fn covered(
        &mut self,
        scope: &Scope,
        id: &SubscriptionId,
    ) -> Result<&mut Subscribed, StoreError> {
        let found = self.0.get_mut(id);
        found.filter(|one| scope.covers(&one.subscription.organization)).ok_or(MISSING)
    }
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
        scope: &Scope,
        subscription: &Subscription,
        secret: &SubscriptionSecret,
        max: u32,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("subscription.add").await?;
        state.may_add(scope, &subscription.organization)?;
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
        Ok(())
    }

    async fn update<'a>(
        &self,
        scope: &Scope,
        before: Option<&'a Subscription>,
        subscription: &Subscription,
    ) -> Result<(), StoreError> {
        let all = &mut self.enter("subscription.update").await?.subscriptions;
        let stored = &mut all.covered(scope, &subscription.id)?.subscription;
        must_be_as(stored, before)?;
        stored.url = subscription.url.clone();
        stored.types = subscription.types.clone();
        stored.state = subscription.state;
        Ok(())
    }

    async fn remove<'a>(
        &self,
        scope: &Scope,
        id: &SubscriptionId,
        before: Option<&'a Subscription>,
    ) -> Result<(), StoreError> {
        let all = &mut self.enter("subscription.remove").await?.subscriptions;
        must_be_as(&all.covered(scope, id)?.subscription, before)?;
        all.0.remove(id);
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
        scope: &Scope,
        secret: &SubscriptionSecret,
        now: Timestamp,
        previous_expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let all = &mut self.enter("subscription.add_secret").await?.subscriptions;
        let secrets = &mut all.covered(scope, &secret.subscription)?.secrets;
        if secrets.contains_key(&secret.number) {
            return Err(EXISTS);
        }
        secrets.retain(|_, known| {
            known.expires_at.is_none_or(|expires_at| expires_at > now)
                && known.number > secret.number - MAX_SIGNING_SECRETS
        });
        for known in secrets.values_mut() {
            known.expires_at.get_or_insert(previous_expires_at);
        }
        secrets.insert(secret.number, secret.clone());
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
