//! Errors of the steps that the use cases of this crate share.

use switchboard_application_management::ManageError;
use switchboard_domain::carrier::CarrierError;
use switchboard_domain::ports::{Retry, StoreError};
use switchboard_domain::sid::AccountSid;

/// Why a step of a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// A stored account, number or credential is missing or unusable.
    #[error(transparent)]
    Manage(#[from] ManageError),
    /// A request to the carrier failed.
    #[error("{doing} of account {account} failed at Twilio")]
    Carrier {
        /// The account that the request acted for.
        account: AccountSid,
        /// The step, for example `promoting the next auth token`.
        doing: &'static str,
        /// The underlying error.
        source: CarrierError,
    },
    /// The store failed.
    #[error("{doing} failed")]
    Store {
        /// The step, for example `listing numbers`.
        doing: &'static str,
        /// The underlying error.
        source: StoreError,
    },
}

impl OperationError {
    /// Whether the same step can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Manage(error) => error.retry(),
            Self::Carrier { source, .. } => source.retry(),
            Self::Store { source, .. } => source.retry(),
        }
    }

    /// Converts an error of the store during this step. For `map_err`.
    pub(crate) fn store(doing: &'static str) -> impl FnOnce(StoreError) -> Self {
        move |source| Self::Store { doing, source }
    }

    /// Converts an error of the carrier during this step. For `map_err`.
    pub(crate) fn carrier(
        account: AccountSid,
        doing: &'static str,
    ) -> impl FnOnce(CarrierError) -> Self {
        move |source| Self::Carrier { account, doing, source }
    }
}
