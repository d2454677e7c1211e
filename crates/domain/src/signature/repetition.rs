//! Recognizing repeated requests.

use ring::digest::{Context, SHA256};

use crate::form::Form;

/// The `I-Twilio-Idempotency-Token` of a request to this URL: the same for the same parameters, in the form of a UUID.
pub fn idempotency_token(url: &str, form: &Form) -> String {
    let form = form.in_signed_order();
    let parts = form.fields().flat_map(|(name, value)| [name, value]);
    let mut digest = Context::new(&SHA256);
    for part in std::iter::once(url).chain(parts) {
        // Without the lengths, text could shift from one part into the next.
        digest.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(part.as_bytes());
    }
    let digest = digest.finish();
    let bytes = digest.as_ref().iter().take(16);
    let hex = bytes.map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::idempotency_token;
    use crate::form::Form;

    #[test]
    fn only_the_same_parameters_at_the_same_url_have_the_same_token() {
        let token =
            |url, form: &str| idempotency_token(url, &Form::parse(form.as_bytes()).unwrap());
        let first = token("https://a.example/1", "A=1&B=2");
        assert_eq!(first, token("https://a.example/1", "B=2&A=1"));
        let lengths: Vec<_> = first.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        for (url, form) in [
            ("https://a.example/2", "A=1&B=2"),
            ("https://a.example/1", "A=1&B=3"),
            ("https://a.example/1", "A=1B2"),
            ("https://a.example/1A", "=&A=1&B=2".trim_start_matches("=&")),
        ] {
            assert_ne!(first, token(url, form), "{url} {form}");
        }
    }
}
