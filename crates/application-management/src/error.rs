//! Why something was not changed, as a sentence that says what to do.

use switchboard_domain::agent::Label;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::phone_number::{Masked, PhoneNumber};
use switchboard_domain::ports::StoreError;
use switchboard_domain::sealing::{OpenError, SealError};
use switchboard_domain::sid::AccountSid;

/// Why something was not changed. Phone numbers appear by their last two digits only.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// No such account.
    #[error("account {sid} is not known here; add it with `switchboard account add`")]
    AccountUnknown {
        /// The account.
        sid: AccountSid,
    },
    /// The account is there already.
    #[error("account {sid} is known already; change it with `switchboard account set`")]
    AccountKnown {
        /// The account.
        sid: AccountSid,
    },
    /// The account owns numbers.
    #[error(
        "account {sid} still owns numbers; list them with `switchboard number list --account {sid}` and remove them with `switchboard number remove`"
    )]
    AccountInUse {
        /// The account.
        sid: AccountSid,
    },
    /// An account cannot be its own parent.
    #[error("account {sid} cannot be its own parent; name the account that owns it, or none")]
    OwnParent {
        /// The account.
        sid: AccountSid,
    },
    /// No such agent.
    #[error(
        "no agent has the id, external id or name {word:?}; list them with `switchboard agent list`"
    )]
    AgentUnknown {
        /// What it was called.
        word: String,
    },
    /// Several agents of that name.
    #[error("{} agents are called {word:?}; name one by its id: {}", ids.len(), listed(ids))]
    AgentAmbiguous {
        /// What they were called.
        word: String,
        /// All of them.
        ids: Vec<AgentId>,
    },
    /// Another agent has the external id.
    #[error("another agent has the external id {:?}; choose another one, or change that agent", external_id.as_str())]
    ExternalIdTaken {
        /// The external id.
        external_id: Label,
    },
    /// The agent answers numbers.
    #[error(
        "agent {id} still answers numbers; list them with `switchboard number list --agent {id}` and release them"
    )]
    AgentInUse {
        /// The agent.
        id: AgentId,
    },
    /// No such number.
    #[error("number {} is not known here; add it with `switchboard number add`", masked(number))]
    NumberUnknown {
        /// The number.
        number: PhoneNumber,
    },
    /// The number is there already.
    #[error(
        "number {} is known already; give it to an agent with `switchboard number assign`",
        masked(number)
    )]
    NumberKnown {
        /// The number.
        number: PhoneNumber,
    },
    /// The number leads here at the carrier, and what was there before is still kept.
    #[error(
        "number {} still leads here at Twilio; give it back first with `switchboard number release`, or forget what was there before with --force",
        masked(number)
    )]
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
    #[error(
        "auth token of account {sid} cannot be opened; is SWITCHBOARD_ENCRYPTION_KEYS the one it was sealed with?"
    )]
    TokenUnopened {
        /// The account.
        sid: AccountSid,
        /// Which key, and where.
        source: OpenError,
    },
    /// A token could not be sealed.
    #[error("auth token of account {sid} cannot be sealed")]
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
