//! Making and checking session tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::claims::SessionClaims;
use super::key::{SessionKey, id_in_header};
use crate::time::Timestamp;

/// Longest text that is looked at. Our tokens have less than half of it.
const MAX_TOKEN_BYTES: usize = 1_024;
/// Room for a token with an id of usual length.
const TYPICAL_BYTES: usize = 400;
/// Length of an HMAC-SHA256.
const SIGNATURE_LENGTH: usize = 32;
/// How far the clock of the replica that made a token may be ahead.
const CLOCK_TOLERANCE_SECONDS: i64 = 60;

/// The keys of session tokens: the first signs, all check. `Debug` shows their ids only.
#[derive(Clone, Debug)]
pub struct SessionKeys {
    first: SessionKey,
    others: Vec<SessionKey>,
}

/// Why a session token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// Not one of our tokens.
    #[error("session token is malformed")]
    Malformed,
    /// Made by a key that is not, or no longer, ours.
    #[error("session token is made by an unknown key")]
    UnknownKey,
    /// Not signed by the key that it names.
    #[error("session token has a wrong signature")]
    WrongSignature,
    /// Genuine, but made at a time that is still to come: the clocks of two machines differ.
    #[error("session token is from the future")]
    IssuedInFuture,
    /// Genuine, but too old.
    #[error("session token is expired")]
    Expired,
}

impl SessionKeys {
    /// The first signs, all check.
    pub const fn new(first: SessionKey, others: Vec<SessionKey>) -> Self {
        Self { first, others }
    }

    /// The key that signs.
    pub const fn signing_key(&self) -> &SessionKey {
        &self.first
    }

    /// Makes a token.
    pub fn mint(&self, claims: &SessionClaims) -> String {
        let mut token = Vec::with_capacity(TYPICAL_BYTES);
        token.extend_from_slice(self.first.beginning().as_bytes());
        push_base64(&mut token, &claims.after_beginning());
        let signature = hmac::sign(self.first.hmac(), &token);
        token.push(b'.');
        push_base64(&mut token, signature.as_ref());
        // Base64 and dots are ASCII, so there is always a token.
        String::from_utf8(token).unwrap_or_default()
    }

    /// Checks a token, and says what it says.
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
        // A token is not taken from the very second of its end on (RFC 7519, section 4.1.4).
        if claims.expires_at <= now {
            return Err(SessionError::Expired);
        }
        Ok(claims)
    }

    /// The key whose tokens start with this header. It is compared as it would be written, not read, so
    /// that a token cannot choose how it is checked.
    fn key_of(&self, header: &str) -> Result<&SessionKey, SessionError> {
        let mut keys = std::iter::once(&self.first).chain(&self.others);
        keys.find(|key| key.has_header(header)).ok_or_else(|| match id_in_header(header) {
            Some(_) => SessionError::UnknownKey,
            None => SessionError::Malformed,
        })
    }
}

fn push_base64(token: &mut Vec<u8>, part: &[u8]) {
    let start = token.len();
    token.resize(start + part.len().div_ceil(3) * 4, 0);
    // It fits: each three bytes are four letters.
    let written = URL_SAFE_NO_PAD.encode_slice(part, &mut token[start..]).unwrap_or_default();
    token.truncate(start + written);
}
