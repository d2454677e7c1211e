//! Errors of reading accounts at the carrier and storing them.

use switchboard_domain::ports::{Retry, StoreError};

use crate::configuration::ConfigurationError;
use switchboard_application_management::ManageError;

/// Why accounts could not be read or stored.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The accounts could not be read at the carrier.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// An account is not stored, or a token could not be encrypted or decrypted.
    #[error(transparent)]
    Manage(#[from] ManageError),
    /// Another organization owns one of the accounts or numbers in the store.
    #[error("nothing was imported: an account or a number belongs to another organization")]
    OtherOrganization,
    /// An agent or account was removed during the import.
    #[error("nothing was imported: an account or an agent was removed in the meantime")]
    Removed,
    /// The store failed.
    #[error("{doing} failed")]
    Store {
        /// The operation, for example `listing numbers`.
        doing: &'static str,
        /// The underlying error.
        source: StoreError,
    },
}

impl SyncError {
    /// Whether the same operation can succeed later. After a removal it can, because accounts and agents are read again.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Configuration(error) => error.retry(),
            Self::Manage(error) => error.retry(),
            Self::Store { source, .. } => source.retry(),
            Self::Removed => Retry::Later,
            Self::OtherOrganization => Retry::Never,
        }
    }

    pub(super) fn store(doing: &'static str) -> impl FnOnce(StoreError) -> Self {
        move |source| Self::Store { doing, source }
    }

    pub(super) fn of_import(error: StoreError) -> Self {
        match error {
            StoreError::Exists { .. } => Self::OtherOrganization,
            StoreError::Missing { .. } => Self::Removed,
            source => Self::Store { doing: "importing accounts and numbers", source },
        }
    }
}
