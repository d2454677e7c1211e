//! The time of a call.

use std::time::{Duration, Instant};

use super::caller::Pace;

/// Tells how long a call has been going on, in its own time.
pub(super) struct CallClock {
    pace: Pace,
    patience: Duration,
    answered: Option<Instant>,
    /// Time that was only counted, not waited for.
    counted: Duration,
}

impl CallClock {
    pub(super) fn new(pace: Pace, patience: Duration) -> Self {
        Self { pace, patience, answered: None, counted: Duration::ZERO }
    }

    /// The call is answered.
    pub(super) fn answer(&mut self) {
        self.answered = Some(Instant::now());
        self.counted = Duration::ZERO;
    }

    /// How long the call has been going on since it was answered.
    pub(super) fn since_answer(&self) -> Duration {
        match (self.pace, self.answered) {
            (_, None) => Duration::ZERO,
            (Pace::RealTime, Some(answered)) => answered.elapsed(),
            (Pace::AsFastAsTaken, Some(_)) => self.counted,
        }
    }

    /// Whether the caller has had enough.
    pub(super) fn is_over(&self) -> bool {
        self.since_answer() >= self.patience
    }

    /// Lets time pass, but no longer than the caller stays.
    pub(super) async fn pass(&mut self, time: Duration) {
        let time = time.min(self.patience.saturating_sub(self.since_answer()));
        match self.pace {
            Pace::RealTime => tokio::time::sleep(time).await,
            Pace::AsFastAsTaken => self.counted += time,
        }
    }

    /// Counts time that a stream took.
    pub(super) fn count(&mut self, time: Duration) {
        self.counted += time;
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{CallClock, Pace};

    #[tokio::test]
    async fn time_that_is_not_waited_for_is_counted_up_to_the_callers_patience() {
        let started = Instant::now();
        let mut clock = CallClock::new(Pace::AsFastAsTaken, Duration::from_secs(5_000));
        clock.pass(Duration::from_secs(1_000)).await;
        assert_eq!(clock.since_answer(), Duration::ZERO);
        clock.answer();
        clock.pass(Duration::from_secs(4_000)).await;
        assert!(!clock.is_over());
        clock.pass(Duration::from_secs(4_000)).await;
        assert_eq!((clock.since_answer().as_secs(), clock.is_over()), (5_000, true));
        assert!(started.elapsed() < Duration::from_secs(1_000));
    }
}
