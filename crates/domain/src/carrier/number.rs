//! Numbers and TwiML applications as the carrier keeps them.

use crate::configuration::Configuration;
use crate::phone_number::PhoneNumber;
use crate::sid::{AccountSid, ApplicationSid, NumberSid};

/// What a number can carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Calls.
    pub voice: bool,
    /// SMS.
    pub sms: bool,
    /// MMS.
    pub mms: bool,
}

/// A number of an account (Twilio, "`IncomingPhoneNumber` resource").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarrierNumber {
    /// Twilio's key of it.
    pub sid: NumberSid,
    /// The number itself.
    pub phone_number: PhoneNumber,
    /// The account that owns it.
    pub account: AccountSid,
    /// What it can carry.
    pub capabilities: Capabilities,
    /// Every field of [`Part::Number`](crate::configuration::Part::Number).
    pub configuration: Configuration,
}

/// A TwiML application: a number that names one is answered by its URLs and not by its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarrierApplication {
    /// Twilio's key of it.
    pub sid: ApplicationSid,
    /// What people call it.
    pub name: String,
    /// Where calls go; empty for nowhere.
    pub voice_url: String,
    /// Where messages go; empty for nowhere.
    pub sms_url: String,
}
