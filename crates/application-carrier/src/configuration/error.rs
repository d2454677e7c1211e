//! Errors of checking and writing webhook configuration.

use switchboard_domain::carrier::CarrierError;
use switchboard_domain::phone_number::{Masked, PhoneNumber};
use switchboard_domain::ports::{Retry, StoreError};
use switchboard_domain::sid::AccountSid;

use switchboard_application_management::ManageError;

/// Why a configuration could not be checked or written. Messages show only the last two digits of phone numbers.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// A stored account, number or credential is missing or unusable.
    #[error(transparent)]
    Manage(#[from] ManageError),
    /// A request to the carrier failed.
    #[error("account {account} could not be {doing} at the carrier")]
    Carrier {
        /// The account that the request acted for.
        account: AccountSid,
        /// The operation as a participle, for example `read`.
        doing: &'static str,
        /// The underlying error.
        source: CarrierError,
    },
    /// The store failed.
    #[error("{doing} failed")]
    Store {
        /// The operation, for example `listing numbers`.
        doing: &'static str,
        /// The underlying error.
        source: StoreError,
    },
    /// The number does not support a channel that it was to be assigned for.
    #[error("number {}: {detail}", masked(number))]
    Unfit {
        /// The affected number.
        number: PhoneNumber,
        /// The unsupported channel.
        detail: String,
    },
    /// Another stored account owns the number at the carrier.
    #[error(
        "number {} belongs to account {actual} at Twilio, but to {stored} here",
        masked(number)
    )]
    Moved {
        /// The affected number.
        number: PhoneNumber,
        /// The account that owns it in the store.
        stored: AccountSid,
        /// The account that owns it at the carrier.
        actual: AccountSid,
    },
    /// The account does not own the number at the carrier.
    #[error("number {} is not in account {account} at Twilio", masked(number))]
    NotThere {
        /// The affected number.
        number: PhoneNumber,
        /// The account that owns it in the store.
        account: AccountSid,
    },
    /// The plan no longer fits the stored number.
    #[error("number {} {what}", masked(number))]
    Outdated {
        /// The affected number.
        number: PhoneNumber,
        /// The change since the plan was made.
        what: &'static str,
    },
}

impl ConfigurationError {
    /// Whether the same operation can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Carrier { source, .. } => source.retry(),
            Self::Store { source, .. } | Self::Manage(ManageError::Store { source, .. }) => {
                source.retry()
            }
            Self::Manage(_)
            | Self::Unfit { .. }
            | Self::Moved { .. }
            | Self::NotThere { .. }
            | Self::Outdated { .. } => Retry::Never,
        }
    }

    pub(super) fn store(doing: &'static str) -> impl FnOnce(StoreError) -> Self {
        move |source| Self::Store { doing, source }
    }

    pub(super) fn carrier(
        account: AccountSid,
        doing: &'static str,
    ) -> impl FnOnce(CarrierError) -> Self {
        move |source| Self::Carrier { account, doing, source }
    }
}

fn masked(number: &PhoneNumber) -> Masked<'_> {
    number.masked()
}
