//! Retries with exponential backoff and jitter.

use std::time::Duration;

use reqwest::StatusCode;
use switchboard_domain::ports::Randomness;

use super::request::Access;
use super::response::Answer;

/// Attempts per request, the first one included.
const MAX_ATTEMPTS: u32 = 3;
/// Upper bound of the first backoff; each later bound is twice the one before.
const INITIAL_BACKOFF: Duration = Duration::from_millis(500);
/// Upper bound of every backoff, including one that Twilio asks for with `Retry-After`.
const MAX_BACKOFF: Duration = Duration::from_secs(5);

/// What is known about a request after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Twilio answered.
    Answered(StatusCode),
    /// The connection failed, so nothing was sent.
    NotSent,
    /// The request was sent, but no complete answer arrived.
    Unknown,
}

impl Outcome {
    fn of(result: &Result<Answer, reqwest::Error>) -> Self {
        match result {
            Ok(answer) => Self::Answered(answer.status),
            Err(error) if error.is_connect() => Self::NotSent,
            Err(_) => Self::Unknown,
        }
    }
}

/// The attempts of one request.
pub(crate) struct Attempts<'a> {
    access: Access,
    randomness: &'a dyn Randomness,
    count: u32,
}

impl<'a> Attempts<'a> {
    /// Begins with the first attempt.
    pub(crate) const fn new(access: Access, randomness: &'a dyn Randomness) -> Self {
        Self { access, randomness, count: 1 }
    }

    /// The number of attempts, including the current one.
    pub(crate) const fn count(&self) -> u32 {
        self.count
    }

    /// Waits for the next attempt. Returns `false` without waiting if the result of the current one is final.
    pub(crate) async fn next(&mut self, result: &Result<Answer, reqwest::Error>) -> bool {
        if self.count == MAX_ATTEMPTS || !is_retryable(self.access, Outcome::of(result)) {
            return false;
        }
        let retry_after = result.as_ref().ok().and_then(|answer| answer.retry_after);
        tokio::time::sleep(backoff(self.count, retry_after, self.randomness)).await;
        self.count += 1;
        true
    }
}

fn is_retryable(access: Access, outcome: Outcome) -> bool {
    match outcome {
        // 429 says that the request was not processed (Twilio, error 20429).
        Outcome::Answered(StatusCode::TOO_MANY_REQUESTS) | Outcome::NotSent => true,
        Outcome::Answered(status) => access == Access::Read && status.is_server_error(),
        Outcome::Unknown => access == Access::Read,
    }
}

/// The time to wait after that many attempts. The jitter spreads clients that were refused at the same time; it is
/// added to `retry_after`, so that no request is sent before Twilio expects it.
fn backoff(attempts: u32, retry_after: Option<Duration>, randomness: &dyn Randomness) -> Duration {
    let bound = INITIAL_BACKOFF.saturating_mul(1 << attempts.saturating_sub(1).min(16));
    let mut random = [0; 4];
    randomness.fill(&mut random);
    let fraction = f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX);
    let jitter = bound.min(MAX_BACKOFF).mul_f64(fraction);
    retry_after.unwrap_or_default().saturating_add(jitter).min(MAX_BACKOFF)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use reqwest::StatusCode;
    use switchboard_domain::ports::Randomness;
    use tokio::time::Instant;

    use super::{
        Access, Attempts, INITIAL_BACKOFF, MAX_ATTEMPTS, MAX_BACKOFF, Outcome, backoff,
        is_retryable,
    };
    use crate::exchange::response::Answer;

    struct Fixed([u8; 4]);

    impl Randomness for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.copy_from_slice(&self.0);
        }
    }

    const MIN: Fixed = Fixed([0; 4]);
    const MAX: Fixed = Fixed([255; 4]);

    fn answer(status: u16, retry_after: Option<u64>) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            content_type: "application/json".to_owned(),
            retry_after: retry_after.map(Duration::from_secs),
            location: None,
            body: Some(Vec::new()),
        }
    }

    /// Retries against a server that gives these answers in order. Returns the last status, and when each attempt
    /// began.
    async fn attempts(
        access: Access,
        answers: &[(u16, Option<u64>)],
    ) -> (StatusCode, Vec<Duration>) {
        let (start, mut began) = (Instant::now(), Vec::new());
        let mut attempts = Attempts::new(access, &MAX);
        loop {
            let (status, retry_after) = answers[began.len()];
            began.push(start.elapsed());
            let answer = answer(status, retry_after);
            let status = answer.status;
            if !attempts.next(&Ok(answer)).await {
                return (status, began);
            }
        }
    }

    fn millis(all: &[u64]) -> Vec<Duration> {
        all.iter().copied().map(Duration::from_millis).collect()
    }

    #[test]
    fn a_write_is_retried_only_if_it_was_not_processed() {
        let answered = |status| Outcome::Answered(StatusCode::from_u16(status).unwrap());
        for (outcome, read, write) in [
            (answered(429), true, true),
            (Outcome::NotSent, true, true),
            (Outcome::Unknown, true, false),
            (answered(500), true, false),
            (answered(503), true, false),
            (answered(200), false, false),
            (answered(401), false, false),
            (answered(404), false, false),
        ] {
            assert_eq!(is_retryable(Access::Read, outcome), read, "{outcome:?}");
            assert_eq!(is_retryable(Access::Write, outcome), write, "{outcome:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_backoff_doubles_after_each_attempt() {
        let busy = [(429, None), (429, None), (200, None)];
        let (status, began) = attempts(Access::Write, &busy).await;
        assert_eq!((status, began), (StatusCode::OK, millis(&[0, 500, 1_500])));
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_respected_up_to_the_maximum() {
        let busy = [(429, Some(2)), (429, Some(3_600)), (200, None)];
        let (status, began) = attempts(Access::Read, &busy).await;
        assert_eq!((status, began), (StatusCode::OK, millis(&[0, 2_500, 7_500])));
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_attempt_is_final() {
        let failing = [(503, None), (503, None), (503, None)];
        let (status, began) = attempts(Access::Read, &failing).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(began.len(), usize::try_from(MAX_ATTEMPTS).unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn a_final_answer_is_returned_without_delay() {
        let (status, began) = attempts(Access::Write, &[(500, None)]).await;
        assert_eq!((status, began), (StatusCode::INTERNAL_SERVER_ERROR, millis(&[0])));
    }

    #[test]
    fn jitter_is_added_to_retry_after() {
        assert_eq!(backoff(1, None, &MIN), Duration::ZERO);
        assert_eq!(backoff(1, None, &MAX), INITIAL_BACKOFF);
        assert_eq!(backoff(2, None, &MAX), 2 * INITIAL_BACKOFF);
        let asked = Duration::from_secs(2);
        assert_eq!(backoff(1, Some(asked), &MIN), asked);
        assert_eq!(backoff(1, Some(asked), &MAX), asked + INITIAL_BACKOFF);
        assert_eq!(backoff(1, Some(Duration::from_secs(3_600)), &MIN), MAX_BACKOFF);
    }

    proptest! {
        #[test]
        fn no_backoff_exceeds_the_maximum(attempts: u32, asked: Option<u64>, random: [u8; 4]) {
            let asked = asked.map(Duration::from_secs);
            prop_assert!(backoff(attempts, asked, &Fixed(random)) <= MAX_BACKOFF);
        }
    }
}
