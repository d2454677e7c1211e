//! Media tokens: they authorize reading one file of a message.

use super::SessionKeys;
use crate::secret::Secret;
use crate::sid::{AccountSid, MediaSid, MessageSid};
use crate::time::Timestamp;

/// Separates this use of a key from reply tokens and session tokens.
const PURPOSE: &str = "switchboard/media/v1";

/// What a media token authorizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaGrant {
    /// The account of the message.
    pub account: AccountSid,
    /// The message with the file.
    pub message: MessageSid,
    /// The file that may be read.
    pub media: MediaSid,
    /// From when on the token is refused, in whole seconds.
    pub expires_at: Timestamp,
}

impl MediaGrant {
    fn signed_text(&self) -> String {
        let seconds = self.expires_at.seconds();
        format!("{PURPOSE}\n{}\n{}\n{}\n{seconds}", self.account, self.message, self.media)
    }
}

impl SessionKeys {
    /// Creates the token of a grant: `account.expiry.signature`. Each character can be part of a URL.
    pub fn media_token(&self, grant: &MediaGrant) -> Secret {
        self.grant_token(grant.account, grant.expires_at, &grant.signed_text())
    }

    /// Returns what a token authorizes for this file; `None` if it is forged, expired, or of another file.
    pub fn verify_media_token(
        &self,
        token: &str,
        message: MessageSid,
        media: MediaSid,
        now: Timestamp,
    ) -> Option<MediaGrant> {
        self.verify_grant(token, now, |account, expires_at| {
            let grant = MediaGrant { account, message, media, expires_at };
            (grant, grant.signed_text())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::MediaGrant;
    use crate::sealing::{EncryptionKey, KeyId, Keyring};
    use crate::session::{ReplyGrant, SessionKeys};
    use crate::sid::{AccountSid, MediaSid, MessageSid};
    use crate::time::Timestamp;

    fn keys() -> SessionKeys {
        let key = EncryptionKey::generate(KeyId::parse("k1").unwrap(), [1; 32]).unwrap();
        Keyring::new(vec![key]).unwrap().session_keys()
    }

    fn media(digit: &str) -> MediaSid {
        MediaSid::parse(&format!("ME{}", digit.repeat(32))).unwrap()
    }

    fn grant() -> MediaGrant {
        MediaGrant {
            account: AccountSid::parse(&format!("AC{}", "a".repeat(32))).unwrap(),
            message: MessageSid::parse(&format!("MM{}", "1".repeat(32))).unwrap(),
            media: media("2"),
            expires_at: Timestamp::from_seconds(1_000),
        }
    }

    #[test]
    fn a_token_authorizes_its_file_until_it_expires() {
        let (keys, grant) = (keys(), grant());
        let token = keys.media_token(&grant);
        let verify = |token: &str, media, second| {
            keys.verify_media_token(token, grant.message, media, Timestamp::from_seconds(second))
        };
        assert_eq!(verify(token.expose(), grant.media, 999), Some(grant));
        assert_eq!(verify(token.expose(), grant.media, 1_000), None);
        assert_eq!(verify(token.expose(), media("3"), 999), None);
        let later = token.expose().replacen(".1000.", ".2000.", 1);
        assert_eq!(verify(&later, grant.media, 999), None);
        let MediaGrant { account, message, expires_at, .. } = grant;
        let reply = keys.reply_token(&ReplyGrant { account, message, expires_at });
        assert_eq!(verify(reply.expose(), grant.media, 999), None);
    }
}
