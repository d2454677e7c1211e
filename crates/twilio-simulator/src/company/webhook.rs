//! How Twilio is told to call back, and what it follows.

use serde::{Deserialize, Serialize};
use switchboard_domain::string_enum;

/// A URL and how it is called.
pub type Target = (String, WebhookMethod);

/// What a call follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instructions {
    /// The document that a URL answers with.
    Fetched(Target),
    /// A document that was given.
    Given(String),
}

string_enum! {
    /// The HTTP method of a webhook.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "UPPERCASE")]
    pub enum WebhookMethod {
        /// `GET`: the parameters go into the query.
        Get = "GET",
        /// `POST`, which is Twilio's default.
        #[default]
        Post = "POST",
    }
}
