//! Messages to send, and changes of calls in progress.

use crate::address::Address;
use crate::message::Body;
use crate::sid::ServiceSid;
use crate::twiml::Twiml;
use crate::web_address::WebUrl;

/// A message to send (Twilio, "Message resource: create").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// The recipient.
    pub to: Address,
    /// The sender, which belongs to the account.
    pub from: Address,
    /// The Messaging Service that sends the message; `None` for none.
    pub service: Option<ServiceSid>,
    /// The text; can be empty if there are media.
    pub body: Body,
    /// URLs of media, at most ten.
    pub media: Vec<WebUrl>,
    /// The URL to which Twilio reports the status.
    pub status_callback: Option<WebUrl>,
}

/// What a call in progress does next (Twilio, "Call resource: update").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallUpdate {
    /// The call continues with the TwiML of this URL, which is requested by POST.
    Redirect(WebUrl),
    /// The call continues with this TwiML.
    Continue(Twiml),
    /// The call ends.
    Complete,
}
