//! The signed parts of a request.

use ring::digest;

use crate::form::Form;

/// The query parameter with the hash of a body that is not a form.
pub(super) const BODY_HASH: &str = "bodySHA256";

static NO_FIELDS: Form = Form::EMPTY;

/// The parts of a request that its signature covers.
#[derive(Clone, Copy, Debug)]
pub struct SignedRequest<'a> {
    /// Path and query exactly as received: neither decoded nor normalized.
    pub target: &'a str,
    /// What the body contributes to the signature.
    pub content: Content<'a>,
}

/// What the body of a request contributes to its signature. The content type decides, never the query.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// A posted form: every field is signed.
    Form(&'a Form),
    /// A `GET`, or an empty body: only the URL is signed.
    Query,
    /// A body of any other content type: the URL is signed, and carries the body's hash.
    Raw(&'a [u8]),
}

impl<'a> SignedRequest<'a> {
    /// The form whose fields follow the URL in the signed message; `None` if the body does not have the hash in the URL,
    /// so that no signature can match.
    pub(super) fn signed_form(&self) -> Option<&'a Form> {
        match self.content {
            Content::Form(form) => Some(form),
            Content::Query => Some(&NO_FIELDS),
            Content::Raw(body) => has_hash_of(self.target, body).then_some(&NO_FIELDS),
        }
    }
}

/// The hash of a body as Twilio encodes it: SHA-256 in lower-case hexadecimal.
pub(super) fn body_hash(body: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digest = digest::digest(&digest::SHA256, body);
    let digits = digest.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Whether the query has exactly one hash, and it is the one of the body. With two, different readers of the request
/// might check different ones.
fn has_hash_of(target: &str, body: &[u8]) -> bool {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let parameters = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut hashes = parameters.filter(|(name, _)| *name == BODY_HASH).map(|(_, value)| value);
    match (hashes.next(), hashes.next()) {
        (Some(hash), None) => hash == body_hash(body),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{body_hash, has_hash_of};

    const BODY: &[u8] = br#"{"property": "value", "boolean": true}"#;

    #[test]
    fn the_hash_is_found_anywhere_in_the_query() {
        let hash = body_hash(BODY);
        assert_eq!(hash, "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620");
        for query in [
            format!("bodySHA256={hash}"),
            format!("bodySHA256={hash}&a=1"),
            format!("a=1&bodySHA256={hash}"),
        ] {
            assert!(has_hash_of(&format!("/voice?{query}"), BODY), "{query}");
        }
    }

    #[test]
    fn exactly_one_lower_case_hash_of_the_body_is_required() {
        let hash = body_hash(BODY);
        let wrong = [
            String::new(),
            hash.clone(),
            format!("bodySHA256={}", hash.to_uppercase()),
            format!("bodySHA256={}", &hash[..63]),
            format!("bodySHA256={hash}&bodySHA256={hash}"),
            format!("bodySHA256={}&bodySHA256={hash}", body_hash(b"")),
            format!("BODYSHA256={hash}"),
            format!("xbodySHA256={hash}"),
            format!("bodySHA256={}", body_hash(b"{}")),
        ];
        for query in wrong {
            assert!(!has_hash_of(&format!("/voice?{query}"), BODY), "{query}");
        }
        assert!(!has_hash_of(&format!("/bodySHA256={hash}"), BODY));
    }
}
