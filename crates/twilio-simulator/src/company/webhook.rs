//! How Twilio is told to call back.

use serde::{Deserialize, Serialize};

/// The HTTP method of a webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum WebhookMethod {
    /// `GET`: the parameters go into the query.
    Get,
    /// `POST`, which is Twilio's default.
    #[default]
    Post,
}

impl WebhookMethod {
    /// The method as HTTP writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}
