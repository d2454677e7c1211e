//! Errors of rotating auth tokens.

use switchboard_domain::carrier::CarrierError;
use switchboard_domain::ports::{Retry, StoreError};
use switchboard_domain::sid::AccountSid;

use switchboard_application_management::ManageError;

/// Why a rotation stopped. Both tokens stay accepted, and the next run continues the rotation.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// A stored account or token is missing or unusable.
    #[error(transparent)]
    Manage(#[from] ManageError),
    /// A request to the carrier failed.
    #[error("{doing} of account {account} failed at Twilio")]
    Carrier {
        /// The account to rotate.
        account: AccountSid,
        /// The operation, for example `promoting the next auth token`.
        doing: &'static str,
        /// The underlying error.
        source: CarrierError,
    },
    /// The store failed.
    #[error("{doing} failed")]
    Store {
        /// The operation, for example `storing the next auth token`.
        doing: &'static str,
        /// The underlying error.
        source: StoreError,
    },
    /// Another process is rotating the same account.
    #[error("another process is rotating the auth token of account {account}")]
    AlreadyRunning {
        /// The account to rotate.
        account: AccountSid,
    },
    /// The carrier accepts none of the stored tokens.
    #[error("Twilio accepts none of the stored auth tokens of account {account}")]
    NoValidToken {
        /// The account to rotate.
        account: AccountSid,
    },
    /// The carrier still accepts the old token after the promotion.
    #[error(
        "Twilio still accepts the old auth token of account {account}, so both stay accepted here"
    )]
    NotPromoted {
        /// The account to rotate.
        account: AccountSid,
    },
    /// The stored tokens were changed by someone else during the rotation.
    #[error(
        "the auth tokens of account {account} were changed by someone else during the rotation"
    )]
    Changed {
        /// The account to rotate.
        account: AccountSid,
    },
}

impl RotateError {
    /// Whether the same rotation can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Carrier { source, .. } => source.retry(),
            Self::Store { source, .. } | Self::Manage(ManageError::Store { source, .. }) => {
                source.retry()
            }
            Self::AlreadyRunning { .. } | Self::NotPromoted { .. } | Self::Changed { .. } => {
                Retry::Later
            }
            Self::Manage(_) | Self::NoValidToken { .. } => Retry::Never,
        }
    }

    pub(super) fn carrier(
        account: AccountSid,
        doing: &'static str,
    ) -> impl FnOnce(CarrierError) -> Self {
        move |source| Self::Carrier { account, doing, source }
    }

    pub(super) fn store(doing: &'static str) -> impl FnOnce(StoreError) -> Self {
        move |source| Self::Store { doing, source }
    }
}
