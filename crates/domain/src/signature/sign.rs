//! Signs as Twilio does, for the simulator and for tests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::key::SigningKey;
use super::message::Message;
use super::public_url::PublicUrl;
use super::request::{BODY_HASH, SignedRequest, body_hash};
use super::url_variants::{Target, TrailingSlash, find_variant};
use crate::form::Form;

/// Returns the header's value for a request to a public URL, in the variant that is verified first. The target of a
/// request with a body that is not a form must already contain the body's hash: see [`with_body_hash`].
pub fn sign(key: &SigningKey, url: &PublicUrl, request: &SignedRequest<'_>) -> String {
    let target = Target::new(request.target);
    let most_likely =
        find_variant(url, &target, TrailingSlash::AsReceived, |variant| Some(*variant));
    // If the body does not have the hash in the URL, Twilio would still have signed the URL.
    let fields = request.signed_form().map(Form::fields);
    encode(
        key,
        Message::new(fields.into_iter().flatten()).with_url(&most_likely.unwrap_or_default()),
    )
}

/// Returns the header's value for a request to a complete URL, with the fields of its form, if any.
pub fn sign_url<'a>(
    key: &SigningKey,
    url: &str,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    encode(key, Message::new(fields.into_iter()).with_url(&["", "", "", "", "", url, "", ""]))
}

/// Appends the hash of a body that is not a form to the URL or target (Twilio, Security: "Validating Requests",
/// `bodySHA256`).
pub fn with_body_hash(url: &str, body: &[u8]) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{BODY_HASH}={}", body_hash(body))
}

fn encode(key: &SigningKey, message: [&[u8]; 2]) -> String {
    STANDARD.encode(key.sign(message))
}

#[cfg(test)]
mod tests {
    use super::{sign, sign_url, with_body_hash};
    use crate::form::Form;
    use crate::secret::Secret;
    use crate::signature::{Content, PublicUrl, SignedRequest, SigningKey};

    fn key() -> SigningKey {
        SigningKey::new(&Secret::new("12345".to_owned())).unwrap()
    }

    #[test]
    fn both_functions_sign_the_documented_example_alike() {
        let form = b"Digits=1234&To=%2B18005551212&From=%2B14158675310&Caller=%2B14158675310&CallSid=CA1234567890ABCDE";
        let form = Form::parse(form).unwrap();
        let url = PublicUrl::parse("https://example.com").unwrap();
        let request =
            SignedRequest { target: "/myapp.php?foo=1&bar=2", content: Content::Form(&form) };
        assert_eq!(sign(&key(), &url, &request), "L/OH5YylLD5NRKLltdqwSvS0BnU=");
        let url = "https://example.com/myapp.php?foo=1&bar=2";
        assert_eq!(sign_url(&key(), url, form.fields()), "L/OH5YylLD5NRKLltdqwSvS0BnU=");
    }

    #[test]
    fn a_body_that_is_not_a_form_is_signed_through_its_hash() {
        let body = br#"{"property": "value", "boolean": true}"#;
        let url = PublicUrl::parse("https://mycompany.com").unwrap();
        let target = with_body_hash("/myapp.php?foo=1&bar=2", body);
        let request = SignedRequest { target: &target, content: Content::Raw(body) };
        assert_eq!(sign(&key(), &url, &request), "a9nBmqA0ju/hNViExpshrM61xv4=");
        let url = with_body_hash("https://mycompany.com/myapp.php", body);
        assert_eq!(sign_url(&key(), &url, []), "y77kIzt2vzLz71DgmJGsen2scGs=");
    }
}
