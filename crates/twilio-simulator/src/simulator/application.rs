//! TwiML applications.

use serde::{Deserialize, Serialize};
use switchboard_domain::time::Timestamp;

use super::paged_store::Keyed;
use super::sid::Sid;
use super::webhook::WebhookMethod;

/// A named set of URLs that numbers can refer to (Twilio, Application resource).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// The application's SID: `AP…`.
    pub sid: Sid,
    /// The display name.
    pub friendly_name: String,
    /// The application's URLs and methods.
    pub settings: ApplicationSettings,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

impl Keyed for Application {
    type Key = Sid;

    fn key(&self) -> Sid {
        self.sid
    }
}

/// The settings of an application, with Twilio's field names. An empty URL is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApplicationSettings {
    /// Called for incoming calls.
    pub voice_url: String,
    /// Method of `voice_url`.
    pub voice_method: WebhookMethod,
    /// Called for incoming calls if `voice_url` fails.
    pub voice_fallback_url: String,
    /// Method of `voice_fallback_url`.
    pub voice_fallback_method: WebhookMethod,
    /// Called when a call ends.
    pub status_callback: String,
    /// Method of `status_callback`.
    pub status_callback_method: WebhookMethod,
    /// Called for incoming messages.
    pub sms_url: String,
    /// Method of `sms_url`.
    pub sms_method: WebhookMethod,
    /// Called for incoming messages if `sms_url` fails.
    pub sms_fallback_url: String,
    /// Method of `sms_fallback_url`.
    pub sms_fallback_method: WebhookMethod,
    /// Called when the status of a message changes; the older name of `message_status_callback`.
    pub sms_status_callback: String,
    /// Called when the status of a message changes.
    pub message_status_callback: String,
    /// Whether Twilio looks up the caller's name.
    pub voice_caller_id_lookup: bool,
}
