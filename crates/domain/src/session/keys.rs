//! Creating and verifying session tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::claims::SessionClaims;
use super::key::{SessionKey, id_in_header};
use crate::time::Timestamp;

/// Longer texts are refused unread. Our tokens have less than half of this length.
const MAX_TOKEN_BYTES: usize = 1_024;
/// Typical length of a token, to allocate it once.
const TYPICAL_BYTES: usize = 400;
/// Length of an HMAC-SHA256 in bytes.
const SIGNATURE_LENGTH: usize = 32;
/// How far the clock of the replica that created a token may be ahead.
const CLOCK_TOLERANCE_SECONDS: i64 = 60;

/// The keys of session tokens: the first signs, all verify. `Debug` shows their ids only.
#[derive(Clone, Debug)]
pub struct SessionKeys {
    first: SessionKey,
    others: Vec<SessionKey>,
}

/// A session token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The text is not a token of our form.
    #[error("session token is malformed")]
    Malformed,
    /// The token names a key that is not, or no longer, in use.
    #[error("session token is signed by an unknown key")]
    UnknownKey,
    /// The token was not signed by the key that it names.
    #[error("session token has a wrong signature")]
    WrongSignature,
    /// The token is genuine, but was created in the future: the clocks of two machines differ.
    #[error("session token was issued in the future")]
    IssuedInFuture,
    /// The token is genuine, but has expired.
    #[error("session token is expired")]
    Expired,
}

impl SessionKeys {
    /// Creates the set of keys. The first signs, all verify.
    pub const fn new(first: SessionKey, others: Vec<SessionKey>) -> Self {
        Self { first, others }
    }

    /// The key that signs.
    pub const fn signing_key(&self) -> &SessionKey {
        &self.first
    }

    /// Creates a token.
    pub fn mint(&self, claims: &SessionClaims) -> String {
        let mut token = Vec::with_capacity(TYPICAL_BYTES);
        token.extend_from_slice(self.first.token_prefix().as_bytes());
        push_base64(&mut token, &claims.json_after_prefix());
        let signature = hmac::sign(self.first.hmac(), &token);
        token.push(b'.');
        push_base64(&mut token, signature.as_ref());
        // Base64 and dots are ASCII, so this never fails.
        String::from_utf8(token).unwrap_or_default()
    }

    /// Verifies a token and returns its claims.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<SessionClaims, SessionError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(SessionError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(SessionError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(SessionError::Malformed)?;
        let key = self.key_of(header)?;
        let mut tag = [0; SIGNATURE_LENGTH];
        match URL_SAFE_NO_PAD.decode_slice(signature, &mut tag) {
            Ok(SIGNATURE_LENGTH) => {}
            _ => return Err(SessionError::Malformed),
        }
        hmac::verify(key.hmac(), signed.as_bytes(), &tag)
            .map_err(|_unspecified| SessionError::WrongSignature)?;
        let claims =
            URL_SAFE_NO_PAD.decode(claims).map_err(|_not_base64| SessionError::Malformed)?;
        let claims = std::str::from_utf8(&claims).map_err(|_not_text| SessionError::Malformed)?;
        let claims = SessionClaims::from_json(claims).ok_or(SessionError::Malformed)?;
        if claims.issued_at > now.plus_seconds(CLOCK_TOLERANCE_SECONDS) {
            return Err(SessionError::IssuedInFuture);
        }
        // A token is refused from the second of `exp` on (RFC 7519, section 4.1.4).
        if claims.expires_at <= now {
            return Err(SessionError::Expired);
        }
        Ok(claims)
    }

    /// The key that signs, then those that only verify.
    pub(super) fn all_keys(&self) -> impl Iterator<Item = &SessionKey> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The key whose tokens have this header. The header is compared with the one we would write, and not parsed, so
    /// that a token cannot choose how it is verified.
    fn key_of(&self, header: &str) -> Result<&SessionKey, SessionError> {
        self.all_keys().find(|key| key.has_header(header)).ok_or_else(|| {
            match id_in_header(header) {
                Some(_) => SessionError::UnknownKey,
                None => SessionError::Malformed,
            }
        })
    }
}

fn push_base64(token: &mut Vec<u8>, part: &[u8]) {
    let start = token.len();
    token.resize(start + part.len().div_ceil(3) * 4, 0);
    // It fits: three bytes encode as four characters.
    let written = URL_SAFE_NO_PAD.encode_slice(part, &mut token[start..]).unwrap_or_default();
    token.truncate(start + written);
}
