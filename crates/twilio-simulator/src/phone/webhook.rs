//! Webhook URLs and the account that signs their requests.

use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

/// The HTTP method of a webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// `GET`: the parameters are in the query.
    Get,
    /// `POST`: the parameters are in the body.
    #[default]
    Post,
}

impl Method {
    /// Parses an attribute such as `method`: `GET` in any case, otherwise `POST`.
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

/// A URL that Twilio calls. It may end with connection overrides: `#rc=3&rp=all`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// The configured URL.
    pub url: String,
    /// The HTTP method.
    #[serde(default)]
    pub method: Method,
}

impl Webhook {
    /// A webhook called with `POST`.
    pub fn post(url: impl Into<String>) -> Self {
        Self { url: url.into(), method: Method::Post }
    }

    /// A webhook called with `GET`.
    pub fn get(url: impl Into<String>) -> Self {
        Self { url: url.into(), method: Method::Get }
    }
}

/// The account whose token signs the requests of a call or message.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The account's SID.
    pub account: AccountSid,
    /// The primary auth token.
    pub token: Secret,
}
