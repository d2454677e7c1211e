//! Which credentials may act for an account.

use std::collections::BTreeMap;

use switchboard_domain::carrier::{AccountStatus, CarrierAccess, CarrierError, ErrorResponse};
use switchboard_domain::sid::AccountSid;

use crate::account::StoredAccount;

/// Which credentials a resource accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// The account's own token.
    OwnToken,
    /// The account's API key, or its token.
    Own,
    /// As `Own`, or the token of the account's owner.
    OwnOrParent,
}

/// The account, if the credentials are valid and the account is active.
pub(crate) fn open<'a>(
    accounts: &'a mut BTreeMap<AccountSid, StoredAccount>,
    access: &CarrierAccess,
    keys: Keys,
    operation: &'static str,
) -> Result<&'a mut StoredAccount, CarrierError> {
    let account = access.account;
    let is_open = is_opened_by(accounts, access, keys);
    let is_active = is_active(accounts, account);
    let stored = accounts.get_mut(&account).filter(|_| is_open).ok_or_else(|| {
        let response = ErrorResponse::new(401, Some(20003), "Authenticate");
        CarrierError::Unauthorized { operation, account, response }
    })?;
    if is_active {
        return Ok(stored);
    }
    let response = ErrorResponse::new(401, Some(20005), "Account not active");
    Err(CarrierError::Inactive { operation, account, response })
}

fn is_opened_by(
    accounts: &BTreeMap<AccountSid, StoredAccount>,
    access: &CarrierAccess,
    keys: Keys,
) -> bool {
    let Some(stored) = accounts.get(&access.account) else { return false };
    let by_next = access.next_token.as_ref().is_some_and(|token| stored.has_token(token));
    // The tokens of the owner of an authorized Connect app are accepted like those of the account.
    let owner = stored.app_owner.and_then(|owner| accounts.get(&owner));
    let by_owner = owner.is_some_and(|owner| {
        [Some(&access.token), access.next_token.as_ref()]
            .into_iter()
            .flatten()
            .any(|token| owner.has_token(token))
    });
    let by_token = stored.has_token(&access.token) || by_next || by_owner;
    let by_own = match &access.api_key {
        Some(key) if keys != Keys::OwnToken => stored.has_key(key),
        _ => by_token,
    };
    let parent = access.parent.as_ref().filter(|_| keys == Keys::OwnOrParent);
    let by_parent = parent.is_some_and(|parent| {
        parent.account == stored.account.owner
            && accounts.get(&parent.account).is_some_and(|owner| owner.has_token(&parent.token))
    });
    by_own || by_parent
}

/// An account is active only if its owner is.
fn is_active(accounts: &BTreeMap<AccountSid, StoredAccount>, account: AccountSid) -> bool {
    let status = |sid| accounts.get(&sid).map(|stored| stored.account.status);
    let owner = accounts.get(&account).map(|stored| stored.account.owner);
    let owner = owner.and_then(status).unwrap_or_default();
    status(account) == Some(AccountStatus::Active) && owner == AccountStatus::Active
}
