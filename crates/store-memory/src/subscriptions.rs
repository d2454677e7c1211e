//! The state of subscriptions to events, and of their secrets.

use std::collections::BTreeMap;

use switchboard_domain::identifier::{OrganizationId, SubscriptionId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Entity, StoreError, SubscriptionSecret};
use switchboard_domain::sealing::Sealed;
use switchboard_domain::subscription::{DisabledReason, Subscription, SubscriptionState};
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::WebUrl;

const MISSING: StoreError = StoreError::Missing { entity: Entity::Subscription };

/// All subscriptions, each with its secrets by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions(pub(crate) BTreeMap<SubscriptionId, Subscribed>);

#[derive(Clone, Debug)]
pub(crate) struct Subscribed {
    pub(crate) subscription: Subscription,
    pub(crate) secrets: BTreeMap<i64, SubscriptionSecret>,
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

    /// The subscription with this id.
    pub(crate) fn get(&self, id: &SubscriptionId) -> Option<&Subscription> {
        self.0.get(id).map(|one| &one.subscription)
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

    pub(crate) fn covered(
        &mut self,
        scope: &Scope,
        id: &SubscriptionId,
    ) -> Result<&mut Subscribed, StoreError> {
        let found = self.0.get_mut(id);
        found.filter(|one| scope.covers(&one.subscription.organization)).ok_or(MISSING)
    }
}
