//! One request to the carrier: the account that it acts on, and the writes that it records.

use switchboard_domain::carrier::{CarrierError, ErrorResponse};
use switchboard_domain::configuration::Configuration;
use switchboard_domain::sid::AccountSid;

use crate::account::StoredAccount;

/// A change that was made through a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The operation, for example `number.update`.
    pub operation: &'static str,
    /// The account that was acted on.
    pub account: AccountSid,
    /// The SID of the changed resource.
    pub resource: String,
    /// The fields that were sent; empty for resources without a configuration.
    pub changes: Configuration,
}

/// One authorized request.
pub(crate) struct Operation<'a> {
    pub(crate) name: &'static str,
    pub(crate) account: AccountSid,
    pub(crate) stored: &'a mut StoredAccount,
    pub(crate) writes: &'a mut Vec<Write>,
    pub(crate) made: &'a mut u64,
}

impl Operation<'_> {
    /// Records a change.
    pub(crate) fn wrote(&mut self, resource: String, changes: Configuration) {
        let (operation, account) = (self.name, self.account);
        self.writes.push(Write { operation, account, resource, changes });
    }

    /// 32 hexadecimal digits that were never returned before.
    pub(crate) fn digits(&mut self) -> String {
        *self.made += 1;
        format!("{:032x}", self.made)
    }

    /// The resource does not exist.
    pub(crate) fn missing(&self) -> CarrierError {
        let response = ErrorResponse::new(404, Some(20404), "The requested resource was not found");
        CarrierError::NotFound { operation: self.name, account: self.account, response }
    }

    /// The carrier rejects the request.
    pub(crate) fn refused(&self, code: u32, why: &str) -> CarrierError {
        let response = ErrorResponse::new(400, Some(code), why);
        CarrierError::Refused { operation: self.name, response }
    }
}
