//! Messages to send, and changes of calls in progress.

use crate::address::Address;
use crate::message::Body;
use crate::message_template::FilledTemplate;
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
    /// The template that is sent instead of the text and the media; `None` for none.
    pub template: Option<FilledTemplate>,
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

#[cfg(test)]
mod tests {
    use super::{CallUpdate, OutgoingMessage};
    use crate::address::Address;
    use crate::message::Body;
    use crate::twiml::{Say, VoiceResponse, VoiceVerb};

    #[test]
    fn debug_shows_neither_numbers_nor_texts() {
        let address = |text| Address::parse(text).unwrap();
        let message = OutgoingMessage {
            to: address("+14155550142"),
            from: address("whatsapp:+14155550143"),
            service: None,
            template: None,
            body: Body::new("the secret word"),
            media: Vec::new(),
            status_callback: None,
        };
        let say = Say { text: "the secret word".to_owned(), language: None };
        let response = VoiceResponse::new().then(VoiceVerb::Say(say));
        let update = CallUpdate::Continue(response.render().unwrap());
        for shown in [format!("{message:?}"), format!("{update:?}")] {
            assert!(!shown.contains("secret") && !shown.contains("4155550"), "{shown}");
        }
    }
}
