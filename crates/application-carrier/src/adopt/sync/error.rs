//! Why accounts were not adopted.

use switchboard_domain::ports::StoreError;

use crate::configuration::ConfigurationError;
use switchboard_application_management::ManageError;

/// Why accounts were not looked at or not adopted.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// They could not be looked at.
    #[error(transparent)]
    Webhook(#[from] ConfigurationError),
    /// A token could not be sealed or opened, or an account is not kept here.
    #[error(transparent)]
    Manage(#[from] ManageError),
    /// Something of it belongs to somebody else here.
    #[error("nothing was taken in: an account or a number belongs to another organization here")]
    OtherOrganization,
    /// An agent or account went away meanwhile.
    #[error("nothing was taken in: an account or an agent was removed in the meantime")]
    Removed,
    /// The store failed.
    #[error("{doing} failed")]
    Store {
        /// What was being done.
        doing: &'static str,
        /// The cause.
        source: StoreError,
    },
}

impl SyncError {
    pub(super) fn store(doing: &'static str) -> impl FnOnce(StoreError) -> Self {
        move |source| Self::Store { doing, source }
    }

    pub(super) fn of_import(error: StoreError) -> Self {
        match error {
            StoreError::Exists { .. } => Self::OtherOrganization,
            StoreError::Missing { .. } => Self::Removed,
            source => Self::Store { doing: "taking in accounts and numbers", source },
        }
    }
}
