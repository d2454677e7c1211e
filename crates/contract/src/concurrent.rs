//! Concurrent tasks.

use crate::prelude::*;
use tokio::sync::Barrier;

/// The number of concurrent tasks.
pub(crate) const TASKS: u32 = 16;

/// Runs tasks that start at the same moment. Returns their results in order.
pub(crate) async fn at_once<T, F>(task: impl Fn(u32) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(TASKS as usize));
    let begin = |n| {
        let (barrier, task) = (Arc::clone(&barrier), task(n));
        tokio::spawn(async move {
            barrier.wait().await;
            task.await
        })
    };
    let handles: Vec<JoinHandle<T>> = (0..TASKS).map(begin).collect();
    let mut results = Vec::with_capacity(handles.len());
    for handle in handles {
        results.push(handle.await.unwrap());
    }
    results
}
