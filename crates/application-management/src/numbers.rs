//! Numbers are added, given to agents, released and removed.

use std::sync::Arc;

use switchboard_domain::number::{Assignment, Channels, Number};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{
    AccountStore, AgentStore, Clock, ConfigurationStore, Entity, NumberStore, StoreError,
};
use switchboard_domain::sid::AccountSid;

use super::accounts::find_account;
use super::{FindAgent, ManageError};

/// A number as an operator describes it.
#[derive(Clone, Debug)]
pub struct NewNumber {
    /// The number.
    pub phone_number: PhoneNumber,
    /// The account that owns it.
    pub account: AccountSid,
}

/// Adds numbers.
pub struct AddNumber {
    /// Where they are kept.
    pub numbers: Arc<dyn NumberStore>,
    /// Where their accounts are kept.
    pub accounts: Arc<dyn AccountStore>,
    /// Tells when they were added.
    pub clock: Arc<dyn Clock>,
}

impl AddNumber {
    /// Adds a number that nobody answers yet, to the organization of its account.
    pub async fn add(&self, scope: &Scope, new: NewNumber) -> Result<Number, ManageError> {
        let account = find_account(self.accounts.as_ref(), scope, new.account).await?;
        let number = Number {
            phone_number: new.phone_number,
            organization: account.organization,
            account: account.sid,
            assignment: None,
            created_at: self.clock.now(),
        };
        match self.numbers.add(scope, &number).await {
            Ok(()) => Ok(number),
            Err(StoreError::Exists { .. }) => {
                Err(ManageError::NumberKnown { number: new.phone_number })
            }
            Err(StoreError::Missing { entity: Entity::Account }) => {
                Err(ManageError::AccountUnknown { sid: new.account })
            }
            Err(source) => Err(ManageError::Store { doing: "adding the number", source }),
        }
    }
}

/// Gives numbers to agents.
pub struct AssignNumber {
    /// Where numbers are kept.
    pub numbers: Arc<dyn NumberStore>,
    /// Where agents are kept.
    pub agents: Arc<dyn AgentStore>,
}

impl AssignNumber {
    /// Lets an agent answer a number on some channels. `word` is the agent's id, external id or name.
    pub async fn assign(
        &self,
        scope: &Scope,
        phone_number: PhoneNumber,
        word: &str,
        channels: Channels,
    ) -> Result<Number, ManageError> {
        let number = find_number(self.numbers.as_ref(), scope, phone_number).await?;
        let agent = FindAgent { agents: Arc::clone(&self.agents) }.find(scope, word).await?;
        if agent.organization != number.organization {
            return Err(ManageError::OtherOrganization { number: phone_number, agent: agent.id });
        }
        let assignment = Assignment { agent: agent.id, channels };
        match self.numbers.assign(scope, phone_number, Some(assignment.clone())).await {
            Ok(()) => Ok(Number { assignment: Some(assignment), ..number }),
            Err(StoreError::Missing { entity: Entity::Agent }) => {
                Err(ManageError::AgentUnknown { word: word.to_owned() })
            }
            Err(error) => Err(gone_or("assigning the number", phone_number, error)),
        }
    }
}

/// Takes numbers away from agents.
pub struct ReleaseNumber {
    /// Where they are kept.
    pub numbers: Arc<dyn NumberStore>,
}

impl ReleaseNumber {
    /// Lets nobody answer a number. What it returns says who answered it before.
    pub async fn release(
        &self,
        scope: &Scope,
        phone_number: PhoneNumber,
    ) -> Result<Option<Assignment>, ManageError> {
        let number = find_number(self.numbers.as_ref(), scope, phone_number).await?;
        match self.numbers.assign(scope, phone_number, None).await {
            Ok(()) => Ok(number.assignment),
            Err(error) => Err(gone_or("releasing the number", phone_number, error)),
        }
    }
}

/// Removes numbers.
pub struct RemoveNumber {
    /// Where they are kept.
    pub numbers: Arc<dyn NumberStore>,
    /// Where it is kept what they were at the carrier before us.
    pub configurations: Arc<dyn ConfigurationStore>,
}

/// What becomes of what a number was at the carrier before us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Removal {
    /// A number of which something was taken over stays: it would go on leading here, and nobody could give it back.
    #[default]
    Careful,
    /// It is forgotten.
    Forgetting,
}

impl RemoveNumber {
    /// Removes a number, also one that an agent still answers.
    pub async fn remove(
        &self,
        scope: &Scope,
        phone_number: PhoneNumber,
        removal: Removal,
    ) -> Result<(), ManageError> {
        if removal == Removal::Careful {
            let found = self.configurations.find(scope, phone_number).await;
            let found = found.map_err(ManageError::store("finding the number"))?;
            if found.is_some_and(|configured| configured.adopted.is_some()) {
                return Err(ManageError::NumberTakenOver { number: phone_number });
            }
        }
        let removed = self.numbers.remove(scope, phone_number).await;
        removed.map_err(|error| gone_or("removing the number", phone_number, error))
    }
}

async fn find_number(
    numbers: &dyn NumberStore,
    scope: &Scope,
    phone_number: PhoneNumber,
) -> Result<Number, ManageError> {
    let found = numbers
        .find(scope, phone_number)
        .await
        .map_err(ManageError::store("finding the number"))?;
    found.ok_or(ManageError::NumberUnknown { number: phone_number })
}

fn gone_or(doing: &'static str, number: PhoneNumber, error: StoreError) -> ManageError {
    match error {
        StoreError::Missing { entity: Entity::Number } => ManageError::NumberUnknown { number },
        source => ManageError::Store { doing, source },
    }
}

#[cfg(test)]
mod tests;
