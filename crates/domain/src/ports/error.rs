//! Errors of a store.

use std::error::Error;
use std::fmt;

/// The kind of object that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    /// An organization.
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
    /// A delivery.
    Delivery,
    /// A subscription to events.
    Subscription,
    /// An API key.
    ApiKey,
    /// A job.
    Job,
    /// The saved configuration that a number had at the carrier.
    Configuration,
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
            Self::Delivery => "delivery",
            Self::Subscription => "subscription",
            Self::ApiKey => "API key",
            Self::Job => "job",
            Self::Configuration => "saved configuration",
        })
    }
}

/// Whether a retry can succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// A dependency is unavailable; the same call can succeed later.
    Later,
    /// The same call fails again.
    Never,
}

/// Why a store operation failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is unreachable, or did not answer in time.
    #[error("store unavailable during {operation}")]
    Unavailable {
        /// The operation, for example `number.assign`.
        operation: &'static str,
        /// The underlying error; `None` for a timeout.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// An object with this key exists already.
    #[error("{entity} exists already")]
    Exists {
        /// The kind of object.
        entity: Entity,
    },
    /// An object that the call refers to does not exist, or belongs to another organization.
    #[error("{entity} not found")]
    Missing {
        /// The kind of object.
        entity: Entity,
    },
    /// The object is no longer as the caller read it.
    #[error("{entity} was changed in the meantime")]
    Changed {
        /// The kind of object.
        entity: Entity,
    },
    /// The object cannot be removed while others refer to it.
    #[error("{entity} is still used by {by}")]
    InUse {
        /// The kind of object.
        entity: Entity,
        /// The kind of object that refers to it.
        by: Entity,
    },
    /// There are as many objects of the kind as there may be.
    #[error("the maximum number of the kind {entity} is reached")]
    Full {
        /// The kind of object.
        entity: Entity,
    },
    /// A stored value cannot be parsed.
    #[error("table {table}, column {column}, key {key}: the stored value cannot be read")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The key of the row; for a phone number, only the last two digits.
        key: String,
        /// Why the value cannot be parsed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Any other failure: a bug, or a database with another schema.
    #[error("store failed during {operation}")]
    Failed {
        /// The operation, for example `number.assign`.
        operation: &'static str,
        /// The underlying error.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl StoreError {
    /// Whether a retry can succeed.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Unavailable { .. } => Retry::Later,
            Self::Exists { .. }
            | Self::Missing { .. }
            | Self::Changed { .. }
            | Self::InUse { .. }
            | Self::Full { .. }
            | Self::Corrupt { .. }
            | Self::Failed { .. } => Retry::Never,
        }
    }

    /// The error of an operation that did not end in time.
    pub const fn timed_out(operation: &'static str) -> Self {
        Self::Unavailable { operation, source: None }
    }
}
