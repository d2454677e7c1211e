//! Remedies for errors of the database and of the encryption keys.

use switchboard_application::AccountCacheError;
use switchboard_domain::ports::StoreError;

use crate::wiring::{DatabaseError, DatabaseProblem};

pub(super) const ENCRYPTION_KEYS: &str = "set SWITCHBOARD_ENCRYPTION_KEYS to the keys that encrypted it, or store the token again with \
    `switchboard account set`";

pub(super) fn database(error: &DatabaseError) -> Option<String> {
    let remedy = match error.problem() {
        DatabaseProblem::FileMissing => "create it with `switchboard migrate`",
        DatabaseProblem::MissingOnServer => {
            "create it with `createdb`, then run `switchboard migrate`"
        }
        DatabaseProblem::LegacyMissing => {
            "use the URL of the legacy system's database, as in its own DATABASE_URL"
        }
        DatabaseProblem::Folder => "set DATABASE_URL to a file in this folder",
        DatabaseProblem::NotADatabase | DatabaseProblem::NotUtf8 => {
            "set DATABASE_URL to another file"
        }
        DatabaseProblem::NotCreatable => {
            "create its folder, let this user write there, or set DATABASE_URL to another file"
        }
        DatabaseProblem::NotMigrated => "run `switchboard migrate`",
        DatabaseProblem::Newer => {
            "run the newer program, or restore a backup from before that migration"
        }
        DatabaseProblem::Unreachable => {
            "check DATABASE_URL, and that the database server is running"
        }
        DatabaseProblem::Tls => "check the TLS options in DATABASE_URL",
        DatabaseProblem::Other => return None,
    };
    Some(remedy.to_owned())
}

pub(super) fn accounts(error: &AccountCacheError) -> Option<String> {
    match error {
        AccountCacheError::WrongKey { .. } => Some(ENCRYPTION_KEYS.to_owned()),
        AccountCacheError::Store(error) => store(error),
    }
}

pub(super) fn store(error: &StoreError) -> Option<String> {
    match error {
        StoreError::Unavailable { .. } => {
            Some("check that the database is running; `switchboard doctor` tests it".to_owned())
        }
        StoreError::Exists { .. }
        | StoreError::Missing { .. }
        | StoreError::Changed { .. }
        | StoreError::InUse { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Failed { .. } => None,
    }
}
