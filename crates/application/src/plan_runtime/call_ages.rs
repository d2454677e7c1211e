//! Remembers when calls were first decided, so that a request that is sent again much later changes nothing.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use switchboard_domain::call::{CallKey, FRESH_SECONDS};
use switchboard_domain::time::Timestamp;

/// Calls that are remembered. Another call may displace one, which then counts as new; its session is refused by its
/// record in the store.
const REMEMBERED: usize = 65_536;
/// The bits of a slot that hold the time, in seconds: about six months.
const TIME_BITS: u32 = 24;
const TIME: u64 = (1 << TIME_BITS) - 1;

/// When recent calls were first decided by this process.
pub(super) struct CallAges {
    hasher: RandomState,
    /// Each slot holds a call's fingerprint and, in its lowest bits, the time.
    slots: Box<[AtomicU64]>,
}

impl Default for CallAges {
    fn default() -> Self {
        let slots = (0..REMEMBERED).map(|_| AtomicU64::new(0)).collect();
        Self { hasher: RandomState::new(), slots }
    }
}

impl CallAges {
    /// Whether a call was first decided longer ago than Twilio retries. A call that is not known is decided now.
    pub(super) fn is_old(&self, call: CallKey, now: Timestamp) -> bool {
        let hash = self.hasher.hash_one(call);
        // The place is taken from the bits that the fingerprint leaves out.
        let place = usize::try_from(hash & TIME).unwrap_or_default() % REMEMBERED;
        let slot = &self.slots[place];
        let time = now.seconds().unsigned_abs() & TIME;
        let known = slot.load(Ordering::Relaxed);
        if known & !TIME != hash & !TIME {
            slot.store((hash & !TIME) | time, Ordering::Relaxed);
            return false;
        }
        let age = time.wrapping_sub(known & TIME) & TIME;
        // A clock that was set back makes no call old.
        age > FRESH_SECONDS.unsigned_abs() && age < TIME / 2
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::call::CallKey;
    use switchboard_domain::sid::{AccountSid, CallSid};
    use switchboard_domain::time::Timestamp;

    use super::{CallAges, FRESH_SECONDS, TIME};

    fn call(account: u32, call: u32) -> CallKey {
        let account = AccountSid::parse(&format!("AC{account:032x}")).unwrap();
        (account, CallSid::parse(&format!("CA{call:032x}")).unwrap())
    }

    #[test]
    fn a_call_is_old_a_while_after_its_first_decision() {
        let ages = CallAges::default();
        let start = i64::try_from(TIME).unwrap() * 107 - 30;
        let at = |second: i64| Timestamp::from_seconds(start + second);
        for second in [0, 1, FRESH_SECONDS, -5] {
            assert!(!ages.is_old(call(1, 1), at(second)), "{second}");
        }
        for second in [FRESH_SECONDS + 1, 4 * 3_600] {
            assert!(ages.is_old(call(1, 1), at(second)), "{second}");
            assert!(!ages.is_old(call(2, u32::try_from(second).unwrap()), at(second)));
        }
    }

    #[test]
    fn most_of_many_calls_are_remembered() {
        let ages = CallAges::default();
        let at = Timestamp::from_seconds;
        assert!((0..10_000).all(|index| !ages.is_old(call(1, index), at(0))));
        let old = (0..10_000).filter(|index| ages.is_old(call(1, *index), at(100))).count();
        assert!(old > 8_000, "{old}");
    }
}
