//! The stored numbers and other senders.

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::audit::Author;
use crate::identifier::AgentId;
use crate::number::{Assignment, Number};
use crate::organization::Scope;
use crate::sender::Sender;
use crate::sid::AccountSid;

/// Selects numbers. Every field that is set must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberFilter {
    /// Numbers of this account.
    pub account: Option<AccountSid>,
    /// Numbers that are assigned to this agent.
    pub agent: Option<AgentId>,
    /// Phone numbers, or senders that are none.
    pub is_phone: Option<bool>,
}

/// What happens to the previous configuration at the carrier that is saved with a number to be removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SavedConfiguration {
    /// The number is not removed while one is saved: the carrier would continue to call this server for the number, and
    /// the previous configuration could not be restored.
    #[default]
    Refuse,
    /// It is deleted with the number.
    Discard,
}

/// Stores numbers and other senders, and their assignments. Laws: `switchboard_contract::numbers`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NumberStore: Send + Sync {
    /// Adds a number. MUST return `Exists` if any organization has it, and `Missing` if the scope
    /// does not cover its organization, or if its account or agent does not exist or belongs to
    /// another organization.
    async fn add(&self, author: &Author, number: &Number) -> Result<(), StoreError>;

    /// Returns the number, if the scope covers it.
    async fn find(&self, scope: &Scope, sender: Sender) -> Result<Option<Number>, StoreError>;

    /// Lists the numbers that the scope covers and the filter selects, in the order of their text.
    async fn list(
        &self,
        scope: &Scope,
        filter: &NumberFilter,
        page: &Page<Sender>,
    ) -> Result<Vec<Number>, StoreError>;

    /// Assigns a number to an agent, or unassigns it, after which it does not drift. MUST return `Missing` if the scope does not
    /// cover the number, or if the agent does not exist or belongs to another organization than the
    /// number.
    async fn assign(
        &self,
        author: &Author,
        sender: Sender,
        assignment: Option<Assignment>,
    ) -> Result<(), StoreError>;

    /// Removes a number, its assignment and what is saved about it. MUST return `Missing` if the scope does not cover the
    /// number, and `InUse` if `SavedConfiguration::Refuse` finds a saved configuration, also one that is being saved at the same time.
    async fn remove(
        &self,
        author: &Author,
        sender: Sender,
        saved_configuration: SavedConfiguration,
    ) -> Result<(), StoreError>;
}
