//! The import of accounts, agents and numbers in one transaction.

use async_trait::async_trait;

use super::StoreError;
use crate::account::Account;
use crate::agent::{Agent, Label};
use crate::audit::{Author, Snapshot};
use crate::identifier::OrganizationId;
use crate::number::Channels;
use crate::sender::Sender;
use crate::sid::AccountSid;
use crate::time::Timestamp;

/// A number of an import, which refers to its agent by external id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedNumber {
    /// The phone number.
    pub sender: Sender,
    /// The account that owns it: one of the import, or a stored one.
    pub account: AccountSid,
    /// The agent that answers it: one of the import, or one that is stored already, by its external id, or by its own id
    /// if it has none. `None` leaves it unassigned.
    pub agent: Option<Label>,
    /// The channels that the agent answers.
    pub channels: Channels,
}

/// Accounts, agents and numbers that are imported together.
#[derive(Clone, Debug)]
pub struct Import {
    /// The organization that gets them.
    pub organization: OrganizationId,
    /// Accounts, identified by SID.
    pub accounts: Vec<Account>,
    /// Agents, identified by external id. Each agent MUST have one.
    pub agents: Vec<Agent>,
    /// Numbers, identified by phone number.
    pub numbers: Vec<ImportedNumber>,
    /// The creation time of new numbers.
    pub at: Timestamp,
}

/// How many objects an import added or changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Accounts added or changed.
    pub accounts: u64,
    /// Agents added or changed.
    pub agents: u64,
    /// Numbers added or changed.
    pub numbers: u64,
}

impl ImportCounts {
    /// The counts as the audit log records them.
    pub fn snapshot(&self) -> Snapshot {
        let counts =
            [("accounts", self.accounts), ("agents", self.agents), ("numbers", self.numbers)];
        counts.into_iter().fold(Snapshot::default(), |snapshot, (name, count)| {
            snapshot.integer(name, i64::try_from(count).ok())
        })
    }
}

/// Imports accounts, agents and numbers in one transaction. Laws: `switchboard_contract::imports`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ImportStore: Send + Sync {
    /// Adds new objects and changes existing ones: all of them or none. An existing object keeps
    /// its id and creation time. An existing account also keeps its API key, region and status, and
    /// its next token unless the import contains one, and an existing agent keeps the key of its chat model if the base URL
    /// stays the same, or else loses it. MUST return `Missing` if a number refers to
    /// an account or agent that the organization does not have, or if the organization does not
    /// exist. MUST return `Exists` if another organization has an account or a number of the
    /// import. It is recorded in the audit log as one entry with the counts.
    async fn import(&self, author: &Author, import: &Import) -> Result<ImportCounts, StoreError>;
}
