//! Errors of rotating auth tokens.

use switchboard_domain::ports::Retry;
use switchboard_domain::sid::AccountSid;

use switchboard_application_management::ManageError;

use crate::OperationError;

/// Why a rotation stopped. Both tokens stay accepted, and the next run continues the rotation.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// A request to the carrier or to the store failed, or a stored record is missing or unusable.
    #[error(transparent)]
    Operation(#[from] OperationError),
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
    /// A customer connected the account, so it has no token of its own here.
    #[error("account {account} is connected by Twilio Connect, and has no auth token of its own")]
    Connected {
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
            Self::Operation(error) => error.retry(),
            Self::AlreadyRunning { .. } | Self::NotPromoted { .. } | Self::Changed { .. } => {
                Retry::Later
            }
            Self::NoValidToken { .. } | Self::Connected { .. } => Retry::Never,
        }
    }
}

impl From<ManageError> for RotateError {
    fn from(error: ManageError) -> Self {
        Self::Operation(error.into())
    }
}
