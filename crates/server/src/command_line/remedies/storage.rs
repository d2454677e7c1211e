//! Remedies for errors of the database and of the encryption keys.

use switchboard_application::AccountCacheError;
use switchboard_domain::ports::StoreError;

use crate::wiring::{Missing, OpenError, SchemaState};

pub(super) const ENCRYPTION_KEYS: &str = "set SWITCHBOARD_ENCRYPTION_KEYS to the keys that encrypted it, or store the token again with \
    `switchboard account set`";

pub(super) fn open(error: &OpenError) -> Option<String> {
    Some(match error {
        OpenError::Missing { what, .. } => match what {
            Missing::File => "create it with `switchboard migrate`".to_owned(),
            Missing::OnServer => {
                "create it with `createdb`, then run `switchboard migrate`".to_owned()
            }
            Missing::Legacy => {
                "name the database of the previous system, as its own DATABASE_URL does".to_owned()
            }
        },
        OpenError::Folder { .. } => "name a file in it, in DATABASE_URL".to_owned(),
        OpenError::NotADatabase { .. } | OpenError::Unspeakable { .. } => {
            "name another file in DATABASE_URL".to_owned()
        }
        OpenError::Unmakeable { .. } => {
            "create its folder, let this user write there, or name another file in DATABASE_URL"
                .to_owned()
        }
        OpenError::Schema(state) => return schema(state).map(str::to_owned),
        OpenError::Unreachable { .. } => {
            "check DATABASE_URL, and that the database server is running".to_owned()
        }
        OpenError::Tls { .. } => "check the TLS options in DATABASE_URL".to_owned(),
        OpenError::Failed { .. } => return None,
    })
}

/// What to do about the tables of a database.
pub(in crate::command_line) const fn schema(state: &SchemaState) -> Option<&'static str> {
    match state {
        SchemaState::NotMigrated | SchemaState::Older { .. } => Some("run `switchboard migrate`"),
        SchemaState::Newer { .. } => {
            Some("run the newer program, or restore a backup from before that migration")
        }
        SchemaState::Current => None,
    }
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
        | StoreError::InUse { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Failed { .. } => None,
    }
}
