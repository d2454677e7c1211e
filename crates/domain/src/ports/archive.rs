//! The archive of the configuration, which brings it to another database.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use async_trait::async_trait;

use super::StoreError;
use crate::account::SealedTokens;
use crate::audit::Author;
use crate::sid::AccountSid;

/// A value of a row. An instant is in microseconds since the Unix epoch, and bytes are hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArchivedValue {
    /// No value.
    Null,
    /// A text, or bytes.
    Text(String),
    /// A number, or an instant.
    Integer(i64),
}

/// A row of the archive: a row of a table of the databases, without secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct ArchiveRow {
    /// The name of the table.
    pub table: String,
    /// The values by columns.
    pub values: BTreeMap<String, ArchivedValue>,
}

/// Rows hold phone numbers and prompts, so only the table is shown.
impl fmt::Debug for ArchiveRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchiveRow").field("table", &self.table).finish_non_exhaustive()
    }
}

/// What becomes of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restoring {
    /// It is checked, and nothing is written.
    Checked,
    /// It is written.
    Written,
}

/// Why an archive cannot be restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The archive has a table that this program does not know.
    #[error("the archive has the table {table:?}, which this release does not know")]
    UnknownTable {
        /// The table.
        table: String,
    },
    /// A row has a column that this program does not know, or lacks one.
    #[error(
        "a row of the table {table:?} lacks the column {column:?}, or this release does not know that column"
    )]
    Column {
        /// The table.
        table: &'static str,
        /// The column that is too much or missing.
        column: String,
    },
    /// A value is of another type than its column.
    #[error("a row of the table {table:?} has a value of the wrong type in {column:?}")]
    Value {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A value has the type of its column, but means nothing to this program.
    #[error("the row {key:?} of the table {table:?} has a value in {column:?} that cannot be read")]
    Unusable {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The key of the row; a phone number is masked.
        key: String,
        /// What is wrong with the value.
        source: Box<dyn Error + Send + Sync>,
    },
    /// No token is given for an account.
    #[error("no token is given for account {account:?}")]
    NoToken {
        /// The SID, as the archive has it.
        account: String,
    },
    /// The database has a configuration already.
    #[error("the database is not empty: it has rows in the table {table:?}")]
    NotEmpty {
        /// A table with rows.
        table: &'static str,
    },
    /// The store failed.
    #[error("restoring the archive failed")]
    Store(#[from] StoreError),
}

/// Copies the configuration from one database to another. The rows are those of the databases, so only their stores implement
/// it, and a test with both checks it instead of a law: `crates/server/tests/it/adopt/archives.rs`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ArchiveStore: Send + Sync {
    /// Reads the configuration as of one moment: all rows except secrets, ordered by tables and keys. Equal configurations
    /// MUST be equal rows, whatever the database.
    async fn read_archive(&self) -> Result<Vec<ArchiveRow>, StoreError>;

    /// Writes an archive to a database without configuration, all of it or nothing. Each account gets its tokens. MUST return
    /// `NotEmpty` if there is a configuration, and `Unusable` if a row cannot become a value of the domain. MUST be recorded in the change log as
    /// [`Change::Everything`](super::Change::Everything), and in the audit log as one entry with the numbers of rows.
    async fn restore_archive(
        &self,
        author: &Author,
        rows: Vec<ArchiveRow>,
        tokens: &[(AccountSid, SealedTokens)],
        restoring: Restoring,
    ) -> Result<(), RestoreError>;
}
