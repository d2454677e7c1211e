//! Short codes.

use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_domain::time::Timestamp;

use super::paged_store::Keyed;
use super::sid::Sid;
use super::webhook::WebhookMethod;

/// A short code of an account (Twilio, `ShortCode` resource).
#[derive(Clone, PartialEq, Eq)]
pub struct ShortCode {
    /// The SID: `SC…`.
    pub sid: Sid,
    /// The digits.
    pub short_code: String,
    /// The display name.
    pub friendly_name: String,
    /// The URLs.
    pub settings: ShortCodeSettings,
    /// When the account got it.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// Shows only the SID, as of other senders.
impl fmt::Debug for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShortCode").field("sid", &self.sid).finish_non_exhaustive()
    }
}

impl Keyed for ShortCode {
    type Key = Sid;

    fn key(&self) -> Sid {
        self.sid
    }
}

/// The URLs of a short code, with Twilio's field names. An empty URL is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShortCodeSettings {
    /// Called for incoming messages.
    pub sms_url: String,
    /// Method of `sms_url`.
    pub sms_method: WebhookMethod,
    /// Called for incoming messages if `sms_url` fails.
    pub sms_fallback_url: String,
    /// Method of `sms_fallback_url`.
    pub sms_fallback_method: WebhookMethod,
}
