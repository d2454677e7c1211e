//! Which credentials a request is sent with.

use switchboard_domain::carrier::CarrierAccess;

/// Which credentials open a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// The account's own token and nothing else: accounts and auth tokens (Twilio, "API keys": a standard key does
    /// not open them). The parent's token would open them too, but tell of the parent.
    OwnToken,
    /// The account's API key, or its token: every host but `api.twilio.com` (Twilio, "Subaccounts").
    Own,
    /// The same, and the parent's token if Twilio refuses them: below `/2010-04-01`.
    OwnOrParent,
}

/// A user name and a password (Twilio, "Requests: authentication").
#[derive(Clone, Copy)]
pub(crate) struct Credentials<'a> {
    pub(crate) user: &'a str,
    pub(crate) password: &'a str,
}

/// The credentials that a request is sent with, and those that it is sent with once more, one after the other, while Twilio
/// refuses it. During a rotation the account's next token may be its only one already.
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
        // A key outlives the tokens.
        (Keys::Own, Some(key)) => (key, None, None),
        (Keys::OwnOrParent, Some(key)) => (key, None, parent),
    };
    (first, next.into_iter().chain(parent))
}
