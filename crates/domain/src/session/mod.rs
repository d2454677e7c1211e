//! Session tokens, with which a voice server reads about the one call that it was given.
//!
//! A token is a JSON Web Token (RFC 7519) signed by HMAC-SHA256 (RFC 7518, section 3.2), so that a voice
//! server can check it with any library. It is bound to the call and to the agent, and short-lived.
//!
//! We read only what we have written: header and claims have one fixed form each, and whatever is not
//! byte for byte of that form is refused. So there is no algorithm to choose, no claim to be read in
//! two ways, and no JSON parser in the way of a forged token.

mod claims;
mod key;
mod keys;

pub use claims::SessionClaims;
pub use key::SessionKey;
pub use keys::{SessionError, SessionKeys};

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;
