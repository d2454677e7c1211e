//! Remembers when calls were first decided, so that a request that is repeated much later has no
//! effect.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

use switchboard_domain::call::{CallKey, is_old};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

/// Shards. An account is always in one of them.
const SHARDS: usize = 16;
/// Most calls that a shard remembers; the oldest one of the account that has most is forgotten. It then counts as new; its
/// session is refused by its record in the store.
const REMEMBERED: usize = 8_192;

/// When this process first decided recent calls.
pub(super) struct CallAges {
    hasher: RandomState,
    shards: Vec<Mutex<Shard>>,
}

#[derive(Default)]
struct Shard {
    first: HashMap<u64, Timestamp>,
    /// In the order of their first decisions.
    by_account: HashMap<AccountSid, VecDeque<u64>>,
}

impl Shard {
    fn add(&mut self, account: AccountSid, fingerprint: u64, now: Timestamp) {
        self.first.insert(fingerprint, now);
        self.by_account.entry(account).or_default().push_back(fingerprint);
        if self.first.len() <= REMEMBERED {
            return;
        }
        let largest = self.by_account.iter_mut().max_by_key(|(_, calls)| calls.len());
        let Some((account, calls)) = largest else { return };
        if let Some(oldest) = calls.pop_front() {
            self.first.remove(&oldest);
        }
        if calls.is_empty() {
            let account = *account;
            self.by_account.remove(&account);
        }
    }
}

impl Default for CallAges {
    fn default() -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { hasher: RandomState::new(), shards }
    }
}

impl CallAges {
    /// Whether a call was first decided longer ago than Twilio retries. If the call is unknown,
    /// records that it is decided now.
    pub(super) fn is_old(&self, call: CallKey, now: Timestamp) -> bool {
        let fingerprint = self.hasher.hash_one(call);
        let place = usize::from(self.hasher.hash_one(call.0).to_be_bytes()[0]) % SHARDS;
        let mut shard = self.shards[place].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = shard.first.get(&fingerprint) {
            return is_old(*first, now);
        }
        shard.add(call.0, fingerprint, now);
        false
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::call::{CallKey, FRESH_SECONDS};
    use switchboard_domain::sid::{AccountSid, CallSid};
    use switchboard_domain::time::Timestamp;

    use super::{CallAges, REMEMBERED};

    fn call(account: u32, call: u32) -> CallKey {
        let account = AccountSid::parse(&format!("AC{account:032x}")).unwrap();
        (account, CallSid::parse(&format!("CA{call:032x}")).unwrap())
    }

    #[test]
    fn a_call_is_old_a_while_after_its_first_decision() {
        let ages = CallAges::default();
        let at = |second: i64| Timestamp::from_seconds(1_795_000_000 + second);
        for second in [0, 1, FRESH_SECONDS, -5] {
            assert!(!ages.is_old(call(1, 1), at(second)), "{second}");
        }
        for second in [FRESH_SECONDS + 1, 4 * 3_600] {
            assert!(ages.is_old(call(1, 1), at(second)), "{second}");
            assert!(!ages.is_old(call(2, u32::try_from(second).unwrap()), at(second)));
        }
    }

    #[test]
    fn an_account_displaces_no_call_of_another() {
        let ages = CallAges::default();
        let at = Timestamp::from_seconds;
        let few = || (0..200).map(|account| call(account, 1));
        assert!(few().all(|call| !ages.is_old(call, at(0))));
        let flood = u32::try_from(10 * REMEMBERED).unwrap();
        assert!((0..flood).all(|index| !ages.is_old(call(1_000, index), at(1))));
        assert!(few().all(|call| ages.is_old(call, at(100))));
        assert!(ages.is_old(call(1_000, flood - 1), at(100)));
        let size: usize = ages.shards.iter().map(|shard| shard.lock().unwrap().first.len()).sum();
        assert!(size <= REMEMBERED + 200, "{size}");
    }
}
