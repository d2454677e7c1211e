//! Signature verification against published vectors, against an independent implementation of the documented rules, and
//! against modified requests.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use ring::{digest, hmac};
use serde::Deserialize;
use switchboard_domain::form::Form;
use switchboard_domain::secret::Secret;
use switchboard_domain::signature::{
    Content, PublicUrl, Signature, SignedRequest, SigningKey, sign, sign_url, verify,
    with_body_hash,
};
use url::form_urlencoded::Serializer;

const TOKEN: &str = "12345";

/// Vectors on which Twilio's own libraries disagree, and whether switchboard accepts them (ADR 0008).
const DIVERGENT: [(&str, bool); 4] = [
    ("query contains apostrophe and plus", true),
    ("upper-case scheme preserved", true),
    ("mixed-case host, signature of lower-case host", false),
    ("mixed-case host with port, signature of lower-case host", false),
];

#[derive(Deserialize)]
struct Vector {
    name: String,
    auth_token: String,
    method: String,
    url: String,
    params: Option<Vec<(String, String)>>,
    body: Option<String>,
    signature: String,
    valid: bool,
    sdk_divergent: bool,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("data/signature-vectors.json")).unwrap()
}

fn key(token: &str) -> SigningKey {
    SigningKey::new(&Secret::new(token.to_owned())).unwrap()
}

/// Splits a URL into origin and target, byte for byte.
fn split(url: &str) -> (PublicUrl, &str) {
    let host = url.find("://").unwrap() + 3;
    let (origin, target) = url.split_at(url[host..].find('/').unwrap() + host);
    (PublicUrl::parse(origin).unwrap(), target)
}

fn posted<S: AsRef<str>>(fields: &[(S, S)]) -> Form {
    Form::parse(Serializer::new(String::new()).extend_pairs(fields).finish().as_bytes()).unwrap()
}

fn accepts(token: &str, url: &str, content: Content<'_>, signature: &str) -> bool {
    let (origin, target) = split(url);
    let request = SignedRequest { target, content };
    Signature::parse(signature)
        .is_some_and(|given| verify(&[key(token)], &[origin], &request, &given).is_some())
}

/// Reference implementation: signs as documented, without code of this crate.
fn reference<S: AsRef<str>>(token: &str, url: &str, fields: &[(S, S)]) -> String {
    let mut by_name = BTreeMap::<&[u8], BTreeSet<&[u8]>>::new();
    for (name, value) in fields {
        by_name.entry(name.as_ref().as_bytes()).or_default().insert(value.as_ref().as_bytes());
    }
    let mut message = url.as_bytes().to_vec();
    for (name, values) in by_name {
        for value in values {
            message.extend_from_slice(name);
            message.extend_from_slice(value);
        }
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    STANDARD.encode(hmac::sign(&key, &message))
}

fn sha256(body: &[u8]) -> String {
    digest::digest(&digest::SHA256, body)
        .as_ref()
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

const NO_FIELDS: [(&str, &str); 0] = [];

#[test]
fn every_published_vector_has_its_verdict() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 64);
    for vector in &vectors {
        let form = posted(vector.params.as_deref().unwrap_or_default());
        let content = match &vector.body {
            Some(body) => Content::Raw(body.as_bytes()),
            None if vector.method == "GET" => Content::Query,
            None => Content::Form(&form),
        };
        let accepted = accepts(&vector.auth_token, &vector.url, content, &vector.signature);
        assert_eq!(accepted, vector.valid, "{}", vector.name);
    }
}

#[test]
fn every_vector_on_which_the_libraries_disagree_is_listed() {
    let vectors = vectors();
    let divergent: Vec<_> = vectors
        .iter()
        .filter(|vector| vector.sdk_divergent)
        .map(|vector| (vector.name.as_str(), vector.valid))
        .collect();
    assert_eq!(divergent, DIVERGENT);
}

#[test]
fn the_body_hash_is_found_anywhere_in_the_query_and_must_be_correct() {
    let body = br#"{"message":"h\u00e9llo","n":1}"#;
    let hash = sha256(body);
    let accepted = |query: &str, body: &[u8]| {
        let url = format!("https://example.com/events?{query}");
        accepts(TOKEN, &url, Content::Raw(body), &reference(TOKEN, &url, &NO_FIELDS))
    };
    for query in [
        format!("bodySHA256={hash}"),
        format!("bodySHA256={hash}&a=1"),
        format!("a=1&bodySHA256={hash}"),
    ] {
        assert!(accepted(&query, body), "{query}");
        assert!(!accepted(&query, b"{}"), "{query}");
    }
    let upper = hash.to_uppercase();
    for query in
        ["a=1", &format!("bodySHA256={upper}"), &format!("bodySHA256={hash}&bodySHA256={hash}")]
    {
        assert!(!accepted(query, body), "{query}");
    }
}

#[test]
fn a_form_with_a_body_hash_in_its_query_is_signed_as_a_form() {
    let url = with_body_hash("https://example.com/voice", b"To=1");
    let (form, url_only) = (posted(&[("To", "1")]), reference(TOKEN, &url, &NO_FIELDS));
    assert!(accepts(TOKEN, &url, Content::Form(&form), &reference(TOKEN, &url, &[("To", "1")])));
    assert!(!accepts(TOKEN, &url, Content::Form(&form), &url_only));
    assert!(accepts(TOKEN, &url, Content::Raw(b"To=1"), &url_only));
}

#[test]
fn ports_may_differ_only_in_the_ways_that_twilio_changes_them() {
    let accepted = |configured: &str, called: &str| {
        let signature = reference(TOKEN, &format!("{called}/v?a=1"), &[("To", "1")]);
        accepts(
            TOKEN,
            &format!("{configured}/v?a=1"),
            Content::Form(&posted(&[("To", "1")])),
            &signature,
        )
    };
    for (configured, called) in [
        ("https://a.example:8443", "https://a.example"),
        ("https://a.example", "https://a.example:443"),
        ("http://a.example:8080", "http://a.example:8080"),
        ("http://a.example:8080", "http://a.example"),
        ("http://a.example", "http://a.example:80"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]:443"),
        ("https://user:p@a.example:8443", "https://a.example"),
        ("https://user:p@a.example", "https://user:p@a.example:443"),
    ] {
        assert!(accepted(configured, called), "{configured} {called}");
    }
    for (configured, called) in [
        ("https://a.example", "https://a.example:8443"),
        ("https://a.example:8443", "https://a.example:443"),
        ("https://a.example", "http://a.example"),
        ("http://a.example", "http://a.example:443"),
        ("https://a.example", "https://user:p@a.example"),
        ("https://a.example", "https://b.example"),
    ] {
        assert!(!accepted(configured, called), "{configured} {called}");
    }
}

#[test]
fn repeated_names_are_signed_as_a_sorted_set() {
    let fields =
        [("K", "\u{1F600}"), ("K", "\u{FF5E}"), ("K", ""), ("K", "\u{1F600}"), ("J", "\u{1F600}")];
    let url = "https://example.com/voice";
    assert!(accepts(TOKEN, url, Content::Form(&posted(&fields)), &reference(TOKEN, url, &fields)));
    // In UTF-16 order the emoji would come before the full-width tilde.
    let message = "https://example.com/voiceJ\u{1F600}KK\u{FF5E}K\u{1F600}";
    assert_eq!(sign_url(&key(TOKEN), url, fields), reference(TOKEN, message, &NO_FIELDS));
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Z][a-z]{0,3}", "To|From|FromCity", "[^\\pC]{1,6}"]
}

fn a_form() -> impl Strategy<Value = Vec<(String, String)>> {
    let values = prop_oneof![Just(String::new()), "\\+1415555[0-9]{4}", any::<String>()];
    proptest::collection::vec((names(), values), 0..25)
}

fn a_target() -> impl Strategy<Value = String> {
    "/[a-zA-Z0-9/._~-]{0,12}(\\?[a-zé0-9&=+%'_-]{0,20})?"
}

proptest! {
    #[test]
    fn what_was_signed_is_verified(fields in a_form(), target in a_target(), origin in "https?://[a-z]{1,9}(:[1-9]{1,4})?") {
        let url = format!("{origin}{target}");
        let form = posted(&fields);
        let by_reference = reference(TOKEN, &url, &fields);
        let ours = sign_url(&key(TOKEN), &url, form.fields());
        prop_assert_eq!(&ours, &by_reference);
        prop_assert!(accepts(TOKEN, &url, Content::Form(&form), &ours));
        let (origin, target) = split(&url);
        let request = SignedRequest { target, content: Content::Form(&form) };
        prop_assert!(accepts(TOKEN, &url, request.content, &sign(&key(TOKEN), &origin, &request)));
    }

    #[test]
    fn the_order_of_fields_on_the_wire_never_matters(
        (signed, sent) in a_form().prop_flat_map(|fields| (Just(fields.clone()), Just(fields).prop_shuffle())),
    ) {
        let url = "https://example.com/voice";
        prop_assert!(accepts(TOKEN, url, Content::Form(&posted(&sent)), &reference(TOKEN, url, &signed)));
    }

    #[test]
    fn a_changed_byte_of_a_value_is_refused(
        mut fields in a_form().prop_filter("a value to change", |fields| fields.iter().any(|field| !field.1.is_empty())),
        chosen in any::<prop::sample::Selector>(), place in any::<prop::sample::Index>(), other in "[ -~]",
    ) {
        let url = "https://example.com/voice";
        let signature = reference(TOKEN, url, &fields);
        let value = &mut chosen.select(fields.iter_mut().filter(|field| !field.1.is_empty())).1;
        let (at, old) = place.get(&value.char_indices().collect::<Vec<_>>()).to_owned();
        prop_assume!(!other.starts_with(old));
        value.replace_range(at..at + old.len_utf8(), &other);
        let changed = reference(TOKEN, url, &fields);
        // Without delimiters, a change can produce the same signed text: "A=AB" and "A=BA" twice are one set. No
        // signature can distinguish those.
        prop_assume!(changed != signature);
        prop_assert!(!accepts(TOKEN, url, Content::Form(&posted(&fields)), &signature));
    }

    #[test]
    fn a_changed_byte_of_the_target_is_refused(target in "/[a-z0-9/]{1,12}\\?[a-z0-9&=+%]{1,20}", place in any::<prop::sample::Index>(), other in "[a-zA-Z0-9/&=+%]") {
        let signature = reference(TOKEN, &format!("https://example.com{target}"), &NO_FIELDS);
        let at = 1 + place.index(target.len() - 1);
        prop_assume!(target[at..=at] != other);
        let mut changed = target;
        changed.replace_range(at..=at, &other);
        let url = format!("https://example.com{changed}");
        prop_assert!(!accepts(TOKEN, &url, Content::Query, &signature));
    }

    #[test]
    fn every_changed_bit_and_every_truncation_of_the_signature_is_refused(fields in a_form()) {
        let url = "https://example.com/voice";
        let form = posted(&fields);
        let signature = reference(TOKEN, url, &fields);
        let bytes = STANDARD.decode(&signature).unwrap();
        for bit in 0..160 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!accepts(TOKEN, url, Content::Form(&form), &STANDARD.encode(changed)));
        }
        for length in 0..bytes.len() {
            prop_assert!(!accepts(TOKEN, url, Content::Form(&form), &STANDARD.encode(&bytes[..length])));
        }
        for length in 0..signature.len() {
            prop_assert!(!accepts(TOKEN, url, Content::Form(&form), &signature[..length]));
        }
    }

    #[test]
    fn another_token_is_refused(fields in a_form(), token in "[0-9a-f]{32}") {
        let url = "https://example.com/voice";
        prop_assert!(!accepts(TOKEN, url, Content::Form(&posted(&fields)), &reference(&token, url, &fields)));
    }
}
