//! Phone numbers.

use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::time::Timestamp;

use super::paged_store::Keyed;
use super::sid::Sid;
use super::webhook::WebhookMethod;

/// A phone number of an account (Twilio, `IncomingPhoneNumber` resource).
#[derive(Clone, PartialEq, Eq)]
pub struct IncomingPhoneNumber {
    /// The number's SID: `PN…`.
    pub sid: Sid,
    /// The number, in E.164.
    pub phone_number: PhoneNumber,
    /// The display name.
    pub friendly_name: String,
    /// What the number supports.
    pub capabilities: Capabilities,
    /// The number's URLs and other settings.
    pub settings: NumberSettings,
    /// The region that processes its calls: `us1`, `ie1` or `au1`.
    pub voice_region: String,
    /// When the account got it.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// Shows only the SID, because phone numbers must not be logged.
impl fmt::Debug for IncomingPhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingPhoneNumber").field("sid", &self.sid).finish_non_exhaustive()
    }
}

impl Keyed for IncomingPhoneNumber {
    type Key = Sid;

    fn key(&self) -> Sid {
        self.sid
    }
}

/// What a number supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the four capabilities that Twilio documents"
)]
pub struct Capabilities {
    /// Calls.
    pub voice: bool,
    /// Text messages.
    pub sms: bool,
    /// Messages with media.
    pub mms: bool,
    /// Faxes.
    pub fax: bool,
}

impl Default for Capabilities {
    /// The capabilities of most US numbers.
    fn default() -> Self {
        Self { voice: true, sms: true, mms: true, fax: false }
    }
}

/// The settings of a number, with Twilio's field names. An empty URL is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NumberSettings {
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
    /// The application used for calls instead of `voice_url`: `AP…`.
    pub voice_application_sid: Option<Sid>,
    /// The application used for messages instead of `sms_url`: `AP…`.
    pub sms_application_sid: Option<Sid>,
    /// The SIP trunk for calls, which takes precedence over everything else: `TK…`.
    pub trunk_sid: Option<Sid>,
    /// Whether Twilio looks up the caller's name.
    pub voice_caller_id_lookup: bool,
    /// Whether the number receives calls or faxes.
    pub voice_receive_mode: ReceiveMode,
}

/// Whether a number receives calls or faxes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiveMode {
    /// Calls.
    #[default]
    Voice,
    /// Faxes: calls are not answered.
    Fax,
}
