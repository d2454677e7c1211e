//! Why something was not changed.

use switchboard_domain::agent::Label;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::phone_number::{Masked, PhoneNumber};
use switchboard_domain::ports::{Retry, StoreError};
use switchboard_domain::sealing::{OpenError, SealError};
use switchboard_domain::sid::AccountSid;

/// Why something was not changed. Phone numbers appear by their last two digits only.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// No such account.
    #[error("account {sid} is unknown")]
    AccountUnknown {
        /// The account.
        sid: AccountSid,
    },
    /// The account is there already.
    #[error("account {sid} already exists")]
    AccountKnown {
        /// The account.
        sid: AccountSid,
    },
    /// The account owns numbers.
    #[error("account {sid} still owns numbers")]
    AccountInUse {
        /// The account.
        sid: AccountSid,
    },
    /// An account cannot be its own parent.
    #[error("account {sid} cannot be its own parent")]
    OwnParent {
        /// The account.
        sid: AccountSid,
    },
    /// No such agent.
    #[error("no agent has the id, external id or name {word:?}")]
    AgentUnknown {
        /// What it was called.
        word: String,
    },
    /// Several agents of that name.
    #[error("{} agents are named {word:?}: {}", ids.len(), listed(ids))]
    AgentAmbiguous {
        /// What they were called.
        word: String,
        /// All of them.
        ids: Vec<AgentId>,
    },
    /// Another agent has the external id.
    #[error("another agent has the external id {:?}", external_id.as_str())]
    ExternalIdTaken {
        /// The external id.
        external_id: Label,
    },
    /// The agent answers numbers.
    #[error("agent {id} still answers numbers")]
    AgentInUse {
        /// The agent.
        id: AgentId,
    },
    /// No such number.
    #[error("number {} is unknown", masked(number))]
    NumberUnknown {
        /// The number.
        number: PhoneNumber,
    },
    /// The number is there already.
    #[error("number {} already exists", masked(number))]
    NumberKnown {
        /// The number.
        number: PhoneNumber,
    },
    /// The number leads here at the carrier, and what was there before is still kept.
    #[error("number {} is still configured for this server at Twilio", masked(number))]
    NumberTakenOver {
        /// The number.
        number: PhoneNumber,
    },
    /// Number and agent belong to different tenants.
    #[error("number {} and agent {agent} belong to different organizations", masked(number))]
    OtherOrganization {
        /// The number.
        number: PhoneNumber,
        /// The agent.
        agent: AgentId,
    },
    /// A sealed token did not open.
    #[error("the auth token of account {sid} cannot be decrypted")]
    TokenUnopened {
        /// The account.
        sid: AccountSid,
        /// Which key, and where.
        source: OpenError,
    },
    /// A token could not be sealed.
    #[error("the auth token of account {sid} cannot be encrypted")]
    TokenUnsealed {
        /// The account.
        sid: AccountSid,
        /// Why.
        source: SealError,
    },
    /// The store failed otherwise.
    #[error("{doing} failed")]
    Store {
        /// What was being done, for example `adding the account`.
        doing: &'static str,
        /// The cause.
        source: StoreError,
    },
}

impl ManageError {
    /// Whether the same request can succeed later. Only a failure of the store can.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Store { source, .. } => source.retry(),
            _ => Retry::Never,
        }
    }

    /// For `map_err`: the store failed while this was done.
    pub fn store(doing: &'static str) -> impl FnOnce(StoreError) -> Self {
        move |source| Self::Store { doing, source }
    }
}

fn masked(number: &PhoneNumber) -> Masked<'_> {
    number.masked()
}

fn listed(ids: &[AgentId]) -> String {
    ids.iter().map(AgentId::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use switchboard_domain::phone_number::PhoneNumber;

    use super::ManageError;

    #[test]
    fn a_number_is_named_by_its_last_two_digits() {
        let number = PhoneNumber::parse("+14155550142").unwrap();
        for error in [ManageError::NumberUnknown { number }, ManageError::NumberKnown { number }] {
            for shown in [error.to_string(), format!("{error:?}")] {
                assert!(shown.contains("…42") && !shown.contains("5550142"), "{shown}");
            }
        }
    }
}
