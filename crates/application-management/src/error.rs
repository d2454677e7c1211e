//! Errors of the management use cases.

use switchboard_domain::agent::{Label, ParameterError, RelayError};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::ports::{Retry, StoreError};
use switchboard_domain::sealing::{OpenError, SealError};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

/// Why a record was not found or not changed. Messages show only the last two digits of phone numbers.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// The account is not stored.
    #[error("account {sid} is unknown")]
    AccountUnknown {
        /// The account that is not stored.
        sid: AccountSid,
    },
    /// No account has this name.
    #[error("no account is named {:?}", name.as_str())]
    AccountNameUnknown {
        /// The name that no account has.
        name: Label,
        /// Names that may have been meant.
        near: Vec<String>,
    },
    /// Several accounts have the given name.
    #[error("{} accounts are named {:?}: {}", sids.len(), name.as_str(), listed(sids.iter().map(AccountSid::as_str)))]
    AccountAmbiguous {
        /// The given name.
        name: Label,
        /// The SIDs of these accounts.
        sids: Vec<AccountSid>,
    },
    /// The account is already stored.
    #[error("account {sid} already exists")]
    AccountKnown {
        /// The account that was to be added.
        sid: AccountSid,
    },
    /// The account cannot be removed while it owns numbers.
    #[error("account {sid} still owns numbers")]
    AccountInUse {
        /// The account that was to be removed.
        sid: AccountSid,
    },
    /// The account was changed after it was read.
    #[error("account {sid} was changed in the meantime")]
    AccountChanged {
        /// The account that was to be changed.
        sid: AccountSid,
    },
    /// An account cannot be its own parent, nor below itself.
    #[error("account {sid} cannot be its own parent, directly or through its parents")]
    OwnParent {
        /// The account that was named as its own parent.
        sid: AccountSid,
    },
    /// No agent matches the word.
    #[error("no agent has the id, external id or name {word:?}")]
    AgentUnknown {
        /// The given id, external id or name.
        word: String,
        /// Names and external ids that may have been meant.
        near: Vec<String>,
    },
    /// Several agents have the given name.
    #[error("{} agents are named {word:?}: {}", ids.len(), listed(ids.iter().map(AgentId::as_str)))]
    AgentAmbiguous {
        /// The given name.
        word: String,
        /// The ids of these agents.
        ids: Vec<AgentId>,
    },
    /// External ids are unique, and another agent has this one.
    #[error("another agent has the external id {:?}", external_id.as_str())]
    ExternalIdTaken {
        /// The duplicate external id.
        external_id: Label,
    },
    /// The agent cannot have these parameters.
    #[error("parameter {0}")]
    Parameter(ParameterError),
    /// The agent cannot have these attributes of `ConversationRelay`.
    #[error("attribute {0}")]
    Relay(RelayError),
    /// The agent cannot be removed while it is assigned to numbers.
    #[error("agent {id} still answers numbers")]
    AgentInUse {
        /// The agent that was to be removed.
        id: AgentId,
    },
    /// The agent cannot be removed while a routing plan names it.
    #[error("routing plan {:?} still uses agent {id}", plan.as_str())]
    AgentNamed {
        /// The agent that was to be removed.
        id: AgentId,
        /// The name of a plan that uses it.
        plan: Label,
    },
    /// The agent was changed after it was read.
    #[error("agent {id} was changed in the meantime")]
    AgentChanged {
        /// The agent that was to be changed.
        id: AgentId,
    },
    /// The number is not stored.
    #[error("{} is unknown", number.named())]
    NumberUnknown {
        /// The number or sender that is not stored.
        number: Sender,
    },
    /// The number is already stored.
    #[error("{} already exists", number.named())]
    NumberKnown {
        /// The number or sender that was to be added.
        number: Sender,
    },
    /// The carrier still sends the calls of the number to this server, and its previous configuration is saved.
    #[error("{} is still configured for this server at Twilio", number.named())]
    NumberTakenOver {
        /// The number or sender that was to be removed or moved.
        number: Sender,
    },
    /// The number and the agent belong to different organizations.
    #[error("{} and agent {agent} belong to different organizations", number.named())]
    OtherOrganization {
        /// The number or sender that was to be assigned.
        number: Sender,
        /// The agent that was to answer it.
        agent: AgentId,
    },
    /// A stored token could not be decrypted.
    #[error("the auth token of account {sid} cannot be decrypted")]
    TokenNotDecrypted {
        /// The account whose token it is.
        sid: AccountSid,
        /// The key and the column.
        source: OpenError,
    },
    /// A token could not be encrypted.
    #[error("the auth token of account {sid} cannot be encrypted")]
    TokenNotEncrypted {
        /// The account whose token it is.
        sid: AccountSid,
        /// The underlying error.
        source: SealError,
    },
    /// Any other error of the store.
    #[error("{doing} failed")]
    Store {
        /// The operation, for example `adding the account`.
        doing: &'static str,
        /// The underlying error.
        source: StoreError,
    },
}

impl ManageError {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::AccountChanged { .. } | Self::AgentChanged { .. } => Retry::Later,
            Self::Store { source, .. } => source.retry(),
            Self::AccountUnknown { .. }
            | Self::AccountKnown { .. }
            | Self::AccountInUse { .. }
            | Self::OwnParent { .. }
            | Self::AgentUnknown { .. }
            | Self::AgentAmbiguous { .. }
            | Self::ExternalIdTaken { .. }
            | Self::Parameter(..)
            | Self::Relay(..)
            | Self::AgentInUse { .. }
            | Self::AgentNamed { .. }
            | Self::NumberUnknown { .. }
            | Self::NumberKnown { .. }
            | Self::NumberTakenOver { .. }
            | Self::OtherOrganization { .. }
            | Self::TokenNotDecrypted { .. }
            | Self::TokenNotEncrypted { .. }
            | Self::AccountNameUnknown { .. }
            | Self::AccountAmbiguous { .. } => Retry::Never,
        }
    }

    /// Converts an error of the store during this operation. For `map_err`.
    pub fn store(doing: &'static str) -> impl FnOnce(StoreError) -> Self {
        move |source| Self::Store { doing, source }
    }
}

fn listed<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    ids.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use switchboard_domain::sender::Sender;

    use super::ManageError;

    #[test]
    fn a_number_is_named_by_its_last_two_digits() {
        let number = Sender::parse("+14155550142").unwrap();
        for error in [ManageError::NumberUnknown { number }, ManageError::NumberKnown { number }] {
            for shown in [error.to_string(), format!("{error:?}")] {
                assert!(shown.contains("…42") && !shown.contains("5550142"), "{shown}");
            }
        }
    }
}
