//! How many requests an account has under way at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use switchboard_domain::sid::AccountSid;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many accounts may be known before those that ask nothing are forgotten.
const MOST_IDLE: usize = 1_024;

/// Lets at most so many requests of each account through at once: Twilio refuses what is more than its own limit,
/// which it does not publish (Twilio, error 20429).
#[derive(Debug)]
pub(crate) struct Turnstile {
    at_once: usize,
    accounts: Mutex<HashMap<AccountSid, Arc<Semaphore>>>,
}

impl Turnstile {
    pub(crate) fn new(at_once: usize) -> Self {
        Self { at_once, accounts: Mutex::default() }
    }

    /// Waits for a turn of the account. The turn ends when what is returned is dropped.
    pub(crate) async fn enter(&self, account: AccountSid) -> Option<OwnedSemaphorePermit> {
        // No semaphore is ever closed, so there always is a permit.
        self.of(account).acquire_owned().await.ok()
    }

    fn of(&self, account: AccountSid) -> Arc<Semaphore> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= MOST_IDLE && !accounts.contains_key(&account) {
            // Whoever waits or has a turn holds the semaphore too.
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

    use super::{MOST_IDLE, Turnstile};

    fn account(n: usize) -> AccountSid {
        AccountSid::parse(&format!("AC{n:032}")).unwrap()
    }

    #[tokio::test]
    async fn an_account_waits_for_its_own_turns_only() {
        let turnstile = Turnstile::new(1);
        let turn = turnstile.enter(account(1)).await;
        assert!(turnstile.of(account(1)).try_acquire().is_err());
        assert!(turnstile.of(account(2)).try_acquire().is_ok());
        drop(turn);
        assert!(turnstile.of(account(1)).try_acquire().is_ok());
    }

    #[tokio::test]
    async fn accounts_that_ask_nothing_are_forgotten_and_those_that_do_are_not() {
        let turnstile = Turnstile::new(1);
        let _turn = turnstile.enter(account(0)).await;
        for n in 1..3 * MOST_IDLE {
            drop(turnstile.enter(account(n)).await);
        }
        assert!(turnstile.accounts.lock().unwrap().len() <= MOST_IDLE);
        assert!(turnstile.of(account(0)).try_acquire().is_err());
    }
}
