//! How work inside a session fails, before it becomes an error of the port.

use diesel::result::{DatabaseErrorKind, Error};
use switchboard_domain::ports::{Entity, StoreError};

/// Why work inside a session ended without a result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The answer of the port: the database did what it was asked.
    Port(StoreError),
    /// The database did not do what it was asked.
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
    /// The connection is gone, or of no use any more.
    Lost,
    /// A concurrent transaction conflicted, and nothing was changed.
    Busy,
    /// The database is there, but cannot do it now.
    Unable,
    /// Trying again will not help.
    Wrong,
}

/// The error of the port for an error of the database.
pub(crate) fn store_error(operation: &'static str, meaning: Meaning, error: Error) -> StoreError {
    match meaning {
        Meaning::Lost | Meaning::Busy | Meaning::Unable => {
            StoreError::Unavailable { operation, source: Some(Box::new(error)) }
        }
        Meaning::Wrong => StoreError::Failed { operation, source: Box::new(error) },
    }
}

/// Turns the breach of a unique constraint into `Exists`.
pub(crate) fn exists(entity: Entity) -> impl FnOnce(Error) -> Failure {
    move |error| match error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
            StoreError::Exists { entity }.into()
        }
        other => other.into(),
    }
}

/// Turns a foreign-key violation by an inserted row into `Missing`. `entity` tells what the
/// constraint refers to; SQLite does not name the constraint.
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

/// Turns a foreign-key violation by a deleted row into `InUse`. `by` tells what the constraint belongs
/// to; SQLite does not name the constraint.
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
