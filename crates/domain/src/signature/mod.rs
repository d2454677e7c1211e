//! Twilio's request signature: authenticates the sender and the integrity of a request.
//!
//! Twilio, Security: "Validating Requests". The header `X-Twilio-Signature` is the base64 of HMAC-SHA1,
//! keyed with the account's auth token, over the URL that Twilio called and, for a form, over every name
//! and value, sorted by name, without delimiters. For any other body the URL carries the body's
//! SHA-256 in `bodySHA256`.
//!
//! The signed URL is ours: a configured [`PublicUrl`] followed by the raw request target, never a header. Twilio does not
//! always sign the URL as configured (it may drop a port, and drops credentials), so [`verify`] tries a few variants of
//! it, each with at most two keys. Nothing else is accepted. [`diagnose`] reports which single change would have made the
//! signature of a refused request match.
//!
//! A signature is necessary but not sufficient: there are no delimiters between names and values, so the fields of a
//! verified request must still be valid by their grammars (ADR 0004).

mod diagnose;
mod header;
mod key;
mod matching;
mod message;
mod near_miss;
mod percent;
mod public_url;
mod repetition;
mod request;
mod sign;
mod url_variants;
mod verify;

pub use self::diagnose::{Hints, diagnose};
pub use self::header::Signature;
pub use self::key::SigningKey;
pub use self::near_miss::NearMiss;
pub use self::public_url::{PublicUrl, PublicUrlError};
pub use self::repetition::idempotency_token;
pub use self::request::{Content, SignedRequest};
pub use self::sign::{sign, sign_url, with_body_hash};
pub use self::verify::{MAX_KEYS, Match, verify};
