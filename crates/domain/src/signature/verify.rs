//! Verification of a request's signature.

use super::header::Signature;
use super::key::SigningKey;
use super::matching::Matcher;
use super::public_url::PublicUrl;
use super::request::SignedRequest;
use super::url_variants::Target;

/// Maximum number of keys tried: an account has its primary token and, during a rotation, the next one. A connected account
/// has those of the owner of the Connect app, too. Trying more would let one account act as another.
pub const MAX_KEYS: usize = 4;

/// What verified a request. Only [`verify`] creates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Match {
    /// Index of the matching key.
    pub key: usize,
    /// Index of the matching public URL.
    pub url: usize,
}

/// Checks the signature of a request against the keys of one account, the primary one first, and our public URLs in
/// their order. `None` means the request is refused.
///
/// A genuine request nearly always costs one HMAC; a refusal costs one per key and URL variant.
pub fn verify(
    keys: &[SigningKey],
    urls: &[PublicUrl],
    request: &SignedRequest<'_>,
    signature: &Signature,
) -> Option<Match> {
    let mut matcher = Matcher::new(request, signature, usize::MAX)?;
    first_match(&mut matcher, keys, urls, request)
}

fn first_match(
    matcher: &mut Matcher<'_>,
    keys: &[SigningKey],
    urls: &[PublicUrl],
    request: &SignedRequest<'_>,
) -> Option<Match> {
    let keys = match keys {
        // Refusing an account without a token takes as long as one with a token.
        [] => SigningKey::decoys(),
        _ => &keys[..keys.len().min(MAX_KEYS)],
    };
    let target = Target::new(request.target);
    urls.iter().enumerate().find_map(|(url, public)| {
        matcher.matching_key(keys, public, &target).map(|key| Match { key, url })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Match, first_match, verify};
    use crate::form::Form;
    use crate::secret::Secret;
    use crate::signature::matching::Matcher;
    use crate::signature::{Content, PublicUrl, Signature, SignedRequest, SigningKey, sign};

    const QUERY: SignedRequest<'_> =
        SignedRequest { target: "/voice?a=1", content: Content::Query };

    fn keys(tokens: &[&str]) -> Vec<SigningKey> {
        tokens
            .iter()
            .map(|token| SigningKey::new(&Secret::new((*token).to_owned())).unwrap())
            .collect()
    }

    fn urls(texts: &[&str]) -> Vec<PublicUrl> {
        texts.iter().map(|text| PublicUrl::parse(text).unwrap()).collect()
    }

    fn signed(key: &SigningKey, url: &PublicUrl, request: &SignedRequest<'_>) -> Signature {
        Signature::parse(&sign(key, url, request)).unwrap()
    }

    #[test]
    fn the_next_token_is_accepted_during_a_rotation() {
        let (keys, urls) = (keys(&["old", "new"]), urls(&["https://a"]));
        let signature = signed(&keys[1], &urls[0], &QUERY);
        assert_eq!(verify(&keys, &urls, &QUERY, &signature), Some(Match { key: 1, url: 0 }));
        assert_eq!(verify(&keys[..1], &urls, &QUERY, &signature), None);
    }

    #[test]
    fn a_fifth_key_is_never_tried() {
        let (keys, urls) = (keys(&["1", "2", "3", "4", "5"]), urls(&["https://a"]));
        assert_eq!(verify(&keys, &urls, &QUERY, &signed(&keys[4], &urls[0], &QUERY)), None);
    }

    #[test]
    fn the_matching_public_url_is_reported() {
        let (keys, urls) =
            (keys(&["1"]), urls(&["https://a", "http://b:8080", "https://a/twilio"]));
        for url in 0..urls.len() {
            let signature = signed(&keys[0], &urls[url], &QUERY);
            assert_eq!(verify(&keys, &urls, &QUERY, &signature), Some(Match { key: 0, url }));
        }
    }

    #[test]
    fn no_key_no_url_and_the_decoy_refuse_the_request() {
        let (keys, urls) = (keys(&["1"]), urls(&["https://a"]));
        let signature = signed(&keys[0], &urls[0], &QUERY);
        assert_eq!(verify(&[], &urls, &QUERY, &signature), None);
        assert_eq!(verify(&keys, &[], &QUERY, &signature), None);
        let decoy = [SigningKey::decoy()];
        assert_eq!(verify(&decoy, &urls, &QUERY, &signed(&decoy[0], &urls[0], &QUERY)), None);
    }

    #[test]
    fn a_trailing_slash_is_ignored_for_websockets_only() {
        let (keys, urls) = (keys(&["1"]), urls(&["https://Voice.Example.com"]));
        let socket = [urls[0].websocket()];
        let request = |target| SignedRequest { target, content: Content::Query };
        for (called, received) in
            [("/media", "/media/"), ("/media/", "/media"), ("/media", "/media")]
        {
            let signature = signed(&keys[0], &socket[0], &request(called));
            assert!(
                verify(&keys, &socket, &request(received), &signature).is_some(),
                "{called} {received}"
            );
            assert!(
                verify(&keys, &urls, &request(received), &signature).is_none(),
                "{called} {received}"
            );
        }
        let signature = signed(&keys[0], &urls[0], &request("/voice"));
        assert_eq!(verify(&keys, &urls, &request("/voice/"), &signature), None);
        let signature = signed(&keys[0], &socket[0], &request("/media"));
        let posted = SignedRequest { target: "/media/", content: Content::Form(&Form::EMPTY) };
        assert_eq!(verify(&keys, &socket, &posted, &signature), None);
    }

    #[test]
    fn a_posted_form_is_not_verified_as_a_query() {
        let (keys, urls) = (keys(&["1"]), urls(&["https://a"]));
        let form = Form::parse(b"To=1").unwrap();
        let posted = SignedRequest { target: "/voice?a=1", content: Content::Form(&form) };
        assert_eq!(verify(&keys, &urls, &posted, &signed(&keys[0], &urls[0], &QUERY)), None);
        assert_eq!(verify(&keys, &urls, &QUERY, &signed(&keys[0], &urls[0], &posted)), None);
    }

    #[test]
    fn an_ordinary_genuine_request_costs_one_hmac() {
        let (keys, urls) = (keys(&["1", "2"]), urls(&["https://a", "https://b"]));
        let signature = signed(&keys[0], &urls[0], &QUERY);
        let mut matcher = Matcher::new(&QUERY, &signature, usize::MAX).unwrap();
        assert!(first_match(&mut matcher, &keys, &urls, &QUERY).is_some());
        assert_eq!(matcher.hmac_count(), 1);
    }

    #[test]
    fn an_account_without_a_key_costs_what_one_with_a_key_costs() {
        let urls = urls(&["https://a"]);
        let signature = signed(&keys(&["other"])[0], &urls[0], &QUERY);
        let cost = |keys: &[SigningKey]| {
            let mut matcher = Matcher::new(&QUERY, &signature, usize::MAX).unwrap();
            assert_eq!(first_match(&mut matcher, keys, &urls, &QUERY), None);
            matcher.hmac_count()
        };
        assert_eq!(cost(&[]), cost(&keys(&["1"])));
        assert_eq!(cost(&[SigningKey::decoy()]), cost(&keys(&["1"])));
    }

    proptest! {
        #[test]
        fn verification_costs_at_most_two_hmacs_per_url_variant(
            target in "/[a-zé'?&=]{0,12}",
            count in 0..5usize,
            public in proptest::collection::vec(
                prop_oneof!["https://[a-z]{3}", "http://u:p@[a-z]{3}:[1-9]{1,3}", "wss://[a-z]{3}/x"], 0..4,
            ),
        ) {
            let request = SignedRequest { target: &target, content: Content::Query };
            let urls: Vec<_> = public.iter().map(|text| PublicUrl::parse(text).unwrap()).collect();
            let keys = keys(&["1", "2", "3", "4", "5"][..count]);
            let signature = Signature::parse("RSOYDt4T1cUTdK1PDd93/VVr8B8=").unwrap();
            let mut matcher = Matcher::new(&request, &signature, usize::MAX).unwrap();
            prop_assert_eq!(first_match(&mut matcher, &keys, &urls, &request), None);
            prop_assert!(matcher.hmac_count() <= 2 * 16 * urls.len());
        }
    }
}
