//! A parsed API request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use switchboard_domain::form::Form;
use switchboard_domain::secret::Secret;

/// A request to the REST API.
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The path as sent.
    pub(crate) path: String,
    /// The decoded path segments.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Parameters,
    pub(crate) body: RequestBody,
    pub(crate) credentials: Option<Credentials>,
    /// Scheme and host of the request, for absolute links.
    pub(crate) base: String,
}

/// The HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Delete,
    /// A method that no resource supports.
    Other,
}

impl Method {
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "GET" => Self::Get,
            "POST" => Self::Post,
            "DELETE" => Self::Delete,
            _ => Self::Other,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Other => "OTHER",
        }
    }
}

/// The parsed request body.
pub(crate) enum RequestBody {
    Form(Parameters),
    Json(Value),
    /// Neither a form nor JSON.
    Unreadable,
}

impl RequestBody {
    /// Parses a body by its media type.
    pub(crate) fn read(content_type: &str, body: &[u8]) -> Self {
        if content_type.starts_with("application/json") {
            return serde_json::from_slice(body).map_or(Self::Unreadable, Self::Json);
        }
        Parameters::read(body).map_or(Self::Unreadable, Self::Form)
    }
}

/// Names and values in the order of the request.
#[derive(Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Parses a form or a query. `None` if it is malformed.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let form = Form::parse(text).ok()?;
        let owned = form.fields().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some(Self(owned.collect()))
    }

    /// The last value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).last()
    }

    /// The last value of a name, unless it is empty.
    pub(crate) fn non_empty(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// All values of a name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.iter().filter(move |(own, _)| *own == name).map(|(_, value)| value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The credentials of HTTP Basic authentication.
#[derive(Debug)]
pub(crate) struct Credentials {
    pub(crate) user: String,
    pub(crate) password: Secret,
}

impl Credentials {
    /// Parses the header `Authorization`. `None` unless it is valid Basic authentication.
    pub(crate) fn read(header: &str) -> Option<Self> {
        let (scheme, encoded) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (user, password) = text.split_once(':')?;
        Some(Self { user: user.to_owned(), password: Secret::new(password.to_owned()) })
    }
}

impl Request {
    /// The form parameters. Empty for JSON.
    pub(crate) fn form(&self) -> &Parameters {
        static NONE: Parameters = Parameters(Vec::new());
        match &self.body {
            RequestBody::Form(parameters) => parameters,
            RequestBody::Json(_) | RequestBody::Unreadable => &NONE,
        }
    }

    /// The names of what was sent: form parameters, or paths of JSON fields.
    pub(crate) fn body_field_names(&self) -> Vec<String> {
        match &self.body {
            RequestBody::Form(parameters) => {
                parameters.iter().map(|(name, _)| name.to_owned()).collect()
            }
            RequestBody::Json(value) => {
                let mut names = Vec::new();
                collect_names("", value, &mut names);
                names
            }
            RequestBody::Unreadable => Vec::new(),
        }
    }
}

fn collect_names(prefix: &str, value: &Value, names: &mut Vec<String>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let name = format!("{prefix}{name}");
        if value.is_object() {
            collect_names(&format!("{name}."), value, names);
        } else {
            names.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Credentials, Parameters};

    #[test]
    fn a_password_may_contain_a_colon_and_is_redacted() {
        // "AC1:a:b"
        let credentials = Credentials::read("Basic QUMxOmE6Yg==").unwrap();
        assert_eq!((&credentials.user[..], credentials.password.expose()), ("AC1", "a:b"));
        assert!(!format!("{credentials:?}").contains("a:b"));
        for wrong in ["", "Basic", "Basic !", "Bearer QUMxOmE6Yg==", "Basic QUMx"] {
            assert!(Credentials::read(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn an_empty_value_is_present_but_not_non_empty() {
        let parameters = Parameters::read(b"VoiceUrl=&MediaUrl=a&MediaUrl=b%2B").unwrap();
        assert_eq!(parameters.get("VoiceUrl"), Some(""));
        assert_eq!(parameters.non_empty("VoiceUrl"), None);
        assert_eq!(parameters.all("MediaUrl").collect::<Vec<_>>(), ["a", "b+"]);
        assert_eq!(parameters.get("SmsUrl"), None);
    }
}
