//! All accounts with their prepared keys, in memory, so that no unsigned request reaches the database.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use quick_cache::DefaultHashBuilder;
use switchboard_domain::account::{Account, NEXT_TOKEN, PRIMARY_TOKEN};
use switchboard_domain::authentication::{AccountKeys, VerifiedBy};
use switchboard_domain::causes::Causes;
use switchboard_domain::connect_signers::ConnectSigners;
use switchboard_domain::connection::Connection;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AccountStore, Page, Retry, StoreError};
use switchboard_domain::sealing::{AssociatedData, Keyring, OpenError, Sealed};
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::signature::SigningKey;

use crate::deadline::{BEHIND_ANSWERS, within};

const PAGE: u32 = 1_000;
/// The keys of an account that was added with its token: the primary and the next one.
const OWN_KEYS: usize = 2;

/// Why the accounts could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum AccountCacheError {
    /// The store failed.
    #[error("accounts could not be read")]
    Store(#[source] StoreError),
    /// No token of any account can be decrypted. This is one of the accounts.
    #[error("the auth token of account {account} cannot be decrypted")]
    WrongKey {
        /// The account.
        account: AccountSid,
        /// The key and the column.
        source: OpenError,
    },
}

impl AccountCacheError {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Store(source) => source.retry(),
            Self::WrongKey { .. } => Retry::Never,
        }
    }
}

/// A token that cannot be decrypted.
struct Unopened {
    account: AccountSid,
    column: &'static str,
    source: OpenError,
}

/// Anyone can choose which keys are looked up, but not which keys are stored, so a fast hasher is
/// safe.
type Accounts = HashMap<AccountSid, AccountKeys, DefaultHashBuilder>;

/// Caches all accounts.
pub struct AccountCache {
    store: Arc<dyn AccountStore>,
    keyring: Arc<Keyring>,
    accounts: ArcSwap<Accounts>,
}

impl AccountCache {
    /// Loads all accounts. A token that cannot be decrypted is logged and left out; an account
    /// without any token is left out too. If no token can be decrypted, the encryption key is wrong
    /// and every request would be refused, so this fails.
    pub async fn load(
        store: Arc<dyn AccountStore>,
        keyring: Arc<Keyring>,
    ) -> Result<Self, AccountCacheError> {
        let cache = Self { store, keyring, accounts: ArcSwap::default() };
        let (accounts, mut unopened) = cache.read().await.map_err(AccountCacheError::Store)?;
        if accounts.is_empty()
            && let Some(Unopened { account, source, .. }) = unopened.pop()
        {
            return Err(AccountCacheError::WrongKey { account, source });
        }
        cache.replace(accounts, &unopened);
        Ok(cache)
    }

    /// Loads all accounts again. A token that can no longer be decrypted is logged and left out, so
    /// that the other accounts continue.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let (accounts, unopened) = self.read().await?;
        self.replace(accounts, &unopened);
        Ok(())
    }

    fn replace(&self, accounts: Accounts, unopened: &[Unopened]) {
        for Unopened { account, column, source } in unopened {
            let table = PRIMARY_TOKEN.0;
            metrics::counter!("switchboard_unreadable_rows_total", "table" => table).increment(1);
            let is_known = accounts.contains_key(account);
            let outcome = if is_known { "the other token is used" } else { "account refused" };
            tracing::error!(table, column, key = %account, account.sid = %account, error = %Causes(source), "auth token cannot be decrypted; {outcome}");
        }
        self.accounts.store(Arc::new(accounts));
    }

    /// Calls `with` with the keys of the account; `None` if the account is unknown.
    pub fn with<T>(&self, sid: AccountSid, with: impl FnOnce(Option<&AccountKeys>) -> T) -> T {
        with(self.accounts.load().get(&sid))
    }

    /// How many accounts are cached.
    pub fn len(&self) -> usize {
        self.accounts.load().len()
    }

    /// Whether no account is cached.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    async fn read(&self) -> Result<(Accounts, Vec<Unopened>), StoreError> {
        let mut accounts = Accounts::default();
        let mut unopened = Vec::new();
        let mut page = Page::first(PAGE);
        loop {
            let rows =
                within(BEHIND_ANSWERS, "account.list", self.store.list(&Scope::Operator, &page))
                    .await?;
            for account in &rows {
                if let Some(keys) = self.open(account, &mut unopened) {
                    accounts.insert(account.sid, keys);
                }
            }
            match rows.last() {
                Some(last) if rows.len() == PAGE as usize => page = Page::behind(last.sid, PAGE),
                _ => {
                    add_owners(&mut accounts);
                    return Ok((accounts, unopened));
                }
            }
        }
    }

    /// The keys of an account; `None` if none of its tokens can be decrypted.
    fn open(&self, account: &Account, unopened: &mut Vec<Unopened>) -> Option<AccountKeys> {
        let mut open = |(table, column), sealed: &Sealed| {
            let place = AssociatedData { table, column, key: account.sid.as_str() };
            let opened = self.keyring.open(&place, sealed);
            opened
                .map_err(|source| unopened.push(Unopened { account: account.sid, column, source }))
        };
        let primary = open(PRIMARY_TOKEN, &account.tokens.primary);
        let next = account.tokens.next.as_ref().map(|sealed| open(NEXT_TOKEN, sealed));
        if primary.is_err() && !matches!(next, Some(Ok(_))) {
            return None;
        }
        let key = |token: Option<Secret>| token.as_ref().and_then(SigningKey::new);
        Some(AccountKeys {
            sid: account.sid,
            organization: account.organization.clone(),
            parent: account.parent,
            validation: account.validation,
            connection: account.connection,
            signers: vec![VerifiedBy::PrimaryToken, VerifiedBy::NextToken],
            // A token that cannot be a key becomes a decoy that verifies nothing, so its requests are refused. So does a
            // missing next token: a refusal then takes the same time for every account, known or not.
            keys: [primary.ok(), next.and_then(Result::ok)]
                .map(|token| key(token).unwrap_or_else(SigningKey::decoy))
                .to_vec(),
        })
    }
}

/// Gives connected accounts the keys of the owners of their apps, which were opened once for all of them. An app whose owner is not
/// stored, or is connected itself, has no keys.
fn add_owners(accounts: &mut Accounts) {
    let connected = accounts.values().filter_map(|keys| Some((keys.sid, keys.connection?)));
    let connected: Vec<(AccountSid, Connection)> = connected.collect();
    for (sid, connection) in connected {
        let owner = accounts.get(&connection.app.owner);
        let owner = owner.filter(|owner| owner.connection.is_none());
        let owner = owner.map(|owner| owner.keys.clone()).unwrap_or_default();
        let Some(account) = accounts.get_mut(&sid) else { continue };
        let candidates = ConnectSigners::default().keys(&owner, &account.keys);
        (account.signers, account.keys) = candidates.into_iter().unzip();
        // A refusal takes as long as for any other account.
        while account.keys.len() < OWN_KEYS {
            account.keys.push(SigningKey::decoy());
        }
    }
}
