//! Webhook URLs and methods, and the TwiML source of a call.

use serde::{Deserialize, Serialize};
use switchboard_domain::string_enum;

/// A URL and the method with which it is called.
pub type Target = (String, WebhookMethod);

/// Where the TwiML of a call comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instructions {
    /// TwiML fetched from a URL.
    Url(Target),
    /// TwiML passed in the request.
    Twiml(String),
}

string_enum! {
    /// The HTTP method of a webhook.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "UPPERCASE")]
    pub enum WebhookMethod {
        /// `GET`: the parameters are in the query.
        Get = "GET",
        /// `POST`: the parameters are in the body. Twilio's default.
        #[default]
        Post = "POST",
    }
}
