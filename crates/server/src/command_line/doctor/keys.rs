//! The encryption keys: whether they are there, and open every token.

use std::collections::BTreeMap;
use std::path::Path;

use switchboard_application_management::{ManageError, open_next, open_primary};
use switchboard_domain::account::Account;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AccountStore, Page};
use switchboard_domain::sealing::{KeyId, Keyring};
use switchboard_domain::sid::AccountSid;

use super::check::{Check, chain};
use super::unanswered;
use crate::encryption_keys::{self, KeyFileError};
use crate::settings::Settings;

const NAME: &str = "encryption keys";
const RESTORE: &str = "give the program the keys that sealed the tokens; of lost ones, store single tokens anew with `switchboard account set`, \
    or all of them by removing the accounts and adding them again";
const PAGE: u32 = 500;

/// Looks whether the keys open every token that is kept.
pub(super) async fn check(settings: &Settings, accounts: &dyn AccountStore) -> Check {
    let keyring = match given(settings) {
        Ok(keyring) => keyring,
        Err(error) => return Check::fail(NAME, chain(&error), "correct the file"),
    };
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

/// Looks at the keys alone, where the database cannot be asked.
pub(super) fn check_file(settings: &Settings, path: &Path) -> Check {
    match given(settings) {
        Ok(Some(keyring)) => Check::ok(NAME, format!("keys {}", ids(&keyring))),
        Ok(None) => Check::ok(NAME, format!("none yet; the first start makes {}", path.display())),
        Err(error) => Check::fail(NAME, chain(&error), "correct the file"),
    }
}

fn given(settings: &Settings) -> Result<Option<Keyring>, KeyFileError> {
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

fn ids(keyring: &Keyring) -> String {
    keyring.key_ids().map(KeyId::as_str).collect::<Vec<_>>().join(", ")
}

#[derive(Default)]
struct Found {
    accounts: u64,
    /// How many tokens each key has sealed.
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
                0 => Check::ok(NAME, format!("none yet; the first start makes {}", path.display())),
                _ => Check::fail(NAME, chain(&KeyFileError::Lost { path }), RESTORE),
            };
        };
        if let Some((sid, error)) = self.first_unopened {
            let others = match self.unopened {
                1 => String::new(),
                all => format!(" (and those of {} other accounts)", all - 1),
            };
            return Check::fail(
                NAME,
                format!("the token of account {sid}{others}: {}", chain(&error)),
                RESTORE,
            );
        }
        let counts: Vec<_> =
            self.by_key.iter().map(|(id, count)| format!("{count} by {id}")).collect();
        if counts.is_empty() {
            return Check::ok(NAME, format!("keys {}; nothing is sealed yet", ids(keyring)));
        }
        Check::ok(NAME, format!("keys {}; every token opens: {}", ids(keyring), counts.join(", ")))
    }
}
