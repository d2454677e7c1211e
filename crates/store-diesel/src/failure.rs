//! Errors of work inside a session, before they become errors of the port.

use diesel::result::{DatabaseErrorKind, Error};
use switchboard_domain::ports::{Entity, StoreError};

/// An error of work inside a session.
#[derive(Debug)]
pub(crate) enum Failure {
    /// An error of the port, although the database executed the statements.
    Port(StoreError),
    /// The database failed to execute a statement.
    Query(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Query(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Port(error)
    }
}

/// What an error of the database means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The connection is closed or can no longer be used.
    Lost,
    /// A concurrent transaction conflicted, and nothing was changed.
    Busy,
    /// The database is reachable, but cannot execute the statement now.
    Unable,
    /// A retry fails again.
    Wrong,
}

/// Converts an error of the database to an error of the port.
pub(crate) fn store_error(operation: &'static str, meaning: Meaning, error: Error) -> StoreError {
    match meaning {
        Meaning::Lost | Meaning::Busy | Meaning::Unable => {
            StoreError::Unavailable { operation, source: Some(Box::new(error)) }
        }
        Meaning::Wrong => StoreError::Failed { operation, source: Box::new(error) },
    }
}

/// Converts the violation of a unique constraint to `Exists`.
pub(crate) fn exists(entity: Entity) -> impl FnOnce(Error) -> Failure {
    move |error| match error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
            StoreError::Exists { entity }.into()
        }
        other => other.into(),
    }
}

/// Converts a foreign-key violation by an inserted row to `Missing`. `entity` is what the constraint
/// refers to, because SQLite does not name the constraint.
pub(crate) fn missing(
    entity: impl FnOnce(Option<&str>) -> Entity,
) -> impl FnOnce(Error) -> Failure {
    move |error| match &error {
        Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, about) => {
            StoreError::Missing { entity: entity(about.constraint_name()) }.into()
        }
        _ => error.into(),
    }
}

/// Converts a foreign-key violation by a deleted row to `InUse`. `by` is the table that the constraint
/// belongs to, because SQLite does not name the constraint.
pub(crate) fn in_use(
    entity: Entity,
    by: impl FnOnce(Option<&str>) -> Entity,
) -> impl FnOnce(Error) -> Failure {
    move |error| match &error {
        Error::DatabaseError(
            DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation,
            about,
        ) => StoreError::InUse { entity, by: by(about.constraint_name()) }.into(),
        _ => error.into(),
    }
}
