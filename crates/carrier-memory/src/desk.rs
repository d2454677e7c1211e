//! One visit to the carrier: an account that was opened, and what is noted of it.

use switchboard_domain::carrier::{CarrierError, Told};
use switchboard_domain::configuration::Configuration;
use switchboard_domain::sid::AccountSid;

use crate::holding::Holding;
use crate::state::Write;

/// An account, opened for one operation.
pub(crate) struct Desk<'a> {
    pub(crate) operation: &'static str,
    pub(crate) account: AccountSid,
    pub(crate) holding: &'a mut Holding,
    pub(crate) writes: &'a mut Vec<Write>,
    pub(crate) made: &'a mut u64,
}

impl Desk<'_> {
    /// Notes that something was changed.
    pub(crate) fn wrote(&mut self, resource: String, changes: Configuration) {
        let (operation, account) = (self.operation, self.account);
        self.writes.push(Write { operation, account, resource, changes });
    }

    /// 32 hexadecimal digits that were never given before.
    pub(crate) fn digits(&mut self) -> String {
        *self.made += 1;
        format!("{:032x}", self.made)
    }

    /// What the operation names is not there.
    pub(crate) fn missing(&self) -> CarrierError {
        let told = Told::new(404, Some(20404), "The requested resource was not found");
        CarrierError::NotFound { operation: self.operation, account: self.account, told }
    }

    /// The carrier will not do this.
    pub(crate) fn refused(&self, code: u32, why: &str) -> CarrierError {
        let told = Told::new(400, Some(code), why);
        CarrierError::Refused { operation: self.operation, told }
    }
}
