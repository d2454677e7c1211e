//! Session tokens, with which a voice server reads the session of one call.
//!
//! A token is a JSON Web Token (RFC 7519) signed with HMAC-SHA256 (RFC 7518, section 3.2), so that a voice server can
//! check it with any library. It is bound to the call and to the agent, and short-lived.
//!
//! Only tokens in our own format are accepted: header and claims each have one fixed form, and anything that differs from
//! it by a byte is refused. So a token cannot choose its algorithm, no claim can be read in two ways, and forged tokens
//! never reach a JSON parser (ADR 0005).

mod claims;
mod connect_state;
mod grant_token;
mod handler_link;
mod key;
mod keys;
mod media_token;
mod reply_token;

pub use claims::SessionClaims;
pub use connect_state::STATE_BYTES;
pub use handler_link::{ClaimedLink, FollowedLink, HandlerLink};
pub use key::SessionKey;
pub use keys::{SessionError, SessionKeys};
pub use media_token::MediaGrant;
pub use reply_token::ReplyGrant;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;
