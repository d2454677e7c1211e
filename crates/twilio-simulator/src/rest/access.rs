//! Who asks, and what it may reach.

use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

use super::reply::Refusal;
use super::request::Credentials;
use crate::company::{Account, AccountTokens, Books, KeyKind, Sid};

/// Whose credentials came with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The account that they belong to.
    pub(crate) account: AccountSid,
    pub(crate) by: By,
}

/// What kind of credentials they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// One of the account's auth tokens.
    Token,
    /// An API key.
    Key(KeyKind),
}

/// The account that credentials claim to be of, before they are checked.
pub(crate) fn claimed<'a>(books: &'a Books, credentials: &Credentials) -> Option<&'a Account> {
    if let Some(key) = Sid::parse("SK", &credentials.user) {
        return books.key_holder(key);
    }
    books.accounts.get(AccountSid::parse(&credentials.user).ok()?)
}

/// Checks credentials: an account's SID with one of its tokens, or an API key with its secret.
pub(crate) fn authenticate(
    books: &Books,
    credentials: Option<&Credentials>,
) -> Result<Caller, Refusal> {
    let credentials = credentials.ok_or_else(Refusal::unauthenticated)?;
    let account = claimed(books, credentials).ok_or_else(Refusal::unauthenticated)?;
    let by = match Sid::parse("SK", &credentials.user) {
        Some(sid) => {
            let key = account.keys.iter().find(|key| key.sid == sid);
            key.filter(|key| same(&key.secret, &credentials.password)).map(|key| By::Key(key.kind))
        }
        None => opens(&account.tokens, &credentials.password).then_some(By::Token),
    };
    let by = by.ok_or_else(Refusal::unauthenticated)?;
    if books.is_active(account) {
        Ok(Caller { account: account.sid, by })
    } else {
        Err(Refusal::inactive())
    }
}

/// The account in the path of a 2010 resource, if the caller may reach it: its own, or with a token of the
/// main account a subaccount's. API keys reach nothing but their own account (Twilio, Subaccounts).
///
/// An account that is not there and one that is somebody else's are refused alike.
pub(crate) fn reach(books: &Books, caller: Caller, path: &str) -> Result<AccountSid, Refusal> {
    let account = AccountSid::parse(path).ok().and_then(|sid| books.accounts.get(sid));
    let account = account.ok_or_else(Refusal::unauthenticated)?;
    let own = account.sid == caller.account;
    let subaccount = caller.by == By::Token && account.owner == caller.account;
    if own || subaccount { Ok(account.sid) } else { Err(Refusal::unauthenticated()) }
}

/// Refuses keys that do not reach accounts and tokens (Twilio, API keys: standard keys).
pub(crate) fn may_manage_accounts(caller: Caller) -> Result<(), Refusal> {
    match caller.by {
        By::Token | By::Key(KeyKind::Main) => Ok(()),
        By::Key(KeyKind::Standard) => Err(Refusal::unauthenticated()),
    }
}

fn opens(tokens: &AccountTokens, password: &Secret) -> bool {
    let secondary = tokens.secondary.as_ref();
    same(&tokens.primary, password) || secondary.is_some_and(|token| same(token, password))
}

fn same(one: &Secret, other: &Secret) -> bool {
    one.expose() == other.expose()
}
