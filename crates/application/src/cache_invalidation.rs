//! Hears of what other processes changed, and makes the copies in memory old.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use switchboard_domain::causes::Causes;
use switchboard_domain::ports::{Change, ChangeStore, StoreError};

use crate::account_cache::AccountCache;
use crate::deadline::{BEHIND_ANSWERS, within};
use crate::open_session::AgentCache;
use crate::route_cache::RouteCache;

/// Follows the store's changes.
pub struct CacheInvalidator {
    store: Arc<dyn ChangeStore>,
    accounts: Arc<AccountCache>,
    routes: Arc<RouteCache>,
    agents: Arc<AgentCache>,
    version: AtomicU64,
    accounts_are_old: AtomicBool,
}

impl CacheInvalidator {
    /// A watcher that starts at the store's version of now. Make it before the copies are loaded, so that
    /// no change falls between.
    pub fn new(
        store: Arc<dyn ChangeStore>,
        version: u64,
        accounts: Arc<AccountCache>,
        routes: Arc<RouteCache>,
        agents: Arc<AgentCache>,
    ) -> Self {
        Self {
            store,
            accounts,
            routes,
            agents,
            version: AtomicU64::new(version),
            accounts_are_old: AtomicBool::new(false),
        }
    }

    /// Asks for changes every `interval`, for ever.
    pub async fn run(&self, interval: Duration) {
        let mut away = false;
        loop {
            tokio::time::sleep(interval).await;
            match self.catch_up().await {
                Ok(()) if away => {
                    away = false;
                    tracing::info!("changes are heard again");
                }
                Ok(()) => {}
                Err(error) => {
                    if !away {
                        tracing::warn!(
                            error = %Causes(&error),
                            "changes cannot be read; known numbers are answered as they were"
                        );
                    }
                    away = true;
                }
            }
        }
    }

    /// Applies what changed since the last time.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        let known = self.version.load(Ordering::Acquire);
        if within(BEHIND_ANSWERS, "change.version", self.store.version()).await? != known {
            self.apply_changes(known).await?;
        }
        self.refresh_accounts().await
    }

    async fn apply_changes(&self, known: u64) -> Result<(), StoreError> {
        let changes = within(BEHIND_ANSWERS, "change.since", self.store.since(known)).await?;
        for change in &changes.changes {
            match change {
                Change::Accounts => self.accounts_are_old.store(true, Ordering::Release),
                Change::Agent(id) => {
                    self.routes.agent_changed(id);
                    self.agents.forget(id);
                }
                Change::Number(number) => self.routes.number_changed(*number),
                Change::Everything => {
                    self.accounts_are_old.store(true, Ordering::Release);
                    self.routes.everything_changed();
                    self.agents.forget_all();
                }
            }
        }
        self.version.store(changes.version, Ordering::Release);
        Ok(())
    }

    /// Loads the accounts again if they changed. One that cannot be read keeps all of them as they were, but
    /// no number and no agent.
    async fn refresh_accounts(&self) -> Result<(), StoreError> {
        if self.accounts_are_old.load(Ordering::Acquire) {
            self.accounts.refresh().await?;
            self.accounts_are_old.store(false, Ordering::Release);
        }
        Ok(())
    }
}
