//! The rate limit of attempts with wrong API keys. It is applied before the store is asked.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use switchboard_domain::api_key::KeyDigest;

/// The failed attempts that a source may make at once.
const BURST: u32 = 20;
/// After this time, a source may fail once more.
const REFILL: Duration = Duration::from_secs(3);
/// The sources that are remembered.
const SOURCES: usize = 4_096;
/// The accepted keys that are remembered.
const KEYS: usize = 1_024;
/// How long an accepted key is remembered.
const KNOWN_FOR: Duration = Duration::from_secs(600);

/// Where a client is: an IPv4 address, or the network of an IPv6 address, of which one client can have all addresses. `None` is a
/// client whose address is not known.
type Source = Option<IpAddr>;

fn source(address: Option<IpAddr>) -> Source {
    match address?.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() >> 64 << 64;
            Some(IpAddr::V6(Ipv6Addr::from_bits(network)))
        }
        address @ IpAddr::V4(_) => Some(address),
    }
}

/// The failed attempts of each source, and the keys that were accepted a short time ago.
///
/// A key that was accepted is not limited by the failures of others at the same address, such as a proxy.
#[derive(Debug, Default)]
pub struct KeyRateLimit(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// From when on each source may make all attempts again.
    failed: HashMap<Source, Instant>,
    accepted: HashMap<KeyDigest, Instant>,
}

impl KeyRateLimit {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a client at this address may present a key; `Err` says after which time it may again. `None` is a key that is not
    /// formed like one.
    pub(crate) fn allow(
        &self,
        address: Option<IpAddr>,
        key: Option<&KeyDigest>,
        now: Instant,
    ) -> Result<(), Duration> {
        let mut state = self.state();
        let known = key.and_then(|key| state.accepted.get(key));
        if known.is_some_and(|at| now.saturating_duration_since(*at) < KNOWN_FOR) {
            return Ok(());
        }
        let source = source(address);
        let Some(whole_at) = state.failed.get(&source) else { return Ok(()) };
        let left = whole_at.saturating_duration_since(now);
        if left.is_zero() {
            state.failed.remove(&source);
            return Ok(());
        }
        // Each failure postpones by one refill.
        let excess = (left + REFILL).saturating_sub(REFILL * BURST);
        if excess.is_zero() { Ok(()) } else { Err(excess) }
    }

    /// Counts a key that was not accepted. Returns whether the source is refused from now on.
    pub(crate) fn failed(&self, address: Option<IpAddr>, now: Instant) -> bool {
        let mut state = self.state();
        let source = source(address);
        if state.failed.len() >= SOURCES && !state.failed.contains_key(&source) {
            make_place(&mut state.failed, |whole_at| *whole_at > now);
        }
        let whole_at = state.failed.entry(source).or_insert(now);
        // Requests that were under way at the same time do not extend the refusal without end.
        let limit = now + REFILL * BURST;
        let was_allowed = *whole_at + REFILL <= limit;
        *whole_at = ((*whole_at).max(now) + REFILL).min(limit);
        was_allowed && *whole_at + REFILL > limit
    }

    /// Remembers a key that was accepted.
    pub(crate) fn accepted(&self, key: KeyDigest, now: Instant) {
        let mut state = self.state();
        if state.accepted.len() >= KEYS && !state.accepted.contains_key(&key) {
            make_place(&mut state.accepted, |at| now.saturating_duration_since(*at) < KNOWN_FOR);
        }
        state.accepted.insert(key, now);
    }
}

/// Removes what is over, or else the entry that is over first.
fn make_place<K: Clone + Eq + std::hash::Hash>(
    entries: &mut HashMap<K, Instant>,
    is_current: impl Fn(&Instant) -> bool,
) {
    let before = entries.len();
    entries.retain(|_, at| is_current(at));
    if entries.len() == before {
        let first = entries.iter().min_by_key(|(_, at)| **at).map(|(key, _)| key.clone());
        if let Some(first) = first {
            entries.remove(&first);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::{Duration, Instant};

    use switchboard_domain::api_key::KeyDigest;

    use super::{BURST, KEYS, KNOWN_FOR, KeyRateLimit, REFILL, SOURCES};

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn digest(n: u64) -> KeyDigest {
        let mut random = [0; 32];
        random[..8].copy_from_slice(&n.to_be_bytes());
        KeyDigest::new_key(&random).1
    }

    #[test]
    fn a_source_that_fails_too_often_waits() {
        let (attempts, now) = (KeyRateLimit::default(), Instant::now());
        let one = Some(address("192.0.2.1"));
        for n in 1..=BURST {
            assert_eq!(attempts.allow(one, None, now), Ok(()), "{n}");
            assert_eq!(attempts.failed(one, now), n == BURST, "{n}");
        }
        assert_eq!(attempts.allow(one, Some(&digest(1)), now), Err(REFILL));
        // More failures that were under way change nothing.
        assert!(!attempts.failed(one, now));
        assert_eq!(attempts.allow(one, None, now), Err(REFILL));
        for other in [Some(address("192.0.2.2")), Some(address("2001:db8::1")), None] {
            assert_eq!(attempts.allow(other, None, now), Ok(()), "{other:?}");
        }
        let later = now + REFILL;
        assert_eq!(attempts.allow(one, None, later), Ok(()));
        assert!(attempts.failed(one, later));
        assert_eq!(attempts.allow(one, None, later), Err(REFILL));
        let much_later = later + REFILL * BURST;
        for n in 1..=BURST {
            assert_eq!(attempts.allow(one, None, much_later), Ok(()), "{n}");
            attempts.failed(one, much_later);
        }
        assert_eq!(attempts.allow(one, None, much_later), Err(REFILL));
    }

    #[test]
    fn all_addresses_of_an_ipv6_network_are_one_source() {
        let (attempts, now) = (KeyRateLimit::default(), Instant::now());
        for n in 0..BURST {
            attempts.failed(Some(address(&format!("2001:db8:1:2:{n:x}::{n:x}"))), now);
            attempts.failed(Some(address("192.0.2.1")), now);
        }
        assert!(attempts.allow(Some(address("2001:db8:1:2:ffff::")), None, now).is_err());
        assert!(attempts.allow(Some(address("2001:db8:1:3::")), None, now).is_ok());
        // As a socket for both protocols shows it.
        assert!(attempts.allow(Some(address("::ffff:192.0.2.1")), None, now).is_err());
    }

    #[test]
    fn a_key_that_was_accepted_is_not_limited_by_failures_of_others() {
        let (attempts, now) = (KeyRateLimit::default(), Instant::now());
        let proxy = Some(address("192.0.2.1"));
        attempts.accepted(digest(1), now);
        for _ in 0..BURST {
            attempts.failed(proxy, now);
        }
        assert!(attempts.allow(proxy, Some(&digest(1)), now).is_ok());
        assert!(attempts.allow(proxy, Some(&digest(2)), now).is_err());
        let later = now + KNOWN_FOR;
        for _ in 0..BURST {
            attempts.failed(proxy, later);
        }
        assert!(attempts.allow(proxy, Some(&digest(1)), later).is_err());
    }

    #[test]
    fn the_memory_is_bounded() {
        let (attempts, now) = (KeyRateLimit::default(), Instant::now());
        let sources = u32::try_from(SOURCES).unwrap();
        let one = Some(address("192.0.2.1"));
        for _ in 0..BURST {
            attempts.failed(one, now);
        }
        for n in 0..2 * sources {
            attempts
                .failed(Some(IpAddr::V4((0x0a00_0000 + n).into())), now + Duration::from_secs(1));
        }
        assert_eq!(attempts.state().failed.len(), SOURCES);
        assert!(attempts.allow(one, None, now).is_err(), "who failed most is remembered");
        for n in 0..2 * KEYS as u64 {
            attempts.accepted(digest(n), now + Duration::from_millis(n));
        }
        assert_eq!(attempts.state().accepted.len(), KEYS);
        // What is over makes place.
        attempts.failed(Some(address("192.0.2.2")), now + REFILL * BURST * 2);
        assert_eq!(attempts.state().failed.len(), 1);
    }
}
