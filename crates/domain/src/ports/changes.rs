use async_trait::async_trait;

use super::StoreError;
use crate::identifier::AgentId;
use crate::phone_number::PhoneNumber;

/// One thing that changed, for those who keep a copy of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Some account was added, changed or removed.
    Accounts,
    /// This agent was added, changed or removed.
    Agent(AgentId),
    /// This number was added, changed or removed.
    Number(PhoneNumber),
    /// More than can be told one by one: every copy is old.
    Everything,
}

/// What changed behind a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The version that these changes lead to.
    pub version: u64,
    /// The changes, oldest first.
    pub changes: Vec<Change>,
}

/// Tells other processes what changed. Laws: `switchboard_contract::changes`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ChangeStore: Send + Sync {
    /// The version that the accounts, agents and numbers have now.
    async fn version(&self) -> Result<u64, StoreError>;

    /// What changed after `version`. A change MUST be told once its transaction has ended, also when
    /// several ended in another order than they began. Where the log does not reach back that far, or
    /// the version was never given, as after a restored backup, the answer MUST contain
    /// [`Change::Everything`] and the store's own version.
    async fn since(&self, version: u64) -> Result<Changes, StoreError>;
}
