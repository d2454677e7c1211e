//! A subscription to events as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use switchboard_domain::secret::Secret;
use switchboard_domain::subscription::{DisabledReason, Subscription, SubscriptionState};
use utoipa::ToSchema;

use super::instant;

/// An endpoint that receives the events of an organization.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Subscription)]
pub struct SubscriptionObject {
    /// Its id.
    pub id: String,
    /// The organization whose events are delivered.
    pub organization: String,
    /// Where events are posted.
    pub url: String,
    /// The types of events: names, and groups such as `call.*`.
    pub types: Vec<String>,
    /// `enabled` or `disabled`.
    pub state: Cow<'static, str>,
    /// Why it is disabled: `operator`, or `gone` if the endpoint answered 410.
    #[schema(required)]
    pub reason: Option<Cow<'static, str>>,
    /// Since when it is disabled.
    #[schema(required, format = DateTime)]
    pub disabled_at: Option<String>,
    /// When it was added.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// The secret that signs the deliveries; only in the answer that creates it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

impl SubscriptionObject {
    /// Renders a subscription.
    pub fn of(subscription: &Subscription) -> Self {
        let (state, reason, since) = match subscription.state {
            SubscriptionState::Enabled => ("enabled", None, None),
            SubscriptionState::Disabled { reason, since } => {
                ("disabled", Some(reason), Some(since))
            }
        };
        Self {
            id: subscription.id.to_string(),
            organization: subscription.organization.to_string(),
            url: subscription.url.as_str().to_owned(),
            types: subscription.types.patterns().to_vec(),
            state: state.into(),
            reason: reason.map(DisabledReason::as_str).map(Cow::Borrowed),
            disabled_at: since.map(instant),
            created_at: instant(subscription.created_at),
            secret: None,
        }
    }

    /// With a secret that is shown only once.
    #[must_use]
    pub fn with_secret(self, secret: &Secret) -> Self {
        Self { secret: Some(secret.expose().to_owned()), ..self }
    }
}
