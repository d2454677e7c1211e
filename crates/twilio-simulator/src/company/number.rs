//! Phone numbers.

use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::time::Timestamp;

use super::shelf::Kept;
use super::sid::Sid;
use super::webhook::WebhookMethod;

/// A phone number that an account has (Twilio, `IncomingPhoneNumber` resource).
#[derive(Clone, PartialEq, Eq)]
pub struct IncomingPhoneNumber {
    /// `PN…`.
    pub sid: Sid,
    /// The number itself.
    pub phone_number: PhoneNumber,
    /// What people call it.
    pub friendly_name: String,
    /// What it can do.
    pub capabilities: Capabilities,
    /// What happens when it is reached.
    pub settings: NumberSettings,
    /// Where calls to it are processed: `us1`, `ie1` or `au1`.
    pub voice_region: String,
    /// When the account got it.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// Numbers are shown by their SID, as a log is no place for a phone number.
impl fmt::Debug for IncomingPhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingPhoneNumber").field("sid", &self.sid).finish_non_exhaustive()
    }
}

impl Kept for IncomingPhoneNumber {
    type Key = Sid;

    fn key(&self) -> Sid {
        self.sid
    }
}

/// What a number can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "these four are Twilio's own, each on its own")]
pub struct Capabilities {
    /// Takes calls.
    pub voice: bool,
    /// Takes text messages.
    pub sms: bool,
    /// Takes messages with media.
    pub mms: bool,
    /// Takes faxes.
    pub fax: bool,
}

impl Default for Capabilities {
    /// As most numbers of the United States.
    fn default() -> Self {
        Self { voice: true, sms: true, mms: true, fax: false }
    }
}

/// What an account can set of a number, by Twilio's names. An empty URL is one that is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NumberSettings {
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
    /// Answers calls instead of `voice_url`: `AP…`.
    pub voice_application_sid: Option<Sid>,
    /// Answers messages instead of `sms_url`: `AP…`.
    pub sms_application_sid: Option<Sid>,
    /// Takes calls before everything else: `TK…`.
    pub trunk_sid: Option<Sid>,
    /// Whether callers' names are looked up.
    pub voice_caller_id_lookup: bool,
    /// What incoming calls are taken for.
    pub voice_receive_mode: ReceiveMode,
}

/// What incoming calls are taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiveMode {
    /// Calls.
    #[default]
    Voice,
    /// Faxes, so that no call is answered.
    Fax,
}
