//! The changes of configuration by all processes, from which caches are invalidated.

use std::fmt;

use async_trait::async_trait;

use super::StoreError;
use crate::identifier::AgentId;
use crate::sender::Sender;

/// A change that invalidates cached copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// At least one account was added, changed or removed.
    Accounts,
    /// This agent was added, changed or removed.
    Agent(AgentId),
    /// This number was added, changed or removed.
    Number(Sender),
    /// Too many changes to list: every copy is stale.
    Everything,
}

/// A position in the change log. It increases with each recorded change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeVersion(u64);

impl ChangeVersion {
    /// The position before the first change.
    pub const ZERO: Self = Self(0);

    /// The position after this many changes.
    pub const fn new(version: u64) -> Self {
        Self(version)
    }

    /// The number of changes up to this position.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ChangeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The changes after a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The version after these changes.
    pub version: ChangeVersion,
    /// The changes, oldest first.
    pub changes: Vec<Change>,
}

/// Why a wait for changes ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeNotice {
    /// A change was recorded.
    Change,
    /// Notifications may have been missed, or will not arrive.
    Gap,
}

/// Reads the change log, so that every process can invalidate its caches. Laws:
/// `switchboard_contract::changes`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ChangeStore: Send + Sync {
    /// Returns the current version of the accounts, agents and numbers.
    async fn version(&self) -> Result<ChangeVersion, StoreError>;

    /// Returns the changes after `version`. A change MUST be included once its transaction has
    /// committed, even if transactions commit in another order than they began. If the log does not
    /// go back that far, or the store never issued this version (for example because a backup was
    /// restored), the result MUST contain [`Change::Everything`] and the store's own version.
    async fn since(&self, version: ChangeVersion) -> Result<Changes, StoreError>;

    /// Waits for a notification that a change was recorded, by whichever process, or for the start or end of a time in which
    /// notifications can be missed. A store that is not notified waits forever, and its processes poll. It MUST NOT return at once
    /// each time. A notification that nobody waited for is not lost: the next call returns at once.
    async fn recorded(&self) -> ChangeNotice;
}
