//! What we ask the carrier to do with messages and calls.

use crate::address::Address;
use crate::sid::ServiceSid;
use crate::twiml::Twiml;
use crate::web_address::WebUrl;

/// A message to send (Twilio, "Message resource: create").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// The recipient.
    pub to: Address,
    /// From which sender of the account.
    pub from: Address,
    /// The service that sends it, where one does.
    pub service: Option<ServiceSid>,
    /// What it says; may be empty where media come with it.
    pub body: String,
    /// URLs of media, at most ten.
    pub media: Vec<WebUrl>,
    /// Where Twilio reports its status.
    pub status_callback: Option<String>,
}

/// What a call in progress does next (Twilio, "Call resource: update").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallUpdate {
    /// Continues with the TwiML of a URL, requested by POST.
    Redirect(WebUrl),
    /// Continues with this TwiML.
    Continue(Twiml),
    /// Ends.
    Complete,
}
