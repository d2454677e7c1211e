//! Reply tokens: they authorize later replies to one message.

use super::SessionKeys;
use crate::secret::Secret;
use crate::sid::{AccountSid, MessageSid};
use crate::time::Timestamp;

/// Separates this use of a key from session tokens, whose signed text begins with base64.
const PURPOSE: &str = "switchboard/reply/v1";

/// What a reply token authorizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyGrant {
    /// The account of the message.
    pub account: AccountSid,
    /// The message that may be replied to.
    pub message: MessageSid,
    /// From when on the token is refused, in whole seconds.
    pub expires_at: Timestamp,
}

impl ReplyGrant {
    fn signed_text(&self) -> String {
        let seconds = self.expires_at.seconds();
        format!("{PURPOSE}\n{}\n{}\n{seconds}", self.account, self.message)
    }
}

impl SessionKeys {
    /// Creates the token of a grant: `account.expiry.signature`.
    pub fn reply_token(&self, grant: &ReplyGrant) -> Secret {
        self.grant_token(grant.account, grant.expires_at, &grant.signed_text())
    }

    /// Returns what a token authorizes for this message; `None` if it is forged, expired, or of another message.
    pub fn verify_reply_token(
        &self,
        token: &str,
        message: MessageSid,
        now: Timestamp,
    ) -> Option<ReplyGrant> {
        self.verify_grant(token, now, |account, expires_at| {
            let grant = ReplyGrant { account, message, expires_at };
            (grant, grant.signed_text())
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::ReplyGrant;
    use crate::sealing::{EncryptionKey, KeyId, Keyring};
    use crate::session::SessionKeys;
    use crate::sid::{AccountSid, MessageSid};
    use crate::time::Timestamp;

    fn keys(random: &[u8]) -> SessionKeys {
        let key = |(n, random): (usize, &u8)| {
            let id = KeyId::parse(&format!("k{n}")).unwrap();
            EncryptionKey::generate(id, [*random; 32]).unwrap()
        };
        Keyring::new(random.iter().enumerate().map(key).collect()).unwrap().session_keys()
    }

    fn message(digit: char) -> MessageSid {
        MessageSid::parse(&format!("SM{}", digit.to_string().repeat(32))).unwrap()
    }

    fn grant() -> ReplyGrant {
        ReplyGrant {
            account: AccountSid::parse(&format!("AC{}", "a".repeat(32))).unwrap(),
            message: message('1'),
            expires_at: Timestamp::from_seconds(1_000),
        }
    }

    #[test]
    fn a_token_authorizes_its_message_until_it_expires() {
        let keys = keys(&[1]);
        let token = keys.reply_token(&grant());
        let verify = |message, second| {
            keys.verify_reply_token(token.expose(), message, Timestamp::from_seconds(second))
        };
        assert_eq!(verify(message('1'), 999), Some(grant()));
        assert_eq!(verify(message('1'), 1_000), None);
        assert_eq!(verify(message('2'), 999), None);
    }

    #[test]
    fn tokens_of_an_earlier_key_are_valid_while_it_is_listed() {
        let token = keys(&[1]).reply_token(&grant());
        let verify = |keys: SessionKeys| {
            keys.verify_reply_token(token.expose(), message('1'), Timestamp::from_seconds(0))
        };
        assert_eq!(verify(keys(&[2, 1])), Some(grant()));
        assert_eq!(verify(keys(&[2])), None);
    }

    proptest! {
        #[test]
        fn a_changed_token_is_refused(at in 0..100_usize, byte in "[ -~]") {
            let keys = keys(&[1]);
            let token = keys.reply_token(&grant()).expose().to_owned();
            let at = at % token.len();
            let changed = format!("{}{byte}{}", &token[..at], &token[at + 1..]);
            prop_assume!(changed != token);
            let verified = keys.verify_reply_token(&changed, message('1'), Timestamp::from_seconds(0));
            // Only the last bits of base64 and signs of a number can differ without a difference in value.
            prop_assert!(verified.is_none_or(|verified| verified == grant()));
        }
    }
}
