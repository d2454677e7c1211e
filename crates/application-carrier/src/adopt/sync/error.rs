//! Errors of reading accounts at the carrier and storing them.

use switchboard_domain::ports::{Retry, StoreError};

use crate::OperationError;
use switchboard_application_management::ManageError;

/// Why accounts could not be read or stored.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// A request to the carrier or to the store failed, or a stored record is missing or unusable.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// Another organization owns one of the accounts or numbers in the store.
    #[error("nothing was imported: an account or a number belongs to another organization")]
    OtherOrganization,
    /// An agent or account was removed during the import.
    #[error("nothing was imported: an account or an agent was removed in the meantime")]
    Removed,
}

impl SyncError {
    /// Whether the same operation can succeed later. After a removal it can, because accounts and agents are read again.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Operation(error) => error.retry(),
            Self::Removed => Retry::Later,
            Self::OtherOrganization => Retry::Never,
        }
    }

    pub(super) fn of_import(error: StoreError) -> Self {
        match error {
            StoreError::Exists { .. } => Self::OtherOrganization,
            StoreError::Missing { .. } => Self::Removed,
            source @ (StoreError::Unavailable { .. }
            | StoreError::Changed { .. }
            | StoreError::InUse { .. }
            | StoreError::Full { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Failed { .. }) => {
                let doing = "importing accounts and numbers";
                Self::Operation(OperationError::Store { doing, source })
            }
        }
    }
}

impl From<ManageError> for SyncError {
    fn from(error: ManageError) -> Self {
        Self::Operation(error.into())
    }
}
