//! Why an import was not written.

use switchboard_domain::ports::{Retry, StoreError};
use switchboard_domain::sid::AccountSid;

use super::Problems;
use crate::ManageError;

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The legacy system could not be read.
    #[error("the database of the legacy system could not be read")]
    Legacy(#[source] StoreError),
    /// Rows contain mistakes.
    #[error("nothing was imported: {0}")]
    Mistakes(Problems),
    /// The main account owns numbers of the import, but it is not stored and no token was given.
    #[error("nothing was imported: account {sid}, which owns numbers of the import, is unknown")]
    MainAccountUnknown {
        /// The main account.
        sid: AccountSid,
    },
    /// Another organization has one of the accounts or numbers.
    #[error(
        "nothing was imported: an account or a number of the import belongs to another organization"
    )]
    OtherOrganization,
    /// An account or agent was removed after the rows were checked.
    #[error(
        "nothing was imported: an account or an agent that the import refers to was removed in the meantime"
    )]
    Removed,
    /// A token could not be sealed.
    #[error("nothing was imported")]
    Seal(#[source] ManageError),
    /// The store failed.
    #[error("nothing was imported: {doing} failed")]
    Store {
        /// The step that failed, for example `reading the agents`.
        doing: &'static str,
        /// The error of the store.
        source: StoreError,
    },
}

impl ImportError {
    /// Whether the same import can succeed later. A record that was removed meanwhile is a problem of a row next time.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Legacy(source) | Self::Store { source, .. } => source.retry(),
            Self::Seal(error) => error.retry(),
            Self::Removed => Retry::Later,
            Self::Mistakes(_) | Self::MainAccountUnknown { .. } | Self::OtherOrganization => {
                Retry::Never
            }
        }
    }
}
