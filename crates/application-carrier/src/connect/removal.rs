//! Deletes accounts that were disconnected for too long to be restored.

use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::account::Account;
use switchboard_domain::audit::{Actor, Author, BackgroundTask};
use switchboard_domain::causes::Causes;
use switchboard_domain::connection::Connection;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    AccountStore, Clock, NumberFilter, NumberStore, Page, SavedConfiguration, StoreError,
};

use switchboard_application_management::all_accounts;

use crate::OperationError;

/// The numbers that are read at once.
const PAGE: u32 = 200;
/// The time between two deletions.
const INTERVAL: Duration = Duration::from_secs(3_600);

/// What was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RemovedAccounts {
    /// Accounts.
    pub accounts: usize,
    /// Their numbers and other senders.
    pub numbers: usize,
}

/// Deletes accounts that were disconnected for too long to be restored, with their numbers. Their calls and messages are kept as
/// long as others.
pub struct RemoveDisconnected {
    /// Stores the accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Stores their numbers.
    pub numbers: Arc<dyn NumberStore>,
    /// Says which accounts are due.
    pub clock: Arc<dyn Clock>,
}

impl RemoveDisconnected {
    /// Deletes immediately and then every hour, forever. Errors are logged, and the next run tries again.
    pub async fn run_forever(&self) {
        loop {
            match self.run().await {
                Ok(removed) if removed != RemovedAccounts::default() => {
                    let RemovedAccounts { accounts, numbers } = removed;
                    tracing::info!(accounts, numbers, "disconnected accounts deleted");
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(error = %Causes(&error), "disconnected accounts cannot be deleted");
                }
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// Deletes the accounts that are due. Another process may do the same.
    pub async fn run(&self) -> Result<RemovedAccounts, OperationError> {
        let now = self.clock.now();
        let mut removed = RemovedAccounts::default();
        for account in all_accounts(self.accounts.as_ref(), &Scope::Operator).await? {
            if account.connection.is_some_and(|connection: Connection| connection.is_over(now)) {
                self.remove(&account, &mut removed).await?;
            }
        }
        Ok(removed)
    }

    async fn remove(
        &self,
        account: &Account,
        removed: &mut RemovedAccounts,
    ) -> Result<(), OperationError> {
        let scope = Scope::Organization(account.organization.clone());
        let actor = Actor::Background(BackgroundTask::Deauthorization);
        let author = Author::new(scope, actor, None, self.clock.now());
        let filter = NumberFilter { account: Some(account.sid), ..NumberFilter::default() };
        loop {
            let listed = self.numbers.list(&author, &filter, &Page::first(PAGE)).await;
            let listed = listed.map_err(OperationError::store("listing numbers"))?;
            if listed.is_empty() {
                break;
            }
            for number in listed {
                // Twilio refuses access, so what was saved can never be restored.
                let discard = SavedConfiguration::Discard;
                match self.numbers.remove(&author, number.sender, discard).await {
                    Ok(()) => removed.numbers += 1,
                    Err(StoreError::Missing { .. }) => {}
                    Err(error) => return Err(OperationError::store("removing a number")(error)),
                }
            }
        }
        match self.accounts.remove(&author, account.sid, Some(account)).await {
            Ok(()) => removed.accounts += 1,
            // It was restored or removed meanwhile, or has got a number.
            Err(
                StoreError::Missing { .. } | StoreError::Changed { .. } | StoreError::InUse { .. },
            ) => {}
            Err(error) => return Err(OperationError::store("removing the account")(error)),
        }
        Ok(())
    }
}
