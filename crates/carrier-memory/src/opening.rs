//! Who may act for an account.

use std::collections::BTreeMap;

use switchboard_domain::carrier::{AccountStatus, CarrierAccess, CarrierError, Told};
use switchboard_domain::sid::AccountSid;

use crate::holding::Holding;

/// Which credentials open something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// The account's own token.
    OwnToken,
    /// The account's API key, or its token.
    Own,
    /// The same, or the owner's token.
    OwnOrParent,
}

/// The account, if the credentials open it and it may do anything.
pub(crate) fn open<'a>(
    accounts: &'a mut BTreeMap<AccountSid, Holding>,
    access: &CarrierAccess,
    keys: Keys,
    operation: &'static str,
) -> Result<&'a mut Holding, CarrierError> {
    let account = access.account;
    let is_open = is_opened_by(accounts, access, keys);
    let is_active = is_active(accounts, account);
    let holding = accounts.get_mut(&account).filter(|_| is_open).ok_or_else(|| {
        let told = Told::new(401, Some(20003), "Authenticate");
        CarrierError::Unauthorized { operation, account, told }
    })?;
    if is_active {
        return Ok(holding);
    }
    let told = Told::new(401, Some(20005), "Account not active");
    Err(CarrierError::Inactive { operation, account, told })
}

fn is_opened_by(
    accounts: &BTreeMap<AccountSid, Holding>,
    access: &CarrierAccess,
    keys: Keys,
) -> bool {
    let Some(holding) = accounts.get(&access.account) else { return false };
    let by_next = access.next_token.as_ref().is_some_and(|token| holding.has_token(token));
    let by_token = holding.has_token(&access.token) || by_next;
    let by_own = match &access.api_key {
        Some(key) if keys != Keys::OwnToken => holding.has_key(key),
        _ => by_token,
    };
    let parent = access.parent.as_ref().filter(|_| keys == Keys::OwnOrParent);
    let by_parent = parent.is_some_and(|parent| {
        parent.account == holding.account.owner
            && accounts.get(&parent.account).is_some_and(|owner| owner.has_token(&parent.token))
    });
    by_own || by_parent
}

/// An account whose owner may do nothing may do nothing either.
fn is_active(accounts: &BTreeMap<AccountSid, Holding>, account: AccountSid) -> bool {
    let status = |sid| accounts.get(&sid).map(|holding| holding.account.status);
    let owner = accounts.get(&account).map(|holding| holding.account.owner);
    let owner = owner.and_then(status).unwrap_or_default();
    status(account) == Some(AccountStatus::Active) && owner == AccountStatus::Active
}
