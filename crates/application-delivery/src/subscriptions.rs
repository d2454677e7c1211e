//! Manages subscriptions to events and the secrets that sign their deliveries.

use std::sync::Arc;

use switchboard_domain::audit::Author;
use switchboard_domain::event::EventTypes;
use switchboard_domain::identifier::{OrganizationId, SubscriptionId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Clock, Entity, Identifiers, Randomness, Retry, StoreError, SubscriptionSecret,
    SubscriptionSecretStore, SubscriptionStore,
};
use switchboard_domain::sealing::{AssociatedData, Keyring};
use switchboard_domain::secret::Secret;
use switchboard_domain::subscription::{DisabledReason, Subscription, SubscriptionState};
use switchboard_domain::web_address::WebUrl;

use crate::signing_secrets::{OVERLAP_HOURS, SecretError, new_secret};

/// The maximum number of subscriptions of an organization: each event is delivered to all that receive its type.
const MAX_SUBSCRIPTIONS: u32 = 1_000;
/// How often a change is attempted while others change the same subscription.
const MAX_ATTEMPTS: u32 = 8;

/// Why a subscription cannot be managed.
#[derive(Debug, thiserror::Error)]
pub enum SubscriptionError {
    /// It does not exist, or belongs to another organization.
    #[error("no subscription {id} is stored")]
    Unknown {
        /// The subscription.
        id: SubscriptionId,
    },
    /// The organization does not exist.
    #[error("no organization {id} is stored")]
    OrganizationUnknown {
        /// The id that no organization has.
        id: OrganizationId,
    },
    /// The organization has as many as it may have.
    #[error("the organization has {MAX_SUBSCRIPTIONS} subscriptions, which is the maximum")]
    TooMany,
    /// It was changed after it was read.
    #[error("subscription {id} was changed in the meantime")]
    Changed {
        /// The subscription.
        id: SubscriptionId,
    },
    /// Its secret cannot be created.
    #[error("creating the secret of the subscription failed")]
    Secret(#[source] SecretError),
    /// The store failed.
    #[error("{doing} failed")]
    Store {
        /// What was being done.
        doing: &'static str,
        /// The error of the store.
        source: StoreError,
    },
}

impl SubscriptionError {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Unknown { .. } | Self::OrganizationUnknown { .. } | Self::TooMany => Retry::Never,
            Self::Changed { .. } => Retry::Later,
            Self::Secret(source) => source.retry(),
            Self::Store { source, .. } => source.retry(),
        }
    }
}

/// What changes about a subscription. What is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubscriptionChange {
    /// The endpoint of the subscriber; `None` leaves it as it is.
    pub url: Option<WebUrl>,
    /// Which events it receives.
    pub types: Option<EventTypes>,
    /// Whether it receives them.
    pub enabled: Option<bool>,
}

/// Manages subscriptions.
#[derive(Clone)]
pub struct Subscriptions {
    /// The stored subscriptions.
    pub store: Arc<dyn SubscriptionStore>,
    /// Their stored secrets.
    pub secrets: Arc<dyn SubscriptionSecretStore>,
    /// Encrypts and decrypts their secrets.
    pub keyring: Arc<Keyring>,
    /// Generates secrets and nonces.
    pub randomness: Arc<dyn Randomness>,
    /// Generates ids.
    pub identifiers: Arc<dyn Identifiers>,
    /// The time of changes.
    pub clock: Arc<dyn Clock>,
}

impl Subscriptions {
    /// Adds a subscription, and returns it with the secret that signs its deliveries.
    pub async fn add(
        &self,
        author: &Author,
        organization: OrganizationId,
        url: WebUrl,
        types: EventTypes,
    ) -> Result<(Subscription, Secret), SubscriptionError> {
        let subscription = Subscription {
            id: self.identifiers.subscription(),
            organization,
            url,
            types,
            state: SubscriptionState::Enabled,
            created_at: self.clock.now(),
        };
        let (secret, stored) = self.new_secret(&subscription.id, 1)?;
        let added = self.store.add(author, &subscription, &stored, MAX_SUBSCRIPTIONS).await;
        added.map_err(|error| match error {
            StoreError::Missing { entity: Entity::Organization } => {
                SubscriptionError::OrganizationUnknown { id: subscription.organization.clone() }
            }
            StoreError::Full { .. } => SubscriptionError::TooMany,
            source @ (StoreError::Unavailable { .. }
            | StoreError::Exists { .. }
            | StoreError::Missing { .. }
            | StoreError::Changed { .. }
            | StoreError::InUse { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Failed { .. }) => {
                SubscriptionError::Store { doing: "adding the subscription", source }
            }
        })?;
        Ok((subscription, secret))
    }

    /// Returns a subscription.
    pub async fn find(
        &self,
        scope: &Scope,
        id: &SubscriptionId,
    ) -> Result<Subscription, SubscriptionError> {
        let found = self.store.find(scope, id).await;
        let found = found.map_err(|source| SubscriptionError::Store {
            doing: "finding the subscription",
            source,
        })?;
        found.ok_or_else(|| SubscriptionError::Unknown { id: id.clone() })
    }

    /// Changes a subscription, and returns it as it is then. What others change at the same time stays.
    pub async fn change(
        &self,
        author: &Author,
        id: &SubscriptionId,
        change: SubscriptionChange,
    ) -> Result<Subscription, SubscriptionError> {
        for _ in 1..MAX_ATTEMPTS {
            let before = self.find(author, id).await?;
            match self.change_as_read(author, before, change.clone()).await {
                Err(SubscriptionError::Changed { .. }) => {}
                changed => return changed,
            }
        }
        let before = self.find(author, id).await?;
        self.change_as_read(author, before, change).await
    }

    /// Changes a subscription that is still as it was read, or else fails with `Changed`.
    pub async fn change_as_read(
        &self,
        author: &Author,
        before: Subscription,
        change: SubscriptionChange,
    ) -> Result<Subscription, SubscriptionError> {
        let SubscriptionChange { url, types, enabled } = change;
        let read = before.clone();
        let state = match (enabled, before.state) {
            (None, state) | (Some(false), state @ SubscriptionState::Disabled { .. }) => state,
            (Some(true), _) => SubscriptionState::Enabled,
            (Some(false), SubscriptionState::Enabled) => SubscriptionState::Disabled {
                reason: DisabledReason::Operator,
                since: self.clock.now(),
            },
        };
        let after = Subscription {
            url: url.unwrap_or(before.url),
            types: types.unwrap_or(before.types),
            state,
            ..before
        };
        let changed = self.store.update(author, Some(&read), &after).await;
        changed.map_err(failed("changing the subscription", &after.id))?;
        Ok(after)
    }

    /// Removes a subscription. Its deliveries that are not final are canceled when they are due.
    pub async fn remove(
        &self,
        author: &Author,
        id: &SubscriptionId,
    ) -> Result<(), SubscriptionError> {
        let removed = self.store.remove(author, id, None).await;
        removed.map_err(failed("removing the subscription", id))
    }

    /// The same for a subscription that is still as it was read, or else fails with `Changed`.
    pub async fn remove_as_read(
        &self,
        author: &Author,
        before: &Subscription,
    ) -> Result<(), SubscriptionError> {
        let removed = self.store.remove(author, &before.id, Some(before)).await;
        removed.map_err(failed("removing the subscription", &before.id))
    }

    /// Creates a new secret and returns it. The previous one signs for another 24 hours. Of several that are created at the same
    /// time, each is one more.
    pub async fn rotate_secret(
        &self,
        author: &Author,
        id: &SubscriptionId,
    ) -> Result<Secret, SubscriptionError> {
        for _ in 1..MAX_ATTEMPTS {
            match self.add_secret(author, id).await {
                Err(SubscriptionError::Changed { .. }) => {}
                rotated => return rotated,
            }
        }
        self.add_secret(author, id).await
    }

    async fn add_secret(
        &self,
        author: &Author,
        id: &SubscriptionId,
    ) -> Result<Secret, SubscriptionError> {
        const ROTATING: &str = "rotating the secret of the subscription";
        self.find(author, id).await?;
        let known = self.secrets.secrets(author, id).await.map_err(failed(ROTATING, id))?;
        let number = known.first().map_or(1, |newest| newest.number + 1);
        let (secret, stored) = self.new_secret(id, number)?;
        let now = self.clock.now();
        let previous_expires_at = now.plus_seconds(OVERLAP_HOURS * 3_600);
        let added = self.secrets.add_secret(author, &stored, now, previous_expires_at).await;
        added.map_err(failed(ROTATING, id))?;
        Ok(secret)
    }

    /// The secrets that sign now, newest first.
    pub(crate) async fn signing(
        &self,
        scope: &Scope,
        id: &SubscriptionId,
    ) -> Result<Vec<Secret>, SecretError> {
        let now = self.clock.now();
        let known = self.secrets.secrets(scope, id).await.map_err(SecretError::Store)?;
        let valid = known.into_iter().filter(|secret| secret.expires_at.is_none_or(|at| now < at));
        let open = |secret: SubscriptionSecret| {
            let key = row_key(&secret.subscription, secret.number);
            self.keyring.open(&place(&key), &secret.sealed).map_err(SecretError::Open)
        };
        valid.map(open).collect()
    }

    fn new_secret(
        &self,
        id: &SubscriptionId,
        number: i64,
    ) -> Result<(Secret, SubscriptionSecret), SubscriptionError> {
        let key = row_key(id, number);
        let created = new_secret(&self.keyring, self.randomness.as_ref(), &place(&key));
        let (secret, sealed) = created.map_err(SubscriptionError::Secret)?;
        let subscription = id.clone();
        Ok((secret, SubscriptionSecret { subscription, number, sealed, expires_at: None }))
    }
}

fn row_key(subscription: &SubscriptionId, number: i64) -> String {
    format!("{subscription}/{number}")
}

const fn place(key: &str) -> AssociatedData<'_> {
    AssociatedData { table: "subscription_secrets", column: "sealed", key }
}

fn failed(
    doing: &'static str,
    id: &SubscriptionId,
) -> impl FnOnce(StoreError) -> SubscriptionError {
    move |error| match error {
        StoreError::Missing { .. } => SubscriptionError::Unknown { id: id.clone() },
        // A secret that exists was created after the newest one was read.
        StoreError::Changed { .. } | StoreError::Exists { .. } => {
            SubscriptionError::Changed { id: id.clone() }
        }
        source @ (StoreError::Unavailable { .. }
        | StoreError::InUse { .. }
        | StoreError::Full { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Failed { .. }) => SubscriptionError::Store { doing, source },
    }
}
