//! Our own tokens are accepted until they expire; no other token is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use ring::hmac;

use super::claims::PREFIX;
use super::fixtures::{ISSUED_AT, claims};
use super::{SessionClaims, SessionError, SessionKey, SessionKeys};
use crate::identifier::AgentId;
use crate::sealing::KeyId;
use crate::sid::{AccountSid, CallSid};
use crate::time::Timestamp;

const HEADER: &str = r#"{"alg":"HS256","kid":"k1"}"#;

fn key(id: &str, byte: u8) -> SessionKey {
    SessionKey::derive(KeyId::parse(id).unwrap(), &[byte; 32]).unwrap()
}

fn keys() -> SessionKeys {
    SessionKeys::new(key("k1", 1), vec![])
}

fn json() -> String {
    format!("{PREFIX}{}", String::from_utf8(claims().json_after_prefix()).unwrap())
}

/// A token with the given header and claims, and a genuine signature.
fn signed(header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let secret = URL_SAFE_NO_PAD.decode(key("k1", 1).secret_base64url().expose()).unwrap();
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn a_token_has_one_fixed_form() {
    let json = concat!(
        r#"{"iss":"switchboard","aud":"voice","sub":"CA0123456789abcdef0123456789abcdef","#,
        r#""agent":"agt_01kxyz0123456789abcdefghjk","account":"AC0123456789abcdef0123456789abcdef","#,
        r#""iat":1795000000,"exp":1795000900}"#
    );
    let token = keys().mint(&claims());
    assert_eq!(token, signed(HEADER, json));
    assert!(token.ends_with(".7EvSxSc4exBf1M_N--Z8UuNGXGWhVsH1MKVsE9RDgxw"), "{token}");
    assert_eq!(keys().verify(&token, ISSUED_AT), Ok(claims()));
}

#[test]
fn any_json_parser_reads_header_and_claims() {
    let token = keys().mint(&claims());
    let read = |part: &str| -> serde_json::Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(read(parts[0]), serde_json::json!({"alg": "HS256", "kid": "k1"}));
    let claims = read(parts[1]);
    assert_eq!(claims["sub"], "CA0123456789abcdef0123456789abcdef");
    assert_eq!(claims["exp"], 1_795_000_900);
}

#[test]
fn every_flipped_bit_is_refused() {
    let token = keys().mint(&claims());
    for index in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[index] ^= 1 << bit;
            let changed = String::from_utf8(bytes).unwrap();
            assert!(keys().verify(&changed, ISSUED_AT).is_err(), "{index} {bit}");
        }
    }
}

#[test]
fn every_truncation_and_every_addition_is_refused() {
    let token = keys().mint(&claims());
    for length in 0..token.len() {
        assert!(keys().verify(&token[..length], ISSUED_AT).is_err(), "{length}");
    }
    for addition in ["=", ".", "A", " ", "\n", ".AAAA"] {
        assert_eq!(
            keys().verify(&format!("{token}{addition}"), ISSUED_AT),
            Err(SessionError::Malformed)
        );
        assert_eq!(
            keys().verify(&format!("{addition}{token}"), ISSUED_AT),
            Err(SessionError::Malformed)
        );
    }
    let long = format!("{token}{}", "A".repeat(1_025 - token.len()));
    assert_eq!(keys().verify(&long, ISSUED_AT), Err(SessionError::Malformed));
}

#[test]
fn a_header_in_any_other_form_is_refused_even_with_a_genuine_signature() {
    let json = json();
    for header in [
        r#"{"alg":"none","kid":"k1"}"#,
        r#"{"alg":"none"}"#,
        r#"{"alg":"HS256","kid":"k1","typ":"JWT"}"#,
        r#"{"alg":"HS512","kid":"k1"}"#,
        r#"{"alg":"RS256","kid":"k1"}"#,
        r#"{"kid":"k1","alg":"HS256"}"#,
        r#"{"alg":"HS256","kid":"k1","jwk":{}}"#,
        r#"{"alg":"HS256","kid":"k1\u0000"}"#,
        r#"{ "alg":"HS256","kid":"k1"}"#,
        r#"{"alg":"HS256"}"#,
        "",
    ] {
        assert_eq!(
            keys().verify(&signed(header, &json), ISSUED_AT),
            Err(SessionError::Malformed),
            "{header}"
        );
    }
    assert_eq!(keys().verify(&signed(HEADER, &json), ISSUED_AT), Ok(claims()));
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let none = r#"{"alg":"none","kid":"k1"}"#;
    for header in [none, HEADER] {
        let parts =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(json()));
        for token in [parts.clone(), format!("{parts}."), format!("{parts}.AAAA")] {
            assert_eq!(keys().verify(&token, ISSUED_AT), Err(SessionError::Malformed));
        }
    }
}

#[test]
fn claims_in_any_other_form_are_refused_even_with_a_genuine_signature() {
    let json = json();
    let changes = [
        ("switchboard", "other"),
        (r#""aud":"voice""#, r#""aud":"admin""#),
        ("CA0123", "CAxyzw"),
        ("agt_", "org_"),
        ("AC0123", "CA0123"),
        ("1795000900", "01795000900"),
        ("1795000900", "+1795000900"),
        ("1795000900", "1795000900.5"),
        ("1795000900", "1e12"),
        ("1795000900", "9223372036854775807"),
        ("1795000900", "99999999999999999999"),
        ("1795000900", "null"),
        (r#","exp":1795000900"#, ""),
        (r#","exp":1795000900"#, r#","exp":1795000900,"exp":1999999999"#),
        ("}", " }"),
        ("}", ""),
    ];
    for (from, to) in changes {
        let altered = json.replacen(from, to, 1);
        assert_ne!(altered, json, "{from}");
        assert_eq!(
            keys().verify(&signed(HEADER, &altered), ISSUED_AT),
            Err(SessionError::Malformed),
            "{to}"
        );
    }
}

#[test]
fn a_token_is_accepted_from_a_minute_before_its_creation_until_it_expires() {
    let token = keys().mint(&claims());
    let at = |seconds| keys().verify(&token, ISSUED_AT.plus_seconds(seconds));
    assert_eq!(at(-61), Err(SessionError::IssuedInFuture));
    assert_eq!(at(-60), Ok(claims()));
    assert_eq!(at(899), Ok(claims()));
    assert_eq!(at(900), Err(SessionError::Expired));
    assert_eq!(at(i64::MAX / 2_000_000), Err(SessionError::Expired));
}

#[test]
fn another_key_does_not_verify_a_token() {
    let token = keys().mint(&claims());
    let verify = |key| SessionKeys::new(key, vec![]).verify(&token, ISSUED_AT);
    assert_eq!(verify(key("k1", 2)), Err(SessionError::WrongSignature));
    assert_eq!(verify(key("k2", 1)), Err(SessionError::UnknownKey));
}

#[test]
fn an_older_key_verifies_and_does_not_sign() {
    let rotated = SessionKeys::new(key("k2", 2), vec![key("k1", 1)]);
    assert_eq!(rotated.verify(&keys().mint(&claims()), ISSUED_AT), Ok(claims()));
    assert_eq!(keys().verify(&rotated.mint(&claims()), ISSUED_AT), Err(SessionError::UnknownKey));
    assert_eq!(rotated.signing_key().id().as_str(), "k2");
}

#[test]
fn debug_shows_ids_only() {
    assert_eq!(format!("{:?}", keys()), "SessionKeys { first: SessionKey(k1), others: [] }");
    assert_eq!(format!("{:?}", key("k1", 1).secret_base64url()), "[redacted]");
}

#[test]
fn the_longest_token_fits_into_a_stream_parameter() {
    let far = Timestamp::from_micros(i64::MAX);
    let claims = SessionClaims { issued_at: far, expires_at: far, ..claims() };
    let token = SessionKeys::new(key(&"k".repeat(32), 1), vec![]).mint(&claims);
    assert!("sessionToken".len() + token.len() < 500, "{}", token.len());
}

proptest! {
    #[test]
    fn every_created_token_is_verified(
        call in "CA[0-9a-fA-F]{32}", account in "AC[0-9a-f]{32}", chance: [u8; 10], byte: u8,
        id in "[A-Za-z0-9_-]{1,32}", issued in -9_000_000_000_000_i64..9_000_000_000_000, lifetime in 1_i64..100_000,
    ) {
        let issued_at = Timestamp::from_seconds(issued);
        let claims = SessionClaims {
            call: CallSid::parse(&call).unwrap(),
            agent: AgentId::new(issued_at, chance),
            account: AccountSid::parse(&account).unwrap(),
            issued_at,
            expires_at: issued_at.plus_seconds(lifetime),
        };
        let keys = SessionKeys::new(key(&id, byte), vec![]);
        prop_assert_eq!(keys.verify(&keys.mint(&claims), issued_at), Ok(claims));
    }

    #[test]
    fn arbitrary_text_is_neither_accepted_nor_panics(text in "[A-Za-z0-9_.=-]{0,1100}|\\PC{0,200}") {
        prop_assert!(keys().verify(&text, ISSUED_AT).is_err());
    }
}
