//! Whether a request is tried again, and when.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::StatusCode;
use switchboard_domain::ports::Randomness;

/// How often a request is sent at most.
pub(crate) const MOST_TRIES: u32 = 3;
/// The first pause is at most so long, the second twice that.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// No pause is longer, whatever `Retry-After` says.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Waits.
#[async_trait]
pub trait Pauses: Send + Sync {
    /// Returns after that time.
    async fn pause(&self, time: Duration);
}

/// Waits by the clock of the runtime.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioPauses;

#[async_trait]
impl Pauses for TokioPauses {
    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// How a try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With an answer.
    Answered(StatusCode),
    /// No connection came about, so nothing was sent.
    NotSent,
    /// Something was sent, and no whole answer came.
    Unknown,
}

/// Whether the same request may be sent again: only if it changes nothing, or was certainly not carried out.
pub(crate) fn may_be_repeated(changes_nothing: bool, ending: Ending) -> bool {
    match ending {
        // 429 says that the request was not processed (Twilio, error 20429).
        Ending::Answered(StatusCode::TOO_MANY_REQUESTS) | Ending::NotSent => true,
        Ending::Answered(status) => changes_nothing && status.is_server_error(),
        Ending::Unknown => changes_nothing,
    }
}

/// How long to wait after the first, the second… try. Everybody who was turned away at once comes back at another
/// time. What Twilio asks for is kept to, but for what is too long to wait for.
pub(crate) fn pause(
    tries: u32,
    retry_after: Option<Duration>,
    randomness: &dyn Randomness,
) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(16));
    let mut chance = [0; 4];
    randomness.fill(&mut chance);
    let part = f64::from(u32::from_le_bytes(chance)) / f64::from(u32::MAX);
    let jittered = longest.min(LONGEST_PAUSE).mul_f64(part);
    retry_after.map_or(jittered, |asked| asked.saturating_add(jittered)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use reqwest::StatusCode;
    use switchboard_domain::ports::Randomness;

    use super::{Ending, FIRST_PAUSE, LONGEST_PAUSE, may_be_repeated, pause};

    struct Chance([u8; 4]);

    impl Randomness for Chance {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.copy_from_slice(&self.0);
        }
    }

    #[test]
    fn only_what_cannot_happen_twice_is_repeated() {
        let answered = |status| Ending::Answered(StatusCode::from_u16(status).unwrap());
        for (ending, read, write) in [
            (answered(429), true, true),
            (Ending::NotSent, true, true),
            (Ending::Unknown, true, false),
            (answered(500), true, false),
            (answered(503), true, false),
            (answered(200), false, false),
            (answered(401), false, false),
            (answered(404), false, false),
        ] {
            assert_eq!(may_be_repeated(true, ending), read, "{ending:?}");
            assert_eq!(may_be_repeated(false, ending), write, "{ending:?}");
        }
    }

    #[test]
    fn pauses_grow_and_what_is_asked_for_is_kept_to() {
        let (none, all) = (Chance([0; 4]), Chance([255; 4]));
        assert_eq!(pause(1, None, &none), Duration::ZERO);
        assert_eq!(pause(1, None, &all), FIRST_PAUSE);
        assert_eq!(pause(2, None, &all), 2 * FIRST_PAUSE);
        let asked = Duration::from_secs(2);
        assert_eq!(pause(1, Some(asked), &none), asked);
        assert_eq!(pause(1, Some(asked), &all), asked + FIRST_PAUSE);
        assert_eq!(pause(1, Some(Duration::from_secs(3_600)), &none), LONGEST_PAUSE);
    }

    proptest! {
        #[test]
        fn no_pause_is_longer_than_the_longest(tries: u32, asked: Option<u64>, chance: [u8; 4]) {
            let asked = asked.map(Duration::from_secs);
            prop_assert!(pause(tries, asked, &Chance(chance)) <= LONGEST_PAUSE);
        }
    }
}
