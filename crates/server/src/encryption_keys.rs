//! The encryption keys of tokens: from the settings, or from a file that is created at the first start.
//!
//! Keys that decrypt none of the stored tokens are refused: with tokens of two sets of keys, no set would decrypt all.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchboard_application_management::{ManageError, open_next, open_primary};
use switchboard_domain::account::Account;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AccountStore, Page, Randomness, Retry, StoreError};
use switchboard_domain::sealing::{
    EncryptionKey, KeyError, KeyId, Keyring, KeyringError, OpenError, SecretVersion,
};
use switchboard_domain::secret::Secret;

use crate::file_access::FileAccess;
use crate::settings::Settings;

const FILE_NAME: &str = "encryption.keys";
/// Where the file is when the database is not a file with a folder of its own.
const DEFAULT_FOLDER: &str = "data";
/// Accounts read at once. One token that can be decrypted is enough, so mostly one page is read.
const PAGE: u32 = 100;

/// Why the encryption keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFileError {
    /// Other users may read the file.
    #[error(
        "encryption key file {path} can be read by other users",
        path = path.display()
    )]
    Readable {
        /// The file.
        path: PathBuf,
    },
    /// Another user owns the file.
    #[error(
        "encryption key file {path} belongs to another user, who knows its keys",
        path = path.display()
    )]
    ForeignOwner {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("encryption key file {path} cannot be read", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file contains no keys, or invalid ones.
    #[error("the keys of the encryption key file {path} cannot be used", path = path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Why.
        source: KeyringError,
    },
    /// The file is missing, but there are tokens that it encrypted.
    #[error(
        "the database contains encrypted tokens, but the encryption key file {path} is missing",
        path = path.display()
    )]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The stored tokens were encrypted with other keys.
    #[error(
        "the given encryption keys ({given}) decrypt none of the tokens in the database, which key {encrypted_by} encrypted"
    )]
    Foreign {
        /// The ids of the given keys.
        given: String,
        /// The id of the key that encrypted the first token.
        encrypted_by: String,
        /// Why that token cannot be decrypted.
        source: Box<ManageError>,
    },
    /// No keys are set for a database on a server.
    #[error(
        "no encryption keys are set, which a Postgres database requires: keys in a file of this machine are lost with it, and the tokens with them"
    )]
    NotSet {
        /// Where a file of keys would be.
        path: PathBuf,
    },
    /// The file cannot be created.
    #[error("encryption key file {path} cannot be created", path = path.display())]
    NotCreatable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A key cannot be created; a bug.
    #[error("an encryption key could not be created")]
    Key(#[source] KeyError),
    /// The store did not return the accounts.
    #[error("accounts could not be read")]
    Store(#[source] StoreError),
}

impl KeyFileError {
    /// Whether the same request can succeed later.
    pub(crate) const fn retry(&self) -> Retry {
        match self {
            Self::Store(source) => source.retry(),
            Self::Readable { .. }
            | Self::ForeignOwner { .. }
            | Self::Unreadable { .. }
            | Self::Invalid { .. }
            | Self::Missing { .. }
            | Self::Foreign { .. }
            | Self::NotSet { .. }
            | Self::NotCreatable { .. }
            | Self::Key(_) => Retry::Never,
        }
    }
}

/// The keys of an installation, which decrypt what is stored. If nothing is stored and no keys are given, creates a
/// file with a new key.
pub(crate) async fn keyring(
    settings: &Settings,
    accounts: &dyn AccountStore,
    randomness: &dyn Randomness,
) -> Result<Arc<Keyring>, KeyFileError> {
    let keyring = match &settings.encryption_keys {
        Some(keyring) => Arc::new(keyring.clone()),
        None => from_file(settings, accounts, randomness).await?,
    };
    check_that_one_token_opens(&keyring, accounts).await?;
    Ok(keyring)
}

async fn from_file(
    settings: &Settings,
    accounts: &dyn AccountStore,
    randomness: &dyn Randomness,
) -> Result<Arc<Keyring>, KeyFileError> {
    let path = key_file(settings);
    if let Some(text) = read(&path)? {
        return parse(path, &text);
    }
    let sealed =
        accounts.list(&Scope::Operator, &Page::first(1)).await.map_err(KeyFileError::Store)?;
    if !sealed.is_empty() {
        return Err(KeyFileError::Missing { path });
    }
    let text = create(&path, randomness)?;
    parse(path, &text)
}

/// Checks that one token can be decrypted, which shows that the keys are those of this database; others may need a key
/// that is lost. Without accounts, any key is accepted.
async fn check_that_one_token_opens(
    keyring: &Keyring,
    accounts: &dyn AccountStore,
) -> Result<(), KeyFileError> {
    let mut foreign = None;
    let mut page = Page::first(PAGE);
    loop {
        let rows = accounts.list(&Scope::Operator, &page).await.map_err(KeyFileError::Store)?;
        for account in &rows {
            match opens(keyring, account) {
                Some(Ok(())) => return Ok(()),
                Some(Err(error)) => drop(foreign.get_or_insert(error)),
                None => {}
            }
        }
        match rows.last() {
            Some(last) => page = Page::behind(last.sid, PAGE),
            None => return foreign.map_or(Ok(()), Err),
        }
    }
}

/// Whether a token of an account can be decrypted. `None` if that says nothing about the keys: the stored bytes are damaged,
/// or a release without versions has replaced a token and left the version of the one before.
fn opens(keyring: &Keyring, account: &Account) -> Option<Result<(), KeyFileError>> {
    let encrypted_by = account.tokens.primary.key_id()?.to_owned();
    let source = match open_primary(keyring, account) {
        Ok(_token) => return Some(Ok(())),
        Err(error) => Box::new(error),
    };
    if let Ok(Some(_token)) = open_next(keyring, account) {
        return Some(Ok(()));
    }
    if account.tokens.primary.version() != SecretVersion::FIRST && is_modified(&source) {
        return None;
    }
    let ids: Vec<_> = keyring.key_ids().map(KeyId::as_str).collect();
    Some(Err(KeyFileError::Foreign { given: ids.join(", "), encrypted_by, source }))
}

fn is_modified(error: &ManageError) -> bool {
    let ManageError::TokenNotDecrypted { source, .. } = error else { return false };
    matches!(source, OpenError::AuthenticationFailed { .. })
}

/// Why the server may not run with these settings: all replicas of a database on a server need the same keys.
pub(crate) fn missing(settings: &Settings) -> Option<KeyFileError> {
    let is_on_server = settings.database.location.file().is_none();
    (is_on_server && settings.encryption_keys.is_none())
        .then(|| KeyFileError::NotSet { path: key_file(settings) })
}

/// The file of keys that are not in the settings: beside the database if that is a file.
pub(crate) fn key_file(settings: &Settings) -> PathBuf {
    let beside = settings.database.location.file().and_then(Path::parent);
    beside.unwrap_or(Path::new(DEFAULT_FOLDER)).join(FILE_NAME)
}

/// The text of the file, or `None` if it does not exist. A file that other users can read is refused.
pub(crate) fn read(path: &Path) -> Result<Option<Secret>, KeyFileError> {
    let unreadable = |source| KeyFileError::Unreadable { path: path.to_owned(), source };
    match std::fs::metadata(path) {
        Ok(metadata) if FileAccess::of(&metadata) == FileAccess::ForeignOwner => {
            Err(KeyFileError::ForeignOwner { path: path.to_owned() })
        }
        Ok(metadata) if is_readable_by_others(&metadata) => {
            Err(KeyFileError::Readable { path: path.to_owned() })
        }
        Ok(_) => {
            std::fs::read_to_string(path).map(|text| Some(Secret::new(text))).map_err(unreadable)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(error)),
    }
}

/// The keys of a file's text: one in each line, or all in one with commas between.
pub(crate) fn parse(path: PathBuf, text: &Secret) -> Result<Arc<Keyring>, KeyFileError> {
    let lines: Vec<&str> =
        text.expose().lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let joined = Secret::new(lines.join(","));
    let keyring = Keyring::parse(joined.expose());
    keyring.map(Arc::new).map_err(|source| KeyFileError::Invalid { path, source })
}

/// Creates the file with a new key. If another process creates it at the same time, that key is used.
fn create(path: &Path, randomness: &dyn Randomness) -> Result<Secret, KeyFileError> {
    let mut random = [0; 32];
    randomness.fill(&mut random);
    let id = new_id(randomness).map_err(KeyFileError::Key)?;
    let setting = EncryptionKey::generate(id, random).map_err(KeyFileError::Key)?.to_setting();
    match write_new(path, &setting) {
        Ok(()) => Ok(setting),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let lost = || KeyFileError::Missing { path: path.to_owned() };
            read(path)?.ok_or_else(lost)
        }
        Err(source) => Err(KeyFileError::NotCreatable { path: path.to_owned(), source }),
    }
}

/// A random id, so that keys of different installations have different ids.
fn new_id(randomness: &dyn Randomness) -> Result<KeyId, KeyError> {
    let mut random = [0; 3];
    randomness.fill(&mut random);
    let [a, b, c] = random;
    KeyId::parse(&format!("k{a:02x}{b:02x}{c:02x}"))
}

/// Writes the file atomically and never replaces one: the keys are written to a temporary file of mode 0600, which is
/// then renamed.
fn write_new(path: &Path, setting: &Secret) -> io::Result<()> {
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(setting.expose().as_bytes())?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    // After a power failure, the key must exist if anything that it encrypted does.
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(unix)]
fn is_readable_by_others(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_readable_by_others(_metadata: &std::fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use switchboard_domain::ports::Randomness;

    use super::{KeyFileError, create, parse, read};
    use crate::ambient::SystemRandomness;

    #[test]
    fn a_new_file_is_private_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("encryption.keys");
        assert!(read(&path).unwrap().is_none());
        let made = create(&path, &SystemRandomness::new()).unwrap();
        let again = create(&path, &SystemRandomness::new()).unwrap();
        assert_eq!(made.expose(), again.expose().trim());
        assert!(parse(path.clone(), &read(&path).unwrap().unwrap()).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_other_users_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("encryption.keys");
        create(&path, &SystemRandomness::new()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let error = read(&path).unwrap_err();
        assert!(matches!(error, KeyFileError::Readable { .. }));
    }

    #[test]
    fn keys_may_be_on_separate_lines() {
        struct Fixed;
        impl Randomness for Fixed {
            fn fill(&self, bytes: &mut [u8]) {
                bytes.fill(7);
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("encryption.keys");
        create(&path, &Fixed).unwrap();
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.push_str("old:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n\n");
        let keyring = parse(path, &switchboard_domain::secret::Secret::new(text)).unwrap();
        let ids: Vec<&str> =
            keyring.key_ids().map(switchboard_domain::sealing::KeyId::as_str).collect();
        assert_eq!(ids, ["k070707", "old"]);
    }

    #[test]
    fn every_new_key_has_its_own_id() {
        let folder = tempfile::tempdir().unwrap();
        let [here, there] = ["here", "there"].map(|name| {
            let made = create(&folder.path().join(name), &SystemRandomness::new()).unwrap();
            made.expose().split_once(':').unwrap().0.to_owned()
        });
        assert_ne!(here, there);
    }
}
