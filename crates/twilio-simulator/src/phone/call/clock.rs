//! The time of a call.

use std::time::{Duration, Instant};

use super::caller::Pace;

/// Measures call time since the call was answered.
pub(super) struct CallClock {
    pace: Pace,
    max_duration: Duration,
    answered: Option<Instant>,
    /// Time that was counted instead of waited for.
    counted: Duration,
}

impl CallClock {
    pub(super) fn new(pace: Pace, max_duration: Duration) -> Self {
        Self { pace, max_duration, answered: None, counted: Duration::ZERO }
    }

    /// Starts the clock when the call is answered.
    pub(super) fn answer(&mut self) {
        self.answered = Some(Instant::now());
        self.counted = Duration::ZERO;
    }

    /// Call time since the answer. Zero before it.
    pub(super) fn since_answer(&self) -> Duration {
        match (self.pace, self.answered) {
            (_, None) => Duration::ZERO,
            (Pace::RealTime, Some(answered)) => answered.elapsed(),
            (Pace::NoWait, Some(_)) => self.counted,
        }
    }

    /// Whether the maximum duration is reached.
    pub(super) fn is_over(&self) -> bool {
        self.since_answer() >= self.max_duration
    }

    /// Lets time pass, up to the maximum duration.
    pub(super) async fn pass(&mut self, time: Duration) {
        let time = time.min(self.max_duration.saturating_sub(self.since_answer()));
        match self.pace {
            Pace::RealTime => tokio::time::sleep(time).await,
            Pace::NoWait => self.counted += time,
        }
    }

    /// Adds the duration of a stream.
    pub(super) fn count(&mut self, time: Duration) {
        self.counted += time;
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{CallClock, Pace};

    #[tokio::test]
    async fn counted_time_passes_without_waiting_up_to_the_maximum_duration() {
        let started = Instant::now();
        let mut clock = CallClock::new(Pace::NoWait, Duration::from_secs(5_000));
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
