//! Records when API keys were last used: in the background, and each key at most once a minute.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use switchboard_domain::causes::Causes;
use switchboard_domain::identifier::ApiKeyId;
use switchboard_domain::ports::{ApiKeyStore, StoreError};
use switchboard_domain::time::Timestamp;

/// The seconds within which another use of a key is not recorded.
const QUIET_SECONDS: i64 = 60;
/// The maximum number of keys whose use is remembered. A further key is recorded more often.
const REMEMBERED: usize = 10_000;

#[derive(Debug, Default)]
struct Uses {
    /// When the use of each key was last noted.
    noted: HashMap<ApiKeyId, Timestamp>,
    /// What is to be recorded next.
    waiting: HashMap<ApiKeyId, Timestamp>,
}

/// The uses of API keys that are to be recorded.
pub struct ApiKeyUse {
    store: Arc<dyn ApiKeyStore>,
    uses: Mutex<Uses>,
}

impl ApiKeyUse {
    /// Nothing is to be recorded yet.
    pub fn new(store: Arc<dyn ApiKeyStore>) -> Self {
        Self { store, uses: Mutex::default() }
    }

    /// Notes that a key was accepted. Takes no time.
    pub fn note(&self, key: &ApiKeyId, now: Timestamp) {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        let since = uses.noted.get(key).map(|noted| noted.plus_seconds(QUIET_SECONDS));
        if since.is_some_and(|quiet_until| now < quiet_until) {
            return;
        }
        if uses.noted.len() >= REMEMBERED {
            uses.noted.clear();
        }
        uses.noted.insert(key.clone(), now);
        if uses.waiting.len() < REMEMBERED {
            uses.waiting.insert(key.clone(), now);
        }
    }

    /// Records what was noted. What cannot be recorded waits for the next time.
    pub async fn record(&self) -> Result<(), StoreError> {
        let waiting =
            mem::take(&mut self.uses.lock().unwrap_or_else(PoisonError::into_inner).waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        let mut recent: Vec<_> = waiting.into_iter().collect();
        // Rows are locked in one order, so that two processes do not wait for each other.
        recent.sort();
        let recorded = self.store.record_use(&recent).await;
        if recorded.is_err() {
            let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, at) in recent {
                uses.waiting.entry(key).or_insert(at);
            }
        }
        recorded
    }

    /// Records what was noted, again and again.
    pub async fn run(&self, every: Duration) {
        loop {
            tokio::time::sleep(every).await;
            if let Err(error) = self.record().await {
                tracing::warn!(error = %Causes(&error), "the last use of API keys was not recorded");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use switchboard_domain::identifier::ApiKeyId;
    use switchboard_domain::ports::{MockApiKeyStore, StoreError};
    use switchboard_domain::time::Timestamp;

    use super::ApiKeyUse;

    fn key(n: u8) -> ApiKeyId {
        ApiKeyId::new(Timestamp::from_seconds(0), [n; 10])
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[tokio::test]
    async fn a_key_is_recorded_once_a_minute() {
        let mut store = MockApiKeyStore::new();
        let mut order = mockall::Sequence::new();
        for expected in [at(100), at(160)] {
            store
                .expect_record_use()
                .withf(move |used| used == [(key(1), expected)])
                .times(1)
                .in_sequence(&mut order)
                .returning(|_| Ok(()));
        }
        let uses = ApiKeyUse::new(Arc::new(store));
        for seconds in [100, 101, 159, 160, 161] {
            uses.note(&key(1), at(seconds));
            uses.record().await.unwrap();
        }
    }

    #[tokio::test]
    async fn what_was_not_recorded_is_recorded_later() {
        let mut store = MockApiKeyStore::new();
        let mut order = mockall::Sequence::new();
        let unavailable = |_: &[_]| Err(StoreError::timed_out("api_key.record_use"));
        store.expect_record_use().times(1).in_sequence(&mut order).returning(unavailable);
        store
            .expect_record_use()
            .withf(|used| used == [(key(1), at(100))])
            .times(1)
            .in_sequence(&mut order)
            .returning(|_| Ok(()));
        let uses = ApiKeyUse::new(Arc::new(store));
        uses.note(&key(1), at(100));
        assert!(uses.record().await.is_err());
        uses.record().await.unwrap();
        uses.record().await.unwrap();
    }
}
