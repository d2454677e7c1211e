//! Accounts as the carrier keeps them.

use crate::secret::Secret;
use crate::sid::AccountSid;
use crate::string_enum;

string_enum! {
    /// Whether an account may do anything (Twilio, "Account resource: status").
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum AccountStatus {
        /// It may.
        #[default]
        Active = "active",
        /// Not for now: nothing comes in, and nothing can be changed.
        Suspended = "suspended",
        /// Never again.
        Closed = "closed",
    }
}

/// An account or a subaccount at the carrier.
#[derive(Clone, Debug)]
pub struct CarrierAccount {
    /// Twilio's key of it.
    pub sid: AccountSid,
    /// What people call it there.
    pub name: String,
    /// The account that owns it: itself, unless it is a subaccount.
    pub owner: AccountSid,
    /// Whether it may do anything.
    pub status: AccountStatus,
    /// Its auth token, which Twilio tells to who asks with the owner's token.
    pub token: Option<Secret>,
}

impl CarrierAccount {
    /// The owner, if that is another account.
    pub fn parent(&self) -> Option<AccountSid> {
        (self.owner != self.sid).then_some(self.owner)
    }
}
