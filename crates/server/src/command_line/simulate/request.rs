//! The requests that Twilio sends (Twilio, "TwiML for Programmable Voice" and "Twilio's request to your
//! incoming message webhook URL").

use std::fmt::Write as _;

use switchboard_application::manage::{ExplainRoute, Explanation};
use switchboard_domain::address::{Address, Channel};
use switchboard_domain::call::InboundCall;
use switchboard_domain::field::FieldError;
use switchboard_domain::form::Form;
use switchboard_domain::message::InboundMessage;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::{PhoneNumber, PhoneNumberError};
use switchboard_domain::ports::{Randomness, StoreError};
use switchboard_domain::sid::{AccountSid, CallSid, MessageSid};
use switchboard_domain::signature::{Content, PublicUrl, SignedRequest, SigningKey, sign};

use crate::failure::Failure;

/// One side of what is simulated: the address, and how Twilio writes it.
pub(super) struct Party {
    pub(super) address: Address,
    pub(super) text: String,
}

impl Party {
    /// Parses a number as people type it, or any other address in Twilio's form.
    pub(super) fn parse(text: &str) -> Result<Self, PhoneNumberError> {
        let typed = PhoneNumber::parse_typed(text);
        match (typed, Address::parse(text.trim())) {
            (Ok(number), _) => {
                Ok(Self { address: Address::Phone(number), text: number.as_str().to_owned() })
            }
            (Err(error), Ok(Address::Raw(_)) | Err(_)) => Err(error),
            // Of a withheld address only what was typed tells how the carrier spells it.
            (Err(_), Ok(address)) => Ok(Self { address, text: text.trim().to_owned() }),
        }
    }
}

/// What happens.
pub(super) enum Event {
    /// Somebody calls.
    Call(Option<CallSid>),
    /// Somebody writes.
    Message {
        /// The message, if it is given.
        sid: Option<MessageSid>,
        /// What is written.
        body: String,
    },
}

/// What our doors make of the request, which is read as they read it.
enum Parsed {
    Call(InboundCall),
    Message(InboundMessage),
}

/// A request as Twilio sends it.
pub(super) struct Request {
    pub(super) account: AccountSid,
    /// The SID of the call or message.
    pub(super) sid: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) target: &'static str,
    pub(super) body: String,
    form: Form,
    parsed: Parsed,
}

impl Request {
    pub(super) fn new(
        event: &Event,
        account: AccountSid,
        from: &Party,
        to: &Party,
        randomness: &dyn Randomness,
    ) -> Result<Self, Failure> {
        let (target, sid, fields) = match event {
            Event::Call(sid) => {
                let sid = sid.map_or_else(|| new_sid("CA", randomness), |sid| sid.to_string());
                ("/api/twilio/voice", sid.clone(), call_fields(sid, from, to))
            }
            Event::Message { sid, body } => {
                let sid = sid.map_or_else(|| new_sid("SM", randomness), |sid| sid.to_string());
                ("/api/twilio/webhook", sid.clone(), message_fields(&sid, from, to, body))
            }
        };
        let mut encoder = url::form_urlencoded::Serializer::new(String::new());
        encoder.append_pair("AccountSid", account.as_str()).append_pair("ApiVersion", "2010-04-01");
        encoder.extend_pairs(fields);
        let body = encoder.finish();
        let form = Form::parse(body.as_bytes())?;
        let parsed = match event {
            Event::Call(_) => InboundCall::parse(&form).map(Parsed::Call),
            Event::Message { .. } => InboundMessage::parse(&form).map(Parsed::Message),
        };
        let parsed = parsed.map_err(|error: FieldError| Failure::usage(error))?;
        let (from, to) = (from.text.clone(), to.text.clone());
        Ok(Self { account, sid, from, to, target, body, form, parsed })
    }

    /// Signs as Twilio signs a request to that public URL.
    pub(super) fn sign(&self, key: &SigningKey, url: &PublicUrl) -> String {
        sign(key, url, &SignedRequest { target: self.target, content: Content::Form(&self.form) })
    }

    /// What is decided about it, and why.
    pub(super) async fn explain(
        &self,
        explaining: &ExplainRoute,
    ) -> Result<Explanation, StoreError> {
        match &self.parsed {
            Parsed::Call(call) => explaining.call(&Scope::Operator, call).await,
            Parsed::Message(message) => explaining.message(&Scope::Operator, message).await,
        }
    }

    /// The word for what it is.
    pub(super) const fn noun(&self) -> &'static str {
        match self.parsed {
            Parsed::Call(_) => "call",
            Parsed::Message(_) => "message",
        }
    }
}

type Fields = Vec<(&'static str, String)>;

fn call_fields(sid: String, from: &Party, to: &Party) -> Fields {
    let mut fields = vec![
        ("CallSid", sid),
        ("CallStatus", "ringing".to_owned()),
        ("Direction", "inbound".to_owned()),
        ("From", from.text.clone()),
        ("Caller", from.text.clone()),
        ("To", to.text.clone()),
        ("Called", to.text.clone()),
    ];
    let sides = [("Caller", from), ("Called", to), ("From", from), ("To", to)];
    fields.extend(sides.into_iter().flat_map(|(side, party)| places(side, party)));
    fields
}

fn message_fields(sid: &str, from: &Party, to: &Party, body: &str) -> Fields {
    let mut fields = vec![
        ("MessageSid", sid.to_owned()),
        ("SmsSid", sid.to_owned()),
        ("SmsMessageSid", sid.to_owned()),
        ("SmsStatus", "received".to_owned()),
        ("NumMedia", "0".to_owned()),
        ("NumSegments", "1".to_owned()),
        ("From", from.text.clone()),
        ("To", to.text.clone()),
        ("Body", body.to_owned()),
    ];
    match (from.address.message_channel(), from.address.phone_number()) {
        (Channel::WhatsApp, Some(number)) => fields.extend([
            ("ProfileName", "Simulated".to_owned()),
            ("WaId", number.as_str().trim_start_matches('+').to_owned()),
            ("MessageType", "text".to_owned()),
        ]),
        (Channel::Sms, _) => {
            fields.extend(places("From", from).into_iter().chain(places("To", to)));
        }
        _ => {}
    }
    fields
}

/// Where a side is, as far as Twilio tells: what it does not know, it sends empty.
fn places(side: &str, party: &Party) -> Fields {
    let names: [&'static str; 4] = match side {
        "Caller" => ["CallerCity", "CallerState", "CallerZip", "CallerCountry"],
        "Called" => ["CalledCity", "CalledState", "CalledZip", "CalledCountry"],
        "From" => ["FromCity", "FromState", "FromZip", "FromCountry"],
        _ => ["ToCity", "ToState", "ToZip", "ToCountry"],
    };
    let american = party.text.starts_with("+1");
    let values = if american { ["SAN FRANCISCO", "CA", "94105", "US"] } else { [""; 4] };
    names.into_iter().zip(values.map(ToOwned::to_owned)).collect()
}

/// A SID that nobody had before.
fn new_sid(prefix: &str, randomness: &dyn Randomness) -> String {
    let mut chance = [0; 16];
    randomness.fill(&mut chance);
    let mut sid = prefix.to_owned();
    for byte in chance {
        // Writing into a text cannot fail.
        let _written = write!(sid, "{byte:02x}");
    }
    sid
}

#[cfg(test)]
mod tests {
    use switchboard_domain::address::Address;
    use switchboard_domain::sid::AccountSid;

    use super::{Event, Party, Request};
    use crate::ambient::SystemRandomness;

    fn request(event: &Event, from: &str, to: &str) -> Request {
        let account = AccountSid::parse("AC0123456789abcdef0123456789abcdef").unwrap();
        let (from, to) = (Party::parse(from).unwrap(), Party::parse(to).unwrap());
        Request::new(event, account, &from, &to, &SystemRandomness::new()).unwrap()
    }

    #[test]
    fn a_call_carries_what_twilio_sends() {
        let request = request(&Event::Call(None), "anonymous", "+1 (415) 555-0100");
        assert!(request.sid.starts_with("CA") && request.sid.len() == 34);
        for part in [
            "From=anonymous",
            "To=%2B14155550100",
            "CalledCity=SAN+FRANCISCO",
            "CallerCity=&",
            "CallStatus=ringing",
        ] {
            assert!(request.body.contains(part), "{part} in {}", request.body);
        }
    }

    #[test]
    fn a_message_by_whatsapp_carries_its_sender() {
        let event = Event::Message { sid: None, body: "äh?".to_owned() };
        let request = request(&event, "whatsapp:+14155550199", "whatsapp:+14155550100");
        for part in ["WaId=14155550199", "Body=%C3%A4h%3F", "NumMedia=0"] {
            assert!(request.body.contains(part), "{part} in {}", request.body);
        }
        assert!(!request.body.contains("FromCity"));
    }

    #[test]
    fn a_number_without_its_country_is_not_guessed() {
        assert!(Party::parse("4155550100").is_err());
        assert!(matches!(Party::parse("12345").unwrap().address, Address::ShortCode(_)));
    }
}
