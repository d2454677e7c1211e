//! A circuit breaker for each voice server, driven by the outcomes of calls and by health checks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use switchboard_domain::time::Timestamp;

/// Calls in a row that end at once before they count as a failure.
const MOST_SHORT_CALLS: u8 = 3;
/// Health checks in a row that fail before they count as a failure.
const MOST_MISSES: u8 = 2;
/// Seconds after which a call counts as connected.
const CONNECTED_AFTER: i64 = 3;

/// The state of the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Closed: calls pass.
    Up,
    /// Open: no call passes.
    Down,
    /// A health check succeeded, so one call may pass to try the server.
    HalfOpen,
    /// That call began then.
    Trial(Timestamp),
}

/// Which side ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EndedBy {
    Agent,
    Caller,
}

/// What a health check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Up,
    Down,
}

/// The circuit breaker of one voice server, shared by all its agents.
#[derive(Debug)]
pub(super) struct CircuitBreaker {
    /// Whether the state is `Up`: read without the lock by nearly every call.
    is_up: AtomicBool,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    state: State,
    short_calls: u8,
    misses: u8,
}

impl Inner {
    /// Ends a trial of which no failure was reported: failures are reported at once.
    fn settle(&mut self, now: Timestamp) {
        if let State::Trial(since) = self.state
            && now >= since.plus_seconds(CONNECTED_AFTER)
        {
            self.transition(State::Up);
        }
    }

    fn transition(&mut self, state: State) {
        self.state = state;
        self.short_calls = 0;
        self.misses = 0;
    }
}

impl CircuitBreaker {
    pub(super) const fn new() -> Self {
        let inner = Inner { state: State::Up, short_calls: 0, misses: 0 };
        Self { is_up: AtomicBool::new(true), inner: Mutex::new(inner) }
    }

    /// Changes the state.
    fn update<T>(&self, by: impl FnOnce(&mut Inner) -> T) -> T {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let result = by(&mut inner);
        self.is_up.store(inner.state == State::Up, Ordering::Release);
        result
    }

    /// Whether a call may pass now.
    pub(super) fn takes_calls(&self, now: Timestamp) -> bool {
        self.is_up.load(Ordering::Acquire)
            || self.update(|inner| {
                inner.settle(now);
                matches!(inner.state, State::Up | State::HalfOpen)
            })
    }

    /// Lets a call pass. In the half-open state, only one of several concurrent calls passes.
    pub(super) fn try_call(&self, now: Timestamp) -> bool {
        self.is_up.load(Ordering::Acquire)
            || self.update(|inner| {
                inner.settle(now);
                match inner.state {
                    State::Up => true,
                    State::HalfOpen => {
                        inner.state = State::Trial(now);
                        true
                    }
                    State::Down | State::Trial(_) => false,
                }
            })
    }

    /// A call did not reach the server, or its connection broke.
    pub(super) fn call_failed(&self) {
        self.update(|inner| inner.transition(State::Down));
    }

    /// A call ended after that many seconds. A caller who hangs up at once says nothing about the server.
    pub(super) fn call_ended(&self, seconds: i64, by: EndedBy) {
        self.update(|inner| {
            let is_trial = matches!(inner.state, State::Trial(_));
            if seconds >= 1 {
                inner.short_calls = 0;
                if is_trial {
                    inner.transition(State::Up);
                }
                return;
            }
            if by == EndedBy::Caller {
                return;
            }
            inner.short_calls = inner.short_calls.saturating_add(1);
            if inner.short_calls >= MOST_SHORT_CALLS || is_trial {
                inner.transition(State::Down);
            }
        });
    }

    /// A health check ended.
    pub(super) fn checked(&self, health: Health) {
        self.update(|inner| match (health, inner.state) {
            (Health::Up, State::Down) => inner.transition(State::HalfOpen),
            (Health::Up, _) => inner.misses = 0,
            (Health::Down, State::Up | State::HalfOpen) => {
                inner.misses = inner.misses.saturating_add(1);
                if inner.misses >= MOST_MISSES {
                    inner.transition(State::Down);
                }
            }
            (Health::Down, State::Down | State::Trial(_)) => {}
        });
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::time::Timestamp;

    use super::{CircuitBreaker, EndedBy, Health};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    #[test]
    fn a_failure_opens_the_breaker_and_one_call_after_a_health_check_closes_it() {
        let server = CircuitBreaker::new();
        assert!(server.takes_calls(at(0)));
        server.call_failed();
        assert!(!server.takes_calls(at(60)));
        server.checked(Health::Up);
        assert!(server.takes_calls(at(60)));
        assert!(server.try_call(at(60)));
        assert!(!server.try_call(at(60)));
        assert!(!server.takes_calls(at(60)), "one trial at a time");
        server.call_ended(1, EndedBy::Caller);
        assert!(server.takes_calls(at(60)));
    }

    #[test]
    fn a_failed_trial_opens_the_breaker_again_and_a_lasting_one_closes_it() {
        let server = CircuitBreaker::new();
        for trial_fails in [true, false] {
            server.call_failed();
            server.checked(Health::Up);
            assert!(server.try_call(at(10)));
            if trial_fails {
                server.call_failed();
            }
            assert_eq!(server.takes_calls(at(13)), !trial_fails);
        }
    }

    #[test]
    fn several_calls_in_a_row_that_end_at_once_open_the_breaker() {
        let server = CircuitBreaker::new();
        for seconds in [0, 0, 5, 0, 0] {
            server.call_ended(seconds, EndedBy::Agent);
            server.call_ended(0, EndedBy::Caller);
            assert!(server.takes_calls(at(0)));
        }
        server.call_ended(0, EndedBy::Agent);
        assert!(!server.takes_calls(at(0)));
    }

    #[test]
    fn one_failed_health_check_does_not_open_the_breaker() {
        let server = CircuitBreaker::new();
        for health in [Health::Down, Health::Up, Health::Down] {
            server.checked(health);
            assert!(server.takes_calls(at(0)));
        }
        server.checked(Health::Down);
        assert!(!server.takes_calls(at(0)));
    }
}
