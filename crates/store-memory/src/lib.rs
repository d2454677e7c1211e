//! A store that keeps everything in memory: the fake that tests of the application run on.
//!
//! It obeys the same laws as the databases, referential rules included. Every operation is one visit to
//! one lock, so each of them is atomic and none of them waits for anything. What it holds ends with the
//! process: the one thing that it cannot do is survive.
#![warn(missing_docs)]

mod accounts;
mod agents;
mod calls;
mod catalogue;
mod change_log;
mod changes;
mod configurations;
mod imports;
mod leases;
mod live_calls;
mod messages;
mod numbers;
mod plan_places;
mod plans;
mod probe;
mod rejections;
mod routes;
mod state;
mod verifications;

use std::sync::{Mutex, MutexGuard, PoisonError};

use switchboard_domain::identifier::OrganizationId;

use state::State;

/// All ports, in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

impl MemoryStore {
    /// A store with the default organization and nothing else.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an organization, for which there is no port.
    pub fn add_organization(&self, id: OrganizationId) {
        self.state().organizations.insert(id);
    }

    /// Everything. No operation panics halfway through a change, so a lock that another thread left by a
    /// panic still holds a whole state.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
