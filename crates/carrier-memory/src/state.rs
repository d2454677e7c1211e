//! What the carrier knows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use switchboard_domain::carrier::{CarrierAccess, CarrierError};
use switchboard_domain::configuration::Configuration;
use switchboard_domain::sid::AccountSid;

use crate::desk::Desk;
use crate::failures::{Failure, Orders};
use crate::holding::Holding;
use crate::opening::{Keys, open};

/// All ports, in memory. Clones are the same carrier.
#[derive(Clone, Debug, Default)]
pub struct MemoryCarrier {
    state: Arc<Mutex<State>>,
}

/// Something that was asked, whether it was carried out or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What was to be done, for example `number.update`.
    pub operation: &'static str,
    /// For whom.
    pub account: AccountSid,
}

/// A change that was carried out through a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// What was done.
    pub operation: &'static str,
    /// For whom.
    pub account: AccountSid,
    /// The SID of what was changed.
    pub resource: String,
    /// The fields that were sent, where it has such.
    pub changes: Configuration,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) accounts: BTreeMap<AccountSid, Holding>,
    pub(crate) orders: Orders,
    pub(crate) asked: Vec<Asked>,
    pub(crate) writes: Vec<Write>,
    /// Makes SIDs and tokens that were never made before.
    pub(crate) made: u64,
}

impl MemoryCarrier {
    /// A carrier without accounts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything that was asked, in its order.
    pub fn asked(&self) -> Vec<Asked> {
        self.state().asked.clone()
    }

    /// Everything that was changed through the ports, in its order.
    pub fn writes(&self) -> Vec<Write> {
        self.state().writes.clone()
    }

    /// Forgets what was asked and changed.
    pub fn forget(&self) {
        let mut state = self.state();
        state.asked.clear();
        state.writes.clear();
    }

    /// Everything. No operation panics halfway through a change, so a lock that another thread left by a panic
    /// still holds a whole state.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what is asked for an account, unless something else was ordered or the credentials are not good for it.
    pub(crate) fn ask<T>(
        &self,
        operation: &'static str,
        access: &CarrierAccess,
        keys: Keys,
        act: impl FnOnce(&mut Desk<'_>) -> Result<T, CarrierError>,
    ) -> Result<T, CarrierError> {
        let mut state = self.state();
        let account = access.account;
        state.asked.push(Asked { operation, account });
        let failure = state.orders.strike(operation, account);
        if let Some(failure) = failure
            && failure != Failure::AnswerLost
        {
            return Err(failure.error(operation, account));
        }
        let State { accounts, writes, made, .. } = &mut *state;
        let holding = open(accounts, access, keys, operation)?;
        let done = act(&mut Desk { operation, account, holding, writes, made });
        match failure {
            Some(lost) => Err(lost.error(operation, account)),
            None => done,
        }
    }
}
