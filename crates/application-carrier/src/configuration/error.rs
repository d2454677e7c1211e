//! Errors of checking and writing webhook configuration.

use switchboard_domain::ports::Retry;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use switchboard_application_management::ManageError;

use crate::OperationError;

/// Why a configuration could not be checked or written. Messages show only the last two digits of phone numbers.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// A request to the carrier or to the store failed, or a stored record is missing or unusable.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// The number does not support a channel that it was to be assigned for.
    #[error("{}: {detail}", number.named())]
    Unfit {
        /// The affected number.
        number: Sender,
        /// The unsupported channel.
        detail: String,
    },
    /// Another stored account owns the number at the carrier.
    #[error(
        "{} belongs to account {actual} at Twilio, but to {stored} here",
        number.named()
    )]
    Moved {
        /// The affected number.
        number: Sender,
        /// The account that owns it in the store.
        stored: AccountSid,
        /// The account that owns it at the carrier.
        actual: AccountSid,
    },
    /// The account does not own the number at the carrier.
    #[error("{} is not in account {account} at Twilio", number.named())]
    NotThere {
        /// The affected number.
        number: Sender,
        /// The account that owns it in the store.
        account: AccountSid,
    },
    /// The plan no longer fits the stored number.
    #[error("{} {what}", number.named())]
    Outdated {
        /// The affected number.
        number: Sender,
        /// The change since the plan was made.
        what: &'static str,
    },
    /// Another operation changes the configuration of the number at the same time. Nothing is lost, and the number may be
    /// assigned here and not yet configured at the carrier.
    #[error("{} is being changed by somebody else", number.named())]
    Changed {
        /// The affected number.
        number: Sender,
    },
}

impl ConfigurationError {
    /// Whether the same operation can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Operation(error) => error.retry(),
            Self::Changed { .. } => Retry::Later,
            Self::Unfit { .. }
            | Self::Moved { .. }
            | Self::NotThere { .. }
            | Self::Outdated { .. } => Retry::Never,
        }
    }
}

impl From<ManageError> for ConfigurationError {
    fn from(error: ManageError) -> Self {
        Self::Operation(error.into())
    }
}
