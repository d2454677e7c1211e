//! Adds, assigns, unassigns and removes numbers.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::agent::Agent;
use switchboard_domain::audit::Author;
use switchboard_domain::number::{Assignment, Channels, Number};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    AccountStore, AgentStore, Clock, Entity, NumberStore, SavedConfiguration, StoreError,
};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use super::accounts::find_account;
use super::{ManageError, find_agent};

/// A number to be added. It belongs to the organization of its account.
#[derive(Clone, Debug)]
pub struct NewNumber {
    /// The phone number.
    pub sender: Sender,
    /// The account that owns it.
    pub account: AccountSid,
}

/// The use cases of numbers.
pub struct Numbers {
    /// The stored numbers.
    pub store: Arc<dyn NumberStore>,
    /// The stored accounts, which own numbers.
    pub accounts: Arc<dyn AccountStore>,
    /// The stored agents, to which numbers are assigned.
    pub agents: Arc<dyn AgentStore>,
    /// The time at which numbers are added.
    pub clock: Arc<dyn Clock>,
}

impl Numbers {
    /// Adds a number without an agent to the organization of its account.
    pub async fn add(&self, author: &Author, new: NewNumber) -> Result<Number, ManageError> {
        let account = find_account(self.accounts.as_ref(), author, new.account).await?;
        let number = Number {
            sender: new.sender,
            organization: account.organization,
            account: account.sid,
            assignment: None,
            created_at: self.clock.now(),
        };
        match self.store.add(author, &number).await {
            Ok(()) => Ok(number),
            Err(StoreError::Exists { .. }) => Err(ManageError::NumberKnown { number: new.sender }),
            Err(StoreError::Missing { entity: Entity::Account }) => {
                Err(ManageError::AccountUnknown { sid: new.account })
            }
            Err(source) => Err(ManageError::Store { doing: "adding the number", source }),
        }
    }

    /// Assigns a number to an agent on some channels. `word` is the agent's id, external id or name.
    pub async fn assign(
        &self,
        author: &Author,
        sender: Sender,
        word: &str,
        channels: Channels,
    ) -> Result<Number, ManageError> {
        let number = find_number(self.store.as_ref(), author, sender).await?;
        let agent = self.assignable(author, &number, word).await?;
        let assignment = Assignment { agent: agent.id, channels };
        match self.store.assign(author, sender, Some(assignment.clone())).await {
            Ok(()) => Ok(Number { assignment: Some(assignment), ..number }),
            Err(StoreError::Missing { entity: Entity::Agent }) => {
                Err(ManageError::AgentUnknown { word: word.to_owned(), near: Vec::new() })
            }
            Err(error) => Err(unknown_or("assigning the number", sender, error)),
        }
    }

    /// The agent with this id, external id or name, which belongs to the organization of the number.
    pub async fn assignable(
        &self,
        scope: &Scope,
        number: &Number,
        word: &str,
    ) -> Result<Agent, ManageError> {
        let agent = find_agent(self.agents.as_ref(), scope, word).await?;
        if agent.organization == number.organization {
            Ok(agent)
        } else {
            Err(ManageError::OtherOrganization { number: number.sender, agent: agent.id })
        }
    }

    /// Removes the assignment of a number and returns it; `None` if there was none.
    pub async fn unassign(
        &self,
        author: &Author,
        sender: Sender,
    ) -> Result<Option<Assignment>, ManageError> {
        let number = find_number(self.store.as_ref(), author, sender).await?;
        match self.store.assign(author, sender, None).await {
            Ok(()) => Ok(number.assignment),
            Err(error) => Err(unknown_or("unassigning the number", sender, error)),
        }
    }

    /// Removes a number, even if it is assigned to an agent.
    pub async fn remove(
        &self,
        author: &Author,
        sender: Sender,
        saved_configuration: SavedConfiguration,
    ) -> Result<(), ManageError> {
        match self.store.remove(author, sender, saved_configuration).await {
            Ok(()) => Ok(()),
            Err(StoreError::InUse { .. }) => Err(ManageError::NumberTakenOver { number: sender }),
            Err(error) => Err(unknown_or("removing the number", sender, error)),
        }
    }
}

/// The stored number or sender at which an address of our side reaches us.
pub async fn find_sender(
    numbers: &dyn NumberStore,
    scope: &Scope,
    address: &Address,
) -> Result<Option<Number>, StoreError> {
    let Some(sender) = Sender::of(address) else { return Ok(None) };
    match (numbers.find(scope, sender).await?, sender.fallback()) {
        (None, Some(number)) => numbers.find(scope, number).await,
        (found, _) => Ok(found),
    }
}

async fn find_number(
    numbers: &dyn NumberStore,
    scope: &Scope,
    sender: Sender,
) -> Result<Number, ManageError> {
    let found =
        numbers.find(scope, sender).await.map_err(ManageError::store("finding the number"))?;
    found.ok_or(ManageError::NumberUnknown { number: sender })
}

fn unknown_or(doing: &'static str, number: Sender, error: StoreError) -> ManageError {
    match error {
        StoreError::Missing { entity: Entity::Number } => ManageError::NumberUnknown { number },
        source @ (StoreError::Unavailable { .. }
        | StoreError::Exists { .. }
        | StoreError::Missing { .. }
        | StoreError::Changed { .. }
        | StoreError::InUse { .. }
        | StoreError::Full { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Failed { .. }) => ManageError::Store { doing, source },
    }
}

#[cfg(test)]
mod tests;
