//! The stored subscriptions, their secrets, and the events to be distributed to them.

#![cfg_attr(
    feature = "mock",
    expect(
        clippy::ref_option_ref,
        reason = "the expectations of a mock take arguments by reference"
    )
)]

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::audit::Author;
use crate::identifier::SubscriptionId;
use crate::organization::Scope;
use crate::sealing::Sealed;
use crate::subscription::Subscription;
use crate::time::Timestamp;

/// A secret that signs the deliveries to a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionSecret {
    /// The subscription whose deliveries it signs.
    pub subscription: SubscriptionId,
    /// Tells the secrets of a subscription apart; part of the location that the secret is sealed for.
    pub number: i64,
    /// The secret, sealed with the encryption key.
    pub sealed: Sealed,
    /// From when on it signs nothing; `None` for the current secret.
    pub expires_at: Option<Timestamp>,
}

/// Stores subscriptions. Laws: `switchboard_contract::subscriptions`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SubscriptionStore: Send + Sync {
    /// Adds a subscription with its first secret. MUST return `Missing` if the scope does not cover the organization or it does
    /// not exist, `Exists` if the id is taken, and `Full` if the organization has `max` subscriptions, which several calls at the
    /// same time MUST NOT exceed either.
    async fn add(
        &self,
        author: &Author,
        subscription: &Subscription,
        secret: &SubscriptionSecret,
        max: u32,
    ) -> Result<(), StoreError>;

    /// Replaces URL, types and state. `before` is the subscription as the caller read it; `None` replaces whatever is stored.
    /// MUST return `Missing` if the scope does not cover the subscription, and `Changed` if it is not that of `before`. Of
    /// several changes of the same `before` at the same time, at most one MUST succeed if each of them changes something.
    async fn update<'a>(
        &self,
        author: &Author,
        before: Option<&'a Subscription>,
        subscription: &Subscription,
    ) -> Result<(), StoreError>;

    /// Removes a subscription with its secrets. MUST return `Missing` if the scope does not cover the subscription, and
    /// `Changed` if it is not that of `before`.
    async fn remove<'a>(
        &self,
        author: &Author,
        id: &SubscriptionId,
        before: Option<&'a Subscription>,
    ) -> Result<(), StoreError>;

    /// Returns the subscription, if the scope covers it.
    async fn find(
        &self,
        scope: &Scope,
        id: &SubscriptionId,
    ) -> Result<Option<Subscription>, StoreError>;

    /// Lists the subscriptions that the scope covers, in the order of their ids, which is by their age.
    async fn list(
        &self,
        scope: &Scope,
        page: &Page<SubscriptionId>,
    ) -> Result<Vec<Subscription>, StoreError>;
}

/// Stores the secrets of subscriptions. Laws: `switchboard_contract::subscriptions`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SubscriptionSecretStore: Send + Sync {
    /// Adds the current secret of a subscription, sets the expiry of the secret that was current, and removes those that have
    /// expired at `now` and those whose number is less by `MAX_SIGNING_SECRETS` or more. MUST return `Missing` if the scope does
    /// not cover the subscription, and `Exists` if it has a
    /// secret with this number.
    async fn add_secret(
        &self,
        author: &Author,
        secret: &SubscriptionSecret,
        now: Timestamp,
        previous_expires_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Returns the secrets of a subscription that the scope covers, newest first.
    async fn secrets(
        &self,
        scope: &Scope,
        id: &SubscriptionId,
    ) -> Result<Vec<SubscriptionSecret>, StoreError>;
}

/// Distributes stored events to subscriptions. Laws: `switchboard_contract::distribution`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait EventOutbox: Send + Sync {
    /// Takes at most `limit` events that wait to be distributed, oldest first, and adds a delivery of each for every subscription
    /// that receives it, in one transaction. Returns how many events it took.
    ///
    /// An event waits from the transaction that stores it, if its organization has an enabled subscription then, until it is
    /// taken: it MUST NOT be lost if the process ends or if a transaction that began earlier commits later, and MUST be taken once,
    /// also by concurrent calls. The deliveries of the events about one subject MUST be in the order in which the events were
    /// stored.
    async fn distribute(&self, limit: u32) -> Result<u32, StoreError>;
}
