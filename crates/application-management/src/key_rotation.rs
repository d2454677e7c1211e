//! Seals every stored secret with the first encryption key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use switchboard_domain::ports::{
    Page, Randomness, Retry, SealedColumn, SealedSecretStore, StoreError, StoredSecret,
};
use switchboard_domain::sealing::{Keyring, OpenError, SealError, Sealed};

/// Secrets that are read and replaced at once. On `SQLite`, others wait while a batch is written.
const BATCH: u32 = 100;
/// How often all secrets are gone through. Others can seal with the old key in between.
const PASSES: u32 = 3;
/// How many secrets of a column that cannot be opened are named.
const MAX_NAMED: usize = 20;

/// How many secrets each key seals, and those that no key opens.
#[derive(Debug, Default)]
pub struct SealedCounts {
    /// By the id of the key and the column. Bytes without an id have an empty one.
    pub by_key: BTreeMap<(String, SealedColumn), u64>,
    /// How many are sealed with another key than the first one, and open.
    pub outdated: u64,
    /// The ids of those keys.
    pub outdated_keys: BTreeSet<String>,
    /// How many cannot be opened.
    pub unopened: u64,
    /// Why, for the first ones of each column. Each names table, column and row.
    pub named: Vec<(SealedColumn, OpenError)>,
}

impl SealedCounts {
    /// How many secrets this key seals.
    pub fn of_key(&self, id: &str) -> u64 {
        self.by_key.iter().filter(|((key, _), _)| key == id).map(|(_, count)| count).sum()
    }

    fn count(&mut self, keyring: &Keyring, secret: &StoredSecret) {
        let id = secret.sealed.key_id().unwrap_or_default();
        *self.by_key.entry((id.to_owned(), secret.column)).or_default() += 1;
        match keyring.open(&secret.location(&secret.key()), &secret.sealed) {
            Ok(_) if id == keyring.sealing_key_id().as_str() => {}
            Ok(_) => {
                self.outdated += 1;
                self.outdated_keys.insert(id.to_owned());
            }
            Err(error) => {
                self.unopened += 1;
                let of_column = |(column, _): &&(SealedColumn, OpenError)| *column == secret.column;
                if self.named.iter().filter(of_column).count() < MAX_NAMED {
                    self.named.push((secret.column, error));
                }
            }
        }
    }
}

/// What a rotation did.
#[derive(Debug)]
pub struct KeyRotationReport {
    /// How many secrets are sealed with the first key now that were not before.
    pub resealed: u64,
    /// How all secrets are sealed afterwards: each was read again and opened.
    pub after: SealedCounts,
}

/// Why a rotation ended before its end. What is sealed again stays so, and another rotation goes on with the rest.
#[derive(Debug, thiserror::Error)]
pub enum KeyRotationError {
    /// The store failed.
    #[error("the encrypted secrets are not available")]
    Store(#[from] StoreError),
    /// A secret cannot be sealed.
    #[error("a secret cannot be encrypted again")]
    Seal(#[from] SealError),
}

impl KeyRotationError {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Store(source) => source.retry(),
            Self::Seal(_) => Retry::Never,
        }
    }
}

/// Seals secrets with the first key of the keyring, while others read and replace them.
pub struct KeyRotation {
    /// The stored secrets.
    pub store: Arc<dyn SealedSecretStore>,
    /// Opens them with all keys, and seals with the first one.
    pub keyring: Arc<Keyring>,
    /// Generates nonces.
    pub randomness: Arc<dyn Randomness>,
}

impl KeyRotation {
    /// Opens every secret, and counts them by key.
    pub async fn count(&self) -> Result<SealedCounts, StoreError> {
        let mut counts = SealedCounts::default();
        for column in SealedColumn::ALL {
            let mut page = Page::first(BATCH);
            loop {
                let secrets = self.store.sealed(column, &page).await?;
                for secret in &secrets {
                    counts.count(&self.keyring, secret);
                }
                match secrets.last() {
                    Some(last) => page = Page::behind(last.row.clone(), BATCH),
                    None => break,
                }
            }
        }
        Ok(counts)
    }

    /// Seals every secret that another key seals, then opens all. `progress` gets how many were sealed. A secret that no key opens,
    /// or that others replace at the same time, stays as it is.
    pub async fn rotate(
        &self,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<KeyRotationReport, KeyRotationError> {
        let mut resealed = 0;
        let mut passes = 0;
        loop {
            for column in SealedColumn::ALL {
                resealed += self.rotate_column(column, progress).await?;
            }
            passes += 1;
            let after = self.count().await?;
            if after.outdated == 0 || passes == PASSES {
                return Ok(KeyRotationReport { resealed, after });
            }
        }
    }

    async fn rotate_column(
        &self,
        column: SealedColumn,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<u64, KeyRotationError> {
        let mut resealed = 0;
        let mut page = Page::first(BATCH);
        loop {
            let secrets = self.store.sealed(column, &page).await?;
            let Some(last) = secrets.last() else { return Ok(resealed) };
            page = Page::behind(last.row.clone(), BATCH);
            let mut forms = Vec::new();
            for secret in secrets {
                if let Some(sealed) = self.sealed_again(&secret)? {
                    forms.push((secret, sealed));
                }
            }
            if !forms.is_empty() {
                let count = self.store.reseal(&forms).await?;
                resealed += count;
                progress(count);
            }
        }
    }

    /// A secret sealed with the first key; `None` if it is already, or if no key opens it.
    fn sealed_again(&self, secret: &StoredSecret) -> Result<Option<Sealed>, SealError> {
        if secret.sealed.key_id() == Some(self.keyring.sealing_key_id().as_str()) {
            return Ok(None);
        }
        let key = secret.key();
        let location = secret.location(&key);
        // Counting names it.
        let Ok(plain) = self.keyring.open(&location, &secret.sealed) else { return Ok(None) };
        let mut nonce = [0; 12];
        self.randomness.fill(&mut nonce);
        self.keyring.seal(&location, secret.sealed.version(), &plain, nonce).map(Some)
    }
}
