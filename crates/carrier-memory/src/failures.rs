//! Injected failures.

use std::collections::BTreeSet;
use std::io;

use switchboard_domain::carrier::{CarrierError, ErrorResponse};
use switchboard_domain::sid::AccountSid;

use crate::MemoryCarrier;

/// How a request fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The carrier cannot be reached. Nothing is changed.
    Unavailable,
    /// The carrier answers 429. Nothing is changed.
    Busy,
    /// The carrier rejects the request.
    Refused,
    /// The carrier rejects the credentials.
    Unauthorized,
    /// The response is not JSON.
    Unreadable,
    /// The request is carried out, but the response is lost.
    AnswerLost,
}

/// Failures that have not happened yet.
#[derive(Debug, Default)]
pub(crate) struct InjectedFailures {
    next: Vec<InjectedFailure>,
    unreachable: BTreeSet<AccountSid>,
}

#[derive(Debug)]
struct InjectedFailure {
    operation: Option<&'static str>,
    times: usize,
    failure: Failure,
}

impl MemoryCarrier {
    /// Makes the next `times` requests fail, after the failures that were injected before.
    pub fn fail_next(&self, times: usize, failure: Failure) {
        self.state().failures.next.push(InjectedFailure { operation: None, times, failure });
    }

    /// Makes the next `times` requests of one operation fail, for example `number.update`.
    pub fn fail_next_of(&self, operation: &'static str, times: usize, failure: Failure) {
        self.state().failures.next.push(InjectedFailure {
            operation: Some(operation),
            times,
            failure,
        });
    }

    /// Makes every request of the account fail from now on.
    pub fn make_unreachable(&self, account: AccountSid) {
        self.state().failures.unreachable.insert(account);
    }

    /// Removes all injected failures.
    pub fn recover(&self) {
        self.state().failures = InjectedFailures::default();
    }
}

impl InjectedFailures {
    /// The failure of a request, if one was injected.
    pub(crate) fn take(&mut self, operation: &'static str, account: AccountSid) -> Option<Failure> {
        if self.unreachable.contains(&account) {
            return Some(Failure::Unavailable);
        }
        let is_due = |injected: &InjectedFailure| {
            injected.times > 0 && injected.operation.is_none_or(|wanted| wanted == operation)
        };
        let injected = self.next.iter_mut().find(|injected| is_due(injected))?;
        injected.times -= 1;
        Some(injected.failure)
    }
}

impl Failure {
    pub(crate) fn error(self, operation: &'static str, account: AccountSid) -> CarrierError {
        match self {
            Self::Unavailable => {
                let source = io::Error::from(io::ErrorKind::ConnectionRefused);
                CarrierError::Unavailable { operation, source: Some(source.into()) }
            }
            Self::AnswerLost => CarrierError::timed_out(operation),
            Self::Busy => {
                let response = ErrorResponse::new(429, Some(20429), "Too Many Requests");
                CarrierError::Busy { operation, account, response }
            }
            Self::Refused => {
                let response = ErrorResponse::new(400, Some(20001), "Invalid parameter");
                CarrierError::Refused { operation, response }
            }
            Self::Unauthorized => {
                let response = ErrorResponse::new(401, Some(20003), "Authenticate");
                CarrierError::Unauthorized { operation, account, response }
            }
            Self::Unreadable => {
                let source = io::Error::from(io::ErrorKind::InvalidData);
                CarrierError::Unreadable { operation, source: source.into() }
            }
        }
    }
}
