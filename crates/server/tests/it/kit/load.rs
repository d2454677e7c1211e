//! Load: concurrent tasks that send requests until the test stops them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

use super::within;

/// A load that has not begun to flow after this is no load.
const FLOWING: Duration = Duration::from_secs(30);

/// What one task of a load shares with its test.
#[derive(Clone, Default)]
pub(crate) struct Flow {
    answered: Arc<AtomicUsize>,
    stopped: Arc<AtomicBool>,
}

impl Flow {
    /// Something was answered.
    pub(crate) fn answered(&self) {
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the test has had enough.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Waits until so many more are answered.
    pub(crate) async fn more(&self, count: usize) {
        let goal = self.answered.load(Ordering::Relaxed) + count;
        within(FLOWING, "the load flows", async || {
            (self.answered.load(Ordering::Relaxed) >= goal).then_some(())
        })
        .await;
    }
}

/// Tasks that send until they are stopped, each yielding what it has seen.
pub(crate) struct Load<T> {
    pub(crate) flow: Flow,
    tasks: Vec<JoinHandle<T>>,
}

impl<T: Send + 'static> Load<T> {
    /// Starts tasks, each with its index.
    pub(crate) fn of<F: Future<Output = T> + Send + 'static>(
        tasks: u128,
        task: impl Fn(u128, Flow) -> F,
    ) -> Self {
        let flow = Flow::default();
        let tasks = (0..tasks).map(|number| tokio::spawn(task(number, flow.clone()))).collect();
        Self { flow, tasks }
    }

    /// Stops the load.
    pub(crate) async fn stop(self) -> Vec<T> {
        self.flow.stopped.store(true, Ordering::Relaxed);
        let mut seen = Vec::with_capacity(self.tasks.len());
        for task in self.tasks {
            seen.push(task.await.unwrap());
        }
        seen
    }
}
