//! Whether a voice server takes calls, judged by what becomes of them and by looking.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use switchboard_domain::time::Timestamp;

/// So many calls in a row that end at once count as a failure.
const MOST_SHORT_CALLS: u8 = 3;
/// So many looks in a row that find nothing count as a failure.
const MOST_MISSES: u8 = 2;
/// A call that has lasted so long has connected, in seconds.
const CONNECTED_AFTER: i64 = 3;

/// What is thought of a voice server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It takes calls.
    Up,
    /// It takes none.
    Down,
    /// It is there again, and takes one call to show it.
    HalfOpen,
    /// That call is on its way since then.
    Trial(Timestamp),
}

/// A voice server, whichever agents it speaks for.
#[derive(Debug)]
pub(super) struct CircuitBreaker {
    /// Whether it is up: what nearly every call finds, and no lock is needed for.
    is_up: AtomicBool,
    judged: Mutex<Judged>,
}

#[derive(Debug)]
struct Judged {
    state: State,
    short_calls: u8,
    misses: u8,
}

impl Judged {
    /// A trial of which nothing was heard has gone well: a failure is told at once.
    fn settle(&mut self, now: Timestamp) {
        if let State::Trial(since) = self.state
            && now >= since.plus_seconds(CONNECTED_AFTER)
        {
            self.turn(State::Up);
        }
    }

    fn turn(&mut self, state: State) {
        self.state = state;
        self.short_calls = 0;
        self.misses = 0;
    }
}

impl CircuitBreaker {
    pub(super) const fn new() -> Self {
        let judged = Judged { state: State::Up, short_calls: 0, misses: 0 };
        Self { is_up: AtomicBool::new(true), judged: Mutex::new(judged) }
    }

    /// Judges anew.
    fn judge<T>(&self, by: impl FnOnce(&mut Judged) -> T) -> T {
        let mut judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        let result = by(&mut judged);
        self.is_up.store(judged.state == State::Up, Ordering::Release);
        result
    }

    /// Whether it takes a call now.
    pub(super) fn takes_calls(&self, now: Timestamp) -> bool {
        self.is_up.load(Ordering::Acquire)
            || self.judge(|judged| {
                judged.settle(now);
                matches!(judged.state, State::Up | State::HalfOpen)
            })
    }

    /// A call goes there, unless the server takes none: of two that come at once to one that is tried, one.
    pub(super) fn begins(&self, now: Timestamp) -> bool {
        self.is_up.load(Ordering::Acquire)
            || self.judge(|judged| {
                judged.settle(now);
                match judged.state {
                    State::Up => true,
                    State::HalfOpen => {
                        judged.state = State::Trial(now);
                        true
                    }
                    State::Down | State::Trial(_) => false,
                }
            })
    }

    /// A call did not reach it, or lost it.
    pub(super) fn failed(&self) {
        self.judge(|judged| judged.turn(State::Down));
    }

    /// A call ended there after so long. A caller who hangs up at once tells nothing of the server.
    pub(super) fn ended(&self, seconds: i64, by_caller: bool) {
        self.judge(|judged| {
            let is_trial = matches!(judged.state, State::Trial(_));
            if seconds >= 1 {
                judged.short_calls = 0;
                if is_trial {
                    judged.turn(State::Up);
                }
                return;
            }
            if by_caller {
                return;
            }
            judged.short_calls = judged.short_calls.saturating_add(1);
            if judged.short_calls >= MOST_SHORT_CALLS || is_trial {
                judged.turn(State::Down);
            }
        });
    }

    /// Somebody has looked.
    pub(super) fn looked(&self, is_there: bool) {
        self.judge(|judged| match (is_there, judged.state) {
            (true, State::Down) => judged.turn(State::HalfOpen),
            (true, _) => judged.misses = 0,
            (false, State::Up | State::HalfOpen) => {
                judged.misses = judged.misses.saturating_add(1);
                if judged.misses >= MOST_MISSES {
                    judged.turn(State::Down);
                }
            }
            (false, State::Down | State::Trial(_)) => {}
        });
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::time::Timestamp;

    use super::CircuitBreaker;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    #[test]
    fn a_failure_takes_it_out_and_one_call_after_a_look_brings_it_back() {
        let server = CircuitBreaker::new();
        assert!(server.takes_calls(at(0)));
        server.failed();
        assert!(!server.takes_calls(at(60)));
        server.looked(true);
        assert!(server.takes_calls(at(60)));
        assert!(server.begins(at(60)));
        assert!(!server.begins(at(60)));
        assert!(!server.takes_calls(at(60)), "one call is enough to try");
        server.ended(1, true);
        assert!(server.takes_calls(at(60)));
    }

    #[test]
    fn a_trial_that_fails_takes_it_out_again_and_one_that_goes_on_does_not() {
        let server = CircuitBreaker::new();
        for trial_fails in [true, false] {
            server.failed();
            server.looked(true);
            assert!(server.begins(at(10)));
            if trial_fails {
                server.failed();
            }
            assert_eq!(server.takes_calls(at(13)), !trial_fails);
        }
    }

    #[test]
    fn calls_that_end_at_once_are_a_failure_if_there_are_several_in_a_row() {
        let server = CircuitBreaker::new();
        for seconds in [0, 0, 5, 0, 0] {
            server.ended(seconds, false);
            server.ended(0, true);
            assert!(server.takes_calls(at(0)));
        }
        server.ended(0, false);
        assert!(!server.takes_calls(at(0)));
    }

    #[test]
    fn one_look_that_finds_nothing_may_be_chance() {
        let server = CircuitBreaker::new();
        for is_there in [false, true, false] {
            server.looked(is_there);
            assert!(server.takes_calls(at(0)));
        }
        server.looked(false);
        assert!(!server.takes_calls(at(0)));
    }
}
