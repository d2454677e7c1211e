//! What an error of SQLite means. Diesel passes on the texts of SQLite (`sqlite3_errstr`), which are
//! never translated, and no codes besides those of constraints.

use diesel::result::{DatabaseErrorKind, Error};

use crate::failure::Meaning;

/// `SQLITE_BUSY` and `SQLITE_LOCKED`.
const BUSY: [&str; 3] =
    ["database is locked", "database table is locked", "database schema is locked"];
/// `SQLITE_IOERR`, `SQLITE_FULL` and `SQLITE_CANTOPEN`.
const UNABLE: [&str; 3] =
    ["disk I/O error", "database or disk is full", "unable to open database file"];
/// `SQLITE_NOTADB`.
const NOT_A_DATABASE: &str = "file is not a database";

/// What an error means for the caller.
pub(super) fn meaning(error: &Error) -> Meaning {
    match error {
        Error::DatabaseError(
            DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection,
            _,
        )
        | Error::BrokenTransactionManager => Meaning::Lost,
        Error::DatabaseError(_, about) if begins(about.message(), &BUSY) => Meaning::Busy,
        Error::DatabaseError(_, about) if begins(about.message(), &UNABLE) => Meaning::Unable,
        _ => Meaning::Wrong,
    }
}

/// Whether an error says that the file is something else.
pub(super) fn is_not_a_database(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(_, about) if about.message().starts_with(NOT_A_DATABASE))
}

fn begins(message: &str, texts: &[&str]) -> bool {
    texts.iter().any(|text| message.starts_with(text))
}
