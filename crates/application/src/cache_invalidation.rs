//! Cache invalidation: reads the changes of other processes, and marks cached copies as stale.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use switchboard_domain::causes::Causes;
use switchboard_domain::ports::{Change, ChangeNotice, ChangeStore, ChangeVersion, StoreError};
use tokio::time::Instant;

use crate::account_cache::AccountCache;
use crate::agent_cache::AgentCache;
use crate::deadline::{BEHIND_ANSWERS, within};
use crate::route_cache::RouteCache;

/// How long a notification waits for others.
const TOGETHER: Duration = Duration::from_millis(5);
/// The time between two reads of changes at least, so that many changes in a row are not read one by one.
const APART: Duration = Duration::from_millis(50);

/// Follows the change log of the store.
pub struct CacheInvalidator {
    store: Arc<dyn ChangeStore>,
    accounts: Arc<AccountCache>,
    routes: Arc<RouteCache>,
    agents: Arc<AgentCache>,
    version: AtomicU64,
    accounts_are_stale: AtomicBool,
}

impl CacheInvalidator {
    /// Starts after `version`. Read the version before the copies are loaded, so that no change is
    /// missed.
    pub fn new(
        store: Arc<dyn ChangeStore>,
        version: ChangeVersion,
        accounts: Arc<AccountCache>,
        routes: Arc<RouteCache>,
        agents: Arc<AgentCache>,
    ) -> Self {
        Self {
            store,
            accounts,
            routes,
            agents,
            version: AtomicU64::new(version.get()),
            accounts_are_stale: AtomicBool::new(false),
        }
    }

    /// Reads changes whenever the store notifies of one, forever, and polls in case it does not: every `interval`, or every
    /// `backstop` as long as the store has notified of all of them.
    pub async fn run(&self, interval: Duration, backstop: Duration) {
        let mut is_unavailable = false;
        let mut is_notified = false;
        let unapplied = metrics::gauge!("switchboard_changes_unapplied_seconds");
        let mut applied_at = Instant::now();
        let mut read_at = Instant::now();
        loop {
            let notice = tokio::select! {
                notice = self.store.recorded() => Some(notice),
                () = tokio::time::sleep(if is_notified { backstop } else { interval }) => None,
            };
            if notice.is_some() {
                let not_before = (Instant::now() + TOGETHER).max(read_at + APART);
                tokio::time::sleep_until(not_before).await;
            }
            read_at = Instant::now();
            let before = self.version.load(Ordering::Acquire);
            let caught_up = self.catch_up().await;
            let has_changed = self.version.load(Ordering::Acquire) != before;
            is_notified = match notice {
                Some(ChangeNotice::Change) => caught_up.is_ok(),
                Some(ChangeNotice::Gap) => false,
                // No notification came for a change that polling found. After a failure, a change may be waiting.
                None => is_notified && !has_changed && caught_up.is_ok(),
            };
            if caught_up.is_ok() {
                applied_at = Instant::now();
            }
            let age = if caught_up.is_ok() { 0.0 } else { applied_at.elapsed().as_secs_f64() };
            unapplied.set(age);
            match caught_up {
                Ok(()) if is_unavailable => {
                    is_unavailable = false;
                    tracing::info!("changes can be read again");
                }
                Ok(()) => {}
                Err(error) => {
                    if !is_unavailable {
                        tracing::warn!(
                            error = %Causes(&error),
                            "changes cannot be read; answers may be stale"
                        );
                    }
                    is_unavailable = true;
                }
            }
        }
    }

    /// Applies the changes since the last call.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        let known = ChangeVersion::new(self.version.load(Ordering::Acquire));
        if within(BEHIND_ANSWERS, "change.version", self.store.version()).await? != known {
            self.apply_changes(known).await?;
        }
        self.refresh_accounts().await
    }

    async fn apply_changes(&self, known: ChangeVersion) -> Result<(), StoreError> {
        let changes = within(BEHIND_ANSWERS, "change.since", self.store.since(known)).await?;
        for change in &changes.changes {
            match change {
                Change::Accounts => self.accounts_are_stale.store(true, Ordering::Release),
                Change::Agent(id) => {
                    self.routes.agent_changed(id);
                    self.agents.forget(id);
                }
                Change::Number(number) => self.routes.number_changed(*number),
                Change::Everything => {
                    self.accounts_are_stale.store(true, Ordering::Release);
                    self.routes.everything_changed();
                    self.agents.forget_all();
                }
            }
        }
        self.version.store(changes.version.get(), Ordering::Release);
        Ok(())
    }

    /// Loads the accounts again if they changed. If that fails, the previous accounts stay; numbers
    /// and agents are already up to date.
    async fn refresh_accounts(&self) -> Result<(), StoreError> {
        if self.accounts_are_stale.load(Ordering::Acquire) {
            self.accounts.refresh().await?;
            self.accounts_are_stale.store(false, Ordering::Release);
        }
        Ok(())
    }
}
