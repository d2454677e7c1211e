//! What can be made to go wrong.

use std::collections::BTreeSet;
use std::io;

use switchboard_domain::carrier::{CarrierError, Told};
use switchboard_domain::sid::AccountSid;

use crate::MemoryCarrier;

/// How something goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The carrier cannot be reached. Nothing is carried out.
    Unavailable,
    /// The carrier has too much to do. Nothing is carried out.
    Busy,
    /// The carrier will not do it.
    Refused,
    /// The credentials are taken for wrong ones.
    Unauthorized,
    /// The answer is a page for people.
    Unreadable,
    /// It is carried out, but the answer is lost on its way.
    AnswerLost,
}

/// The failures that are still to come.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    orders: Vec<Order>,
    unreachable: BTreeSet<AccountSid>,
}

#[derive(Debug)]
struct Order {
    operation: Option<&'static str>,
    times: usize,
    failure: Failure,
}

impl MemoryCarrier {
    /// Lets the next calls fail, whatever they ask. What was ordered before comes first.
    pub fn fail_next(&self, times: usize, failure: Failure) {
        self.state().orders.orders.push(Order { operation: None, times, failure });
    }

    /// Lets the next calls of one operation fail, for example of `number.update`.
    pub fn fail_next_of(&self, operation: &'static str, times: usize, failure: Failure) {
        self.state().orders.orders.push(Order { operation: Some(operation), times, failure });
    }

    /// Lets every call for the account fail from now on.
    pub fn make_unreachable(&self, account: AccountSid) {
        self.state().orders.unreachable.insert(account);
    }

    /// Takes all failures back.
    pub fn recover(&self) {
        self.state().orders = Orders::default();
    }
}

impl Orders {
    /// What goes wrong with a call, if anything does.
    pub(crate) fn strike(
        &mut self,
        operation: &'static str,
        account: AccountSid,
    ) -> Option<Failure> {
        if self.unreachable.contains(&account) {
            return Some(Failure::Unavailable);
        }
        let is_due = |order: &Order| {
            order.times > 0 && order.operation.is_none_or(|wanted| wanted == operation)
        };
        let order = self.orders.iter_mut().find(|order| is_due(order))?;
        order.times -= 1;
        Some(order.failure)
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
                let told = Told::new(429, Some(20429), "Too Many Requests");
                CarrierError::Busy { operation, account, told }
            }
            Self::Refused => {
                let told = Told::new(400, Some(20001), "Invalid parameter");
                CarrierError::Refused { operation, told }
            }
            Self::Unauthorized => {
                let told = Told::new(401, Some(20003), "Authenticate");
                CarrierError::Unauthorized { operation, account, told }
            }
            Self::Unreadable => {
                let source = io::Error::from(io::ErrorKind::InvalidData);
                CarrierError::Unreadable { operation, source: source.into() }
            }
        }
    }
}
