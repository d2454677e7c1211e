//! Values of parameters, checked as Twilio checks them.

use url::Url;

use super::reply::Refusal;
use crate::company::{Sid, WebhookMethod};

/// Longest friendly name.
const LONGEST_NAME: usize = 64;

/// A URL that Twilio can call, or an empty text, which clears it (Twilio, error 21402).
pub(crate) fn url(name: &str, value: &str) -> Result<String, Refusal> {
    if value.is_empty() || is_callable(value) {
        Ok(value.to_owned())
    } else {
        Err(Refusal::invalid(21402, format!("{name} is not valid: {value}")))
    }
}

/// Whether Twilio can call a URL: it is absolute, and of HTTP.
pub(crate) fn is_callable(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        ["http", "https"].contains(&url.scheme())
            && url.host_str().is_some_and(|host| !host.is_empty())
    })
}

/// `GET` or `POST`; an empty text makes it `POST` again (Twilio, error 21403).
pub(crate) fn method(name: &str, value: &str) -> Result<WebhookMethod, Refusal> {
    match value.to_ascii_uppercase().as_str() {
        "GET" => Ok(WebhookMethod::Get),
        "POST" | "" => Ok(WebhookMethod::Post),
        _ => Err(Refusal::invalid(21403, format!("{name} is not valid: {value}"))),
    }
}

/// `true` or `false`.
pub(crate) fn flag(name: &str, value: &str) -> Result<bool, Refusal> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" | "" => Ok(false),
        _ => Err(Refusal::invalid(20001, format!("{name} is not valid: {value}"))),
    }
}

/// A reference to something else, or an empty text, which clears it.
pub(crate) fn reference(prefix: &str, name: &str, value: &str) -> Result<Option<Sid>, Refusal> {
    if value.is_empty() {
        return Ok(None);
    }
    let sid = Sid::parse(prefix, value);
    let wrong = || Refusal::invalid(20001, format!("{name} is not valid: {value}"));
    sid.ok_or_else(wrong).map(Some)
}

/// A name of at most 64 characters (Twilio, error 20002).
pub(crate) fn friendly_name(value: &str) -> Result<String, Refusal> {
    if value.chars().count() > LONGEST_NAME {
        return Err(Refusal::invalid(20002, "FriendlyName must be at most 64 characters"));
    }
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{flag, method, reference, url};
    use crate::company::WebhookMethod;

    #[test]
    fn a_url_is_absolute_or_empty() {
        for good in ["", "https://example.com", "http://localhost:8080/voice?agentId=1#rc=2"] {
            assert_eq!(url("VoiceUrl", good).unwrap(), good);
        }
        for wrong in ["example.com", "/voice", "ftp://example.com", "https://", "javascript:1"] {
            assert_eq!(url("VoiceUrl", wrong).unwrap_err().code, 21402, "{wrong}");
        }
    }

    #[test]
    fn a_method_is_one_of_two() {
        assert_eq!(method("VoiceMethod", "get").unwrap(), WebhookMethod::Get);
        assert_eq!(method("VoiceMethod", "").unwrap(), WebhookMethod::Post);
        assert_eq!(method("VoiceMethod", "FROB").unwrap_err().code, 21403);
    }

    #[test]
    fn what_is_neither_true_nor_false_or_no_sid_is_refused() {
        assert!(flag("VoiceCallerIdLookup", "True").unwrap());
        assert!(flag("VoiceCallerIdLookup", "yes").is_err());
        assert_eq!(reference("TK", "TrunkSid", "").unwrap(), None);
        assert!(reference("TK", "TrunkSid", "AP00000000000000000000000000000001").is_err());
    }
}
