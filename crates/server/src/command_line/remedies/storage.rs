//! Remedies for errors of the database and of the encryption keys.

use switchboard_application::AccountCacheError;
use switchboard_application_delivery::ChatKeyError;
use switchboard_domain::ports::StoreError;

use crate::encryption_keys::KeyFileError;
use crate::wiring::{DatabaseError, DatabaseProblem};

pub(super) const ENCRYPTION_KEYS: &str = "set SWITCHBOARD_ENCRYPTION_KEYS to the keys that encrypted it, or store the token again with \
    `switchboard account set`";

pub(super) fn chat_key(error: &ChatKeyError) -> Option<String> {
    let remedy = match error {
        ChatKeyError::Elsewhere => {
            "look at the URL with `switchboard agent show`, then set the key of this URL with --chat-url and --chat-key-file"
        }
        ChatKeyError::Open(_) => "store the key again with `switchboard agent set --chat-key-file`",
        ChatKeyError::Seal(_) | ChatKeyError::Store(_) => return None,
    };
    Some(remedy.to_owned())
}

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

pub(super) fn key_file(error: &KeyFileError) -> Option<String> {
    let remedy = match error {
        KeyFileError::Readable { path } => format!(
            "run `chmod 600 {}`, and replace the keys if someone may have read them",
            path.display()
        ),
        KeyFileError::ForeignOwner { path } => {
            format!("make yourself or root the owner of {}", path.display())
        }
        KeyFileError::Unreadable { path, .. } => format!("let this user read {}", path.display()),
        KeyFileError::Invalid { .. } => {
            "correct the file: one key in each line, as id:base64 of 32 random bytes".to_owned()
        }
        KeyFileError::Missing { .. } => {
            "restore it, or set SWITCHBOARD_ENCRYPTION_KEYS; if the keys are lost, remove all accounts and add them again"
                .to_owned()
        }
        KeyFileError::Foreign { encrypted_by, .. } => format!(
            "add key {encrypted_by} to SWITCHBOARD_ENCRYPTION_KEYS, or restore the file that contains it"
        ),
        KeyFileError::NotSet { path } => format!(
            "set SWITCHBOARD_ENCRYPTION_KEYS to id:base64 of 32 random bytes (`openssl rand -base64 32`), or \
             SWITCHBOARD_ENCRYPTION_KEYS_FILE (keys made before are in {})",
            path.display()
        ),
        KeyFileError::NotCreatable { .. } => {
            "let this user write to its folder, or set SWITCHBOARD_ENCRYPTION_KEYS".to_owned()
        }
        KeyFileError::Key(_) => return None,
        KeyFileError::Store(error) => return store(error),
    };
    Some(remedy)
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
        | StoreError::Full { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Failed { .. } => None,
    }
}
