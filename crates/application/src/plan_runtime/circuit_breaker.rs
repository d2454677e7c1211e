//! A circuit breaker for each voice server, driven by the outcomes of calls and by health checks.
//!
//! Health checks count for all accounts of an organization. The outcomes of calls count for their
//! account only, so an account whose calls fail does not block the calls of others.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

/// How many calls in a row that end immediately open the breaker.
const SHORT_CALLS_TO_OPEN: u8 = 3;
/// How many failed health checks in a row open the breaker.
const MISSES_TO_OPEN: u8 = 2;
/// The maximum number of accounts whose failures are tracked for one server.
const MAX_ACCOUNTS: usize = 1_024;

/// The state of the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Calls pass.
    Closed,
    /// No call passes.
    Open,
    /// One call may pass as a trial.
    HalfOpen,
    /// Half-open, and the trial call began at this time.
    Trial(Timestamp),
}

/// Which side ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EndedBy {
    Agent,
    Caller,
}

/// The result of a health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Up,
    Down,
    /// It shows nothing about the server, and changes nothing.
    Unknown,
}

/// Whether the states of the voice servers of an organization decide which calls pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// The states decide.
    Normal,
    /// Nearly all servers are down, so every call passes.
    Panic,
}

/// The circuit breaker of one voice server, shared by all its agents.
#[derive(Debug)]
pub(super) struct CircuitBreaker {
    /// Whether every state is `Closed`. Nearly every call reads this without the lock.
    is_closed: AtomicBool,
    /// Whether every state is `Closed`, and no account has failures.
    is_quiet: AtomicBool,
    /// Whether the states are ignored, because nearly all servers of the organization are down.
    is_ignored: AtomicBool,
    /// Seconds after which a trial without a reported failure has succeeded.
    connected_after: i64,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// The state according to health checks.
    checks: Track,
    /// The state according to the calls of each account. An account that is not listed has no
    /// failures.
    accounts: HashMap<AccountSid, Track>,
}

/// A state and the failures that lead to the next one.
#[derive(Debug)]
struct Track {
    state: State,
    short_calls: u8,
    misses: u8,
}

impl Default for Track {
    fn default() -> Self {
        Self { state: State::Closed, short_calls: 0, misses: 0 }
    }
}

impl Track {
    const fn is_clean(&self) -> bool {
        matches!(self.state, State::Closed) && self.short_calls == 0
    }

    /// Ends a trial without a reported failure, because failures are reported immediately.
    fn settle(&mut self, now: Timestamp, connected_after: i64) {
        if let State::Trial(since) = self.state
            && now >= since.plus_seconds(connected_after)
        {
            self.transition(State::Closed);
        }
    }

    const fn transition(&mut self, state: State) {
        self.state = state;
        self.short_calls = 0;
        self.misses = 0;
    }

    fn takes_calls(&mut self, now: Timestamp, connected_after: i64) -> bool {
        self.settle(now, connected_after);
        matches!(self.state, State::Closed | State::HalfOpen)
    }

    fn begin_trial(&mut self, now: Timestamp) {
        if self.state == State::HalfOpen {
            self.state = State::Trial(now);
        }
    }

    fn call_lasted(&mut self) {
        self.short_calls = 0;
        if matches!(self.state, State::Trial(_)) {
            self.transition(State::Closed);
        }
    }

    fn call_was_short(&mut self) {
        let is_trial = matches!(self.state, State::Trial(_));
        self.short_calls = self.short_calls.saturating_add(1);
        if self.short_calls >= SHORT_CALLS_TO_OPEN || is_trial {
            self.transition(State::Open);
        }
    }

    /// The next call may pass as the trial.
    fn trial_not_made(&mut self) {
        if matches!(self.state, State::Trial(_)) {
            self.state = State::HalfOpen;
        }
    }

    fn trial_failed(&mut self) {
        if matches!(self.state, State::Trial(_)) {
            self.transition(State::Open);
        }
    }
}

impl Inner {
    /// The state according to the calls of an account; `None` if too many accounts are tracked.
    fn of(&mut self, account: AccountSid) -> Option<&mut Track> {
        let has_room = self.accounts.len() < MAX_ACCOUNTS;
        match self.accounts.entry(account) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(place) => has_room.then(|| place.insert(Track::default())),
        }
    }

    fn takes_calls(&mut self, account: AccountSid, now: Timestamp, connected_after: i64) -> bool {
        let takes = |track: &mut Track| track.takes_calls(now, connected_after);
        let of_account = self.accounts.get_mut(&account).is_none_or(takes);
        takes(&mut self.checks) && of_account
    }
}

impl CircuitBreaker {
    /// A trial without a reported failure has succeeded after `connected_after` seconds.
    pub(super) fn new(connected_after: i64) -> Self {
        Self {
            connected_after,
            is_closed: AtomicBool::new(true),
            is_quiet: AtomicBool::new(true),
            is_ignored: AtomicBool::new(false),
            inner: Mutex::default(),
        }
    }

    /// Changes the state.
    fn update<T>(&self, by: impl FnOnce(&mut Inner) -> T) -> T {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let result = by(&mut inner);
        inner.accounts.retain(|_, track| !track.is_clean());
        let is_closed = |track: &Track| track.state == State::Closed;
        let all_closed = is_closed(&inner.checks) && inner.accounts.values().all(is_closed);
        self.is_closed.store(all_closed, Ordering::Release);
        self.is_quiet.store(all_closed && inner.accounts.is_empty(), Ordering::Release);
        result
    }

    /// Whether every call passes.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire) || self.is_ignored.load(Ordering::Acquire)
    }

    /// Whether a call of an account may pass now.
    pub(super) fn takes_calls(&self, account: AccountSid, now: Timestamp) -> bool {
        self.is_closed()
            || self.update(|inner| inner.takes_calls(account, now, self.connected_after))
    }

    /// Lets a call pass. In the half-open state, only one of several concurrent calls passes.
    pub(super) fn try_call(&self, account: AccountSid, now: Timestamp) -> bool {
        self.is_closed()
            || self.update(|inner| {
                let takes = inner.takes_calls(account, now, self.connected_after);
                if takes {
                    inner.checks.begin_trial(now);
                    if let Some(track) = inner.accounts.get_mut(&account) {
                        track.begin_trial(now);
                    }
                }
                takes
            })
    }

    /// Records that a call of an account did not reach the server, or that its connection failed.
    pub(super) fn call_failed(&self, account: AccountSid) {
        self.update(|inner| {
            inner.checks.trial_failed();
            if let Some(track) = inner.of(account) {
                track.transition(State::Open);
            }
        });
    }

    /// Records that the server answered a request for a call of an account.
    pub(super) fn request_answered(&self, account: AccountSid) {
        // Nearly every request: there is no failure to forget.
        if self.is_quiet.load(Ordering::Acquire) {
            return;
        }
        self.update(|inner| {
            inner.checks.call_lasted();
            if let Some(track) = inner.accounts.get_mut(&account) {
                track.call_lasted();
            }
        });
    }

    /// Records that no request was sent for a call of an account that passed.
    pub(super) fn request_not_sent(&self, account: AccountSid) {
        if self.is_quiet.load(Ordering::Acquire) {
            return;
        }
        self.update(|inner| {
            inner.checks.trial_not_made();
            if let Some(track) = inner.accounts.get_mut(&account) {
                track.trial_not_made();
            }
        });
    }

    /// Records that the server did not answer a request for a call of an account. Several in a row open the breaker.
    pub(super) fn request_failed(&self, account: AccountSid) {
        self.update(|inner| {
            inner.checks.trial_failed();
            if let Some(track) = inner.of(account) {
                track.call_was_short();
            }
        });
    }

    /// Records that a call of an account ended after this many seconds. A caller who hangs up
    /// immediately shows nothing about the server.
    pub(super) fn call_ended(&self, account: AccountSid, seconds: i64, by: EndedBy) {
        self.update(|inner| {
            if seconds >= 1 {
                inner.checks.call_lasted();
                if let Some(track) = inner.accounts.get_mut(&account) {
                    track.call_lasted();
                }
            } else if by == EndedBy::Agent {
                inner.checks.trial_failed();
                if let Some(track) = inner.of(account) {
                    track.call_was_short();
                }
            }
        });
    }

    /// Records the result of a health check.
    pub(super) fn checked(&self, health: Health) {
        self.update(|inner| match health {
            Health::Unknown => {}
            Health::Up => {
                for track in inner.accounts.values_mut().chain([&mut inner.checks]) {
                    track.misses = 0;
                    if track.state == State::Open {
                        track.transition(State::HalfOpen);
                    }
                }
            }
            Health::Down => {
                let track = &mut inner.checks;
                if matches!(track.state, State::Closed | State::HalfOpen) {
                    track.misses = track.misses.saturating_add(1);
                    if track.misses >= MISSES_TO_OPEN {
                        track.transition(State::Open);
                    }
                }
            }
        });
    }

    /// Whether the server is down according to health checks or to the calls of an account.
    pub(super) fn looks_down(&self) -> bool {
        let is_open = |track: &Track| matches!(track.state, State::Open | State::Trial(_));
        self.update(|inner| is_open(&inner.checks) || inner.accounts.values().any(is_open))
    }

    /// Sets whether the states decide.
    pub(super) fn set_mode(&self, mode: Mode) {
        self.is_ignored.store(mode == Mode::Panic, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::sid::AccountSid;
    use switchboard_domain::time::Timestamp;

    use super::{CircuitBreaker, EndedBy, Health, Mode};

    fn account(index: u32) -> AccountSid {
        AccountSid::parse(&format!("AC{index:032x}")).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    #[test]
    fn a_failure_opens_the_breaker_and_one_call_after_a_health_check_closes_it() {
        let server = CircuitBreaker::new(3);
        assert!(server.takes_calls(account(1), at(0)));
        server.call_failed(account(1));
        assert!(!server.takes_calls(account(1), at(60)));
        server.checked(Health::Up);
        assert!(server.takes_calls(account(1), at(60)));
        assert!(server.try_call(account(1), at(60)));
        assert!(!server.try_call(account(1), at(60)));
        assert!(!server.takes_calls(account(1), at(60)), "one trial at a time");
        server.call_ended(account(1), 1, EndedBy::Caller);
        assert!(server.takes_calls(account(1), at(60)));
    }

    #[test]
    fn a_failed_trial_opens_the_breaker_again_and_a_lasting_one_closes_it() {
        let server = CircuitBreaker::new(3);
        for trial_fails in [true, false] {
            server.call_failed(account(1));
            server.checked(Health::Up);
            assert!(server.try_call(account(1), at(10)));
            if trial_fails {
                server.call_failed(account(1));
            }
            assert_eq!(server.takes_calls(account(1), at(13)), !trial_fails);
        }
    }

    #[test]
    fn several_calls_in_a_row_that_end_at_once_open_the_breaker() {
        let server = CircuitBreaker::new(3);
        for seconds in [0, 0, 5, 0, 0] {
            server.call_ended(account(1), seconds, EndedBy::Agent);
            server.call_ended(account(1), 0, EndedBy::Caller);
            assert!(server.takes_calls(account(1), at(0)));
        }
        server.call_ended(account(1), 0, EndedBy::Agent);
        assert!(!server.takes_calls(account(1), at(0)));
    }

    #[test]
    fn one_failed_health_check_does_not_open_the_breaker() {
        let server = CircuitBreaker::new(3);
        for health in [Health::Down, Health::Up, Health::Down] {
            server.checked(health);
            assert!(server.takes_calls(account(1), at(0)));
        }
        server.checked(Health::Down);
        assert!(!server.takes_calls(account(1), at(0)));
    }

    #[test]
    fn the_failures_of_an_account_count_for_its_own_calls() {
        let server = CircuitBreaker::new(3);
        for _ in 0..100 {
            server.call_failed(account(1));
            server.call_ended(account(1), 0, EndedBy::Agent);
            assert!(!server.takes_calls(account(1), at(0)) && server.try_call(account(2), at(0)));
        }
        server.checked(Health::Up);
        assert!(server.try_call(account(1), at(0)) && !server.try_call(account(1), at(0)));
        assert!(server.try_call(account(2), at(0)));
    }

    #[test]
    fn a_failed_trial_after_health_checks_stops_the_calls_of_all() {
        let server = CircuitBreaker::new(3);
        for health in [Health::Down, Health::Down, Health::Up] {
            server.checked(health);
        }
        assert!(server.try_call(account(1), at(0)));
        server.call_failed(account(1));
        assert!(!server.takes_calls(account(2), at(60)));
    }

    #[test]
    fn a_check_that_found_nothing_changes_nothing() {
        let server = CircuitBreaker::new(3);
        for _ in 0..9 {
            server.checked(Health::Unknown);
        }
        assert!(server.takes_calls(account(1), at(0)));
        server.checked(Health::Down);
        server.checked(Health::Unknown);
        server.checked(Health::Down);
        server.checked(Health::Unknown);
        assert!(!server.takes_calls(account(1), at(0)));
    }

    #[test]
    fn an_ignored_breaker_lets_every_call_pass() {
        let server = CircuitBreaker::new(3);
        server.call_failed(account(1));
        assert!(server.looks_down());
        server.set_mode(Mode::Panic);
        assert!(server.try_call(account(1), at(0)) && server.looks_down());
        server.set_mode(Mode::Normal);
        assert!(!server.try_call(account(1), at(0)));
    }

    #[test]
    fn several_requests_in_a_row_without_an_answer_open_the_breaker_until_one_is_answered() {
        let handler = CircuitBreaker::new(6);
        for is_answered in [false, false, true, false, false] {
            if is_answered {
                handler.request_answered(account(1));
            } else {
                handler.request_failed(account(1));
            }
            assert!(handler.try_call(account(1), at(0)));
        }
        handler.request_failed(account(1));
        assert!(!handler.try_call(account(1), at(0)) && handler.try_call(account(2), at(0)));
        handler.checked(Health::Up);
        assert!(handler.try_call(account(1), at(10)) && !handler.try_call(account(1), at(15)));
        handler.request_failed(account(1));
        assert!(!handler.try_call(account(1), at(16)), "the trial failed");
        handler.checked(Health::Up);
        assert!(handler.try_call(account(1), at(20)));
        handler.request_answered(account(1));
        assert!(handler.try_call(account(1), at(20)) && handler.try_call(account(1), at(20)));
    }
}
