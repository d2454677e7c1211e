//! Status callbacks: what Twilio reports about a call or a message after it has started.

use crate::address::Address;
use crate::call::{CallEvent, ErrorText, StreamState};
use crate::field::{FieldError, optional_number, optional_text, required, required_text};
use crate::field_smuggling::{MessageFields, message_fields, refuse_call};
use crate::form::Form;
use crate::identifier::DeliveryId;
use crate::sid::{CallSid, MessageSid, StreamSid};
use crate::status::MessageStatus;
use crate::time::Timestamp;
use crate::web_address::WebUrl;

/// A status callback of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageEvent {
    /// SID of the message.
    pub message: MessageSid,
    /// Sender; `None` if the callback does not name one.
    pub from: Option<Address>,
    /// Recipient; `None` if the callback does not name one.
    pub to: Option<Address>,
    /// The state that Twilio reports.
    pub status: MessageStatus,
    /// Twilio's error code; `None` if there is none.
    pub error_code: Option<u32>,
}

/// A status callback of a media stream (Twilio, "TwiML Stream: `statusCallback`").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamStatus {
    /// SID of the call.
    pub call: CallSid,
    /// SID of the stream.
    pub stream: StreamSid,
    /// The state that Twilio reports.
    pub state: StreamState,
    /// The error; `None` if there is none.
    pub error: Option<ErrorText>,
}

/// A status callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusEvent {
    /// The status of a call.
    Call(CallEvent),
    /// The status of a message.
    Message(MessageEvent),
    /// The state of a media stream.
    Stream(StreamStatus),
    /// Any other callback sent to the same URL, for example of a recording. It is ignored.
    Other,
}

/// The query parameter that names the delivery of a message.
const DELIVERY: &str = "delivery";

/// The URL at which Twilio reports the status of one message to a contact: the URL of all callbacks, and the id of the
/// delivery, so that a message is known by its first callback even if the answer with its SID was lost.
pub fn callback_of_delivery(callbacks: &WebUrl, delivery: &DeliveryId) -> Option<WebUrl> {
    WebUrl::parse(&format!("{}?{DELIVERY}={delivery}", callbacks.as_str())).ok()
}

/// The delivery that the request target of a status callback names; `None` if it names none.
pub fn delivery_of_callback(target: &str) -> Option<DeliveryId> {
    let (_path, query) = target.split_once('?')?;
    let id = query.split('&').find_map(|pair| pair.strip_prefix(DELIVERY)?.strip_prefix('='))?;
    DeliveryId::parse(id).ok()
}

impl StatusEvent {
    /// Our address in the call or message; `None` if it cannot be determined. Messages with a status callback are
    /// ones that we sent, so it is the sender.
    pub const fn own_address(&self) -> Option<&Address> {
        match self {
            Self::Call(event) => event.own_address(),
            Self::Message(event) => event.from.as_ref(),
            Self::Stream(_) | Self::Other => None,
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
        if let Some(event) = CallEvent::parse(form, at)? {
            return Ok(Self::Call(event));
        }
        Ok(StreamStatus::parse(form)?.map_or(Self::Other, Self::Stream))
    }
}

impl StreamStatus {
    /// Parses a status callback of a stream. Returns `None` if the form reports no known state of a stream.
    fn parse(form: &Form) -> Result<Option<Self>, FieldError> {
        let form = &*form.in_signed_order();
        let Some(state) = form.only("StreamEvent")?.and_then(StreamState::parse) else {
            return Ok(None);
        };
        // What is shown only refuses no callback.
        let stream = form.only("StreamSid")?.and_then(|text| StreamSid::parse(text).ok());
        let Some(stream) = stream else { return Ok(None) };
        Ok(Some(Self {
            call: required(form, "CallSid", |text| CallSid::parse(text).ok())?,
            stream,
            state,
            error: form.only("StreamError")?.and_then(ErrorText::parse),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::{StatusEvent, callback_of_delivery, delivery_of_callback};
    use crate::call::StreamState;
    use crate::form::Form;
    use crate::identifier::DeliveryId;
    use crate::time::Timestamp;
    use crate::web_address::WebUrl;

    const SID: &str = "0123456789abcdef0123456789abcdef";

    fn parse(form: &str) -> Result<StatusEvent, String> {
        let form = Form::parse(form.as_bytes()).unwrap();
        StatusEvent::parse(&form, Timestamp::from_seconds(0)).map_err(|error| error.to_string())
    }

    /// Both forms have the same signed text. Only the first is genuine.
    #[test]
    fn an_error_code_in_a_message_is_not_the_error_code() {
        let genuine = format!(
            "ErrorCode=30003&ErrorMessage=1ErrorCode31920&MessageSid=SM{SID}&MessageStatus=failed"
        );
        let Ok(StatusEvent::Message(event)) = parse(&genuine) else { panic!("{genuine}") };
        assert_eq!(event.error_code, Some(30_003));
        let forged = format!(
            "Err=orCode30003ErrorMessage1&ErrorCode=31920&MessageSid=SM{SID}&MessageStatus=failed"
        );
        assert!(parse(&forged).unwrap_err().contains("ErrorCode"));
    }

    #[test]
    fn a_callback_names_its_delivery() {
        let id = DeliveryId::new(Timestamp::from_seconds(1), [7; 10]);
        let callbacks = WebUrl::parse("https://calls.example.com/api/twilio/status").unwrap();
        let url = callback_of_delivery(&callbacks, &id).unwrap();
        let target = url.as_str().strip_prefix("https://calls.example.com").unwrap();
        assert_eq!(target, format!("/api/twilio/status?delivery={id}"));
        assert_eq!(delivery_of_callback(target), Some(id.clone()));
        assert_eq!(delivery_of_callback(&format!("/?agentId=5&delivery={id}")), Some(id.clone()));
        let cut = &target[..target.len() - 1];
        for other in ["/api/twilio/status", "/?delivery=", "/?delivery", cut, "/?xdelivery=dlv_1"] {
            assert_eq!(delivery_of_callback(other), None, "{other}");
        }
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
        let other = parse(&format!("CallSid=CA{SID}&StreamEvent=stream-paused")).unwrap();
        assert_eq!(other, StatusEvent::Other);
    }

    #[test]
    fn a_callback_of_a_stream_names_the_stream_its_state_and_the_error() {
        let form = format!(
            "CallSid=CA{SID}&StreamSid=MZ{SID}&StreamEvent=stream-error&StreamError=31921%20closed"
        );
        let StatusEvent::Stream(status) = parse(&form).unwrap() else { panic!("a stream") };
        assert_eq!(status.state, StreamState::Failed);
        assert_eq!(status.error.unwrap().code(), Some(31_921));
        let started =
            format!("CallSid=CA{SID}&StreamSid=MZ{SID}&StreamEvent=stream-started&StreamError=");
        assert!(
            matches!(parse(&started), Ok(StatusEvent::Stream(status)) if status.error.is_none())
        );
        let nameless = parse(&format!("CallSid=CA{SID}&StreamEvent=stream-started"));
        assert_eq!(nameless, Ok(StatusEvent::Other));
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
