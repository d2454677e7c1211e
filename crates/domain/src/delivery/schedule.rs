//! The backoff of deliveries: when a failed one is attempted again.

use std::time::Duration;

/// The backoff between attempts: twelve attempts within 24 hours.
pub const RETRY_DELAYS: [Duration; 11] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(4 * 60 * 60),
    Duration::from_secs(6 * 60 * 60),
    Duration::from_secs(9 * 60 * 60),
];

/// The age, in seconds, at which a delivery is given up even if attempts are left: two days.
pub const MAX_AGE_SECONDS: i64 = 2 * 24 * 60 * 60;

/// The longest wait that a target can request with `Retry-After`.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// The longest time, in seconds, for which an earlier message of a conversation holds up the replies in answers. One that
/// is attempted later, for example because Twilio cannot be reached, does not silence the conversation.
pub const MAX_ORDER_WAIT_SECONDS: i64 = 60;

/// The jitter adds at most this fraction to a wait.
const JITTER: f64 = 0.2;

/// The wait before the next attempt after `failures` failed ones, or `None` after the last. `random` spreads the attempts
/// of many deliveries. `retry_after` is a wait that the target requested.
pub fn next_delay(failures: usize, retry_after: Option<Duration>, random: u32) -> Option<Duration> {
    let delay = *RETRY_DELAYS.get(failures.saturating_sub(1))?;
    let fraction = f64::from(random) / f64::from(u32::MAX);
    let jittered = delay.mul_f64(1.0 + JITTER * fraction);
    let requested = retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
    Some(jittered.max(requested))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{MAX_RETRY_AFTER, RETRY_DELAYS, next_delay};

    #[test]
    fn attempts_cover_one_day() {
        let hours = |random| {
            let delays = (1..=RETRY_DELAYS.len()).map(|n| next_delay(n, None, random).unwrap());
            delays.sum::<Duration>().as_secs_f64() / 3_600.0
        };
        assert!((22.0..24.0).contains(&hours(0)), "{}", hours(0));
        assert!((24.0..28.0).contains(&hours(u32::MAX)), "{}", hours(u32::MAX));
        assert_eq!(next_delay(RETRY_DELAYS.len() + 1, None, 0), None);
    }

    #[test]
    fn a_requested_wait_is_respected_up_to_its_limit() {
        assert_eq!(next_delay(1, Some(Duration::from_secs(90)), 0), Some(Duration::from_secs(90)));
        assert_eq!(next_delay(1, Some(Duration::from_secs(1)), 0), Some(RETRY_DELAYS[0]));
        assert_eq!(next_delay(1, Some(Duration::MAX), 0), Some(MAX_RETRY_AFTER));
    }

    proptest! {
        #[test]
        fn jitter_only_lengthens_a_wait(failures in 1..=11_usize, random: u32) {
            let (delay, longest) = (RETRY_DELAYS[failures - 1], RETRY_DELAYS[failures - 1].mul_f64(1.2));
            let next = next_delay(failures, None, random).unwrap();
            prop_assert!(delay <= next && next <= longest);
        }
    }
}
