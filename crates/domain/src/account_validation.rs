//! How strictly the signatures of one account are checked.

use crate::string_enum;

string_enum! {
    /// How strictly the signatures of one account's webhooks are checked, whatever the installation says. Signatures are left unchecked
    /// for a whole installation only.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum AccountValidation {
        /// Requests that do not verify are refused.
        Enforced = "enforced",
        /// Every readable request is answered, and those that would be refused are recorded.
        Report = "report",
    }
}
