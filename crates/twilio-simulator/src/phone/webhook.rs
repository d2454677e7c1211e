//! What is configured at a number: which URLs Twilio asks, and by which key it signs.

use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

/// How a URL is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// The fields are in the query.
    Get,
    /// The fields are in the body.
    #[default]
    Post,
}

impl Method {
    /// The method of an attribute such as `action`'s: `GET` if it says so in whatever case, `POST` otherwise.
    pub(crate) fn of_attribute(text: Option<&str>) -> Self {
        if text.is_some_and(|text| text.eq_ignore_ascii_case("get")) {
            Self::Get
        } else {
            Self::Post
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Post => "POST",
        })
    }
}

/// A URL that Twilio asks. It may end with connection overrides: `#rc=3&rp=all`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// The URL, as it is configured.
    pub url: String,
    /// How it is asked.
    #[serde(default)]
    pub method: Method,
}

impl Webhook {
    /// A URL that is asked by POST.
    pub fn post(url: impl Into<String>) -> Self {
        Self { url: url.into(), method: Method::Post }
    }

    /// A URL that is asked by GET.
    pub fn get(url: impl Into<String>) -> Self {
        Self { url: url.into(), method: Method::Get }
    }
}

/// The account that a call or a message belongs to: its token signs.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The account.
    pub account: AccountSid,
    /// Its primary auth token.
    pub token: Secret,
}
