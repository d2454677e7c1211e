//! The tasks of a server that run beside its requests.

use std::sync::Arc;
use std::time::Duration;

use switchboard_application::RejectionLog;
use switchboard_domain::causes::Causes;

use super::Assembly;

/// How often the changes of other processes are read, if the store does not tell of them: one query of one row.
const READ_CHANGES_EVERY: Duration = Duration::from_millis(100);
/// How often they are read although the store tells of them.
const READ_CHANGES_AT_LATEST: Duration = Duration::from_secs(1);
/// How often live calls are counted and voice servers are checked.
const CHECK_HEALTH_EVERY: Duration = Duration::from_secs(2);
/// How long a background task waits before it is restarted.
const RESTART_AFTER: Duration = Duration::from_secs(1);
/// How long running deliveries may take during a shutdown.
const DELIVERIES: Duration = Duration::from_secs(8);
/// How often refused requests are recorded.
const REJECTIONS_EVERY: Duration = Duration::from_secs(1);

impl Assembly {
    /// Starts the background tasks, on the runtime of the caller.
    pub(crate) fn start(&self) {
        let recorder = Arc::clone(&self.recorder);
        keep_running("recorder", move || {
            let recorder = Arc::clone(&recorder);
            async move { recorder.run().await }
        });
        let cache_invalidator = Arc::clone(&self.cache_invalidator);
        keep_running("cache_invalidator", move || {
            let cache_invalidator = Arc::clone(&cache_invalidator);
            async move { cache_invalidator.run(READ_CHANGES_EVERY, READ_CHANGES_AT_LATEST).await }
        });
        let agents = Arc::clone(&self.agents);
        keep_running("agents", move || {
            let agents = Arc::clone(&agents);
            async move { agents.run().await }
        });
        let health_check = Arc::clone(&self.health_check);
        keep_running("agent_load", move || {
            let health_check = Arc::clone(&health_check);
            async move { health_check.run(CHECK_HEALTH_EVERY).await }
        });
        let worker = Arc::clone(&self.worker);
        keep_running("deliveries", move || Arc::clone(&worker).run());
        let worker = Arc::clone(&self.worker);
        keep_running("delivery_leases", move || {
            let worker = Arc::clone(&worker);
            async move { worker.renew_leases().await }
        });
        let worker = Arc::clone(&self.worker);
        keep_running("delivery_wake_ups", move || {
            let worker = Arc::clone(&worker);
            async move { worker.listen().await }
        });
        let distributor = Arc::clone(&self.distributor);
        keep_running("events", move || {
            let distributor = Arc::clone(&distributor);
            async move { distributor.run().await }
        });
        let rejections = Arc::clone(&self.rejections);
        keep_running("rejections", move || {
            let rejections = Arc::clone(&rejections);
            async move {
                loop {
                    tokio::time::sleep(REJECTIONS_EVERY).await;
                    flush(&rejections).await;
                }
            }
        });
    }

    /// Writes all pending call records and refused requests, and ends running deliveries.
    pub(crate) async fn finish(&self) {
        let (drained, (), ()) = tokio::join!(
            self.recorder.drain(),
            flush(&self.rejections),
            self.worker.drain(DELIVERIES)
        );
        if let Err(error) = drained {
            let waiting = self.recorder.waiting();
            tracing::error!(
                error = %Causes(&error),
                waiting,
                "call records lost"
            );
        }
    }
}

/// Runs a background task that never ends. If the task panics, the panic is logged and the task is
/// restarted, so that a bug does not stop it permanently.
pub(in crate::serve) fn keep_running<F>(name: &'static str, begin: impl Fn() -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        loop {
            let ended = tokio::spawn(begin()).await;
            if let Err(error) = ended {
                metrics::counter!("switchboard_restarts_total", "task" => name).increment(1);
                tracing::error!(
                    task = name,
                    error = %Causes(&error),
                    "background task failed; restarting it"
                );
            }
            tokio::time::sleep(RESTART_AFTER).await;
        }
    });
}

async fn flush(rejections: &RejectionLog) {
    if let Err(error) = rejections.flush().await {
        tracing::error!(error = %Causes(&error), "refused requests were not recorded");
    }
}
