//! What an error of Postgres means. Diesel passes on the server's texts, which may be translated, and no
//! codes besides those of constraints; what matters most, a connection that is gone, is asked of the
//! connection itself.

use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::pooled_connection::PoolableConnection as _;
use switchboard_domain::ports::StoreError;

use super::dialect::Conn;
use crate::failure::{Meaning, store_error};

/// 57P01, 57P02, 57P03 and 57P05: the session is over.
const LOST: [&str; 3] = ["terminating connection", "the database system is", "connection closed"];
/// 57014, 55P03, 40P01 and 53: in a moment it can be done.
const UNABLE: [&str; 7] = [
    "canceling statement due to",
    "deadlock detected",
    "sorry, too many clients",
    "remaining connection slots",
    "out of memory",
    "could not extend file",
    "No space left on device",
];

/// What an error means for the caller.
fn meaning(error: &Error) -> Meaning {
    match error {
        // A session that has outlived a failover leads to a server that no longer takes writes; a new one leads
        // to the server that does.
        Error::DatabaseError(
            DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::ReadOnlyTransaction,
            _,
        )
        | Error::BrokenTransactionManager => Meaning::Lost,
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Meaning::Unable,
        Error::DatabaseError(DatabaseErrorKind::Unknown, about) if has(about.message(), &LOST) => {
            Meaning::Lost
        }
        Error::DatabaseError(DatabaseErrorKind::Unknown, about)
            if has(about.message(), &UNABLE) =>
        {
            Meaning::Unable
        }
        _ => Meaning::Wrong,
    }
}

/// The meaning of an error, and the error that the port returns for it.
pub(crate) fn classify(
    operation: &'static str,
    conn: &mut Conn,
    error: Error,
) -> (Meaning, StoreError) {
    let meaning = if conn.is_broken() { Meaning::Lost } else { meaning(&error) };
    (meaning, store_error(operation, meaning, error))
}

fn has(message: &str, texts: &[&str]) -> bool {
    texts.iter().any(|text| message.contains(text))
}
