//! The form of tokens that authorize one thing in one account for a limited time: `account.expiry.signature`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::SessionKeys;
use crate::secret::Secret;
use crate::sid::AccountSid;
use crate::time::Timestamp;

impl SessionKeys {
    /// Creates a token. `signed_text` names the purpose, the account, what is authorized, and the expiry in whole seconds.
    pub(super) fn grant_token(
        &self,
        account: AccountSid,
        expires_at: Timestamp,
        signed_text: &str,
    ) -> Secret {
        let tag = hmac::sign(self.signing_key().hmac(), signed_text.as_bytes());
        let tag = URL_SAFE_NO_PAD.encode(tag);
        Secret::new(format!("{account}.{}.{tag}", expires_at.seconds()))
    }

    /// Returns what a token authorizes; `None` if it is forged or has expired. `grant` completes what the token names, and
    /// returns it with its signed text.
    pub(super) fn verify_grant<T>(
        &self,
        token: &str,
        now: Timestamp,
        grant: impl FnOnce(AccountSid, Timestamp) -> (T, String),
    ) -> Option<T> {
        let mut parts = token.splitn(3, '.');
        let (account, expiry, tag) = (parts.next()?, parts.next()?, parts.next()?);
        let expires_at = Timestamp::from_seconds(expiry.parse().ok()?);
        let (granted, text) = grant(AccountSid::parse(account).ok()?, expires_at);
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        let mut keys = self.all_keys();
        let is_ours = keys.any(|key| hmac::verify(key.hmac(), text.as_bytes(), &tag).is_ok());
        (is_ours && now < expires_at).then_some(granted)
    }
}
