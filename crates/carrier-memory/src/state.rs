//! The carrier's accounts, and the requests and writes that it recorded.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use switchboard_domain::carrier::{CarrierAccess, CarrierError};
use switchboard_domain::sid::AccountSid;

use crate::account::StoredAccount;
use crate::auth::{Keys, open};
use crate::failures::{Failure, InjectedFailures};
use crate::operation::{Operation, Write};

/// Implements all ports in memory. Clones share their state.
#[derive(Clone, Debug, Default)]
pub struct MemoryCarrier {
    state: Arc<Mutex<State>>,
}

/// A request, whether it succeeded or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The operation, for example `number.update`.
    pub operation: &'static str,
    /// The account that it acted for.
    pub account: AccountSid,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) accounts: BTreeMap<AccountSid, StoredAccount>,
    pub(crate) failures: InjectedFailures,
    pub(crate) asked: Vec<Asked>,
    pub(crate) writes: Vec<Write>,
    /// The number of SIDs and tokens created so far.
    pub(crate) made: u64,
}

impl MemoryCarrier {
    /// A carrier without accounts.
    pub fn new() -> Self {
        Self::default()
    }

    /// All requests, oldest first.
    pub fn asked(&self) -> Vec<Asked> {
        self.state().asked.clone()
    }

    /// All changes made through the ports, oldest first.
    pub fn writes(&self) -> Vec<Write> {
        self.state().writes.clone()
    }

    /// Clears the recorded requests and writes.
    pub fn forget(&self) {
        let mut state = self.state();
        state.asked.clear();
        state.writes.clear();
    }

    /// The state. A poisoned lock is used as it is, because no operation panics halfway through a change.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Acts on an account, unless a failure was injected or the credentials are rejected.
    pub(crate) fn ask<T>(
        &self,
        operation: &'static str,
        access: &CarrierAccess,
        keys: Keys,
        act: impl FnOnce(&mut Operation<'_>) -> Result<T, CarrierError>,
    ) -> Result<T, CarrierError> {
        let mut state = self.state();
        let account = access.account;
        state.asked.push(Asked { operation, account });
        let failure = state.failures.take(operation, account);
        if let Some(failure) = failure
            && failure != Failure::AnswerLost
        {
            return Err(failure.error(operation, account));
        }
        let State { accounts, writes, made, .. } = &mut *state;
        let stored = open(accounts, access, keys, operation)?;
        let done = act(&mut Operation { name: operation, account, stored, writes, made });
        match failure {
            Some(lost) => Err(lost.error(operation, account)),
            None => done,
        }
    }
}
