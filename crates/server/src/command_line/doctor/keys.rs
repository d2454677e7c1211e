//! Checks of the encryption keys: whether they exist, and decrypt every token.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use switchboard_application_management::{KeyRotation, ManageError, open_next, open_primary};
use switchboard_domain::account::Account;
use switchboard_domain::causes::Causes;
use switchboard_domain::counted::counted;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AccountStore, Page, SealedColumn, Store};
use switchboard_domain::sealing::{KeyId, Keyring};
use switchboard_domain::sid::AccountSid;

use super::check::Check;
use super::unanswered;
use crate::ambient::Ambient;
use crate::command_line::remedies;
use crate::encryption_keys::{self, KeyFileError};
use crate::settings::Settings;

const NAME: &str = "encryption keys";
const RESTORE: &str = "restore the keys that encrypted the tokens; if they are lost, store each token again with `switchboard account set`, \
    or remove all accounts and add them again";
const PAGE: u32 = 500;
/// Secrets that are named.
const MAX_NAMED: usize = 10;

/// Checks whether the keys decrypt every stored token.
pub(super) async fn check(settings: &Settings, accounts: &dyn AccountStore) -> Check {
    let keyring = match given(settings) {
        Ok(keyring) => keyring,
        Err(error) => return failed(&error),
    };
    if let Some(error) = encryption_keys::missing(settings) {
        return failed(&error);
    }
    let mut found = Found::default();
    let mut page = Page::first(PAGE);
    loop {
        let rows = match accounts.list(&Scope::Operator, &page).await {
            Ok(rows) => rows,
            Err(error) => return unanswered(NAME, &error),
        };
        for account in &rows {
            found.look(account, keyring.as_ref());
        }
        match rows.last() {
            Some(last) => page = Page::behind(last.sid, PAGE),
            None => return found.check(settings, keyring.as_ref()),
        }
    }
}

/// Checks the keys alone, if the database cannot be opened.
pub(super) fn check_file(settings: &Settings, path: &Path) -> Check {
    match (given(settings), encryption_keys::missing(settings)) {
        (Ok(Some(keyring)), None) => Check::ok(NAME, format!("keys {}", ids(&keyring))),
        (Ok(None), None) => {
            Check::ok(NAME, format!("none yet; the first start creates {}", path.display()))
        }
        (Ok(_), Some(error)) | (Err(error), _) => failed(&error),
    }
}

pub(super) fn given(settings: &Settings) -> Result<Option<Keyring>, KeyFileError> {
    if let Some(keyring) = &settings.encryption_keys {
        return Ok(Some(keyring.clone()));
    }
    let path = encryption_keys::key_file(settings);
    match encryption_keys::read(&path)? {
        Some(text) => {
            encryption_keys::parse(path, &text).map(|keyring| Some(keyring.as_ref().clone()))
        }
        None => Ok(None),
    }
}

/// Checks every other encrypted secret, and whether older keys still encrypt some.
pub(super) async fn secrets(keyring: Arc<Keyring>, store: Arc<dyn Store>) -> Vec<Check> {
    let randomness = Ambient::system().randomness;
    let rotation = KeyRotation { store, keyring, randomness };
    let counts = match rotation.count().await {
        Ok(counts) => counts,
        Err(error) => return vec![unanswered(NAME, &error)],
    };
    // The tokens have a check of their own.
    let is_token =
        |column| matches!(column, SealedColumn::AccountToken | SealedColumn::AccountNextToken);
    let named = counts.named.iter().filter(|(column, _)| !is_token(*column));
    let unread = named.map(|(_, error)| {
        Check::fail(
            NAME,
            Causes(error).to_string(),
            "restore the key that encrypted it, or set it again",
        )
    });
    let mut checks: Vec<_> = unread.take(MAX_NAMED).collect();
    if counts.outdated > 0 {
        let older: Vec<_> = counts.outdated_keys.iter().map(String::as_str).collect();
        let count = counted(counts.outdated, "secret");
        checks.push(Check::warn(
            NAME,
            format!("{count} encrypted with an older key ({})", older.join(", ")),
            "run `switchboard keys rotate` once every server has both keys",
        ));
    }
    checks
}

fn failed(error: &KeyFileError) -> Check {
    Check::fail(NAME, Causes(error).to_string(), remedies::of(error).unwrap_or_default())
}

fn ids(keyring: &Keyring) -> String {
    keyring.key_ids().map(KeyId::as_str).collect::<Vec<_>>().join(", ")
}

#[derive(Default)]
struct Found {
    accounts: u64,
    /// Tokens encrypted by each key, by its id.
    by_key: BTreeMap<String, u64>,
    unopened: u64,
    first_unopened: Option<(AccountSid, ManageError)>,
}

impl Found {
    fn look(&mut self, account: &Account, keyring: Option<&Keyring>) {
        self.accounts += 1;
        for sealed in std::iter::once(&account.tokens.primary).chain(&account.tokens.next) {
            let id = sealed.key_id().unwrap_or("unknown").to_owned();
            *self.by_key.entry(id).or_default() += 1;
        }
        let Some(keyring) = keyring else { return };
        let opened =
            open_primary(keyring, account).and_then(|_primary| open_next(keyring, account));
        if let Err(error) = opened {
            self.unopened += 1;
            self.first_unopened.get_or_insert((account.sid, error));
        }
    }

    fn check(self, settings: &Settings, keyring: Option<&Keyring>) -> Check {
        let path = encryption_keys::key_file(settings);
        let Some(keyring) = keyring else {
            return match self.accounts {
                0 => {
                    Check::ok(NAME, format!("none yet; the first start creates {}", path.display()))
                }
                _ => failed(&KeyFileError::Missing { path }),
            };
        };
        if let Some((sid, error)) = self.first_unopened {
            let others = match self.unopened {
                1 => String::new(),
                all => format!(" (and of {})", counted(all - 1, "other account")),
            };
            return Check::fail(
                NAME,
                format!("the token of account {sid}{others}: {}", Causes(&error)),
                RESTORE,
            );
        }
        let counts: Vec<_> =
            self.by_key.iter().map(|(id, count)| format!("{count} by {id}")).collect();
        if counts.is_empty() {
            return Check::ok(NAME, format!("keys {}; no tokens stored yet", ids(keyring)));
        }
        Check::ok(
            NAME,
            format!("keys {}; every token can be decrypted: {}", ids(keyring), counts.join(", ")),
        )
    }
}
