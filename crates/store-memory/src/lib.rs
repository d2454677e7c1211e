//! A store that keeps everything in memory: the fake that tests of the application run on.
//!
//! It obeys the same laws as the databases, including the rules about references. Every operation locks the whole state
//! once, so each operation is atomic. It waits only if a test injects a fault. The data is lost when the process ends.
#![warn(missing_docs)]

mod accounts;
mod agent_secrets;
mod agents;
mod api_keys;
mod audit;
mod audit_log;
mod audited;
mod authors;
mod call_timeline;
mod calls;
mod catalogue;
mod change_log;
mod changes;
mod chat_models;
mod check_findings;
mod configurations;
mod connect_links;
mod consents;
mod conversations;
mod deliveries;
mod delivery_contexts;
mod delivery_queues;
mod erasure;
mod events;
mod executions;
mod faults;
mod final_deliveries;
mod history;
mod idempotency;
mod imports;
mod job_records;
mod jobs;
mod leases;
mod live_calls;
mod message_records;
mod messages;
mod numbers;
mod organizations;
mod pages;
mod plan_places;
mod plans;
mod probe;
mod public_url;
mod rejections;
mod retention;
mod routes;
mod sealed_secrets;
mod state;
mod subscription_store;
mod subscriptions;
mod verifications;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use switchboard_domain::ports::StoreError;

use faults::Faults;
use state::State;

pub use authors::{author, operator};
pub use faults::{Fault, Pause};

/// All ports, in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    faults: Arc<Faults>,
}

impl MemoryStore {
    /// A store with the default organization and nothing else.
    pub fn new() -> Self {
        Self::default()
    }

    /// What every operation of a port begins with: faults that are injected into it, then the whole state.
    async fn enter(&self, operation: &'static str) -> Result<MutexGuard<'_, State>, StoreError> {
        self.faults.pass(operation).await?;
        Ok(self.state())
    }

    /// Everything. No operation panics halfway through a change, so a lock that another thread left by a
    /// panic still holds a whole state.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
