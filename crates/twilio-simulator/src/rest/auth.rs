//! Authentication and authorization of API requests.

use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

use super::request::Credentials;
use super::response::ApiError;
use crate::simulator::{Account, AccountTokens, KeyKind, Sid, State};

/// An authenticated API client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The account that the credentials belong to.
    pub(crate) account: AccountSid,
    pub(crate) kind: CredentialKind,
}

/// The kind of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CredentialKind {
    /// An auth token of the account.
    Token,
    /// A token of the owner of the Connect app that the account has authorized.
    ConnectApp,
    /// An API key of the account.
    Key(KeyKind),
}

/// The account named by the credentials, before they are verified.
pub(crate) fn claimed_account<'a>(
    state: &'a State,
    credentials: &Credentials,
) -> Option<&'a Account> {
    if let Some(key) = Sid::parse("SK", &credentials.user) {
        return state.account_of_key(key);
    }
    state.accounts.get(AccountSid::parse(&credentials.user).ok()?)
}

/// Verifies credentials: an account's SID with one of its tokens or of those of the owner of the Connect app that it has authorized,
/// or an API key with its secret.
pub(crate) fn authenticate(
    state: &State,
    credentials: Option<&Credentials>,
) -> Result<Caller, ApiError> {
    let credentials = credentials.ok_or_else(ApiError::unauthenticated)?;
    let account = claimed_account(state, credentials).ok_or_else(ApiError::unauthenticated)?;
    let kind = match Sid::parse("SK", &credentials.user) {
        Some(sid) => {
            let key = account.keys.iter().find(|key| key.sid == sid);
            key.filter(|key| same(&key.secret, &credentials.password))
                .map(|key| CredentialKind::Key(key.kind))
        }
        None if opens(&account.tokens, &credentials.password) => Some(CredentialKind::Token),
        None => state
            .app_owner(account)
            .filter(|owner| opens(&owner.tokens, &credentials.password))
            .map(|_| CredentialKind::ConnectApp),
    };
    let kind = kind.ok_or_else(ApiError::unauthenticated)?;
    if state.is_active(account) {
        Ok(Caller { account: account.sid, kind })
    } else {
        Err(ApiError::inactive())
    }
}

/// The account in the path of a 2010 resource, if the caller may access it: its own account, or a subaccount if the
/// caller authenticates with the main account's token. API keys may access only their own account (Twilio,
/// Subaccounts).
///
/// Unknown accounts and accounts of others yield the same error.
pub(crate) fn authorize(state: &State, caller: Caller, path: &str) -> Result<AccountSid, ApiError> {
    let account = AccountSid::parse(path).ok().and_then(|sid| state.accounts.get(sid));
    let account = account.ok_or_else(ApiError::unauthenticated)?;
    let own = account.sid == caller.account;
    let subaccount = caller.kind == CredentialKind::Token && account.owner == caller.account;
    if own || subaccount { Ok(account.sid) } else { Err(ApiError::unauthenticated()) }
}

/// Rejects keys that may not access accounts and tokens (Twilio, API keys: standard keys).
pub(crate) fn require_account_access(caller: Caller) -> Result<(), ApiError> {
    match caller.kind {
        CredentialKind::Token | CredentialKind::ConnectApp | CredentialKind::Key(KeyKind::Main) => {
            Ok(())
        }
        CredentialKind::Key(KeyKind::Standard) => Err(ApiError::unauthenticated()),
    }
}

fn opens(tokens: &AccountTokens, password: &Secret) -> bool {
    let secondary = tokens.secondary.as_ref();
    same(&tokens.primary, password) || secondary.is_some_and(|token| same(token, password))
}

fn same(one: &Secret, other: &Secret) -> bool {
    one.expose() == other.expose()
}
