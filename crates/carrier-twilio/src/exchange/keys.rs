//! Selects the credentials of a request.

use switchboard_domain::carrier::CarrierAccess;

/// The credentials that a resource accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// Only the account's own token: accounts and auth tokens, which do not accept a standard API key (Twilio, "API
    /// keys"). With the parent's token, the response would describe the parent.
    OwnToken,
    /// The account's API key, or its token: every host but `api.twilio.com` (Twilio, "Subaccounts").
    Own,
    /// Like `Own`, and then the parent's token: paths below `/2010-04-01`.
    OwnOrParent,
}

/// A user name and a password (Twilio, "Requests: authentication").
#[derive(Clone, Copy)]
pub(crate) struct Credentials<'a> {
    pub(crate) user: &'a str,
    pub(crate) password: &'a str,
}

/// The credentials to send first, and those to try in order while Twilio refuses the request. During a rotation, only
/// the next token of the account may be valid.
pub(crate) fn credentials(
    access: &CarrierAccess,
    keys: Keys,
) -> (Credentials<'_>, impl Iterator<Item = Credentials<'_>>) {
    let own = Credentials { user: access.account.as_str(), password: access.token.expose() };
    let key = access
        .api_key
        .as_ref()
        .map(|key| Credentials { user: key.sid.as_str(), password: key.secret.expose() });
    let parent = access.parent.as_ref().map(|parent| Credentials {
        user: parent.account.as_str(),
        password: parent.token.expose(),
    });
    let next = access.next_token.as_ref();
    let next = next.map(|token| Credentials { password: token.expose(), ..own });
    let (first, next, parent) = match (keys, key) {
        (Keys::OwnToken, _) | (Keys::Own, None) => (own, next, None),
        (Keys::OwnOrParent, None) => (own, next, parent),
        // API keys stay valid during a rotation, so the next token is not needed.
        (Keys::Own, Some(key)) => (key, None, None),
        (Keys::OwnOrParent, Some(key)) => (key, None, parent),
    };
    (first, next.into_iter().chain(parent))
}
