//! An account, named by its SID or by its name.

use switchboard_domain::agent::{Label, TextError};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::AccountStore;
use switchboard_domain::sid::{AccountSid, SidError};

use crate::accounts::{all_accounts, find_account};
use crate::error::ManageError;
use crate::nearest::nearest;

/// An account as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountRef {
    /// By its SID.
    Sid(AccountSid),
    /// By its name.
    Name(Label),
}

/// A text that names no account. The text itself is left out, because it may be a misplaced token or a phone number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefError {
    /// It is neither a SID nor a name.
    #[error("is not an account SID: {0}")]
    Sid(SidError),
    /// It cannot be a name.
    #[error("is not the name of an account: it {0}")]
    Name(TextError),
}

impl AccountRef {
    /// Parses a SID or a name. What looks like a SID, a token or a number is never read as a name.
    pub fn parse(text: &str) -> Result<Self, AccountRefError> {
        let text = text.trim();
        match AccountSid::parse(text) {
            Ok(sid) => Ok(Self::Sid(sid)),
            Err(error) if is_no_name(text) => Err(AccountRefError::Sid(error)),
            Err(_) => Label::parse(text).map(Self::Name).map_err(AccountRefError::Name),
        }
    }

    /// The SID of the account. A given SID is not looked up.
    pub async fn sid(
        &self,
        accounts: &dyn AccountStore,
        scope: &Scope,
    ) -> Result<AccountSid, ManageError> {
        let name = match self {
            Self::Sid(sid) => return Ok(*sid),
            Self::Name(name) => name,
        };
        let all = all_accounts(accounts, scope).await?;
        let sids: Vec<_> =
            all.iter().filter(|account| account.name == *name).map(|account| account.sid).collect();
        match sids.as_slice() {
            [sid] => Ok(*sid),
            [] => {
                let names = all.iter().map(|account| account.name.as_str().to_owned());
                Err(ManageError::AccountNameUnknown {
                    name: name.clone(),
                    near: nearest(name.as_str(), names),
                })
            }
            _ => Err(ManageError::AccountAmbiguous { name: name.clone(), sids }),
        }
    }

    /// The SID of an account that exists.
    pub async fn known(
        &self,
        accounts: &dyn AccountStore,
        scope: &Scope,
    ) -> Result<AccountSid, ManageError> {
        let sid = self.sid(accounts, scope).await?;
        find_account(accounts, scope, sid).await.map(|account| account.sid)
    }
}

/// Whether a text is a damaged SID, a token or a number rather than a name.
fn is_no_name(text: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = text.get(2..).filter(|_| text.is_char_boundary(2));
    let is_sid = text.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("AC"))
        && digits
            .is_some_and(|digits| is_hex(digits) && digits.bytes().any(|b| b.is_ascii_digit()));
    let is_number = text.starts_with('+') && text.bytes().skip(1).any(|byte| byte.is_ascii_digit());
    text.is_empty() || is_sid || is_number || (text.len() >= 16 && is_hex(text))
}

#[cfg(test)]
mod tests {
    use super::AccountRef;

    #[test]
    fn a_name_is_distinguished_from_a_damaged_sid_a_token_and_a_number() {
        for name in ["Main", "ACME", "ACE Dental", "Praxis Süd", "ac/dc"] {
            assert!(matches!(AccountRef::parse(name), Ok(AccountRef::Name(_))), "{name}");
        }
        let sid = "AC0123456789abcdef0123456789abcdef";
        assert!(matches!(AccountRef::parse(sid), Ok(AccountRef::Sid(_))));
        let token = &sid[2..];
        for wrong in ["", "AC1", "ac0123", &sid[..33], token, "+14155550100"] {
            let error = AccountRef::parse(wrong).unwrap_err().to_string();
            assert!(error.starts_with("is not an account SID"), "{wrong}: {error}");
            assert!(wrong.is_empty() || !error.contains(wrong), "{error}");
        }
    }
}
