//! How a store fails.

use std::error::Error;
use std::fmt;

/// The kind of object that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    /// A tenant.
    Organization,
    /// A Twilio account.
    Account,
    /// An agent.
    Agent,
    /// A phone number.
    Number,
    /// A routing plan.
    Plan,
    /// A calendar.
    Calendar,
    /// A list of numbers.
    List,
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Organization => "organization",
            Self::Account => "account",
            Self::Agent => "agent",
            Self::Number => "number",
            Self::Plan => "routing plan",
            Self::Calendar => "calendar",
            Self::List => "list",
        })
    }
}

/// Whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The outside was away; the same call can work later.
    Later,
    /// The same call will fail the same way.
    Never,
}

/// A store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or did not answer in time.
    #[error("store unavailable during {operation}")]
    Unavailable {
        /// What was being done, for example `number.assign`.
        operation: &'static str,
        /// The cause, where there is one besides time.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// A thing with that key is there already.
    #[error("{entity} exists already")]
    Exists {
        /// Its kind.
        entity: Entity,
    },
    /// A thing that the call names is not there, or belongs to another organization.
    #[error("{entity} not found")]
    Missing {
        /// Its kind.
        entity: Entity,
    },
    /// The thing cannot go while others refer to it.
    #[error("{entity} is still used by {by}")]
    InUse {
        /// Its kind.
        entity: Entity,
        /// What refers to it.
        by: Entity,
    },
    /// A row that does not parse.
    #[error("table {table}, column {column}, key {key}: the stored value cannot be read")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key; of a phone number only the last two digits.
        key: String,
        /// What is wrong with the value.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Anything else: a bug, or a database that is not ours.
    #[error("store failed during {operation}")]
    Failed {
        /// What was being done.
        operation: &'static str,
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl StoreError {
    /// Whether trying again can help.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Unavailable { .. } => Retry::Later,
            Self::Exists { .. }
            | Self::Missing { .. }
            | Self::InUse { .. }
            | Self::Corrupt { .. }
            | Self::Failed { .. } => Retry::Never,
        }
    }

    /// A call that did not answer in time.
    pub const fn timed_out(operation: &'static str) -> Self {
        Self::Unavailable { operation, source: None }
    }
}
