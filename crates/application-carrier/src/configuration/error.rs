//! Why a configuration was not looked at or changed.

use switchboard_domain::carrier::CarrierError;
use switchboard_domain::phone_number::{Masked, PhoneNumber};
use switchboard_domain::ports::{Retry, StoreError};
use switchboard_domain::sid::AccountSid;

use switchboard_application_management::ManageError;

/// Why a configuration was not looked at or changed. Phone numbers appear by their last two digits only.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// What is kept here does not let it.
    #[error(transparent)]
    Manage(#[from] ManageError),
    /// The carrier did not do it.
    #[error("account {account} could not be {doing} at the carrier")]
    Carrier {
        /// The account.
        account: AccountSid,
        /// What was being done, for example `read`.
        doing: &'static str,
        /// The cause.
        source: CarrierError,
    },
    /// The store did not do it.
    #[error("{doing} failed")]
    Store {
        /// What was being done.
        doing: &'static str,
        /// The cause.
        source: StoreError,
    },
    /// The number cannot carry a channel that it was to be answered on.
    #[error("number {}: {detail}", masked(number))]
    Unfit {
        /// The number.
        number: PhoneNumber,
        /// What it cannot do.
        detail: String,
    },
    /// The carrier keeps the number for another account of ours.
    #[error("number {} belongs to account {actual} at Twilio, but to {kept} here", masked(number))]
    Moved {
        /// The number.
        number: PhoneNumber,
        /// Whose it is here.
        kept: AccountSid,
        /// Whose it is there.
        actual: AccountSid,
    },
    /// The carrier does not keep the number for its account.
    #[error("number {} is not in account {account} at Twilio", masked(number))]
    NotThere {
        /// The number.
        number: PhoneNumber,
        /// Whose it should be.
        account: AccountSid,
    },
    /// What the plan says of the number does not hold here any more.
    #[error("number {} {what}", masked(number))]
    Outdated {
        /// The number.
        number: PhoneNumber,
        /// What has changed here since the plan was made.
        what: &'static str,
    },
}

impl ConfigurationError {
    /// Whether trying again can help.
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
