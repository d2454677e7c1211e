//! Injected faults.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use switchboard_domain::ports::StoreError;
use tokio::sync::Semaphore;

use crate::MemoryStore;

/// What happens to an operation. Nothing is changed by one that fails.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// It fails with [`StoreError::Unavailable`].
    Unavailable,
    /// It fails with [`StoreError::Failed`], which no retry helps.
    Failed,
    /// It fails with this error.
    Error(fn() -> StoreError),
    /// It never ends.
    Hang,
    /// It is carried out after this time.
    Delay(Duration),
}

/// The faults of a store, and the operations that it was asked for.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    every: Option<Fault>,
    next: Vec<InjectedFault>,
    pauses: BTreeMap<&'static str, Arc<Gate>>,
    requests: BTreeMap<&'static str, usize>,
}

#[derive(Debug)]
struct InjectedFault {
    operation: &'static str,
    /// How many requests of the operation are carried out before.
    skipped: usize,
    times: usize,
    fault: Fault,
}

#[derive(Debug)]
struct Gate {
    arrived: Semaphore,
    open: Semaphore,
}

/// An operation that waits until it is resumed. Once this is dropped, nothing waits any more.
#[derive(Debug)]
pub struct Pause(Arc<Gate>);

impl Pause {
    /// Waits until the operation is asked for, once for each request.
    pub async fn reached(&self) {
        if let Ok(permit) = self.0.arrived.acquire().await {
            permit.forget();
        }
    }

    /// Lets one request go on: one that waits, or the next one.
    pub fn resume(&self) {
        self.0.open.add_permits(1);
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        self.0.open.close();
    }
}

/// Operations are named as in errors, for example `account.list`.
impl MemoryStore {
    /// The same data with faults and counts of its own: a test prepares the data through one and injects faults into
    /// the other.
    #[must_use]
    pub fn separate_faults(&self) -> Self {
        Self { state: Arc::clone(&self.state), faults: Arc::default() }
    }

    /// Injects a fault into every operation from now on.
    pub fn fail_every(&self, fault: Fault) {
        self.faults.state().every = Some(fault);
    }

    /// Injects a fault into the next `times` requests of an operation.
    pub fn fail_next(&self, operation: &'static str, times: usize, fault: Fault) {
        self.fail_after(operation, 0, times, fault);
    }

    /// Injects a fault into `times` requests of an operation after `skipped` ones that are carried out.
    pub fn fail_after(&self, operation: &'static str, skipped: usize, times: usize, fault: Fault) {
        self.faults.state().next.push(InjectedFault { operation, skipped, times, fault });
    }

    /// Holds each request of an operation until it is resumed.
    pub fn pause(&self, operation: &'static str) -> Pause {
        let gate = Arc::new(Gate { arrived: Semaphore::new(0), open: Semaphore::new(0) });
        self.faults.state().pauses.insert(operation, Arc::clone(&gate));
        Pause(gate)
    }

    /// Removes all faults. What hangs or waits stays so.
    pub fn recover(&self) {
        let mut state = self.faults.state();
        state.every = None;
        state.next.clear();
        state.pauses.clear();
    }

    /// How many operations were asked for.
    pub fn requests(&self) -> usize {
        self.faults.state().requests.values().sum()
    }

    /// How often an operation was asked for.
    pub fn requests_of(&self, operation: &str) -> usize {
        self.faults.state().requests.get(operation).copied().unwrap_or_default()
    }
}

impl Faults {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What every operation begins with.
    pub(crate) async fn pass(&self, operation: &'static str) -> Result<(), StoreError> {
        let (pause, fault) = self.state().enter(operation);
        if let Some(gate) = pause {
            gate.arrived.add_permits(1);
            if let Ok(permit) = gate.open.acquire().await {
                permit.forget();
            }
        }
        match fault {
            None => Ok(()),
            Some(Fault::Unavailable) => {
                let source = io::Error::from(io::ErrorKind::ConnectionRefused);
                Err(StoreError::Unavailable { operation, source: Some(source.into()) })
            }
            Some(Fault::Failed) => {
                Err(StoreError::Failed { operation, source: "an injected fault".into() })
            }
            Some(Fault::Error(error)) => Err(error()),
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Delay(time)) => {
                tokio::time::sleep(time).await;
                Ok(())
            }
        }
    }
}

impl State {
    /// Counts a request, and takes what was injected into it.
    fn enter(&mut self, operation: &'static str) -> (Option<Arc<Gate>>, Option<Fault>) {
        *self.requests.entry(operation).or_default() += 1;
        let mut fault = self.every;
        for injected in self.next.iter_mut().filter(|injected| injected.operation == operation) {
            if injected.skipped > 0 {
                injected.skipped -= 1;
            } else if injected.times > 0 && fault.is_none() {
                injected.times -= 1;
                fault = Some(injected.fault);
            }
        }
        (self.pauses.get(operation).cloned(), fault)
    }
}
