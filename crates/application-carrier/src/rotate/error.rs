//! Why a rotation of tokens stopped.

use switchboard_domain::carrier::CarrierError;
use switchboard_domain::ports::{Retry, StoreError};
use switchboard_domain::sid::AccountSid;

use switchboard_application_management::ManageError;

/// Why a rotation of tokens stopped. Whatever it is, both tokens stay accepted, and the same command goes on where
/// this one stopped.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// What is kept here does not let it.
    #[error(transparent)]
    Manage(#[from] ManageError),
    /// The carrier did not do it.
    #[error("{doing} of account {account} failed at Twilio")]
    Carrier {
        /// The account.
        account: AccountSid,
        /// What was being done, for example `promoting the next auth token`.
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
    /// Another process rotates the same account.
    #[error("another process is rotating the auth token of account {account}")]
    UnderWay {
        /// The account.
        account: AccountSid,
    },
    /// None of the tokens that are kept is one of the account's.
    #[error("Twilio accepts none of the stored auth tokens of account {account}")]
    NoneOpens {
        /// The account.
        account: AccountSid,
    },
    /// Twilio does not say that the new token has taken the old one's place.
    #[error(
        "Twilio still accepts the old auth token of account {account}, so both stay accepted here"
    )]
    NotPromoted {
        /// The account.
        account: AccountSid,
    },
    /// Somebody gave the account other tokens meanwhile.
    #[error(
        "the auth tokens of account {account} were changed by someone else during the rotation"
    )]
    Changed {
        /// The account.
        account: AccountSid,
    },
}

impl RotateError {
    /// Whether trying again can help.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Carrier { source, .. } => source.retry(),
            Self::Store { source, .. } | Self::Manage(ManageError::Store { source, .. }) => {
                source.retry()
            }
            Self::UnderWay { .. } | Self::NotPromoted { .. } | Self::Changed { .. } => Retry::Later,
            Self::Manage(_) | Self::NoneOpens { .. } => Retry::Never,
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
