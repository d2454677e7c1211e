//! Numbers and TwiML applications, as stored at the carrier.

use std::fmt;

use crate::configuration::Configuration;
use crate::sender::Sender;
use crate::sid::{AccountSid, ApplicationSid, NumberSid};

/// What a number can receive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether it can receive calls.
    pub voice: bool,
    /// Whether it can receive SMS.
    pub sms: bool,
    /// Whether it can receive MMS.
    pub mms: bool,
}

/// A number, short code or other sender of an account (Twilio, "`IncomingPhoneNumber` resource" and "`ShortCode`
/// resource").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarrierNumber {
    /// The SID at Twilio.
    pub sid: NumberSid,
    /// The phone number, the short code or the other sender.
    pub sender: Sender,
    /// The account that owns the number.
    pub account: AccountSid,
    /// What the number can receive.
    pub capabilities: Capabilities,
    /// Every field of [`Part::Number`](crate::configuration::Part::Number); none if it is neither a phone number nor a
    /// short code.
    pub configuration: Configuration,
}

/// A TwiML application. If a number refers to one, Twilio calls the URLs of the application instead of those of the number.
#[derive(Clone, PartialEq, Eq)]
pub struct CarrierApplication {
    /// The SID at Twilio.
    pub sid: ApplicationSid,
    /// The name shown to people.
    pub name: String,
    /// The URL for calls; empty for none.
    pub voice_url: String,
    /// The URL for messages; empty for none.
    pub sms_url: String,
}

/// Shows no URLs, because they may hold secrets.
impl fmt::Debug for CarrierApplication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CarrierApplication").field("sid", &self.sid).finish_non_exhaustive()
    }
}
