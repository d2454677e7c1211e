//! Leases, so that only one process at a time performs a task.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use super::{Randomness, StoreError};
use crate::sender::Sender;
use crate::sid::AccountSid;

/// A task that only one process at a time performs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeaseName {
    /// The scheduled check of webhook configurations.
    WebhookCheck,
    /// The deletion of old records.
    Retention,
    /// The rotation of this account's auth token.
    TokenRotation(AccountSid),
    /// A change of this number's configuration at the carrier.
    NumberConfiguration(Sender),
}

/// The stored name. Processes of different versions must use the same one.
impl fmt::Display for LeaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WebhookCheck => f.write_str("webhooks.check"),
            Self::Retention => f.write_str("retention"),
            Self::TokenRotation(account) => write!(f, "token.rotate {account}"),
            Self::NumberConfiguration(sender) => write!(f, "number.configure {}", sender.as_str()),
        }
    }
}

/// The process that holds a lease, or part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseHolder(String);

impl LeaseHolder {
    /// A holder with a random name, which no other process has.
    pub fn random(randomness: &dyn Randomness) -> Self {
        let mut bytes = [0; 16];
        randomness.fill(&mut bytes);
        Self(format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    /// A holder with this name, for tests.
    pub fn named(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name of the holder.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The result of acquiring a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Acquisition {
    /// The holder has the lease.
    Acquired,
    /// Another holder has the lease.
    HeldByAnother,
}

/// Grants leases, so that only one process at a time performs a task. Expiry uses the clock of the
/// store, so the clocks of the processes may differ. Laws: `switchboard_contract::leases`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LeaseStore: Send + Sync {
    /// Acquires or renews a lease for this duration, of which only whole seconds count. Until it has expired or is
    /// released, every other holder MUST get `HeldByAnother`.
    async fn acquire(
        &self,
        name: LeaseName,
        holder: &LeaseHolder,
        duration: Duration,
    ) -> Result<Acquisition, StoreError>;

    /// Releases a lease. Does nothing if the holder does not have it.
    async fn release(&self, name: LeaseName, holder: &LeaseHolder) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::LeaseName;
    use crate::sender::Sender;
    use crate::sid::AccountSid;

    #[test]
    fn stored_names_do_not_change() {
        let account = AccountSid::parse("AC0123456789abcdef0123456789abcdef").unwrap();
        let number = Sender::parse("+14155550100").unwrap();
        let names = [
            LeaseName::WebhookCheck,
            LeaseName::Retention,
            LeaseName::TokenRotation(account),
            LeaseName::NumberConfiguration(number),
        ];
        assert_eq!(
            names.map(|name| name.to_string()),
            [
                "webhooks.check",
                "retention",
                "token.rotate AC0123456789abcdef0123456789abcdef",
                "number.configure +14155550100",
            ]
        );
    }
}
