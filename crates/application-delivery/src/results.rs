//! The group commit of attempts: the results of those that end at the same time are recorded together.

use std::mem::take;
use std::slice::from_ref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use switchboard_domain::causes::Causes;
use switchboard_domain::delivery::AttemptResult;
use switchboard_domain::ports::{DeliveryQueue, LeaseHolder, Recorded, Retry, StoreError};
use tokio::sync::oneshot;
use tokio::time::sleep;

/// The backoff between attempts to record results. After that, the deliveries are attempted again.
const BACKOFF: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(2)];

/// Records results. While some are written, others wait, and are written together after that: a single one waits for nobody,
/// and many cost few transactions.
pub(crate) struct Results {
    store: Arc<dyn DeliveryQueue>,
    holder: LeaseHolder,
    waiting: Mutex<Vec<Waiting>>,
    /// Held by who writes.
    turn: tokio::sync::Mutex<()>,
}

/// A result that waits to be written, and who waits for it.
struct Waiting {
    result: AttemptResult,
    recorded: oneshot::Sender<Option<Recorded>>,
}

impl Results {
    pub(crate) fn new(store: Arc<dyn DeliveryQueue>, holder: LeaseHolder) -> Self {
        Self { store, holder, waiting: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }

    /// Records a result. `None` if the store fails: the delivery is attempted again when its lease expires.
    pub(crate) async fn record(&self, result: AttemptResult) -> Option<Recorded> {
        let (recorded, answer) = oneshot::channel();
        self.waiting().push(Waiting { result, recorded });
        let turn = self.turn.lock().await;
        // Empty if the one before wrote this result too.
        let group = take(&mut *self.waiting());
        self.write(group).await;
        drop(turn);
        answer.await.ok().flatten()
    }

    async fn write(&self, group: Vec<Waiting>) {
        if group.is_empty() {
            return;
        }
        let (results, waiting): (Vec<_>, Vec<_>) =
            group.into_iter().map(|one| (one.result, one.recorded)).unzip();
        for (waiting, recorded) in waiting.into_iter().zip(self.record_all(&results).await) {
            // An attempt that does not wait any more has ended by a panic.
            let _unwanted = waiting.send(recorded);
        }
    }

    async fn record_all(&self, results: &[AttemptResult]) -> Vec<Option<Recorded>> {
        match self.record_with_retries(results).await {
            Ok(recorded) => recorded.into_iter().map(Some).collect(),
            Err(error) if error.retry() == Retry::Never && results.len() > 1 => {
                // One that cannot be stored does not keep the others from it.
                let mut recorded = Vec::with_capacity(results.len());
                for result in results {
                    let alone = self.store.record(&self.holder, from_ref(result)).await;
                    recorded.push(
                        alone
                            .map_err(|error| log(&error))
                            .ok()
                            .and_then(|one| one.first().copied()),
                    );
                }
                recorded
            }
            Err(error) => {
                log(&error);
                vec![None; results.len()]
            }
        }
    }

    async fn record_with_retries(
        &self,
        results: &[AttemptResult],
    ) -> Result<Vec<Recorded>, StoreError> {
        let mut delays = BACKOFF.iter();
        loop {
            let error = match self.store.record(&self.holder, results).await {
                Ok(recorded) => return Ok(recorded),
                Err(error) => error,
            };
            match delays.next() {
                Some(delay) if error.retry() == Retry::Later => sleep(*delay).await,
                _ => return Err(error),
            }
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn log(error: &StoreError) {
    tracing::error!(error = %Causes(error), "the result of an attempt is not recorded");
}
