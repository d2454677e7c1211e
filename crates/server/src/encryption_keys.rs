//! The keys that seal tokens: from the settings, or from a file that is made at the first start. Keys that
//! open nothing of what is sealed already are refused, as nobody could open all of it afterwards.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchboard_application_management::{ManageError, open_next, open_primary};
use switchboard_domain::account::Account;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AccountStore, Page, Randomness, StoreError};
use switchboard_domain::sealing::{EncryptionKey, KeyError, KeyId, Keyring, KeyringError};
use switchboard_domain::secret::Secret;

use crate::settings::Settings;
use crate::wiring::DatabaseUrl;

const FILE_NAME: &str = "encryption.keys";
/// Where the file is when the database is not a file with a folder of its own.
const DEFAULT_FOLDER: &str = "data";
/// How many accounts are looked at together. One that opens is enough, so mostly the first one is.
const PAGE: u32 = 100;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFileError {
    /// Others may read the keys.
    #[error(
        "encryption key file {path} can be read by others; run `chmod 600 {path}`, and replace the keys if others may have read them",
        path = path.display()
    )]
    Open {
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
    /// The file does not hold keys.
    #[error("encryption key file {path} does not hold keys of the form id:base64", path = path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Why.
        source: KeyringError,
    },
    /// The file is gone, and what it sealed is not.
    #[error(
        "the database holds sealed tokens, but the encryption key file {path} is not there; put it back, or set SWITCHBOARD_ENCRYPTION_KEYS",
        path = path.display()
    )]
    Lost {
        /// The file.
        path: PathBuf,
    },
    /// What is sealed was sealed by other keys.
    #[error(
        "the encryption keys that are given ({given}) open none of the tokens in the database; put key {sealed_by}, which sealed them, into SWITCHBOARD_ENCRYPTION_KEYS, or put back the file that holds it"
    )]
    Foreign {
        /// The ids of the keys that there are.
        given: String,
        /// The id of the key that sealed the first token.
        sealed_by: String,
        /// What became of that token.
        source: Box<ManageError>,
    },
    /// The file cannot be made.
    #[error("encryption key file {path} cannot be made", path = path.display())]
    Unmakeable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A key cannot be made; a bug.
    #[error("an encryption key could not be made")]
    Key(#[source] KeyError),
    /// The store did not say whether anything is sealed.
    #[error("accounts could not be read")]
    Store(#[source] StoreError),
}

/// The keys of an installation, which open what is sealed already. Where nothing was ever sealed and no keys
/// are given, a file with a new key is made.
pub(crate) async fn keyring(
    settings: &Settings,
    accounts: &dyn AccountStore,
    randomness: &dyn Randomness,
) -> Result<Arc<Keyring>, KeyFileError> {
    let keyring = match &settings.encryption_keys {
        Some(keyring) => Arc::new(keyring.clone()),
        None => from_file(settings, accounts, randomness).await?,
    };
    must_open_something(&keyring, accounts).await?;
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
        return Err(KeyFileError::Lost { path });
    }
    let text = make(&path, randomness)?;
    parse(path, &text)
}

/// One token that opens shows that the keys are those of this database; others may wait for a key that is
/// gone. With no account at all, every key will do.
async fn must_open_something(
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

/// Whether a token of an account opens. Damaged bytes tell nothing about the keys, and the token has to be
/// stored anew.
fn opens(keyring: &Keyring, account: &Account) -> Option<Result<(), KeyFileError>> {
    let sealed_by = account.tokens.primary.key_id()?.to_owned();
    let source = match open_primary(keyring, account) {
        Ok(_token) => return Some(Ok(())),
        Err(error) => Box::new(error),
    };
    if let Ok(Some(_token)) = open_next(keyring, account) {
        return Some(Ok(()));
    }
    let ids: Vec<_> = keyring.key_ids().map(KeyId::as_str).collect();
    Some(Err(KeyFileError::Foreign { given: ids.join(", "), sealed_by, source }))
}

/// Where the keys are kept that are not in the settings: beside the database if it is a file.
pub(crate) fn key_file(settings: &Settings) -> PathBuf {
    let beside = match &settings.database.url {
        DatabaseUrl::Sqlite(path) => path.parent(),
        DatabaseUrl::Postgres(_) => None,
    };
    beside.unwrap_or(Path::new(DEFAULT_FOLDER)).join(FILE_NAME)
}

/// The text of the file, or none if it is not there. A file that others can read is refused.
pub(crate) fn read(path: &Path) -> Result<Option<Secret>, KeyFileError> {
    let unreadable = |source| KeyFileError::Unreadable { path: path.to_owned(), source };
    match std::fs::metadata(path) {
        Ok(metadata) if is_open_to_others(&metadata) => {
            Err(KeyFileError::Open { path: path.to_owned() })
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

/// Makes the file with a new key. If another process makes it at the same time, that one's key counts.
fn make(path: &Path, randomness: &dyn Randomness) -> Result<Secret, KeyFileError> {
    let mut chance = [0; 32];
    randomness.fill(&mut chance);
    let id = new_id(randomness).map_err(KeyFileError::Key)?;
    let setting = EncryptionKey::generate(id, chance).map_err(KeyFileError::Key)?.to_setting();
    match write_new(path, &setting) {
        Ok(()) => Ok(setting),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let lost = || KeyFileError::Lost { path: path.to_owned() };
            read(path)?.ok_or_else(lost)
        }
        Err(source) => Err(KeyFileError::Unmakeable { path: path.to_owned(), source }),
    }
}

/// An id that no other installation has, so that a key of theirs is told apart by its id already.
fn new_id(randomness: &dyn Randomness) -> Result<KeyId, KeyError> {
    let mut chance = [0; 3];
    randomness.fill(&mut chance);
    let [a, b, c] = chance;
    KeyId::parse(&format!("k{a:02x}{b:02x}{c:02x}"))
}

/// Nobody ever sees half a file, and a file that is there is not replaced: the keys are written beside it,
/// readable by us only, and then given the name.
fn write_new(path: &Path, setting: &Secret) -> io::Result<()> {
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(setting.expose().as_bytes())?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    // What the key seals must not survive a power cut that the key does not.
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(unix)]
fn is_open_to_others(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_metadata: &std::fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use switchboard_domain::ports::Randomness;

    use super::{KeyFileError, make, parse, read};
    use crate::ambient::SystemRandomness;

    #[test]
    fn a_new_file_is_ours_alone_and_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("encryption.keys");
        assert!(read(&path).unwrap().is_none());
        let made = make(&path, &SystemRandomness::new()).unwrap();
        let again = make(&path, &SystemRandomness::new()).unwrap();
        assert_eq!(made.expose(), again.expose().trim());
        assert!(parse(path.clone(), &read(&path).unwrap().unwrap()).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("encryption.keys");
        make(&path, &SystemRandomness::new()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let error = read(&path).unwrap_err();
        assert!(matches!(error, KeyFileError::Open { .. }));
        assert!(error.to_string().contains("chmod 600"));
    }

    #[test]
    fn keys_may_stand_in_lines_of_their_own() {
        struct Fixed;
        impl Randomness for Fixed {
            fn fill(&self, bytes: &mut [u8]) {
                bytes.fill(7);
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("encryption.keys");
        make(&path, &Fixed).unwrap();
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.push_str("old:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n\n");
        let keyring = parse(path, &switchboard_domain::secret::Secret::new(text)).unwrap();
        let ids: Vec<&str> =
            keyring.key_ids().map(switchboard_domain::sealing::KeyId::as_str).collect();
        assert_eq!(ids, ["k070707", "old"]);
    }

    #[test]
    fn every_installation_gives_its_key_an_id_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let [here, there] = ["here", "there"].map(|name| {
            let made = make(&folder.path().join(name), &SystemRandomness::new()).unwrap();
            made.expose().split_once(':').unwrap().0.to_owned()
        });
        assert_ne!(here, there);
    }
}
