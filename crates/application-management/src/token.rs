//! Parses auth tokens, and encrypts and decrypts them for their database row.

use std::sync::Arc;

use switchboard_domain::account::{
    API_KEY_SECRET, Account, NEXT_TOKEN, PRIMARY_TOKEN, SealedApiKey, SealedTokens,
};
use switchboard_domain::carrier::ApiKey;
use switchboard_domain::ports::Randomness;
use switchboard_domain::sealing::{AssociatedData, Keyring, Sealed, SecretVersion};
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

use super::ManageError;

/// The maximum length of a token. Tokens of Twilio have 32 characters today, which may change.
const MAX_LENGTH: usize = 200;

/// A syntactically valid auth token.
#[derive(Clone, Debug)]
pub struct AuthToken(Secret);

/// Why a text is no auth token. Messages never contain the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthTokenError {
    /// The text is empty.
    #[error("is empty")]
    Empty,
    /// The text is longer than any token.
    #[error("is longer than 200 characters; is it the right file?")]
    TooLong,
    /// The text contains other characters than printable ASCII.
    #[error(
        "contains white space or another character that auth tokens never contain; is it the right file?"
    )]
    ForeignCharacter,
}

impl AuthToken {
    /// Parses a token. White space at both ends is removed.
    pub fn parse(text: &str) -> Result<Self, AuthTokenError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AuthTokenError::Empty);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(AuthTokenError::ForeignCharacter);
        }
        if text.len() > MAX_LENGTH {
            return Err(AuthTokenError::TooLong);
        }
        Ok(Self(Secret::new(text.to_owned())))
    }

    /// The secret text of the token.
    pub const fn secret(&self) -> &Secret {
        &self.0
    }
}

/// Encrypts the credentials of accounts. Each ciphertext is bound to its row and column.
#[derive(Clone)]
pub struct TokenSealer {
    /// Holds the encryption keys.
    pub keyring: Arc<Keyring>,
    /// Generates nonces and versions.
    pub randomness: Arc<dyn Randomness>,
}

impl TokenSealer {
    /// The version of credentials that an existing account gets.
    pub fn replacement(&self) -> SecretVersion {
        let mut random = [0; 8];
        self.randomness.fill(&mut random);
        SecretVersion::replacement(random)
    }

    /// Encrypts both tokens of a new account.
    pub fn seal(
        &self,
        sid: AccountSid,
        primary: &AuthToken,
        next: Option<&AuthToken>,
    ) -> Result<SealedTokens, ManageError> {
        let version = SecretVersion::FIRST;
        let next = next.map(|token| self.next(sid, version, token)).transpose()?;
        Ok(SealedTokens { primary: self.primary(sid, version, primary)?, next })
    }

    /// Stands for the missing tokens of a connected account. Nothing is signed with it.
    pub fn no_token(&self, sid: AccountSid) -> Result<SealedTokens, ManageError> {
        let none = Secret::new(String::new());
        let primary = self.seal_at(PRIMARY_TOKEN, sid, SecretVersion::FIRST, &none)?;
        Ok(SealedTokens { primary, next: None })
    }

    /// Encrypts a primary token.
    pub fn primary(
        &self,
        sid: AccountSid,
        version: SecretVersion,
        token: &AuthToken,
    ) -> Result<Sealed, ManageError> {
        self.seal_at(PRIMARY_TOKEN, sid, version, token.secret())
    }

    /// Encrypts a next token.
    pub fn next(
        &self,
        sid: AccountSid,
        version: SecretVersion,
        token: &AuthToken,
    ) -> Result<Sealed, ManageError> {
        self.seal_at(NEXT_TOKEN, sid, version, token.secret())
    }

    /// Encrypts the secret of an API key.
    pub fn api_key(
        &self,
        sid: AccountSid,
        version: SecretVersion,
        key: &ApiKey,
    ) -> Result<SealedApiKey, ManageError> {
        let secret = self.seal_at(API_KEY_SECRET, sid, version, &key.secret)?;
        Ok(SealedApiKey { sid: key.sid, secret })
    }

    fn seal_at(
        &self,
        at: Column,
        sid: AccountSid,
        version: SecretVersion,
        secret: &Secret,
    ) -> Result<Sealed, ManageError> {
        let mut nonce = [0; 12];
        self.randomness.fill(&mut nonce);
        let sealed = self.keyring.seal(&place(at, &sid), version, secret, nonce);
        sealed.map_err(|source| ManageError::TokenNotEncrypted { sid, source })
    }
}

/// Decrypts the primary token of an account.
pub fn open_primary(keyring: &Keyring, account: &Account) -> Result<Secret, ManageError> {
    open(keyring, PRIMARY_TOKEN, account.sid, &account.tokens.primary)
}

/// Decrypts the next token of an account, if it has one.
pub fn open_next(keyring: &Keyring, account: &Account) -> Result<Option<Secret>, ManageError> {
    let next = account.tokens.next.as_ref();
    next.map(|sealed| open(keyring, NEXT_TOKEN, account.sid, sealed)).transpose()
}

/// Decrypts the API key of an account, if it has one.
pub fn open_api_key(keyring: &Keyring, account: &Account) -> Result<Option<ApiKey>, ManageError> {
    let opened = account.api_key.as_ref().map(|key| {
        let secret = open(keyring, API_KEY_SECRET, account.sid, &key.secret)?;
        Ok(ApiKey { sid: key.sid, secret })
    });
    opened.transpose()
}

fn open(
    keyring: &Keyring,
    at: Column,
    sid: AccountSid,
    sealed: &Sealed,
) -> Result<Secret, ManageError> {
    let opened = keyring.open(&place(at, &sid), sealed);
    opened.map_err(|source| ManageError::TokenNotDecrypted { sid, source })
}

/// The database column that a ciphertext is bound to.
type Column = (&'static str, &'static str);

fn place((table, column): Column, sid: &AccountSid) -> AssociatedData<'_> {
    AssociatedData { table, column, key: sid.as_str() }
}

#[cfg(test)]
mod tests {
    use super::{AuthToken, AuthTokenError};

    #[test]
    fn a_token_is_printable_ascii_of_some_length() {
        assert_eq!(
            AuthToken::parse(" 0123456789abcdef\r\n").unwrap().secret().expose(),
            "0123456789abcdef"
        );
        let refused = [
            ("", AuthTokenError::Empty),
            (" \n", AuthTokenError::Empty),
            ("two words", AuthTokenError::ForeignCharacter),
            ("tökén", AuthTokenError::ForeignCharacter),
            ("line\nline", AuthTokenError::ForeignCharacter),
        ];
        for (text, reason) in refused {
            assert_eq!(AuthToken::parse(text).unwrap_err(), reason, "{text:?}");
        }
        assert_eq!(AuthToken::parse(&"a".repeat(201)).unwrap_err(), AuthTokenError::TooLong);
    }

    #[test]
    fn debug_shows_nothing_of_a_token() {
        let token = AuthToken::parse("deadbeef").unwrap();
        assert!(!format!("{token:?}").contains("deadbeef"));
    }
}
