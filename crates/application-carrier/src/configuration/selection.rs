//! Which numbers are looked at.

use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

/// Which numbers are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    #[default]
    All,
    /// Those of one account.
    Account(AccountSid),
    /// One.
    Number(PhoneNumber),
}
