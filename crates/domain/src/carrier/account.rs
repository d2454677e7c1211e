//! Accounts, as stored at the carrier.

use crate::secret::Secret;
use crate::sid::AccountSid;
use crate::string_enum;

string_enum! {
    /// The status of an account (Twilio, "Account resource: status").
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum AccountStatus {
        /// The account can be used.
        #[default]
        Active = "active",
        /// The account receives no calls and messages and cannot be changed, until it is active again.
        Suspended = "suspended",
        /// The account is closed permanently.
        Closed = "closed",
    }
}

/// An account or a subaccount at the carrier.
#[derive(Clone, Debug)]
pub struct CarrierAccount {
    /// The SID at Twilio.
    pub sid: AccountSid,
    /// The name at Twilio.
    pub name: String,
    /// The account that owns this account: itself, unless it is a subaccount.
    pub owner: AccountSid,
    /// The status of the account.
    pub status: AccountStatus,
    /// The auth token, which Twilio returns to requests with the owner's token.
    pub token: Option<Secret>,
}

impl CarrierAccount {
    /// The owner; `None` if the account owns itself.
    pub fn parent(&self) -> Option<AccountSid> {
        (self.owner != self.sid).then_some(self.owner)
    }
}
