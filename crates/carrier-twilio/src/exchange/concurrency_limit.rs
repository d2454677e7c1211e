//! The concurrency limit of requests to Twilio, for each account.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use switchboard_domain::sid::AccountSid;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The number of accounts at which idle ones are removed.
const CLEAN_UP_ABOVE: usize = 1_024;

/// Limits the concurrent requests of each account. Twilio refuses requests beyond its own limit, which it does not publish
/// (Twilio, error 20429).
#[derive(Debug)]
pub(crate) struct ConcurrencyLimit {
    at_once: usize,
    accounts: Mutex<HashMap<AccountSid, Arc<Semaphore>>>,
}

impl ConcurrencyLimit {
    pub(crate) fn new(at_once: usize) -> Self {
        Self { at_once, accounts: Mutex::default() }
    }

    /// Waits for a permit of the account. Dropping the permit releases it.
    pub(crate) async fn enter(&self, account: AccountSid) -> Option<OwnedSemaphorePermit> {
        // No semaphore is ever closed, so there always is a permit.
        self.of(account).acquire_owned().await.ok()
    }

    fn of(&self, account: AccountSid) -> Arc<Semaphore> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= CLEAN_UP_ABOVE && !accounts.contains_key(&account) {
            // A request that waits or holds a permit also holds the semaphore.
            accounts.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        let semaphore =
            accounts.entry(account).or_insert_with(|| Arc::new(Semaphore::new(self.at_once)));
        Arc::clone(semaphore)
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::sid::AccountSid;

    use super::{CLEAN_UP_ABOVE, ConcurrencyLimit};

    fn account(n: usize) -> AccountSid {
        AccountSid::parse(&format!("AC{n:032}")).unwrap()
    }

    #[tokio::test]
    async fn an_account_waits_for_its_own_turns_only() {
        let concurrency_limit = ConcurrencyLimit::new(1);
        let turn = concurrency_limit.enter(account(1)).await;
        assert!(concurrency_limit.of(account(1)).try_acquire().is_err());
        assert!(concurrency_limit.of(account(2)).try_acquire().is_ok());
        drop(turn);
        assert!(concurrency_limit.of(account(1)).try_acquire().is_ok());
    }

    #[tokio::test]
    async fn accounts_that_ask_nothing_are_forgotten_and_those_that_do_are_not() {
        let concurrency_limit = ConcurrencyLimit::new(1);
        let _turn = concurrency_limit.enter(account(0)).await;
        for n in 1..3 * CLEAN_UP_ABOVE {
            drop(concurrency_limit.enter(account(n)).await);
        }
        assert!(concurrency_limit.accounts.lock().unwrap().len() <= CLEAN_UP_ABOVE);
        assert!(concurrency_limit.of(account(0)).try_acquire().is_err());
    }
}
