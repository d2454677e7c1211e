use async_trait::async_trait;

use super::StoreError;
use crate::account::Account;
use crate::agent::{Agent, Label};
use crate::identifier::OrganizationId;
use crate::number::Channels;
use crate::phone_number::PhoneNumber;
use crate::sid::AccountSid;
use crate::time::Timestamp;

/// A number in an import, which names its agent by the platform's own id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedNumber {
    /// The number.
    pub phone_number: PhoneNumber,
    /// The account that owns it: one of the import, or one that is kept already.
    pub account: AccountSid,
    /// The agent that answers it: one of the import, or one that is stored already, by its external id, or by its own id
    /// if it has none. `None` leaves it unassigned.
    pub agent: Option<Label>,
    /// On which channels.
    pub channels: Channels,
}

/// Accounts, agents and numbers that come together.
#[derive(Clone, Debug)]
pub struct Import {
    /// The tenant that gets them.
    pub organization: OrganizationId,
    /// Accounts, by SID.
    pub accounts: Vec<Account>,
    /// Agents, by external id, which each of them MUST have.
    pub agents: Vec<Agent>,
    /// Numbers.
    pub numbers: Vec<ImportedNumber>,
    /// The time of creation of numbers that are new.
    pub at: Timestamp,
}

/// How much an import brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Accounts added or changed.
    pub accounts: u64,
    /// Agents added or changed.
    pub agents: u64,
    /// Numbers added or changed.
    pub numbers: u64,
}

/// Brings in many things at once. Laws: `switchboard_contract::imports`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ImportStore: Send + Sync {
    /// Adds what is new and changes what is there, all or nothing. What is there keeps its id and its time
    /// of creation; an account keeps its API key, region and status as well, and its next token unless the import
    /// names one. MUST return `Missing` if a number names an account or agent that the organization does
    /// not have or if the organization itself is not there, and `Exists` if another organization has an account or a number of the import.
    async fn import(&self, import: &Import) -> Result<ImportCounts, StoreError>;
}
