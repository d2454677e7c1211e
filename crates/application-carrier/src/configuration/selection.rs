//! The numbers that an operation applies to.

use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

/// The numbers that an operation applies to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// Every number in scope.
    #[default]
    All,
    /// The numbers of one account.
    Account(AccountSid),
    /// A single number.
    Number(Sender),
}
