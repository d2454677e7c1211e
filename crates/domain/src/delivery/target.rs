//! What deliveries take capacity of.

use std::borrow::Cow;

use crate::identifier::{AgentId, OrganizationId, SubscriptionId};
use crate::sid::AccountSid;

/// What a delivery takes capacity of: each target has its own limit and its own circuit breaker.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryTarget {
    /// The endpoint of an agent.
    Agent(AgentId),
    /// The account that sends messages to contacts.
    Account(AccountSid),
    /// The endpoint of a subscription.
    Subscription(SubscriptionId),
}

impl DeliveryTarget {
    /// The stored name: the id of the agent or subscription, or the SID of the account.
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Agent(agent) => Cow::Borrowed(agent.as_str()),
            Self::Account(account) => Cow::Owned(account.as_str().to_owned()),
            Self::Subscription(subscription) => Cow::Borrowed(subscription.as_str()),
        }
    }
}

/// Targets and organizations to which no further delivery is made now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Busy {
    /// Targets that have all the deliveries that they may have at a time, and targets that are down.
    pub targets: Vec<DeliveryTarget>,
    /// Organizations that have their share of all deliveries.
    pub organizations: Vec<OrganizationId>,
}

impl Busy {
    /// Whether a delivery must wait.
    pub fn includes(&self, target: &DeliveryTarget, organization: &OrganizationId) -> bool {
        self.targets.contains(target) || self.organizations.contains(organization)
    }
}
