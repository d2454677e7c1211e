//! Twilio's request signature: who signed a request, and that nothing of it was changed.
//!
//! Twilio, Security: "Validating Requests". The header `X-Twilio-Signature` is the base64 of HMAC-SHA1,
//! keyed with the account's auth token, over the URL that Twilio called and, for a form, over every name
//! and value, sorted by name, with nothing between them. For any other body the URL carries the body's
//! SHA-256 in `bodySHA256`.
//!
//! The signed URL is ours: a configured [`PublicUrl`] and the request target as it came in, never a header.
//! What Twilio signs does not always equal what was configured (a port may be gone, credentials are), so
//! [`verify`] tries a few spellings of the same URL, each with at most two keys. Nothing else is accepted;
//! [`diagnose`] tells an operator which single change would have made a refused request fit.
//!
//! A signature is necessary and not sufficient: as nothing stands between names and values, what has been
//! verified still has to pass the grammars of the fields that are acted on.

mod diagnose;
mod header;
mod key;
mod matching;
mod message;
mod near_miss;
mod percent;
mod public_url;
mod request;
mod sign;
mod url_variants;
mod verify;

pub use self::diagnose::{Hints, diagnose};
pub use self::header::Signature;
pub use self::key::SigningKey;
pub use self::near_miss::NearMiss;
pub use self::public_url::{PublicUrl, PublicUrlError};
pub use self::request::{Content, SignedRequest};
pub use self::sign::{sign, sign_url, with_body_hash};
pub use self::verify::{MAX_KEYS, Match, verify};
