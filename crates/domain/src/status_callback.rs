//! Status callbacks: what Twilio reports about a call or a message after it has started.

use crate::address::Address;
use crate::call::CallEvent;
use crate::field::{FieldError, optional_number, optional_text, required_text};
use crate::field_smuggling::{MessageFields, message_fields, refuse_call};
use crate::form::Form;
use crate::sid::MessageSid;
use crate::status::MessageStatus;
use crate::time::Timestamp;

/// A status callback of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageEvent {
    /// SID of the message.
    pub message: MessageSid,
    /// Sender; `None` if the callback does not name one.
    pub from: Option<Address>,
    /// Recipient; `None` if the callback does not name one.
    pub to: Option<Address>,
    /// The state.
    pub status: MessageStatus,
    /// Twilio's error code; `None` if there is none.
    pub error_code: Option<u32>,
}

/// A status callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusEvent {
    /// The status of a call.
    Call(CallEvent),
    /// The status of a message.
    Message(MessageEvent),
    /// Any other callback sent to the same URL, for example of a recording or a stream. It is ignored.
    Other,
}

impl StatusEvent {
    /// Our address in the call or message; `None` if it cannot be determined. Messages with a status callback are
    /// ones that we sent, so it is the sender.
    pub const fn own_address(&self) -> Option<&Address> {
        match self {
            Self::Call(event) => event.own_address(),
            Self::Message(event) => event.from.as_ref(),
            Self::Other => None,
        }
    }

    /// Parses a status callback (Twilio, "Call status callbacks" and "Track outbound message status").
    pub fn parse(form: &Form, at: Timestamp) -> Result<Self, FieldError> {
        if form.only("MessageSid")?.is_some() {
            let form = &*form.in_signed_order();
            let MessageFields { from, message, to } = message_fields(form)?;
            refuse_call(form)?;
            let message =
                required_text("MessageSid", message, |text| MessageSid::parse(text).ok())?;
            let status = match form.only("MessageStatus")? {
                Some(status) => status,
                None => form.only("SmsStatus")?.ok_or(FieldError::missing("MessageStatus"))?,
            };
            // Twilio may add states: an unknown one does not refuse the callback.
            let Some(status) = MessageStatus::parse(status) else {
                return Ok(Self::Other);
            };
            return Ok(Self::Message(MessageEvent {
                message,
                from: optional_text("From", from, |text| Address::parse_caller(text).ok())?,
                to: optional_text("To", to, |text| Address::parse_caller(text).ok())?,
                status,
                error_code: optional_number(form, "ErrorCode")?,
            }));
        }
        Ok(CallEvent::parse(form, at)?.map_or(Self::Other, Self::Call))
    }
}

#[cfg(test)]
mod tests {
    use super::StatusEvent;
    use crate::form::Form;
    use crate::time::Timestamp;

    const SID: &str = "0123456789abcdef0123456789abcdef";

    fn parse(form: &str) -> Result<StatusEvent, String> {
        let form = Form::parse(form.as_bytes()).unwrap();
        StatusEvent::parse(&form, Timestamp::from_seconds(0)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_callback_of_a_call_and_of_a_message_are_distinguished() {
        let call = parse(&format!("CallSid=CA{SID}&CallStatus=completed&CallDuration=42")).unwrap();
        assert!(
            matches!(call, StatusEvent::Call(event) if event.progress.duration_seconds == Some(42))
        );
        let message =
            parse(&format!("MessageSid=SM{SID}&MessageStatus=failed&ErrorCode=30003")).unwrap();
        assert!(matches!(message, StatusEvent::Message(event) if event.error_code == Some(30003)));
        let other = parse(&format!("CallSid=CA{SID}&StreamEvent=stream-started")).unwrap();
        assert_eq!(other, StatusEvent::Other);
    }

    #[test]
    fn an_unknown_state_is_ignored_and_a_missing_one_is_refused() {
        for fields in ["CallSid=CA", "MessageStatus=warming&MessageSid=SM"] {
            let event = parse(&format!("CallStatus=finished&{fields}{SID}"));
            assert_eq!(event, Ok(StatusEvent::Other));
        }
        let error = parse(&format!("MessageSid=SM{SID}")).unwrap_err();
        assert_eq!(error, "field MessageStatus is missing");
    }
}
