//! Remembers which calls and attempts have ended, so that a repeated request has no effect.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use switchboard_domain::call::CallKey;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::sid::AccountSid;

/// The number of shards. An account always uses the same shard.
const SHARDS: usize = 64;
/// The maximum number of calls and attempts that a shard remembers. Beyond it, the oldest entry of
/// the account with the most entries is forgotten.
const REMEMBERED: usize = 2_048;

/// The calls and attempts that ended most recently.
pub(super) struct EndedCalls {
    hasher: RandomState,
    shards: Vec<Mutex<Shard>>,
}

#[derive(Default)]
struct Shard {
    known: HashSet<u64>,
    /// In the order in which they ended.
    by_account: HashMap<AccountSid, VecDeque<u64>>,
}

impl Shard {
    fn add(&mut self, account: AccountSid, fingerprint: u64) {
        if !self.known.insert(fingerprint) {
            return;
        }
        self.by_account.entry(account).or_default().push_back(fingerprint);
        if self.known.len() <= REMEMBERED {
            return;
        }
        let Some(largest) = self.by_account.values_mut().max_by_key(|ended| ended.len()) else {
            return;
        };
        if let Some(oldest) = largest.pop_front() {
            self.known.remove(&oldest);
        }
    }
}

impl Default for EndedCalls {
    fn default() -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { hasher: RandomState::new(), shards }
    }
}

impl EndedCalls {
    /// Remembers that a call has ended.
    pub(super) fn add_call(&self, call: CallKey) {
        self.add(call, None);
    }

    /// Remembers that an agent's part of a call has ended.
    pub(super) fn add_attempt(&self, call: CallKey, agent: &AgentId) {
        self.add(call, Some(agent));
    }

    /// Whether a call has ended.
    pub(super) fn has_call(&self, call: CallKey) -> bool {
        self.shard(call).known.contains(&self.fingerprint(call, None))
    }

    /// Whether a call, or an agent's part of it, has ended.
    pub(super) fn has_attempt(&self, call: CallKey, agent: &AgentId) -> bool {
        let shard = self.shard(call);
        shard.known.contains(&self.fingerprint(call, None))
            || shard.known.contains(&self.fingerprint(call, Some(agent)))
    }

    fn add(&self, call: CallKey, agent: Option<&AgentId>) {
        let fingerprint = self.fingerprint(call, agent);
        self.shard(call).add(call.0, fingerprint);
    }

    fn fingerprint(&self, call: CallKey, agent: Option<&AgentId>) -> u64 {
        self.hasher.hash_one((call, agent))
    }

    fn shard(&self, (account, _): CallKey) -> MutexGuard<'_, Shard> {
        let place = usize::from(self.hasher.hash_one(account).to_be_bytes()[0]) % SHARDS;
        self.shards[place].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::identifier::AgentId;
    use switchboard_domain::sid::{AccountSid, CallSid};
    use switchboard_domain::time::Timestamp;

    use super::{CallKey, EndedCalls, REMEMBERED};

    fn key(account: usize, call: usize) -> CallKey {
        let account = AccountSid::parse(&format!("AC{account:032x}")).unwrap();
        (account, CallSid::parse(&format!("CA{call:032x}")).unwrap())
    }

    #[test]
    fn a_call_ends_for_its_account_only() {
        let ended = EndedCalls::default();
        ended.add_call(key(1, 1));
        assert!(ended.has_call(key(1, 1)));
        assert!(!ended.has_call(key(2, 1)) && !ended.has_call(key(1, 2)));
    }

    #[test]
    fn an_attempt_ends_for_its_agent_only() {
        let [one, other] = [1, 2].map(|n| AgentId::new(Timestamp::from_seconds(0), [n; 10]));
        let ended = EndedCalls::default();
        ended.add_attempt(key(1, 1), &one);
        assert!(ended.has_attempt(key(1, 1), &one));
        assert!(!ended.has_attempt(key(1, 1), &other) && !ended.has_call(key(1, 1)));
        ended.add_call(key(1, 1));
        assert!(ended.has_attempt(key(1, 1), &other));
    }

    #[test]
    fn an_account_displaces_no_call_of_another() {
        let ended = EndedCalls::default();
        for account in 0..1_000 {
            ended.add_call(key(account, 1));
        }
        for call in 0..10 * REMEMBERED {
            ended.add_call(key(1_000, call));
        }
        assert!((0..1_000).all(|account| ended.has_call(key(account, 1))));
        assert!(ended.has_call(key(1_000, 10 * REMEMBERED - 1)));
        let size: usize = ended.shards.iter().map(|shard| shard.lock().unwrap().known.len()).sum();
        assert!(size <= REMEMBERED + 1_000);
    }
}
