//! TwiML applications.

use serde::{Deserialize, Serialize};
use switchboard_domain::time::Timestamp;

use super::shelf::Kept;
use super::sid::Sid;
use super::webhook::WebhookMethod;

/// URLs under one name that numbers can refer to (Twilio, Application resource).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// `AP…`.
    pub sid: Sid,
    /// What people call it.
    pub friendly_name: String,
    /// What it answers with.
    pub settings: ApplicationSettings,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

impl Kept for Application {
    type Key = Sid;

    fn key(&self) -> Sid {
        self.sid
    }
}

/// What an account can set of an application, by Twilio's names. An empty URL is one that is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApplicationSettings {
    /// Answers calls.
    pub voice_url: String,
    /// Method of `voice_url`.
    pub voice_method: WebhookMethod,
    /// Answers calls that `voice_url` did not.
    pub voice_fallback_url: String,
    /// Method of `voice_fallback_url`.
    pub voice_fallback_method: WebhookMethod,
    /// Hears of the end of calls.
    pub status_callback: String,
    /// Method of `status_callback`.
    pub status_callback_method: WebhookMethod,
    /// Answers messages.
    pub sms_url: String,
    /// Method of `sms_url`.
    pub sms_method: WebhookMethod,
    /// Answers messages that `sms_url` did not.
    pub sms_fallback_url: String,
    /// Method of `sms_fallback_url`.
    pub sms_fallback_method: WebhookMethod,
    /// Hears of the progress of messages; the older name.
    pub sms_status_callback: String,
    /// Hears of the progress of messages.
    pub message_status_callback: String,
    /// Whether callers' names are looked up.
    pub voice_caller_id_lookup: bool,
}
