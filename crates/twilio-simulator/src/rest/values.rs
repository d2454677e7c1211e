//! Parses parameter values by Twilio's rules.

use url::Url;

use super::response::ApiError;
use crate::simulator::{Sid, WebhookMethod};

/// The maximum length of a friendly name, in characters.
const MAX_NAME_CHARACTERS: usize = 64;

/// A URL that Twilio can call, or an empty text, which clears the setting (Twilio, error 21402).
pub(crate) fn url(name: &str, value: &str) -> Result<String, ApiError> {
    if value.is_empty() || is_callable(value) {
        Ok(value.to_owned())
    } else {
        Err(ApiError::invalid(21402, format!("{name} is not valid: {value}")))
    }
}

/// Whether Twilio can call a URL: an absolute http or https URL with a host.
pub(crate) fn is_callable(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        ["http", "https"].contains(&url.scheme())
            && url.host_str().is_some_and(|host| !host.is_empty())
    })
}

/// `GET` or `POST`; an empty text means `POST` (Twilio, error 21403).
pub(crate) fn method(name: &str, value: &str) -> Result<WebhookMethod, ApiError> {
    match value.to_ascii_uppercase().as_str() {
        "GET" => Ok(WebhookMethod::Get),
        "POST" | "" => Ok(WebhookMethod::Post),
        _ => Err(ApiError::invalid(21403, format!("{name} is not valid: {value}"))),
    }
}

/// `true` or `false`; an empty text means `false`.
pub(crate) fn flag(name: &str, value: &str) -> Result<bool, ApiError> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" | "" => Ok(false),
        _ => Err(ApiError::invalid(20001, format!("{name} is not valid: {value}"))),
    }
}

/// A SID with this prefix, or an empty text, which clears the setting.
pub(crate) fn reference(prefix: &str, name: &str, value: &str) -> Result<Option<Sid>, ApiError> {
    if value.is_empty() {
        return Ok(None);
    }
    let sid = Sid::parse(prefix, value);
    let wrong = || ApiError::invalid(20001, format!("{name} is not valid: {value}"));
    sid.ok_or_else(wrong).map(Some)
}

/// A name of at most 64 characters (Twilio, error 20002).
pub(crate) fn friendly_name(value: &str) -> Result<String, ApiError> {
    if value.chars().count() > MAX_NAME_CHARACTERS {
        return Err(ApiError::invalid(20002, "FriendlyName must be at most 64 characters"));
    }
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{flag, method, reference, url};
    use crate::simulator::WebhookMethod;

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
    fn a_method_is_get_or_post() {
        assert_eq!(method("VoiceMethod", "get").unwrap(), WebhookMethod::Get);
        assert_eq!(method("VoiceMethod", "").unwrap(), WebhookMethod::Post);
        assert_eq!(method("VoiceMethod", "FROB").unwrap_err().code, 21403);
    }

    #[test]
    fn invalid_booleans_and_sids_are_rejected() {
        assert!(flag("VoiceCallerIdLookup", "True").unwrap());
        assert!(flag("VoiceCallerIdLookup", "yes").is_err());
        assert_eq!(reference("TK", "TrunkSid", "").unwrap(), None);
        assert!(reference("TK", "TrunkSid", "AP00000000000000000000000000000001").is_err());
    }
}
